import { Duration } from 'aws-cdk-lib';
import { type ScriptedFault, ScriptedFaults } from '../../simulator/src';
import type { SagaResult } from '../../src/orchestrated-saga/contract';
import type { Stage, Story, Vocabulary } from '../stage';

const SERVICES = ['Hotels', 'Flights', 'Cars', 'Payments', 'Tickets'] as const;
type Service = (typeof SERVICES)[number];

/** There and back. A transaction happens half-way. */
const SLOW = Duration.seconds(16);

/** What the sagas, the services and the alarms do is told as it happens. */
const STEPS: Vocabulary = {
  'states.start': () => 'execution starts',
  'states.enter': ({ detail }) => `enters state ${detail?.state}`,
  'states.end': ({ detail }) => `execution ends: ${detail?.status}`,
  'dynamodb.TransactWriteItems': ({ subject, detail }) => {
    if (!SERVICES.some((service) => subject.startsWith(`${service}/`))) return undefined;
    if (detail?.fault) return `begins a transaction of ${SLOW.toSeconds()} s`;
    return detail?.error ? `its transaction is refused: ${detail.error}` : 'its transaction is done';
  },
  'cloudwatch.alarm': ({ detail }) => {
    if (detail?.to === 'ALARM') return 'ALARM';
    return detail?.from === 'ALARM' ? 'alarm is over' : undefined;
  },
};

export const play: Story = async (stage) => {
  const ends = [await booked(stage), await soldOut(stage), await answeredLate(stage), await parked(stage), await stopped(stage)];
  stage.result({ status: stage.failed ? 'FAILED' : 'SUCCEEDED', output: Object.assign({}, ...ends) });
};

async function booked(stage: Stage) {
  stage.chapter('Everything is booked');
  await open(stage);
  const { status, compensations } = await book(stage, 'trip-1');
  stage.expect('the trip is COMPLETED', status === 'COMPLETED' && compensations.length === 0);
  stage.expect('each service has it, once', holders(stage) === SERVICES.map((service) => `${service} trip-1`).join());
  stage.expect('10 transitions: 5 steps, 2 for those side by side, 3 for the saga itself', transitions(stage) === 10);
  return { 'trip-1': status };
}

/** In the account of the first trip, which has the last seat. */
async function soldOut(stage: Stage) {
  stage.chapter('The next trip gets no seat, and the saga undoes what it has done. A service that refuses remembers that, too');
  const before = entries(stage);
  const result = await book(stage, 'trip-2');
  stage.expect('the trip is COMPENSATED, because the flight is SoldOut', result.status === 'COMPENSATED' && result.failure?.error === 'SoldOut');
  stage.expect('car and hotel were undone, in reverse order, and nothing else', undone(result) === 'ReserveCar DONE, ReserveHotel DONE');
  stage.expect('nothing of it is left', same(entries(stage), before));
  stage.close();
  return { 'trip-2': result.status };
}

/** The charge may take 10 seconds. What a timeout means nobody knows. */
async function answeredLate(stage: Stage) {
  stage.chapter('The bank has charged, but its answer comes too late: the saga asks it');
  await open(stage, 'Payments/charge');
  const { status } = await book(stage, 'trip-3');
  stage.expect('the question was asked', entered(stage, 'Query Charge'));
  stage.expect('the trip is COMPLETED', status === 'COMPLETED');
  stage.expect('it is paid, once', entries(stage).some(({ balance }) => balance === 1200));
  stage.close();
  return { 'trip-3': status };
}

async function parked(stage: Stage) {
  stage.chapter('The card is declined, and the car cannot be given back: a person has to help');
  await open(stage);
  const before = entries(stage);
  const run = stage.start('Trip/StateMachine', trip(stage, 'trip-4', { price: 5000 }));
  await stage.until('the charge', () => entered(stage, 'Charge'));
  const roadster = { id: { S: 'roadster' }, entry: { S: 'STOCK' } };
  await stage.call('dynamodb', 'DeleteItem', { TableName: books(stage, 'Cars'), Key: roadster });
  stage.tell('somebody takes the roadster out of the books of the cars');
  await stage.until('the end', () => run.outcome !== undefined);
  await stage.pass(Duration.minutes(10));

  show(stage, 'What the services have: of the trip, the car only');
  const result = run.outcome?.output as SagaResult;
  stage.expect('the trip is PARKED, not COMPENSATED', result.status === 'PARKED' && statusOf(stage, 'trip-4') === 'PARKED');
  stage.expect('all others were undone nevertheless', undone(result) === 'ReserveFlight DONE, ReserveCar FAILED, ReserveHotel DONE');
  stage.expect('an alarm says so', stage.alarm('Alarms/Parked') === 'ALARM');

  const QueueUrl = stage.nameOf('Trip/ParkedSagas');
  const { Messages: [message] } = await stage.call('sqs', 'ReceiveMessage', { QueueUrl });
  const { failure, compensations } = JSON.parse(message.Body);
  stage.tell(`somebody reads in the parked queue: ${JSON.stringify({ failure, compensations })}`);
  await stage.call('dynamodb', 'PutItem', { TableName: books(stage, 'Cars'), Item: { ...roadster, available: { N: '1' } } });
  stage.tell('somebody mends the books of the cars, and resumes the trip');
  const { resumeParked } = stage.read('typescript/resume.json');
  const resumed = await stage.invoke('Trip/Recovery', { resumeParked: { ...resumeParked, sagaId: 'trip-4' } });
  await stage.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle: message.ReceiptHandle });
  await stage.pass(Duration.minutes(15));

  show(stage, 'What the services have after it');
  stage.expect('the trip is COMPENSATED', (resumed.output as SagaResult).status === 'COMPENSATED' && statusOf(stage, 'trip-4') === 'COMPENSATED');
  stage.expect('nothing of it is left', same(entries(stage), before));
  stage.expect('the alarm is over', stage.alarm('Alarms/Parked') === 'OK' && stage.depth('Trip/ParkedSagas') === 0);
  stage.close();
  return { 'trip-4': [result.status, statusOf(stage, 'trip-4')].join(', then ') };
}

/** To stop an execution stops no function: the flight would be reserved when the saga is over. */
async function stopped(stage: Stage) {
  stage.chapter('The execution is stopped while the airline is at work, and a recovery finishes the saga');
  await open(stage, 'Flights/reserve');
  const before = entries(stage);
  const run = stage.start('Trip/StateMachine', trip(stage, 'trip-5'));
  await stage.until('the car', () => holders(stage).includes('Cars trip-5'));
  await stage.pass(Duration.seconds(1));
  stage.tell('somebody stops the execution');
  await stage.call('states', 'StopExecution', { executionArn: run.executionArn });
  show(stage, 'What the services have then');
  await stage.settle();

  show(stage, 'What the services have after it');
  stage.expect('the execution was ABORTED, which no Catch can see', run.outcome?.status === 'ABORTED');
  stage.expect('the trip is COMPENSATED', statusOf(stage, 'trip-5') === 'COMPENSATED');
  stage.expect('the flight was undone before it was reserved, and refused after that', airline(stage)
    === 'Flights/cancel done, Flights/reserve TransactionCanceledException');
  stage.expect('nothing of it is left', same(entries(stage), before));
  stage.close();
  return { 'trip-5': statusOf(stage, 'trip-5') };
}

/** Deploys the app, and fills the services' books. @param slow the function whose transactions are slow */
async function open(stage: Stage, slow?: string) {
  const slowness: ScriptedFault = { caller: slow, operation: 'TransactWriteItems', fault: { kind: 'slow', ms: SLOW.toMilliseconds() } };
  stage.deploy({ tell: STEPS, faults: new ScriptedFaults(slow ? [slowness] : []) });
  const stock: Readonly<Record<Service, Readonly<Record<string, string | number>>>> = stage.read('typescript/stock.json');
  for (const [service, entry] of Object.entries(stock)) {
    const Item = Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, typeof value === 'number' ? { N: String(value) } : { S: value }]));
    await stage.call('dynamodb', 'PutItem', { TableName: books(stage, service as Service), Item });
  }
  show(stage, 'What the services have before it');
}

/** Runs a saga to its end, and whatever comes after that. */
async function book(stage: Stage, sagaId: string): Promise<SagaResult> {
  const { output } = await stage.invoke('Trip/StateMachine', trip(stage, sagaId));
  await stage.settle();
  show(stage, 'What the services have after it');
  return output as SagaResult;
}

function trip(stage: Stage, sagaId: string, changes: object = {}) {
  return { ...stage.read('typescript/trip.json'), sagaId, ...changes };
}

function books(stage: Stage, service: Service): string {
  return stage.nameOf(`${service}/Entries`);
}

interface Entry {
  readonly service: Service;
  readonly id: string;
  readonly entry: string;
  readonly balance?: number;
}

function entries(stage: Stage): Entry[] {
  const order = ({ id, entry }: Entry) => `${id} ${entry}`;
  return SERVICES.flatMap((service) => stage.items(`${service}/Entries`).map((item) => ({ service, ...item } as Entry))
    .sort((one, other) => order(one).localeCompare(order(other))));
}

function show(stage: Stage, title: string) {
  stage.show(title, entries(stage).map((entry) => ({ ...entry })));
}

function same(one: readonly Entry[], other: readonly Entry[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The services that have something of a trip, each with the trip. */
function holders(stage: Stage): string {
  const trips = entries(stage).filter(({ entry }) => entry !== 'STOCK' && entry !== 'BALANCE');
  return trips.map(({ service, id, entry }) => `${service} ${entry === 'TICKET' ? id : entry}`).join();
}

function statusOf(stage: Stage, sagaId: string): string | undefined {
  return stage.items('Trip/Sagas').find((saga) => saga.sagaId === sagaId)?.status;
}

function undone({ compensations }: SagaResult): string {
  return compensations.map(({ step, status }) => `${step} ${status}`).join(', ');
}

function entered(stage: Stage, state: string): boolean {
  return stage.happened('states.enter').some(({ detail }) => detail?.state === state);
}

function transitions(stage: Stage): number {
  return stage.happened('states.enter').length;
}

/** What became of the airline's transactions. */
function airline(stage: Stage): string {
  const made = stage.happened('dynamodb.TransactWriteItems').filter(({ subject, detail }) => subject.startsWith('Flights/') && !detail?.fault);
  return made.map(({ subject, detail }) => `${subject} ${detail?.error ?? 'done'}`).join(', ');
}
