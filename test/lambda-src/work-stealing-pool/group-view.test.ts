import { FakeClient, load, NOON } from './fakes';
import { worker as registered } from './pool';
import { groupView } from '../../../lambda-src/work-stealing-pool/group-view';
import { type GroupSettings, type GroupState, hasWork, lookAt } from '../../../lambda-src/work-stealing-pool/look';
import type { RegisteredWorker } from '../../../lambda-src/work-stealing-pool/registered-worker';
import type { GroupLoad } from '../../../src/work-stealing-pool/contract';

const FUNCTION: GroupSettings = { name: 'Gpu', queueUrl: 'Gpu-queue', capacity: 8, runnerArn: 'runner', typicalSeconds: 10 };
const EXTERNAL: GroupSettings = { name: 'Fleet', queueUrl: 'Fleet-queue', typicalSeconds: 10, stealsFrom: ['Gpu'] };

const worker = (name: string, more: Partial<RegisteredWorker> = {}) => registered(name, { until: NOON + 1, running: 1, ...more });

interface Told {
  readonly waiting?: number;
  readonly inFlight?: number;
  readonly retired?: boolean;
  readonly before?: GroupLoad;
}

async function seen(settings: GroupSettings, workers: RegisteredWorker[] = [], told: Told = {}): Promise<GroupState> {
  const { waiting = 0, inFlight = 0, retired = false } = told;
  const sqs = new FakeClient(() => ({
    Attributes: { ApproximateNumberOfMessages: `${waiting}`, ApproximateNumberOfMessagesNotVisible: `${inFlight}` },
  }));
  const registry = { workers: async () => workers, retired: async () => new Set(retired ? [settings.name] : []) };
  const [state] = await lookAt({ groups: [settings], registry, sqs: sqs.as(), now: () => NOON })();
  return state!;
}

async function view(settings: GroupSettings, workers?: RegisteredWorker[], told: Told = {}) {
  return groupView(await seen(settings, workers, told), ['Gpu', 'Cpu', 'Fleet'], told.before);
}

describe("a function's group", () => {
  it('is always alive, with as many places as its function; its runner can be woken', async () => {
    expect(await view(FUNCTION)).toEqual({
      name: 'Gpu', waiting: 0, inFlight: 0, retired: false, alive: true, capacity: 8, meanSeconds: 10, meanSquareSeconds: undefined,
      stealsFrom: ['Gpu', 'Cpu', 'Fleet'], workers: [{ capacity: 8, free: 8, idle: true, dry: {} }],
    });
  });

  it('has places free that neither its runner nor those before it are using', async () => {
    const runner = worker('runner', { running: 3, idle: true, dry: { Cpu: 5 } });
    const workers = [worker('dead', { until: NOON, running: 3 }), runner, worker('before', { accepting: false, running: 2 })];
    expect((await view(FUNCTION, workers)).workers).toEqual([{ capacity: 8, free: 3, idle: true, dry: { Cpu: 5 } }]);
    expect((await view(FUNCTION, [worker('runner', { running: 9 })])).workers).toMatchObject([{ free: 0, idle: false }]);
  });

  it('has none to spare while its runner is about to be woken for its own tasks', async () => {
    expect((await view(FUNCTION, [worker('runner', { until: 0, idle: true, dry: { Cpu: 5 } })], { waiting: 1 })).workers).toMatchObject([{ idle: false, dry: { Cpu: 5 } }]);
    // Awake it has looked itself: the depth is older.
    expect((await view(FUNCTION, [worker('runner', { idle: true })], { waiting: 1 })).workers).toMatchObject([{ idle: true }]);
  });
});

describe('a group of external workers', () => {
  it('has the places of those that are alive and take tasks', async () => {
    const workers = [worker('a', { idle: true, dry: { Gpu: 5 } }), worker('b', { capacity: 2, running: 2 }), worker('c', { accepting: false }), worker('d', { until: NOON })];
    expect(await view(EXTERNAL, workers, { waiting: 3, inFlight: 2 })).toMatchObject({
      waiting: 3, inFlight: 2, alive: true, capacity: 6, stealsFrom: ['Gpu'],
      workers: [{ worker: 'a', capacity: 4, free: 3, idle: true, dry: { Gpu: 5 } }, { worker: 'b', capacity: 2, free: 0, idle: false }],
    });
  });

  it('without any is not alive', async () => {
    expect(await view(EXTERNAL, [worker('c', { accepting: false })])).toMatchObject({ alive: false, capacity: 0, workers: [] });
  });
});

describe('the cost of a task', () => {
  it('is what the living have measured, by their places', async () => {
    const workers = [worker('a', { meanSeconds: 2, meanSquareSeconds: 5 }), worker('b', { capacity: 12, meanSeconds: 6, accepting: false }), worker('c'), worker('d', { until: 0, meanSeconds: 99 })];
    expect(await view(EXTERNAL, workers, { before: load({ meanSeconds: 50 }) })).toMatchObject({ meanSeconds: 5, meanSquareSeconds: 5 });
  });

  it('is what was known last when nobody has, and what is typical to begin with', async () => {
    expect(await view(EXTERNAL, [worker('c'), worker('n', { capacity: 0, meanSeconds: 7 })], { before: load({ meanSeconds: 50 }) })).toMatchObject({ meanSeconds: 50 });
    expect(await view(FUNCTION, [worker('runner')])).toMatchObject({ meanSeconds: 10 });
  });
});

describe('a pool', () => {
  it('has work while tasks wait, are under way or run', async () => {
    const has = async (...of: Parameters<typeof seen>) => hasWork([await seen(FUNCTION), await seen(...of)]);
    expect(await has(EXTERNAL, [worker('a', { running: 0 }), worker('b', { until: NOON, running: 2 })])).toBe(false);
    expect(await has(EXTERNAL, [], { waiting: 1 })).toBe(true);
    expect(await has(EXTERNAL, [], { inFlight: 1 })).toBe(true);
    expect(await has(EXTERNAL, [worker('b', { accepting: false })])).toBe(true);
  });

  it('is not seen by halves', async () => {
    const registry = { workers: async () => [], retired: async () => new Set<string>() };
    const sqs = new FakeClient(({ QueueUrl }) => (QueueUrl === 'Fleet-queue' ? new Error('throttled') : {}));
    await expect(lookAt({ groups: [FUNCTION, EXTERNAL], registry, sqs: sqs.as(), now: () => NOON })()).rejects.toThrow('throttled');
  });

  it('knows of each group what an operator wants', async () => {
    expect(await view(FUNCTION, [], { retired: true })).toMatchObject({ retired: true });
  });
});
