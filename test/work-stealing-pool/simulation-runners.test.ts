import { Duration } from 'aws-cdk-lib';
import { assemble } from './assembly';
import { MINUTE, onlyFor, Scene, SECOND, tasks } from './scene';
import { NO_FAULTS, ScriptedFaults } from '../../simulator/src';
import { TaskRouter } from '../../src';

let assembly: string;
let alone: string;
beforeAll(() => {
  assembly = assemble();
  alone = assemble({ groups: { A: { maxConcurrency: 4 } } });
});

it('a runner whose quarter of an hour ends hands over while tasks are under way, and never are there more than the function may do', async () => {
  const scene = new Scene(assemble({ groups: { A: { maxConcurrency: 4, timeout: Duration.minutes(5) } } }));
  scene.submit(tasks(120, (index) => ({ seconds: 45 + index % 30, commits: true })));
  await scene.rest();
  expect(await scene.violations({ places: { A: 4 } })).toEqual([]);
  expect(scene.books.begun()).toHaveLength(120);
  const runners = scene.invocationsOf('A/Run').length;
  expect(runners).toBeGreaterThan(2);
  // Two hours of tasks in four places, and little is lost where one runner follows another.
  const work = Array.from({ length: 120 }, (_, index) => 45 + index % 30).reduce((sum, seconds) => sum + seconds, 0);
  expect(Math.max(...scene.books.latencies())).toBeLessThan((work / 4 * 1.03 + 75) * SECOND);
});

it('a task that comes while a runner leaves is not kept waiting, also when nobody else notices it', async () => {
  const waits: number[] = [];
  for (let afterMs = 14_800; afterMs < 17_600; afterMs += 200) {
    const faults = new ScriptedFaults([
      // Whoever is told of the task meanwhile still sees the runner at work.
      { caller: 'Render/A/Run', service: 'dynamodb', operation: 'UpdateItem', fault: { kind: 'slow', ms: 1_500 } },
      { caller: 'Render/Coordinate', service: 'lambda', operation: 'Invoke', fault: { kind: 'error-before' } },
    ]);
    const scene = new Scene(alone, { faults });
    scene.submit(tasks(1, {}, 'first'));
    scene.at(afterMs, () => scene.submit(tasks(1, {}, 'second')));
    await scene.rest();
    expect([afterMs, await scene.violations()]).toEqual([afterMs, []]);
    waits.push(scene.books.begun()[1]!.at - scene.books.submitted.get('second-0')!.at);
  }
  // Its own writes are slow: the role's release, and when there is a task its return, and the claim.
  expect(Math.max(...waits)).toBeGreaterThan(3 * SECOND);
  expect(Math.max(...waits)).toBeLessThan(5 * SECOND);
});

it('a wake that is lost is found by the minute\'s tick', async () => {
  const lost = new ScriptedFaults([{ caller: 'Render/Route', service: 'lambda', operation: 'Invoke', fault: { kind: 'error-before' } }]);
  const scene = new Scene(assembly, { faults: lost });
  await scene.pass(5 * SECOND);
  scene.submit(tasks(6, { commits: true }));
  await scene.pass(2 * MINUTE);
  expect(await scene.violations()).toEqual([]);
  expect(lost.hits[0]).toBeGreaterThan(0);
  expect(Math.min(...scene.books.begun().map(({ at }) => at - scene.books.submitted.get('task-0')!.at))).toBeGreaterThan(10 * SECOND);
  expect(Math.max(...scene.books.latencies())).toBeLessThan(MINUTE + 5 * SECOND);
});

it('wakes that come twice or late do not make more runners than one', async () => {
  const faults = { ...NO_FAULTS, onDelivery: ({ kind }: { kind: string }) => kind === 'async-invoke' ? { duplicatesAfterMs: [0, 300, 2_000] } : undefined };
  const scene = new Scene(assembly, { faults });
  scene.submit(onlyFor('A', tasks(24, { seconds: 3, commits: true })));
  await scene.rest();
  expect(await scene.violations({ places: { A: 4, B: 4 } })).toEqual([]);
  expect(scene.invocationsOf('A/Run').length).toBeGreaterThan(3);
});

it('a group that is retired takes nothing more, is stolen empty, and its keys move until it comes back', async () => {
  const scene = new Scene(assemble({ props: { router: TaskRouter.affinity('tenant') } }));
  const tenants = (round: number) => tasks(24, (index) => ({ seconds: 2, commits: true, tenant: `tenant-${index}` }), `round${round}`);
  const homes = (round: number) => Object.fromEntries(scene.books.begun().filter(({ task }) => task.startsWith(`round${round}-`)).map(({ task, home }) => [task.split('-')[1], home]));
  scene.submit(tenants(1));
  scene.submit(onlyFor('A', tasks(60, { seconds: 3, commits: true })));
  await scene.pass(6 * SECOND);
  await scene.retire('A');
  const retiredAt = scene.now;
  await scene.pass(2 * SECOND);
  scene.submit(tenants(2));
  await scene.pass(3 * MINUTE);
  expect(await scene.violations({ places: { A: 4, B: 4 } })).toEqual([]);
  // Its runner reads what the operator wants with its heartbeat.
  expect(scene.books.begun('A').filter(({ at }) => at > retiredAt + 10 * SECOND)).toEqual([]);
  expect(scene.books.stolen().filter(({ at, home }) => home === 'A' && at > retiredAt).length).toBeGreaterThan(20);
  expect(new Set(Object.values(homes(1)))).toEqual(new Set(['A', 'B']));
  expect(new Set(Object.values(homes(2)))).toEqual(new Set(['B']));

  await scene.retire('A', false);
  await scene.pass(2 * SECOND);
  scene.submit(tenants(3));
  await scene.pass(2 * MINUTE);
  expect(await scene.violations({ places: { A: 4, B: 4 } })).toEqual([]);
  expect(homes(3)).toEqual(homes(1));
  expect(scene.books.begun('A').at(-1)!.at).toBeGreaterThan(retiredAt + 3 * MINUTE);
});

it('workers outside that are replaced one by one finish what they have begun: no attempt is lost', async () => {
  const scene = new Scene(assemble({ groups: { Fleet: { external: true }, A: { maxConcurrency: 1 } } }));
  const fleet = ['one', 'two'].map((name) => scene.worker('Fleet', { name }));
  scene.submit(onlyFor('Fleet', tasks(60, { seconds: 8, commits: true })));
  fleet.forEach((worker, index) => scene.at((10 + 20 * index) * SECOND, () => {
    scene.worker('Fleet', { name: `next-${index}` });
    worker.stop();
  }));
  await scene.pass(2 * MINUTE);
  expect(await scene.violations()).toEqual([]);
  expect(fleet.map(({ end }) => end)).toEqual([{ exitCode: 0, value: true }, { exitCode: 0, value: true }]);
  expect(scene.books.begun()).toHaveLength(60);
  expect(scene.items('group#Fleet').map(({ worker }) => worker)).toHaveLength(2);
});
