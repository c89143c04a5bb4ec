import { LEASE_SECONDS, NOON, Scene, unreachable } from './scene';
import { PoolWorker } from '../../../runtime-src/work-stealing-pool/worker';
import { WORKER_ENV } from '../../../src/work-stealing-pool/contract';

const LEASE_MS = LEASE_SECONDS * 1000;
const A_LONG_POLL_MS = 10_000;

let scene: Scene;

beforeEach(async () => {
  scene = await Scene.open();
});

afterEach(() => scene.close());

const ids = (begun: readonly { readonly task: { readonly id: string } }[]) => begun.map(({ task }) => task.id);
const kinds = (events: readonly { readonly kind: string }[]) => events.map(({ kind }) => kind);

describe('a task', () => {
  it('is given to the work with what it needs to know', async () => {
    scene.gpu.send({ id: 't-1', payload: { frame: 7 }, home: 'Gpu' });
    const { begun } = scene.hire('Gpu');
    await scene.pass(100);
    expect(begun).toMatchObject([{
      pool: 'Render', task: { id: 't-1', payload: { frame: 7 }, submittedAt: '2026-11-20T12:00:00.000Z' }, group: 'Gpu', home: 'Gpu', attempt: 1, fence: 1,
    }]);
  });

  it('is taken only when there is a place for it', async () => {
    for (let task = 1; task <= 5; task++) scene.gpu.send({ id: `t-${task}` });
    const { begun } = scene.hire('Gpu', { capacity: 2 });
    await scene.pass(60_000);
    expect(begun).toHaveLength(2);
    expect(scene.gpu.received).toHaveLength(2);
    begun[0]!.finish();
    await scene.pass(100);
    expect(begun).toHaveLength(3);
    expect(scene.gpu.inFlight).toBe(2);
  });

  it('is deleted only when it is written that it is done', async () => {
    scene.gpu.send({ id: 't-1' });
    const { begun, connection, events } = scene.hire('Gpu');
    const states: unknown[] = [];
    connection.via = async ({ operation }, answer) => {
      if (operation === 'DeleteMessage') states.push((await scene.task('t-1'))!.state);
      return answer();
    };
    await scene.pass(LEASE_MS * 3);
    expect(scene.gpu.size).toBe(1);
    expect((await scene.task('t-1'))!.state).toBe('RUNNING');
    begun[0]!.finish();
    await scene.pass(100);
    expect(states).toEqual(['DONE']);
    expect(scene.gpu.size).toBe(0);
    expect(events).toEqual([{ kind: 'DONE', task: 't-1', home: 'Gpu', stolen: false, seconds: 90 }]);
  });

  it('that takes long is hidden, and its claim renewed, as long as it is under way', async () => {
    scene.gpu.send({ id: 't-1' });
    const { begun } = scene.hire('Gpu');
    for (let second = 0; second < 300; second += 5) {
      await scene.pass(5_000);
      expect(scene.gpu.inFlight).toBe(1);
      expect((await scene.task('t-1'))!.until).toBeGreaterThan(Date.now() + LEASE_MS / 2);
    }
    expect(begun).toHaveLength(1);
    expect(begun[0]!.signal.aborted).toBe(false);
  });

  it('is remembered as done for the retention', async () => {
    scene.gpu.send({ id: 't-1' });
    scene.hire('Gpu', { takesMs: 1_000 });
    await scene.pass(2_000);
    const { expiresAt } = (await scene.task('t-1'))!;
    expect(expiresAt - NOON / 1000).toBeGreaterThanOrEqual(86_401);
    expect(expiresAt - NOON / 1000).toBeLessThan(86_403);
  });
});

describe('an attempt that fails', () => {
  it('comes again after a delay that doubles, each time with a higher fence, until its queue gives up', async () => {
    scene.gpu.send({ id: 't-1' });
    const { begun, events } = scene.hire('Gpu');
    const failed: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt++) {
      for (let tenth = 0; begun.length < attempt && tenth < 3_000; tenth++) await scene.pass(100);
      await scene.pass(25_000);
      begun[attempt - 1]!.fail(Object.assign(new TypeError('it quotes {"secret":1}')));
      await scene.pass(10);
      failed.push(scene.gpu.size === 1 ? Math.round(scene.gpu.hiddenMs('Gpu-1') / 1000) : 0);
      expect(await scene.task('t-1')).toMatchObject({ state: 'RELEASED', until: 0, fence: attempt });
    }
    await scene.pass(200_000);
    expect(failed).toEqual([10, 20, 40, 80, 160]);
    expect(begun.map(({ fence, attempt }) => [fence, attempt])).toEqual([1, 2, 3, 4, 5].map((each) => [each, each]));
    expect(events).toEqual([1, 2, 3, 4, 5].map((attempt) => ({ kind: 'FAILED', task: 't-1', home: 'Gpu', attempt, error: 'TypeError' })));
    expect(scene.gpu.deadLetters).toEqual(['Gpu-1']);
  });

  it('waits no longer than the longest delay', async () => {
    scene = await Scene.open({ maxReceiveCount: 20 });
    scene.gpu.send({ id: 't-1' });
    scene.hire('Gpu', { work: async () => { throw new Error('no'); } });
    await scene.pass(1_000_000);
    expect(Math.max(...scene.gpu.received.slice(1).map(({ at }, index) => at - scene.gpu.received[index]!.at))).toBeLessThan(302_000);
  });

  it('may throw anything, at once or later', async () => {
    const thrown: unknown[] = ['text', undefined, { name: 7 }];
    for (const each of thrown) scene.gpu.send({ id: `t-${String(each)}` });
    const { events } = scene.hire('Gpu', { work: () => { throw thrown.shift(); } });
    await scene.pass(5_000);
    expect(events.map((event) => event.kind === 'FAILED' && event.error)).toEqual(['Error', 'Error', 'Error']);
  });

  it('is put off for the delay also when a heartbeat is on its way', async () => {
    scene.gpu.send({ id: 't-1' });
    const { begun, connection } = scene.hire('Gpu');
    connection.via = async ({ operation, input }, answer) => {
      if (operation === 'ChangeMessageVisibilityBatch' && input.Entries[0].VisibilityTimeout === LEASE_SECONDS) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
      return answer();
    };
    await scene.pass(LEASE_MS / 3 + 500);
    begun[0]!.fail(new Error('no'));
    await scene.pass(1_000);
    expect(scene.gpu.hiddenMs('Gpu-1')).toBeLessThanOrEqual(10_000);
  });

  it('after the task was committed with its effects is none', async () => {
    scene.gpu.send({ id: 't-1' });
    const { begun, events } = scene.hire('Gpu');
    await scene.pass(100);
    await scene.write({ id: 'task#t-1', entry: 'task', fence: 1, state: 'DONE', message: 'Gpu-1', worker: 'w', until: Date.now() + 5_000, expiresAt: 0 });
    begun[0]!.fail(new Error('after the commit'));
    await scene.pass(100);
    expect(kinds(events)).toEqual(['DONE']);
    expect(scene.gpu.size).toBe(0);
  });
});

describe('a body that is no task', () => {
  it.each(['', 'no JSON', '[]', 'null', '7', '{"id":5,"home":"Gpu"}', '{"id":"t-1"}', '{"id":"","home":"Gpu"}'])('is left to the dead-letter queue: %s', async (body) => {
    scene.gpu.send(body);
    const { begun, events } = scene.hire('Gpu');
    await scene.pass(200_000);
    expect(begun).toHaveLength(0);
    expect(events).toEqual([1, 2, 3, 4, 5].map(() => ({ kind: 'INVALID', messageId: 'Gpu-1', home: 'Gpu' })));
    expect(scene.gpu.deadLetters).toEqual(['Gpu-1']);
  });

  it('does not keep the others', async () => {
    scene.gpu.send('no JSON');
    scene.gpu.send({ id: 't-1' });
    const { begun } = scene.hire('Gpu');
    await scene.pass(100);
    expect(ids(begun)).toEqual(['t-1']);
  });
});

describe('a worker that is told to stop', () => {
  it('ends after what is under way, and is no member any more', async () => {
    scene.gpu.send({ id: 't-1' });
    const hired = scene.hire('Gpu', { worker: 'w', capacity: 1 });
    await scene.pass(100);
    hired.worker.stop();
    scene.gpu.send({ id: 't-2' });
    await scene.pass(60_000);
    expect(hired.ended).toBeUndefined();
    expect(await scene.member('Gpu', 'w')).toMatchObject({ accepting: false, running: 1 });
    hired.begun[0]!.finish();
    await scene.pass(100);
    expect(hired.ended).toBe(true);
    expect(ids(hired.begun)).toEqual(['t-1']);
    expect(scene.gpu.received).toHaveLength(1);
    expect(await scene.member('Gpu', 'w')).toBeUndefined();
  });

  it('gives back at once what arrives while it still asks', async () => {
    const hired = scene.hire('Gpu');
    await scene.pass(100);
    hired.worker.stop();
    scene.gpu.send({ id: 't-1' });
    await scene.pass(100);
    expect(hired.begun).toHaveLength(0);
    expect(scene.gpu.inFlight).toBe(0);
    expect(hired.ended).toBe(true);
  });

  it('does not wait for the next heartbeat when it ends during one', async () => {
    scene.gpu.send({ id: 't-1' });
    const hired = scene.hire('Gpu', { capacity: 1 });
    await scene.pass(100);
    hired.worker.stop();
    hired.connection.via = async ({ of }, answer) => {
      if (of === 'control') await new Promise((resolve) => setTimeout(resolve, 2_000));
      return answer();
    };
    await scene.pass(LEASE_MS / 3);
    hired.begun[0]!.finish();
    await scene.pass(2_000);
    expect(hired.ended).toBe(true);
  });
});

describe('a group that is retired', () => {
  it('takes nothing, neither its own nor what is granted, until it is back', async () => {
    await scene.retire('Cpu');
    await scene.plan([{ tasks: 5 }], { forMs: 600_000 });
    scene.cpu.send({ id: 't-1' });
    scene.gpu.send({ id: 't-2' });
    const { begun } = scene.hire('Cpu');
    await scene.pass(60_000);
    expect(begun).toHaveLength(0);
    await scene.retire('Cpu', false);
    await scene.pass(LEASE_MS / 3 + A_LONG_POLL_MS);
    expect(ids(begun)).toEqual(['t-1', 't-2']);
  });

  it('ends what it has under way', async () => {
    scene.gpu.send({ id: 't-1' });
    const { begun, events } = scene.hire('Gpu');
    await scene.pass(100);
    await scene.retire('Gpu');
    await scene.pass(LEASE_MS);
    scene.gpu.send({ id: 't-2' });
    begun[0]!.finish();
    await scene.pass(LEASE_MS);
    expect(kinds(events)).toEqual(['DONE']);
    expect(begun).toHaveLength(1);
  });
});

describe('a worker tells of itself', () => {
  it('with each heartbeat what runs, what tasks cost, and that it lives', async () => {
    scene.hire('Gpu', { worker: 'w', takesMs: 4_000 });
    await scene.pass(0);
    expect(await scene.member('Gpu', 'w')).toMatchObject({ accepting: true, capacity: 2, running: 0, until: NOON + LEASE_MS });
    scene.gpu.send({ id: 't-1' });
    await scene.pass(8_000);
    scene.gpu.send({ id: 't-2' });
    await scene.pass(2_100);
    const told = (await scene.member('Gpu', 'w'))!;
    expect(told).toMatchObject({ running: 1, fence: 1, until: NOON + LEASE_MS / 3 + LEASE_MS });
    expect(told.meanSeconds).toBeCloseTo(4, 1);
    expect(told.meanSquareSeconds).toBeCloseTo(16, 0);
  });

  it('that it is idle, sooner than with a heartbeat, and that it is not', async () => {
    await scene.plan([]);
    scene.gpu.send({ id: 't-1' });
    scene.hire('Gpu', { worker: 'w', takesMs: 8_000, capacity: 1 });
    await scene.pass(1_000);
    expect(await scene.member('Gpu', 'w')).toMatchObject({ idle: false });
    await scene.pass(9_500);
    expect(await scene.member('Gpu', 'w')).toMatchObject({ idle: true });
    await scene.pass(3_000);
    scene.gpu.send({ id: 't-2' });
    await scene.pass(6_700);
    expect(await scene.member('Gpu', 'w')).toMatchObject({ idle: false, running: 1 });
  });
});

describe('trouble never ends a worker', () => {
  const OPERATIONS = ['ReceiveMessage', 'UpdateItem', 'DeleteMessage', 'ChangeMessageVisibilityBatch', 'PutItem', 'GetItem'];

  it.each(OPERATIONS)('of %s, for a while', async (failing) => {
    await scene.plan([]);
    for (let task = 1; task <= 4; task++) scene.gpu.send({ id: `t-${task}` });
    const hired = scene.hire('Gpu', { takesMs: 15_000 });
    await scene.pass(0);
    hired.connection.via = ({ operation }, answer) => {
      if (operation === failing && Date.now() < NOON + 45_000) throw unreachable();
      return answer();
    };
    await scene.pass(300_000);
    expect(hired.events).toContainEqual(expect.objectContaining({ kind: 'TROUBLE', error: 'TimeoutError' }));
    expect(hired.ended).toBeUndefined();
    expect(scene.gpu.size).toBe(0);
    for (let task = 1; task <= 4; task++) expect((await scene.task(`t-${task}`))!.state).toBe('DONE');
  });

  it('and costs a task no attempt while the table is out of reach', async () => {
    scene = await Scene.open({ maxReceiveCount: 1 });
    const { begun, connection } = scene.hire('Gpu');
    await scene.pass(0);
    scene.gpu.send({ id: 't-1' });
    connection.via = ({ operation }, answer) => {
      if (operation.endsWith('Item')) throw unreachable();
      return answer();
    };
    await scene.pass(LEASE_MS * 4);
    connection.via = undefined;
    await scene.pass(2_000);
    expect(begun).toMatchObject([{ attempt: 1, fence: 1 }]);
    connection.via = ({ operation }, answer) => {
      if (operation === 'UpdateItem') throw unreachable();
      return answer();
    };
    begun[0]!.finish();
    await scene.pass(LEASE_MS * 4);
    connection.via = undefined;
    await scene.pass(2_000);
    expect(begun).toHaveLength(1);
    expect(await scene.task('t-1')).toMatchObject({ state: 'DONE' });
    expect(scene.gpu.received).toHaveLength(1);
    expect(scene.gpu.deadLetters).toEqual([]);
  });

  it('nor does an observer that throws', async () => {
    scene.gpu.send({ id: 't-1' });
    scene.hire('Gpu', { takesMs: 10, observe: () => { throw new Error('the log is full'); } });
    await scene.pass(1_000);
    expect(scene.gpu.size).toBe(0);
  });

  it('quotes nothing', async () => {
    scene.gpu.send({ id: 't-1', payload: 'secret' });
    const { events } = scene.hire('Gpu', {
      work: async () => { throw new Error('secret'); }, via: ({ operation }, answer) => {
        if (operation === 'ChangeMessageVisibilityBatch') throw unreachable();
        return answer();
      },
    });
    await scene.pass(LEASE_MS);
    expect(new Set(kinds(events))).toEqual(new Set(['FAILED', 'TROUBLE']));
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('but a table that is out of reach to begin with is told', async () => {
    const hired = scene.hire('Gpu', { via: () => { throw unreachable(); } });
    await scene.pass(100);
    expect(hired.ended).toMatchObject({ name: 'TimeoutError' });
  });
});

describe('an idle worker outside the pool', () => {
  it('asks rarely while nothing waits anywhere, and often while something does', async () => {
    const { connection } = scene.hire('Gpu');
    await scene.pass(60_000);
    expect(connection.of('ReceiveMessage').length).toBeLessThanOrEqual(8);
    for (let looks = 0; looks < 5; looks++) {
      await scene.plan([], { waiting: 3 });
      await scene.pass(3_000);
    }
    const before = connection.of('ReceiveMessage').length;
    await scene.plan([], { waiting: 3 });
    await scene.pass(9_000);
    expect(connection.of('ReceiveMessage').length - before).toBeGreaterThanOrEqual(8);
  });
});

describe('settings', () => {
  const props = () => ({ documents: { send: async () => ({}) }, sqs: { send: async () => ({}) }, work: async () => undefined, capacity: 1 });

  afterEach(() => {
    delete process.env[WORKER_ENV];
  });

  it('come from the environment that the construct describes', async () => {
    process.env[WORKER_ENV] = JSON.stringify(scene.settings('Cpu'));
    scene.cpu.send({ id: 't-1' });
    const { begun } = scene.hire('Cpu', { settings: undefined });
    await scene.pass(100);
    expect(begun).toMatchObject([{ group: 'Cpu' }]);
  });

  it.each<[string | undefined, string]>([
    [undefined, 'environment variable WORK_STEALING_POOL_WORKER must be set, received undefined; set it to the workerSettings of the group'],
    ['{', 'environment variable WORK_STEALING_POOL_WORKER must be JSON, received 1 characters that are none; set it to the workerSettings of the group'],
  ])('in an environment with %j are refused', (text, message) => {
    if (text !== undefined) process.env[WORKER_ENV] = text;
    expect(() => new PoolWorker(props())).toThrow(message);
  });

  it.each([0, -1, 1.5, NaN, Infinity])('with a capacity of %p are refused', (capacity) => {
    expect(() => new PoolWorker({ ...props(), capacity, settings: scene.settings('Gpu') })).toThrow(`capacity must be a whole number from 1, received ${capacity}`);
  });

  it('without its own queue, or without a lease, are refused', () => {
    const settings = scene.settings('Gpu');
    expect(() => new PoolWorker({ ...props(), settings: { ...settings, queueUrls: {} } })).toThrow("settings must name the queue of the worker's own group, received none for 'Gpu'");
    expect(() => new PoolWorker({ ...props(), settings: { ...settings, leaseSeconds: 0 } })).toThrow('leaseSeconds must be above 0, received 0');
  });
});
