import { Duration, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { orders } from './fixtures';
import {
  Assembly, Behaviour, first, FunctionNamed, named, parked, registered, resume, runToTheEnd, Scene, stage, Stage, stopOwner, tripSteps, usual,
} from './scene';
import { OrchestratedSaga, OrchestratedSagaProps, SagaIsolation, SagaRecovery, SagaStep, SagaWorkflow, UnknownOutcome } from '../../src';
import { inlineFunction } from '../scatter-gather/fixtures';
import { alarmsRinging, itemsOf, messagesOf, Outage, removeAction, synthesize } from '../simulate';

/** What services ask of a customer's key, and the simulator does not, because it has no ciphertext: role, actions. */
const USED_BY_AWS: readonly (readonly [RegExp, readonly string[]])[] = [
  // https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html (authorizing use: whoever uses a table needs all of them)
  [/^Trip\/(RecoverRole|(StateMachine|Recovery)\/Role)$/, ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo']],
];

const VARIANTS: Readonly<Record<string, (stack: Stack) => Partial<OrchestratedSagaProps>>> = {
  'with default props': () => ({}),
  'with a customer\'s key': (stack) => ({ encryptionKey: new Key(stack, 'Key') }),
  'with a bus of its own': (stack) => ({ bus: new EventBus(stack, 'Bus') }),
  'with a lock': (stack) => ({
    isolation: SagaIsolation.semanticLock(orders(stack), { partitionKey: 'orderId', partitionValue: '{% $exists($input.orderId) ? $input.orderId : "o-1" %}' }),
  }),
};

const fails = (name: string) => () => { throw named(name); };
/** What never answers, and has no effect; and a charge that nobody can tell anything about. */
const never: Behaviour = async (_, { sleep }) => sleep(60_000);
const LOST = { Charge: never };
const UNKNOWN: Scene['behaviours'] = { ...LOST, Query: () => ({ outcome: 'UNKNOWN' }) };
const declined: Scene['behaviours'] = { Charge: (request, _, services) => services.decline(request, 'CardDeclined') };

describe.each(Object.entries(VARIANTS))('every permission of a saga %s', (_, propsOf) => {
  it('is used by one of its scenarios, and none is missing', async () => {
    const assembly = assembleWith(propsOf);
    const unused = [
      await unusedAfter(stage(assembly), 'COMPLETED'),
      await unusedAfter(stage(assembly, declined), 'COMPENSATED'),
      await unusedAfter(stage(assembly, LOST), 'COMPENSATED'),
      await unusedAfter(dyingAt(assembly, 'SendTicket'), 'COMPLETED'),
      await unusedAfter(dyingAt(assembly, 'SendTicket', {}, 2), 'COMPLETED'),
      await unusedAfter(stage(assembly, first(1, 'ReserveHotel', never)), 'PARKED', 'COMPLETED'),
      await unusedAfter(dyingAt(assembly, 'UndoReserveHotel', declined), 'COMPENSATED'),
      await unusedAfter(dyingAt(assembly, 'ReserveCar'), 'COMPENSATED'),
      await unusedAfter(dyingAt(assembly, 'Charge'), 'COMPLETED'),
      await unusedAfter(dyingAt(assembly, 'Query', LOST), 'COMPENSATED'),
      await unusedAfter(dyingAt(assembly, 'UndoCharge', UNKNOWN), 'COMPENSATED'),
      await unusedAfter(stage(assembly, first(7, 'SendTicket', fails('PrinterOnFire'))), 'PARKED', 'COMPLETED'),
      await unusedAfter(stage(assembly, { SendTicket: fails('PrinterOnFire') }), 'PARKED', 'PARKED'),
    ];
    const neverUsed = unused.reduce((left, right) => left.filter((grant) => right.includes(grant)));
    expect(neverUsed.filter((grant) => !usedByAws(grant))).toEqual([]);
  });
});

it('a saga without recovery has no permission that it does not use', async () => {
  for (const props of [
    { recovery: SagaRecovery.NONE }, { recovery: SagaRecovery.NONE, workflow: SagaWorkflow.EXPRESS, deadline: Duration.minutes(4) },
  ]) {
    const assembly = assembleWith(() => props);
    const unused = [
      await unusedAfter(stage(assembly), 'COMPLETED'),
      await unusedAfter(stage(assembly, UNKNOWN), 'COMPENSATED'),
      await unusedAfter(stage(assembly, declined), 'COMPENSATED'),
      await unusedAfter(stage(assembly, { SendTicket: fails('PrinterOnFire') }), 'PARKED'),
    ];
    expect(unused.reduce((left, right) => left.filter((grant) => right.includes(grant)))).toEqual([]);
  }
});

describe('whoever is granted to approve', () => {
  it('lets the saga go on, and says how', async () => {
    const stage_ = answering(approve);
    expect((await runToTheEnd(stage_)).output).toMatchObject({ status: 'COMPLETED', results: { Approve: { by: 'Ada' } } });
    expect(stage_.simulation.report().denials).toEqual([]);
  });

  it('lets the saga go back', async () => {
    const stage_ = answering((taskToken, call) => call('SendTaskFailure', { taskToken, error: 'Rejected', cause: 'too dear' }));
    expect((await runToTheEnd(stage_)).output).toMatchObject({ status: 'COMPENSATED', failure: { step: 'Approve', error: 'Rejected', cause: 'too dear' } });
    expect(stage_.services.done('s-1')).toEqual([]);
    expect(stage_.simulation.report().denials).toEqual([]);
  });

  it('is asked again after an error that is no answer', async () => {
    let questions = 0;
    const stage_ = answering((taskToken, call) => questions++ === 0 ? call('SendTaskFailure', { taskToken, error: 'DeskClosed' }) : approve(taskToken, call));
    expect((await runToTheEnd(stage_)).output).toMatchObject({ status: 'COMPLETED' });
    expect(questions).toBe(2);
  });

  it('can answer a saga that was resumed, and asks from the recovery', async () => {
    const stage_ = answering(approve, first(1, 'ReserveHotel', never));
    await unusedAfter(stage_, 'PARKED', 'COMPLETED');
  });
});

describe('tasks', () => {
  it('may do in both workflows what their integrations need', async () => {
    const assembly = assembleWith((stack, functionNamed) => ({
      encryptionKey: new Key(stack, 'Key'),
      steps: [
        SagaStep.task('Enter', {
          action: tasks.DynamoPutItem.jsonata(stack, 'Put', { table: orders(stack), item: { orderId: tasks.DynamoAttributeValue.fromString('{% $sagaId %}') } }),
          compensation: tasks.DynamoDeleteItem.jsonata(stack, 'Delete', { table: orders(stack), key: { orderId: tasks.DynamoAttributeValue.fromString('{% $sagaId %}') } }),
        }),
        SagaStep.task('Announce', {
          action: tasks.SqsSendMessage.jsonata(stack, 'Send', {
            queue: new Queue(stack, 'Announced'), messageBody: sfn.TaskInput.fromObject({ key: "{% $sagaId & '#Announce#DO' %}", entered: '{% $exists($results.Enter) %}' }),
          }),
          noCompensation: 'a hint',
        }),
        SagaStep.function('Charge', { action: functionNamed('Charge'), noCompensation: 'a hold that expires', abortOn: ['CardDeclined'] }),
      ],
    }));
    const completed = stage(assembly);
    await runToTheEnd(completed);
    expect(itemsOf(completed.simulation, 'Orders')).toEqual([{ orderId: 's-1' }]);
    expect((await messagesOf(completed.simulation, 'Announced')).map((body) => JSON.parse(body))).toEqual([{ key: 's-1#Announce#DO', entered: true }]);
    const compensated = stage(assembly, declined);
    await runToTheEnd(compensated);
    expect(registered(compensated)).toMatchObject({ status: 'COMPENSATED' });
    expect(itemsOf(compensated.simulation, 'Orders')).toEqual([]);
    const recovered: Stage = stage(assembly, { Charge: async (_, { sleep }) => { stopOwner(recovered); await sleep(1_000); } });
    await runToTheEnd(recovered);
    expect(registered(recovered)).toMatchObject({ status: 'COMPENSATED' });
    expect(itemsOf(recovered.simulation, 'Orders')).toEqual([]);
    for (const { simulation } of [completed, compensated, recovered]) expect(simulation.report().denials).toEqual([]);
  });
});

describe('an end that the recovery cannot be told of', () => {
  it.each(Object.entries(VARIANTS))('%s lies in the undelivered queue, and its alarm rings', async (_, propsOf) => {
    const outage = new Outage({ service: 'states', operation: 'StartExecution' });
    const charge: Behaviour = async (_request, { sleep }) => {
      outage.down = true;
      stopOwner(dying);
      await sleep(1_000);
    };
    const dying: Stage = stage(assembleWith(propsOf), { Charge: charge }, { faults: outage });
    await runToTheEnd(dying);
    expect(outage.hits).toBeGreaterThan(0);
    expect(await ringing(dying)).toEqual([expect.stringContaining('Undelivered')]);
    expect(await messagesOf(dying.simulation, 'Trip/Undelivered')).toHaveLength(1);
    expect(dying.simulation.report().denials).toEqual([]);
  });
});

describe('without its grant', () => {
  it.each([
    ['dynamodb:PutItem', 'table/'], ['lambda:InvokeFunction', 'function:'], ['events:PutEvents', 'event-bus/'],
  ])('%s a saga says what it is not allowed to do', async (action, resource) => {
    const assembly = assembleWith(() => ({}));
    removeAction(assembly.directory, 'TripStateMachineRole', action);
    const refused = stage(assembly);
    await runToTheEnd(refused);
    expect(refused.simulation.report().denials[0]).toMatchObject({ name: 'Trip/StateMachine/Role', action, resource: expect.stringContaining(resource) });
  });

  it('a Recover that may not read histories leaves the saga to a person, with an alarm', async () => {
    const assembly = assembleWith(() => ({}));
    removeAction(assembly.directory, 'TripRecover', 'states:GetExecutionHistory');
    const dying: Stage = stage(assembly, { Charge: async (_, { sleep }) => { stopOwner(dying); await sleep(1_000); } });
    await runToTheEnd(dying);
    expect(dying.simulation.report().denials[0]).toMatchObject({ name: 'Trip/RecoverRole', action: 'states:GetExecutionHistory' });
    expect(await ringing(dying)).toEqual([expect.stringContaining('Parked')]);
    expect(await parked(dying)).toHaveLength(1);
  });
});

/** The trip, whose hotel a person looks after when nobody knows what it did: so there is a way forward for recoveries, too. */
function steps(functionNamed: FunctionNamed): SagaStep[] {
  const [, ...others] = tripSteps(functionNamed);
  const hotel = { action: functionNamed('ReserveHotel'), compensation: functionNamed('UndoReserveHotel'), onUnknown: UnknownOutcome.park() };
  return [SagaStep.function('ReserveHotel', hotel), ...others];
}

/** A saga with these props, or with the trip's steps and those. */
function assembleWith(
  propsOf: (stack: Stack, functionNamed: FunctionNamed) => Partial<OrchestratedSagaProps>,
  more?: (saga: OrchestratedSaga, functionNamed: FunctionNamed) => void,
): Assembly {
  const functions = new Map<string, LambdaFunction>();
  const directory = synthesize((stack) => {
    const functionNamed: FunctionNamed = (id) => {
      const known = functions.get(id) ?? inlineFunction(stack, id, { timeout: Duration.minutes(2) });
      functions.set(id, known);
      return known;
    };
    const props = propsOf(stack, functionNamed);
    const saga = new OrchestratedSaga(stack, 'Trip', { deadline: Duration.minutes(4), ...props, steps: props.steps ?? steps(functionNamed) });
    more?.(saga, functionNamed);
  });
  return { directory, functions: [...functions.keys()] };
}

/** Runs a saga to its end, resumes it if it is parked, and answers what its roles did not use. */
async function unusedAfter(one: Stage, ...statuses: readonly string[]): Promise<string[]> {
  await runToTheEnd(one);
  expect(registered(one)).toMatchObject({ status: statuses[0] });
  if (statuses.length > 1) {
    await resume(one, 'RETRY');
    expect(registered(one)).toMatchObject({ status: statuses[1] });
  }
  const { denials, unusedGrants } = one.simulation.report();
  expect(denials).toEqual([]);
  return unusedGrants.filter(({ name }) => name.startsWith('Trip/')).map(({ name, action, resource }) => `${name} ${action} ${resource}`);
}

function usedByAws(grant: string): boolean {
  const [role, action] = grant.split(' ');
  return USED_BY_AWS.some(([pattern, actions]) => pattern.test(role!) && actions.includes(action!));
}

/** Alarms after ten minutes in which nothing happens. */
async function ringing({ simulation }: Stage): Promise<string[]> {
  await simulation.run({ deadline: simulation.world.kernel.now + 10 * 60_000 });
  return alarmsRinging(simulation);
}

/** A stage whose saga is stopped when a function has done its work for the first time, or first times, and has not answered. */
function dyingAt(assembly: Assembly, id: string, behaviours: Scene['behaviours'] = {}, times: number = 1): Stage {
  const dying: Stage = stage(assembly, {
    ...behaviours,
    ...first(times, id, async (request, { sleep }, services) => {
      const answer = usual(services, id, request);
      stopOwner(dying);
      await sleep(1_000);
      return answer;
    }),
  });
  return dying;
}

type Desk = (taskToken: string, call: (operation: string, input: object) => Promise<unknown>) => Promise<unknown>;

const approve: Desk = (taskToken, call) => call('SendTaskSuccess', { taskToken, output: '{"by": "Ada"}' });

/** A hotel, and a person who has to approve of it: a desk that is asked, and answers by what it was granted. */
function answering(desk: Desk, behaviours: Scene['behaviours'] = {}): Stage {
  const assembly = assembleWith((_, functionNamed) => ({
    steps: [
      steps(functionNamed)[0]!,
      SagaStep.humanApproval('Approve', { timeout: Duration.minutes(2) }),
    ],
  }), (saga, functionNamed) => {
    saga.grantApprove(functionNamed('Desk'));
    saga.onApprovalRequested('Questions', new targets.LambdaFunction(functionNamed('Desk')));
  });
  return stage(assembly, {
    ...behaviours,
    Desk: (event: any, { call }) => desk(event.detail.taskToken, (operation, input) => call('states', operation, input)),
  });
}
