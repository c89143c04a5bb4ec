import { type LimitInForce, silent } from './invariants';
import { assemble, BURST, messages, MINUTE, RATE, Scene, SECOND } from './scene';
import type { AttributeMap, DynamoDbService } from '../../simulator/src';
import { Rate } from '../../src';
import { ATTRIBUTE, itemKey } from '../../src/throttled-fan-out/contract';
import { operate } from '../simulate';

/** The operator's word is read every second; what was booked before is at most a second ahead, and usable for another. */
const IN_FORCE_AFTER = 3 * SECOND;
const TABLE = 'Notify/Table';

let usual: string;
beforeAll(() => {
  usual = assemble();
});

it.each([
  ['lower', 4, 4],
  ['higher', 30, 30],
])('an operator sets a %s rate at run time, and takes it back', async (_, ratePerSecond, burst) => {
  const scene = new Scene(usual);
  scene.publish(messages('normal', 25 * (RATE + ratePerSecond)));
  await scene.pass(5 * SECOND);
  await scene.control({ ratePerSecond, burst });
  const from = scene.now;
  await scene.pass(15 * SECOND);
  await scene.control({ ratePerSecond: RATE, burst: BURST });
  const to = scene.now;
  await scene.pass(15 * SECOND);

  expect(perSecond(scene, from + IN_FORCE_AFTER, to) / ratePerSecond).toBeCloseTo(1, 1);
  expect(perSecond(scene, to + IN_FORCE_AFTER, scene.now) / RATE).toBeCloseTo(1, 1);
  expect(await scene.violations({ limits: changes(from, to, ratePerSecond, burst) })).toEqual([]);
});

it.each<[string, number]>([
  ['lower', 4],
  ['higher', 25],
])('a %s rate that is deployed is kept from then on, with what the workers before have left', async (_, rate) => {
  const before = new Scene(usual);
  before.publish(messages('normal', 200));
  await before.pass(10 * SECOND);
  const after = new Scene(assemble({ options: { rate: Rate.perSecond(rate) } }), { simulation: { start: before.now } });
  await putItems(after, itemsWith(before, itemKey.limiter('Mail', 0)));
  const from = after.now;
  after.publish(messages('normal', 20 * rate));
  await after.pass(15 * SECOND);

  const delivered = after.books.of('Mail');
  expect(delivered.length).toBeGreaterThan(0.9 * rate * 13);
  expect(await after.violations({ limits: [{ ratePerSecond: rate, burst: rate, from: -Infinity, to: Infinity }] })).toEqual([]);
  // The old workers' last deliveries count as well: together they keep to the higher of the two limits.
  const aroundIt = before.deliveries(from - SECOND, from) + after.deliveries(from, from + SECOND);
  expect(aroundIt).toBeLessThanOrEqual(2 * Math.max(rate, RATE) + Math.max(rate, BURST));
});

it.each([
  ['a paused target', { paused: true }, { paused: false }],
  ['a target whose switch the operator holds open', { killSwitch: 'OPEN' }, { killSwitch: 'AUTO' }],
] as const)('%s gets nothing, loses nothing, and goes on when it may', async (_, stop, goOn) => {
  const scene = new Scene(usual);
  for (const priority of ['critical', 'normal', 'bulk']) scene.publish(messages(priority, 80));
  await scene.pass(5 * SECOND);
  await scene.control(stop);
  const from = scene.now;
  await scene.pass(2 * MINUTE);
  await scene.control(goOn);
  const to = scene.now;
  await scene.rest();

  expect(silent('Mail', scene.books.of('Mail'), from + IN_FORCE_AFTER, to, 'stopped')).toEqual([]);
  expect(scene.deliveries(to, to + 30 * SECOND)).toBeGreaterThan(0.9 * (240 - scene.deliveries(0, to)));
  expect(await scene.violations()).toEqual([]);
  expect(scene.books.delivered('Mail')).toHaveLength(240);
});

it('a switch that the operator holds closed delivers whatever fails, still at the rate', async () => {
  const fails = { SendMail: () => { throw new Error('down'); } };
  const sent = async (held: boolean) => {
    const scene = new Scene(usual, { behaviours: fails });
    if (held) await scene.control({ killSwitch: 'CLOSED' });
    scene.publish(messages('normal', 150));
    await scene.pass(15 * SECOND);
    expect(await scene.violations()).toEqual([]);
    return scene.books.of('Mail').length;
  };
  expect(await sent(false)).toBeLessThan(40);
  expect(await sent(true)).toBeGreaterThan(0.9 * RATE * 13);
});

it('a dry run delivers at once and reports what would have waited', async () => {
  const scene = new Scene(usual);
  await scene.control({ dryRun: true });
  scene.publish(messages('normal', 200));
  await scene.rest();

  const arrivals = scene.books.of('Mail');
  expect(new Set(scene.books.delivered('Mail')).size).toBe(200);
  expect(arrivals.at(-1)!.at - arrivals[0]!.at).toBeLessThan(5 * SECOND);
  const waited = logged(scene).reduce((sum, { WouldHaveWaited = 0 }) => sum + WouldHaveWaited, 0);
  expect(waited).toBeGreaterThan(150);
  expect(waited).toBeLessThanOrEqual(200);
});

it('what an operator writes that cannot be taken changes nothing, and is in the log', async () => {
  const scene = new Scene(usual);
  await scene.control({ ratePerSecond: -1, paused: 'yes' as unknown as boolean });
  scene.publish(messages('normal', 30));
  await scene.rest();
  expect(scene.books.delivered('Mail')).toHaveLength(30);
  expect(await scene.violations()).toEqual([]);
  const refused = logged(scene).flatMap((line) => line.refused ?? []);
  expect(refused).toEqual(expect.arrayContaining([expect.stringContaining("'paused'"), expect.stringContaining("'ratePerSecond'")]));
});

function perSecond(scene: Scene, from: number, to: number): number {
  return scene.deliveries(from, to) * SECOND / (to - from);
}

/** The usual limit, and another one for a while. */
function changes(from: number, to: number, ratePerSecond: number, burst: number): LimitInForce[] {
  return [
    { ratePerSecond: RATE, burst: BURST, from: -Infinity, to: from + IN_FORCE_AFTER },
    { ratePerSecond, burst, from, to: to + IN_FORCE_AFTER },
    { ratePerSecond: RATE, burst: BURST, from: to, to: Infinity },
  ];
}

function itemsWith({ simulation }: Scene, id: string): AttributeMap[] {
  const name = simulation.find(TABLE, ['AWS::DynamoDB::Table']).provisioned.ref;
  return simulation.world.service<DynamoDbService>('dynamodb').items(name).filter((item) => item[ATTRIBUTE.PARTITION_KEY]!.S === id);
}

async function putItems({ simulation }: Scene, items: readonly AttributeMap[]): Promise<void> {
  expect(items).toHaveLength(1);
  const TableName = simulation.find(TABLE, ['AWS::DynamoDB::Table']).provisioned.ref;
  for (const Item of items) await operate(simulation, 'dynamodb', 'PutItem', { TableName, Item });
}

/** What the dispatcher has logged as JSON, metrics included. */
function logged({ simulation }: Scene): Record<string, any>[] {
  const logs = simulation.world.service<any>('logs');
  const lines: string[] = logs.groups().flatMap((group: string) => logs.lines(group).map(({ message }: { message: string }) => message));
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}
