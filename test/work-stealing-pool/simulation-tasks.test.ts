import { Duration } from 'aws-cdk-lib';
import { assemble } from './assembly';
import { HOUR, MINUTE, onlyFor, Scene, SECOND, tasks } from './scene';
import type { Task } from '../../src/work-stealing-pool/contract';
import { duplicating, logLinesOf, operate } from '../simulate';

const MOST_RECEIVES = 5;

let assembly: string;
beforeAll(() => {
  assembly = assemble({ groups: { A: { maxConcurrency: 4, timeout: Duration.minutes(8) }, B: { maxConcurrency: 4, timeout: Duration.minutes(8) } } });
});

it('a poison task goes to the dead-letter queue of its own group after its last attempt, wherever it was stolen', async () => {
  const scene = new Scene(assembly);
  // Its group is busy for long, so that others try it, too.
  scene.place('A', [...tasks(16, { seconds: 40, commits: true }, 'long'), ...tasks(3, { failures: 99, commits: true }, 'poison')]);
  scene.submit(onlyFor('A', tasks(1)));
  await scene.pass(20 * MINUTE);
  const poison = ['poison-0', 'poison-1', 'poison-2'];
  expect((await scene.deadLetters('A')).sort()).toEqual(poison);
  expect(await scene.deadLetters('B')).toEqual([]);
  expect(await scene.violations({ deadLetters: { A: poison } })).toEqual([]);
  for (const task of poison) expect(scene.books.begun().filter((note) => note.task === task).map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
  const stolen = scene.books.stolen().filter(({ task }) => poison.includes(task));
  expect(stolen.length).toBeGreaterThan(0);
  expect(stolen.length).toBeLessThan(poison.length * MOST_RECEIVES);
});

it('a task that fails is tried again after a wait that doubles', async () => {
  const scene = new Scene(assembly);
  scene.submit(tasks(1, { failures: 3, commits: true }));
  await scene.rest();
  expect(await scene.violations()).toEqual([]);
  const begun = scene.books.begun();
  const waits = begun.slice(1).map(({ at }, index) => Math.round((at - begun[index]!.at) / SECOND));
  [10, 20, 40].forEach((wait, index) => {
    expect(waits[index]).toBeGreaterThanOrEqual(wait);
    expect(waits[index]).toBeLessThanOrEqual(wait + 5);
  });
});

it('a task that takes ten times as long as its message is hidden is begun once, at home and stolen', async () => {
  const scene = new Scene(assembly);
  scene.place('A', tasks(8, { seconds: 300, commits: true }));
  scene.submit(onlyFor('A', tasks(1, {}, 'short')));
  await scene.rest();
  expect(await scene.violations({ places: { A: 4, B: 4 } })).toEqual([]);
  expect(scene.books.begun()).toHaveLength(9);
  expect(scene.books.stolen().length).toBeGreaterThan(2);
});

it('a task that a worker outside needs an hour for is begun once', async () => {
  const scene = new Scene(assemble({ groups: { A: { maxConcurrency: 2 }, Fleet: { external: true } } }));
  scene.worker('Fleet');
  await scene.pass(SECOND);
  scene.submit(onlyFor('Fleet', tasks(4, { seconds: 3_600, commits: true })));
  await scene.pass(HOUR + MINUTE);
  expect(await scene.violations()).toEqual([]);
  expect(scene.books.begun('Fleet')).toHaveLength(4);
});

it.each([
  ['at once', [0]],
  ['while it is done', [1]],
  ['after it was done', [20, HOUR / SECOND]],
])('a task that is submitted again %s is done once, with one effect', async (_, seconds) => {
  const scene = new Scene(assembly);
  for (const after of [0, ...seconds]) scene.at(after * SECOND, () => scene.submit(tasks(5, { seconds: 4, commits: true })));
  await scene.rest();
  expect(await scene.violations({ places: { A: 4, B: 4 } })).toEqual([]);
  expect(scene.books.begun()).toHaveLength(5);
});

it('a task that is submitted twice and fails is done once in the end', async () => {
  const scene = new Scene(assembly);
  for (let copy = 0; copy < 2; copy++) scene.submit(tasks(5, { seconds: 2, commits: true, failures: 1 }));
  await scene.rest();
  expect(await scene.violations()).toEqual([]);
  expect(scene.books.done()).toHaveLength(5);
});

it('messages that the submit queue delivers twice are begun once', async () => {
  const scene = new Scene(assembly, { faults: duplicating('message', 'Render/Submit') });
  scene.submit(onlyFor('A', tasks(12, { seconds: 2, commits: true })));
  await scene.rest();
  expect(await scene.violations()).toEqual([]);
  expect(scene.books.begun()).toHaveLength(12);
});

it('messages that a group\'s queue delivers twice have their effect once: who was first is refused', async () => {
  const scene = new Scene(assembly, { faults: duplicating('message', 'Render/A/Queue') });
  scene.submit(onlyFor('A', tasks(12, { seconds: 2, commits: true })));
  await scene.rest();
  expect(await scene.violations()).toEqual([]);
  expect(scene.books.begun().length).toBeGreaterThan(12);
  expect(scene.books.notes.filter(({ what }) => what === 'STALE').length).toBe(scene.books.begun().length - 12);
});

it('what is no task is kept beside with the reason, and no log has a payload', async () => {
  const scene = new Scene(assembly);
  const secret = 'xyzzy-plugh';
  const task: Task = { id: 'no', payload: { secret } };
  const invalid = [secret, JSON.stringify([secret]), JSON.stringify({ ...task, id: '' }), JSON.stringify({ ...task, groups: ['C'] }), JSON.stringify({ ...task, estimatedSeconds: 0 })];
  scene.send('Render/Submit', invalid);
  scene.submit(tasks(3, { commits: true, secret }));
  scene.submit(tasks(2, { failures: 99, secret }, 'poison'));
  await scene.rest();

  expect(await scene.violations({ deadLetters: { any: ['poison-0', 'poison-1'] } })).toEqual([]);
  const { Messages } = await operate<{ Messages: any[] }>(scene.simulation, 'sqs', 'ReceiveMessage', {
    QueueUrl: scene.simulation.find('Render/SubmitDeadLetters', ['AWS::SQS::Queue']).provisioned.ref, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'],
  });
  const kept = new Map(Messages.map(({ Body, MessageAttributes }) => [Body, MessageAttributes.reason.StringValue]));
  expect(invalid.map((body) => kept.get(body))).toEqual([
    'the body is no JSON object', 'the body is no JSON object', "'id' must be a text of 1 to 128 characters",
    "'groups' must be a list of one or more of A, B", "'estimatedSeconds' must be a number above 0, at most 43200",
  ]);
  const lines = logLinesOf(scene.simulation);
  expect(lines.filter((line) => line.includes('a submitted message is no task'))).toHaveLength(invalid.length);
  expect(lines.filter((line) => line.includes(secret))).toEqual([]);
});

it('a task that no group may get now waits until one of its groups comes back', async () => {
  const scene = new Scene(assembly);
  await scene.retire('A');
  await scene.pass(5 * SECOND);
  scene.submit(onlyFor('A', tasks(3, { commits: true })));
  await scene.pass(5 * MINUTE);
  expect(scene.books.begun()).toEqual([]);
  await scene.retire('A', false);
  await scene.pass(5 * MINUTE);
  expect(await scene.violations()).toEqual([]);
});
