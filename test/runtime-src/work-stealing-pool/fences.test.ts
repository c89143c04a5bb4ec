import { type Hired, LEASE_SECONDS, Scene, TABLE, unreachable } from './scene';
import { commitTask, commitThatPauses, StaleTask } from '../../../runtime-src/work-stealing-pool/commit';
import { type Assignment, COMMIT_ENV, itemKey } from '../../../src/work-stealing-pool/contract';
import { cancelled } from '../orchestrated-saga/table';

const LEASE_MS = LEASE_SECONDS * 1000;

let scene: Scene;

beforeEach(async () => {
  scene = await Scene.open();
});

afterEach(() => scene.close());

const kinds = ({ events }: Hired) => events.map(({ kind }) => kind).filter((kind) => kind !== 'TROUBLE');
const of = (begun: readonly { readonly task: { readonly id: string } }[]) => begun.map(({ task }) => task.id);

/** No call of this worker arrives any more. */
function cut({ connection }: Hired) {
  connection.via = () => { throw unreachable(); };
}

describe('a worker that was believed dead', () => {
  /** Two workers have begun the same task, the first of which was not heard of for a while and is back now. */
  async function takenOver(): Promise<{ first: Hired; second: Hired }> {
    const sent = scene.gpu.send({ id: 't-1' });
    const first = scene.hire('Gpu', { worker: 'first', capacity: 1 });
    await scene.pass(1_000);
    cut(first);
    const second = scene.hire('Gpu', { worker: 'second' });
    await scene.pass(LEASE_MS);
    expect(scene.gpu.received.map(({ id }) => id)).toEqual([sent, sent]);
    first.connection.via = undefined;
    return { first, second };
  }

  it('has lost its tasks after a lease: they are begun with a higher fence', async () => {
    const { first, second } = await takenOver();
    expect(first.begun).toMatchObject([{ fence: 1, attempt: 1 }]);
    expect(second.begun).toMatchObject([{ fence: 2, attempt: 2 }]);
  });

  it('is told by its signal', async () => {
    const { first, second } = await takenOver();
    expect(first.begun[0]!.signal.aborted).toBe(false);
    await scene.pass(LEASE_MS / 3);
    expect(first.begun[0]!.signal.aborted).toBe(true);
    expect(second.begun[0]!.signal.aborted).toBe(false);
  });

  it.each([['done', false], ['failed', false], ['done', true], ['failed', true]])('is refused when it says %s; the other is done: %p', async (says, isDone) => {
    const { first, second } = await takenOver();
    if (isDone) second.begun[0]!.finish();
    await scene.pass(100);
    if (says === 'done') first.begun[0]!.finish();
    else first.begun[0]!.fail(new Error('no'));
    await scene.pass(100);
    expect(kinds(first)).toEqual(['REFUSED']);
    expect(first.connection.of('DeleteMessage')).toEqual([]);
    expect(await scene.task('t-1')).toMatchObject({ state: isDone ? 'DONE' : 'RUNNING', worker: 'second', fence: 2 });
    second.begun[0]!.finish();
    await scene.pass(100);
    expect(kinds(second)).toEqual(['DONE']);
    expect(scene.gpu.size).toBe(0);
  });

  it('does not keep the task from the other by its heartbeats', async () => {
    const { second } = await takenOver();
    cut(second);
    await scene.pass(LEASE_MS + 1_000);
    const third = scene.hire('Gpu');
    await scene.pass(1_000);
    expect(third.begun).toMatchObject([{ fence: 3 }]);
  });
});

describe('an answer that is lost', () => {
  it.each([
    ['begins', ':message', 'DONE'],
    ['is done', ':state', 'DONE'],
    ['has failed', ':state', 'FAILED'],
  ])('to whoever says that a task %s, is recognised as its own', async (_, value, end) => {
    scene.gpu.send({ id: 't-1' });
    let lost = 0;
    const hired = scene.hire('Gpu', {
      via: async ({ operation, of: item, input }, answer) => {
        const isLost = operation === 'UpdateItem' && item === 'task' && value in input.ExpressionAttributeValues && lost++ === 0;
        const answered = await answer();
        if (isLost) throw unreachable();
        return answered;
      },
    });
    await scene.pass(3_000);
    if (end === 'DONE') hired.begun[0]!.finish();
    else hired.begun[0]!.fail(new Error('no'));
    await scene.pass(3_000);
    expect(lost).toBeGreaterThan(1);
    expect(kinds(hired)).toEqual([end]);
    expect(scene.gpu.size).toBe(end === 'DONE' ? 0 : 1);
    if (end === 'FAILED') expect(scene.gpu.hiddenMs('Gpu-1')).toBeLessThanOrEqual(10_000);
  });
});

describe('a task that was submitted twice', () => {
  it('is begun once while somebody is at it: the duplicate is deleted, and counted', async () => {
    scene.gpu.send({ id: 't-1' });
    scene.cpu.send({ id: 't-1' });
    const gpu = scene.hire('Gpu');
    await scene.pass(100);
    const cpu = scene.hire('Cpu');
    await scene.pass(100);
    expect(gpu.begun).toHaveLength(1);
    expect(cpu.begun).toHaveLength(0);
    expect(cpu.events).toEqual([{ kind: 'DUPLICATE', task: 't-1', home: 'Cpu' }]);
    expect(scene.cpu.size).toBe(0);
    expect(await scene.task('t-1')).toMatchObject({ fence: 1, message: 'Gpu-1', state: 'RUNNING' });
  });

  it('is not begun again once it is done', async () => {
    scene.gpu.send({ id: 't-1' });
    const hired = scene.hire('Gpu', { takesMs: 10 });
    await scene.pass(1_000);
    scene.gpu.send({ id: 't-1' });
    await scene.pass(LEASE_MS * 20);
    expect(hired.begun).toHaveLength(1);
    expect(kinds(hired)).toEqual(['DONE', 'DUPLICATE']);
    expect(scene.gpu.size).toBe(0);
  });

  it('whose message could not be deleted is found done', async () => {
    scene.gpu.send({ id: 't-1' });
    const hired = scene.hire('Gpu', { takesMs: 10 });
    let failures = 0;
    hired.connection.via = ({ operation }, answer) => {
      if (operation === 'DeleteMessage' && failures++ === 0) throw unreachable();
      return answer();
    };
    await scene.pass(LEASE_MS * 2);
    expect(hired.begun).toHaveLength(1);
    expect(scene.gpu.size).toBe(0);
  });

  it('and failed once is taken over by the other message, and the first becomes the duplicate', async () => {
    scene.gpu.send({ id: 't-1' });
    const hired = scene.hire('Gpu');
    await scene.pass(100);
    hired.begun[0]!.fail(new Error('no'));
    await scene.pass(100);
    scene.gpu.send({ id: 't-1' });
    await scene.pass(1_000);
    expect(hired.begun.map(({ fence, attempt }) => [fence, attempt])).toEqual([[1, 1], [2, 1]]);
    expect(await scene.task('t-1')).toMatchObject({ state: 'RUNNING', message: 'Gpu-2' });
    await scene.pass(15_000);
    expect(kinds(hired)).toEqual(['FAILED', 'DUPLICATE']);
    expect(scene.gpu.size).toBe(1);
    hired.begun[1]!.finish();
    await scene.pass(100);
    expect(scene.gpu.size).toBe(0);
  });

  it('is taken over from a worker that died, but only after its own message may come again', async () => {
    scene.gpu.send({ id: 't-1' });
    const dead = scene.hire('Gpu', { capacity: 1 });
    await scene.pass(100);
    cut(dead);
    await scene.pass(LEASE_MS + 1_000);
    scene.cpu.send({ id: 't-1' });
    const thief = scene.hire('Cpu');
    await scene.pass(100);
    expect(thief.begun).toEqual([]);
    await scene.pass(5_000);
    scene.cpu.send({ id: 't-1' });
    await scene.pass(1_000);
    expect(of(thief.begun)).toEqual(['t-1']);
    expect(thief.begun[0]!.fence).toBe(2);
  });
});

describe('a commit with effects', () => {
  const EFFECT = { Put: { TableName: TABLE, Item: { id: 'frame', entry: 't-1' } } };
  const frame = () => scene.item({ id: 'frame', entry: 't-1' });

  afterEach(() => {
    delete process.env[COMMIT_ENV.TABLE_NAME];
    delete process.env[COMMIT_ENV.RETENTION_SECONDS];
  });

  async function begun(): Promise<{ hired: Hired; assignment: Assignment }> {
    scene.gpu.send({ id: 't-1' });
    const hired = scene.hire('Gpu');
    await scene.pass(100);
    return { hired, assignment: hired.begun[0]! };
  }

  const options = () => ({ client: scene.documents, tableName: TABLE });

  it('writes them and that the task is done, and the worker takes it for its own', async () => {
    const { hired, assignment } = await begun();
    await commitTask({ ...options(), retentionSeconds: 60 }, assignment, [EFFECT]);
    expect(await frame()).toBeDefined();
    expect(await scene.task('t-1')).toMatchObject({ state: 'DONE', expiresAt: Math.ceil(Date.now() / 1000) + 60 });
    await scene.pass(LEASE_MS);
    expect(hired.begun[0]!.signal.aborted).toBe(false);
    hired.begun[0]!.finish();
    await scene.pass(100);
    expect(kinds(hired)).toEqual(['DONE']);
    expect(scene.gpu.size).toBe(0);
  });

  it.each(['another has begun it', 'another has done it', 'it was given back', 'it is forgotten'])('is refused, and nothing is written, when %s', async (what) => {
    const { assignment } = await begun();
    const item = (await scene.task('t-1'))!;
    if (what === 'another has begun it') await scene.write({ ...itemKey.task('t-1'), ...item, fence: 2 });
    if (what === 'another has done it') await scene.write({ ...itemKey.task('t-1'), ...item, fence: 2, state: 'DONE' });
    if (what === 'it was given back') await scene.write({ ...itemKey.task('t-1'), ...item, state: 'RELEASED' });
    const late = what === 'it is forgotten' ? { ...assignment, task: { ...assignment.task, id: 't-0' } } : assignment;
    await expect(commitTask(options(), late, [EFFECT])).rejects.toThrow(StaleTask);
    expect(await frame()).toBeUndefined();
  });

  it('says whose the task is', async () => {
    const { assignment } = await begun();
    await expect(commitTask(options(), { ...assignment, fence: 9 }, [])).rejects.toThrow("task 't-1' is not this worker's any more: it has fence 9, the task 1");
  });

  it('whose answer is lost is recognised as its own', async () => {
    const { assignment } = await begun();
    await commitTask(options(), assignment, [EFFECT]);
    await expect(commitTask(options(), assignment, [EFFECT])).resolves.toBeUndefined();
  });

  it('tries again while others write the same items', async () => {
    const { assignment } = await begun();
    let conflicts = 0;
    const client = {
      send: async (command: any) => {
        if (command.constructor.name === 'TransactWriteCommand' && conflicts++ < 2) throw cancelled('TransactionConflict', 'None');
        return scene.documents.send(command);
      },
    };
    const paused: number[] = [];
    await commitThatPauses({ ...options(), client }, assignment, [EFFECT], async (ms) => void paused.push(ms));
    expect(paused).toHaveLength(2);
    expect(await frame()).toBeDefined();
  });

  it('throws what DynamoDB says when a condition of the effects does not hold', async () => {
    const { assignment } = await begun();
    const impossible = { Put: { ...EFFECT.Put, ConditionExpression: 'attribute_exists(id)' } };
    await expect(commitTask(options(), assignment, [impossible])).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    expect(await scene.task('t-1')).toMatchObject({ state: 'RUNNING' });
  });

  it('takes the table and the retention from the environment that addCommitter sets; it is remembered for 15 days otherwise', async () => {
    const { assignment } = await begun();
    const { client } = options();
    await expect(commitTask({ client }, assignment, [])).rejects.toThrow('environment variable WORK_STEALING_POOL_TABLE_NAME must be set, received undefined; PoolGroup.addCommitter sets it');
    process.env[COMMIT_ENV.TABLE_NAME] = TABLE;
    process.env[COMMIT_ENV.RETENTION_SECONDS] = '0';
    await expect(commitTask({ client }, assignment, [])).rejects.toThrow('retentionSeconds must be a whole number from 1, received 0 in WORK_STEALING_POOL_RETENTION_SECONDS');
    delete process.env[COMMIT_ENV.RETENTION_SECONDS];
    await commitTask({ client }, assignment, []);
    expect((await scene.task('t-1'))!.expiresAt).toBe(Math.ceil(Date.now() / 1000) + 15 * 86_400);
  });
});
