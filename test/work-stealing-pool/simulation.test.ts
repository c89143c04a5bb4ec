import { assemble, type AssemblyOptions } from './assembly';
import { HOUR, MINUTE, onlyFor, Scene, SECOND, tasks } from './scene';
import { Stealing, TaskRouter } from '../../src';

const INTERVAL = 15 * SECOND;
/** Until the first runner of a pool that was asleep works. */
const START = 3 * SECOND;

let assembly: string;
beforeAll(() => {
  assembly = assemble();
});

it('a task is done once, with its effect, and then nobody runs', async () => {
  const scene = new Scene(assembly);
  scene.submit(tasks(1, { commits: true }));
  await scene.rest();
  expect(await scene.violations()).toEqual([]);
  expect(scene.books.notes.map(({ what }) => what)).toEqual(['BEGUN', 'DONE']);
  expect(scene.books.latencies()[0]).toBeLessThan(START);
  expect(scene.items('group#').map(({ until }) => until)).toEqual(['0']);
  expect(scene.items('leader').map(({ until }) => until)).toEqual(['0']);
});

it('one group that is overloaded ten times is helped by the others, out of its own queue', async () => {
  const three = { A: { maxConcurrency: 4 }, B: { maxConcurrency: 4 }, C: { maxConcurrency: 4 } };
  const overload = async (options: AssemblyOptions) => {
    const scene = new Scene(assemble({ groups: three, ...options }));
    scene.submit([...onlyFor('A', tasks(100, { seconds: 3, commits: true }, 'a')), ...onlyFor('B', tasks(10, { seconds: 3 }, 'b')), ...onlyFor('C', tasks(10, { seconds: 3 }, 'c'))]);
    await scene.rest();
    expect(await scene.violations({ places: { A: 4, B: 4, C: 4 } })).toEqual([]);
    return { makespan: Math.max(...scene.books.latencies()), stolen: scene.books.stolen() };
  };
  const { makespan, stolen } = await overload({});
  expect(makespan).toBeLessThan(1.15 * 120 * 3 / 12 * SECOND + START);
  expect(new Set(stolen.map(({ home }) => home))).toEqual(new Set(['A']));
  expect(new Set(stolen.map(({ group }) => group))).toEqual(new Set(['B', 'C']));

  const alone = await overload({ props: { stealing: Stealing.disabled() } });
  expect(alone.makespan).toBeGreaterThan(100 * 3 / 4 * SECOND);
  expect(alone.stolen).toEqual([]);
});

it('tenants whose tasks are skewed as Zipf has it: each begins at home, and no group is left alone with its own', async () => {
  const names = ['A', 'B', 'C', 'D'];
  const groups = Object.fromEntries(names.map((name) => [name, { maxConcurrency: 4 }]));
  const scene = new Scene(assemble({ groups, props: { router: TaskRouter.affinity('tenant') } }));
  const tenants = zipf(30, 240);
  scene.submit(tasks(240, (index) => ({ seconds: 1 + (index * 7 % 5) / 2, commits: index % 10 === 0, tenant: tenants[index]! })));
  await scene.rest();
  expect(await scene.violations({ places: Object.fromEntries(names.map((name) => [name, 4])) })).toEqual([]);
  expect(Math.max(...scene.books.latencies())).toBeLessThan(1.15 * 240 * 2 / 16 * SECOND + START);
  // A tenant has one home, and most of them are done there.
  const homes = new Map<string, Set<string>>();
  for (const { task, home } of scene.books.begun()) {
    const tenant = tenants[Number(task.slice('task-'.length))]!;
    homes.set(tenant, (homes.get(tenant) ?? new Set()).add(home));
  }
  expect([...homes.values()].every(({ size }) => size === 1)).toBe(true);
});

it('depths that tell what was a minute ago do not keep thieves from work, nor have it done twice', async () => {
  const scene = new Scene(assembly, { faults: { queueDepthLagMs: MINUTE } });
  scene.submit(onlyFor('A', tasks(160, { seconds: 5, commits: true })));
  await scene.rest();
  expect(await scene.violations({ places: { A: 4, B: 4 } })).toEqual([]);
  // Alone it would take 200 s, with no moment lost 100 s.
  expect(Math.max(...scene.books.latencies())).toBeLessThan(140 * SECOND);
});

it('no group idles for more than two intervals while another has work that it may steal', async () => {
  const idling = async (options: AssemblyOptions) => {
    const groups = { A: { maxConcurrency: 3 }, B: { maxConcurrency: 3 }, C: { maxConcurrency: 2 } };
    const scene = new Scene(assemble({ groups, ...options }), { faults: { queueDepthLagMs: MINUTE } });
    ['A', 'B', 'C', 'A'].forEach((group, index) => {
      scene.at(index * 50 * SECOND, () => scene.submit(onlyFor(group, tasks(50, { seconds: 4 }, `${group}${index}`))));
    });
    await scene.rest();
    expect(await scene.violations()).toEqual([]);
    return scene.books.longestIdling({ A: 3, B: 3, C: 2 }, { seconds: 4, gainSeconds: 2 });
  };
  expect(await idling({})).toBeLessThan(2 * INTERVAL);
  expect(await idling({ props: { stealing: Stealing.disabled() } })).toBeGreaterThan(2 * INTERVAL);
});

it('takes 10,000 submissions in a second: half a minute later each is in a group\'s queue, or done, once', async () => {
  const scene = new Scene(assembly);
  for (let tenth = 0; tenth < 10; tenth++) scene.at(tenth * 100, () => scene.submit(tasks(1_000, { seconds: 2 }, `t${tenth}`)));
  await scene.pass(30 * SECOND);
  const { A, B, ...others } = scene.waiting();
  expect(others).toEqual({});
  expect(A! + B! + scene.books.done().length).toBe(10_000);
  // Neither group is better off than the other.
  expect(Math.abs(A! - B!)).toBeLessThan(1_000);
  expect(new Set(scene.books.begun().map(({ task }) => task)).size).toBe(scene.books.begun().length);
  expect(scene.books.done().length).toBeGreaterThan(90);
});

it('while nothing is to be done nobody runs, and a tick costs one look', async () => {
  const scene = new Scene(assembly);
  scene.submit(tasks(1));
  await scene.pass(5 * MINUTE);
  const [before, began] = [scene.simulation.report().billable, scene.invocations.length];
  await scene.pass(HOUR);
  const after = scene.simulation.report().billable;
  const spent = (unit: string) => after[unit]! - before[unit]!;
  expect(new Set(scene.invocations.slice(began).map(({ name }) => name))).toEqual(new Set(['Render/Coordinate']));
  // For each of two groups the depth of its queue, its workers, and its control item.
  expect({ requests: spent('lambda.requests'), depths: spent('sqs.requests'), reads: spent('dynamodb.readUnits'), writes: spent('dynamodb.writeUnits') })
    .toEqual({ requests: 60, depths: 120, reads: 180, writes: 0 });
  expect(spent('lambda.gbSeconds')).toBeLessThan(1);
});

/** Names of so many tenants for so many tasks: the second has half as many as the first, the third a third. */
function zipf(tenants: number, count: number): string[] {
  const weights = Array.from({ length: tenants }, (_, rank) => 1 / (rank + 1));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const names = weights.flatMap((weight, rank) => Array.from({ length: Math.round(weight / sum * count) }, () => `tenant-${rank}`));
  return Array.from({ length: count }, (_, index) => names[index * 7 % names.length]!);
}
