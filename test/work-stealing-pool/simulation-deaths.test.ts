import { assemble } from './assembly';
import { MINUTE, onlyFor, Scene, SECOND, tasks } from './scene';
import { ScriptedFaults } from '../../simulator/src';
import { logLinesOf } from '../simulate';

const LEASE = 30 * SECOND;
const INTERVAL = 15 * SECOND;
/** How long a task waits at most that a dead worker had under way. */
const RECOVERY = LEASE + 10 * SECOND;

let assembly: string;
let alone: string;
let withFleet: string;
beforeAll(() => {
  assembly = assemble();
  alone = assemble({ groups: { A: { maxConcurrency: 4 } } });
  withFleet = assemble({ groups: { A: { maxConcurrency: 4 }, Fleet: { external: true } } });
});

it('a group that dies, because its workers outside are killed, is stolen empty by others', async () => {
  const scene = new Scene(withFleet);
  const workers = [scene.worker('Fleet', { name: 'one' }), scene.worker('Fleet', { name: 'two' })];
  await scene.pass(SECOND);
  scene.submit(onlyFor('Fleet', tasks(60, { seconds: 6, commits: true })));
  await scene.pass(10 * SECOND);
  for (const worker of workers) worker.kill();
  const killedAt = scene.now;
  const lost = scene.books.underWay('Fleet');
  expect(lost).toHaveLength(8);
  await scene.pass(5 * MINUTE);

  expect(await scene.violations()).toEqual([]);
  expect(scene.books.begun('Fleet').filter(({ at }) => at > killedAt)).toEqual([]);
  const again = lost.map((task) => scene.books.begun().find((note) => note.task === task && note.at > killedAt)!);
  expect(again.map(({ attempt }) => attempt)).toEqual(lost.map(() => 2));
});

it('the tasks of a worker outside that is killed are begun anew by another within the lease and 10 s', async () => {
  const recoveries: number[] = [];
  for (const livesMs of [4_000, 9_500, 10_500, 14_000, 19_900, 21_000]) {
    const scene = new Scene(withFleet);
    const victim = scene.worker('Fleet', { name: 'victim' });
    await scene.pass(SECOND);
    scene.submit(onlyFor('Fleet', tasks(4, { seconds: 25, commits: true })));
    scene.worker('Fleet', { name: 'other', capacity: 8 });
    await scene.pass(livesMs);
    victim.kill();
    const [killedAt, under] = [scene.now, scene.books.underWay('Fleet')];
    await scene.pass(2 * MINUTE);
    expect(await scene.violations()).toEqual([]);
    const again = scene.books.begun().filter(({ task, at, attempt }) => under.includes(task) && at > killedAt && attempt === 2);
    recoveries.push(...again.map(({ at }) => at - killedAt));
  }
  expect(recoveries.length).toBeGreaterThan(6);
  expect(Math.max(...recoveries)).toBeLessThan(RECOVERY);
});

it('a runner that is killed at any of its calls has a successor that takes tasks within the lease and 10 s', async () => {
  const recoveries: number[] = [];
  for (const nth of [1, 2, 3, 4, 6, 9, 15, 22, 30, 36]) {
    const kind = nth % 2 === 0 ? 'crash-before' : 'crash-after';
    const scene = new Scene(alone, { faults: new ScriptedFaults([{ caller: 'Render/A/Run', nth, fault: { kind } }]) });
    scene.submit(onlyFor('A', tasks(14, { seconds: 3, commits: true })));
    await scene.pass(3 * MINUTE);
    expect([nth, await scene.violations()]).toEqual([nth, []]);
    const diedAt = scene.deaths[0]!.at;
    // What it had asked for just before is begun nevertheless.
    recoveries.push(scene.books.begun().find(({ at }) => at > diedAt + SECOND)!.at - diedAt);
  }
  expect(Math.max(...recoveries)).toBeLessThan(RECOVERY);
});

it('a leader that dies at any of its calls has a successor, and the plan goes on', async () => {
  for (const nth of [1, 2, 5, 7, 8, 9, 14, 20]) {
    const kind = nth % 2 === 0 ? 'crash-before' : 'crash-after';
    const scene = new Scene(assembly, { faults: new ScriptedFaults([{ caller: 'Render/Coordinate', nth, fault: { kind } }]) });
    scene.submit(onlyFor('A', tasks(60, { seconds: 8, commits: true })));
    await scene.pass(3 * MINUTE);
    expect([nth, await scene.violations({ places: { A: 4, B: 4 } })]).toEqual([nth, []]);
    expect(scene.deaths).toHaveLength(1);
    // 60 s with both groups at it from the beginning, 120 s without steals; the next leader is a tick away.
    expect([nth, Math.max(...scene.books.latencies()) < 100 * SECOND]).toEqual([nth, true]);
  }
});

it('a leader that dies after the first minute is succeeded by one that stands by: nobody idles for two intervals', async () => {
  const scene = new Scene(assembly, { faults: new ScriptedFaults([{ caller: 'Render/Coordinate', nth: 150, fault: { kind: 'crash-before' } }]) });
  const startedAt = scene.now;
  scene.submit(onlyFor('A', tasks(110, { seconds: 8, commits: true })));
  await scene.pass(3 * MINUTE);
  expect(await scene.violations({ places: { A: 4, B: 4 } })).toEqual([]);
  expect(scene.deaths).toHaveLength(1);
  // Just after a tick: the next one would come late.
  const diedAt = (scene.deaths[0]!.at - startedAt) / SECOND;
  expect(diedAt).toBeGreaterThan(61);
  expect(diedAt).toBeLessThan(75);
  expect(scene.items('leader')[0]!.fence).toBe('2');
  expect(scene.books.longestIdling({ A: 4, B: 4 }, { seconds: 8, gainSeconds: 2 })).toBeLessThan(2 * INTERVAL);
});

it('of two leaders for a moment the one that was succeeded is refused, and plans nothing more', async () => {
  // Its clock is behind, so that its lease is over for everybody else.
  const scene = new Scene(assembly, { faults: new ScriptedFaults([], [{ function: 'Coordinate', nth: 1, clockSkewMs: -30_000 }]) });
  scene.submit(onlyFor('A', tasks(1, {}, 'first')));
  scene.at(5 * SECOND, () => scene.submit(onlyFor('A', tasks(80, { seconds: 4, commits: true }))));
  const fences: number[] = [];
  for (let ms = 4 * SECOND; ms < MINUTE; ms += 250) scene.at(ms, () => fences.push(Number(scene.items('leader')[0]!.fence)));
  await scene.pass(2 * MINUTE);
  expect(await scene.violations({ places: { A: 4, B: 4 } })).toEqual([]);
  expect(logLinesOf(scene.simulation).some((line) => line.includes('another one leads'))).toBe(true);
  expect(new Set(fences).size).toBeGreaterThan(1);
  expect(fences).toEqual([...fences].sort((one, other) => one - other));
});

it('a thief that dies between receiving and finishing leaves the task in its own queue, and another does it', async () => {
  const scene = new Scene(withFleet);
  const thief = scene.worker('Fleet');
  scene.submit(onlyFor('A', tasks(40, { seconds: 10, commits: true })));
  await scene.pass(25 * SECOND);
  const stolen = scene.books.underWay('Fleet');
  expect(stolen).toHaveLength(4);
  thief.kill();
  const killedAt = scene.now;
  await scene.pass(3 * MINUTE);
  expect(await scene.violations({ places: { A: 4 } })).toEqual([]);
  const again = scene.books.begun('A').filter(({ task, at }) => stolen.includes(task) && at > killedAt);
  expect(again.map(({ attempt, home }) => `${attempt} ${home}`)).toEqual(stolen.map(() => '2 A'));
});

it.each(['crash-before', 'crash-after'] as const)('a thief that dies in its claims, renewals, commits or deletions (%s) brings about no effect twice', async (kind) => {
  for (const nth of [5, 7, 8, 10, 14, 19]) {
    const scene = new Scene(assembly, { faults: new ScriptedFaults([{ caller: 'Render/B/Run', nth, fault: { kind } }]) });
    scene.submit(onlyFor('A', tasks(20, { seconds: 4, commits: true })));
    await scene.rest();
    expect([nth, await scene.violations({ places: { A: 4 } })]).toEqual([nth, []]);
  }
});
