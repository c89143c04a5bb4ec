import { Duration } from 'aws-cdk-lib';
import { higherFirst, rateKept } from './invariants';
import { assemble, BURST, messages, MINUTE, RATE, Scene, SECOND } from './scene';
import { ScriptedFaults } from '../../simulator/src';
import { duplicating } from '../simulate';

let assembly: string;
beforeAll(() => {
  assembly = assemble();
});

it('a 10× flood of low priority leaves urgent messages their place, at the full rate', async () => {
  const scene = new Scene(assembly);
  scene.stream('bulk', 10 * RATE, 10 * SECOND);
  scene.stream('critical', 1, 30 * SECOND);
  await scene.pass(40 * SECOND);

  expect(await scene.violations()).toEqual([]);
  expect(scene.books.of('Mail').length).toBeGreaterThan(0.95 * RATE * 38);
  const waits = scene.waits('critical');
  expect(waits).toHaveLength(30);
  expect(Math.max(...waits)).toBeLessThan(1_500);
  expect(scene.queued()).toBeGreaterThan(500);
});

it('a backlog goes in the order of its priorities, with the aged share for the lower ones', async () => {
  const scene = new Scene(assembly);
  scene.publish(messages('bulk', 150));
  scene.publish(messages('normal', 100));
  scene.publish(messages('critical', 150));
  await scene.rest();

  expect(await scene.violations()).toEqual([]);
  const arrivals = scene.books.of('Mail');
  expect(arrivals).toHaveLength(400);
  const [lastCritical, lastNormal] = ['critical', 'normal'].map((priority) => arrivals.filter(({ delivery }) => delivery.priority === priority).at(-15)!.at);
  const from = arrivals[0]!.at + 2 * SECOND;
  expect(higherFirst(arrivals, { higher: 'critical', from, to: lastCritical!, ratePerSecond: RATE, share: 0.1 })).toEqual([]);
  const withoutCritical = arrivals.filter(({ delivery }) => delivery.priority !== 'critical');
  expect(higherFirst(withoutCritical, { higher: 'normal', from: lastCritical! + 4 * SECOND, to: lastNormal!, ratePerSecond: RATE, share: 0.1 })).toEqual([]);
});

it('low priorities do not starve behind a flood of urgent messages: from the ageing time on they have their share', async () => {
  const scene = new Scene(assemble({ options: { ageing: Duration.minutes(1) } }));
  scene.publish(messages('bulk', 60));
  scene.stream('critical', 11, 2.5 * MINUTE);
  await scene.pass(2.5 * MINUTE);

  expect(await scene.violations()).toEqual([]);
  const since = scene.books.published[0]!.at + MINUTE;
  const bulk = scene.books.of('Mail').filter(({ at, delivery }) => delivery.priority === 'bulk' && at > since);
  expect(bulk.length).toBeGreaterThan(0.05 * RATE * 90);
  expect(bulk.length).toBeLessThan(0.15 * RATE * 90);
});

it('one noisy tenant of a hundred waits in its own line', async () => {
  const scene = new Scene(assembly);
  scene.publish(messages('bulk', 400, (index) => ({ text: `noisy-${index}`, tenant: 'noisy' })));
  scene.at(20 * SECOND, () => scene.publish(messages('bulk', 99, (index) => ({ text: `quiet-${index}`, tenant: `tenant-${index}` }))));
  await scene.pass(MINUTE);

  expect(await scene.violations()).toEqual([]);
  const quiet = scene.books.of('Mail').filter(({ delivery }) => delivery.message.startsWith('quiet'));
  expect(quiet).toHaveLength(99);
  expect(quiet[7]!.delivery.tenant).toMatch(/^tenant-\d+$/);
  // Their 99 take 10 seconds of the rate; the noisy tenant's backlog alone would take 20 more.
  expect(Math.max(...scene.waits('bulk', 'quiet'))).toBeLessThan(17 * SECOND);
});

it('duplicates are delivered at the rate like others, and a message that comes again has its id again', async () => {
  const twice = new Scene(assembly, { simulation: { faults: duplicating('message', 'Mail') } });
  twice.publish(messages('normal', 30));
  await twice.rest();
  expect(await twice.violations()).toEqual([]);
  expect(twice.books.of('Mail').length).toBeGreaterThan(30);

  let first = true;
  const again = new Scene(assembly, {
    behaviours: {
      SendMail: () => {
        if (first) throw new Error(`${first = false}`);
      },
    },
  });
  again.publish(messages('normal', 1));
  await again.rest();
  const ids = again.books.of('Mail').map(({ delivery }) => delivery.id);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

it.each([
  ['an unknown priority', { priority: 'urgent' }],
  ['no priority but other attributes', { attributes: { channel: 'mail' } }],
  ['no attribute at all', {}],
])('a message with %s is delivered with the lowest, once', async (_, message) => {
  const scene = new Scene(assembly);
  scene.publish([{ text: 'one', ...message }, { text: 'two', priority: 'critical' }]);
  await scene.rest();
  expect(await scene.violations()).toEqual([]);
  expect(scene.books.of('Mail').map(({ delivery }) => `${delivery.message} ${delivery.priority}`).sort()).toEqual(['one bulk', 'two critical']);
});

it.each<[string, readonly number[]]>([
  ['all of them 5 s ahead or behind', [-5_000, 5_000, -5_000, 5_000, -5_000, 5_000]],
  ['one of them 5 s ahead', [0, 5_000, 0, 0, 0, 0]],
])('workers whose clocks are wrong keep to the rate and use it: %s', async (_, clocks) => {
  const faults = new ScriptedFaults([], clocks.map((clockSkewMs, index) => ({ function: 'Dispatch', nth: index + 1, clockSkewMs })));
  const scene = new Scene(assembly, { simulation: { faults } });
  scene.stream('bulk', 20, 20 * SECOND);
  scene.stream('normal', 2, 20 * SECOND);
  scene.stream('critical', 2, 20 * SECOND);
  await scene.pass(25 * SECOND);

  expect(await scene.violations()).toEqual([]);
  expect(scene.books.of('Mail').length).toBeGreaterThan(0.9 * RATE * 25);
});

it('keeps to the limit over all priorities when nothing is wrong, and to it only', async () => {
  const scene = new Scene(assembly);
  scene.publish(messages('normal', 40));
  await scene.rest();
  // A check that could not fail would find no excess over a lower limit either.
  expect(rateKept('Mail', scene.books.of('Mail'), [{ ratePerSecond: RATE / 2, burst: BURST, from: -Infinity, to: Infinity }])).toHaveLength(1);
  expect(await scene.violations()).toEqual([]);
});
