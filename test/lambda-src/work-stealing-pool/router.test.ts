import { awsError, FakeClient, FakeLog, leaderItem, load, NOON, queues, record, TABLE } from './fakes';
import { PoolView } from '../../../lambda-src/work-stealing-pool/pool-view';
import { QueueSender } from '../../../lambda-src/work-stealing-pool/queue-sender';
import { Registry } from '../../../lambda-src/work-stealing-pool/registry';
import { Router } from '../../../lambda-src/work-stealing-pool/router';
import { Wakes } from '../../../lambda-src/work-stealing-pool/wakes';
import { itemKey, type LeaderItem, type RouterSettings, type Task, type WorkerItem } from '../../../src/work-stealing-pool/contract';

const group = (name: string, more: Partial<RouterSettings['groups'][number]> = {}): RouterSettings['groups'][number] =>
  ({ name, queueUrl: `${name}-queue`, weight: 4, capacity: 4, runnerArn: `${name}-runner`, typicalSeconds: 10, ...more });

const SETTINGS: RouterSettings = {
  routing: { kind: 'LEAST_LOADED' },
  groups: [group('Gpu'), group('Cpu')],
  coordinatorArn: 'coordinator',
  deadLetterQueueUrl: 'dead',
};

/** A router among fakes: a table that is as the test says, queues and functions. */
class Scene {
  readonly log = new FakeLog();
  readonly order: string[] = [];
  leader: LeaderItem | undefined;
  retired: string[] = [];
  runners: Record<string, Partial<WorkerItem>> = {};
  time = NOON;
  wakeFails = false;
  readonly table: FakeClient;
  readonly sqs: FakeClient;
  readonly functions: FakeClient;
  readonly router: Router;
  readFails?: (read: number) => boolean;

  constructor(settings: Partial<RouterSettings> = {}, refuse?: (queueUrl: string, body: string) => boolean) {
    this.table = new FakeClient(({ RequestItems: { [TABLE]: { Keys } } }, call) => {
      this.order.push('read');
      if (this.readFails?.(call)) return awsError('ThrottlingException');
      return { Responses: { [TABLE]: Keys.flatMap((key: any) => this.item(key) ?? []) } };
    });
    const sqs = queues(refuse);
    this.sqs = new FakeClient((input) => {
      this.order.push('send');
      return sqs.send({ input });
    });
    this.functions = new FakeClient(() => {
      this.order.push('wake');
      return this.wakeFails ? awsError('TooManyRequestsException') : { StatusCode: 202 };
    });
    const { log } = this;
    const now = () => this.time;
    const all = { ...SETTINGS, ...settings };
    const registry = new Registry({ documents: this.table.as(), tableName: TABLE, sleep: async () => {} });
    this.router = new Router({
      settings: all,
      view: new PoolView({ groups: all.groups, registry, now }),
      registry,
      queues: new QueueSender({ sqs: this.sqs.as(), log }),
      wakes: new Wakes({ lambda: this.functions.as(), now, notAgainMs: 1_000, log }),
      log,
      now,
      random: () => 0.5,
    });
  }

  route(...tasks: (string | Partial<Task>)[]) {
    return this.router.route(tasks.map((task, index) => record(`m${index}`, task)));
  }

  /** Ids of the tasks in a queue. */
  in(queueUrl: string): string[] {
    return this.entries(queueUrl).map(({ MessageBody }) => JSON.parse(MessageBody).id);
  }

  entries(queueUrl: string): any[] {
    return this.sqs.inputs.filter(({ QueueUrl }) => QueueUrl === queueUrl).flatMap(({ Entries }) => Entries);
  }

  get woken(): string[] {
    return this.functions.inputs.map(({ FunctionName }) => FunctionName).sort();
  }

  private item({ id, entry }: { id: string; entry: string }): object | undefined {
    const key = { id, entry };
    if (id === itemKey.leader().id) return this.leader && { ...key, ...this.leader };
    const retired = this.retired.find((name) => itemKey.control(name).id === id);
    if (retired !== undefined) return { ...key, retired: true };
    const [, runner] = Object.entries(this.runners).find(([name]) => itemKey.runner(name).id === id && entry === 'runner') ?? [];
    return runner && { ...key, worker: 'w', fence: 1, accepting: true, capacity: 4, running: 0, idle: false, dry: {}, expiresAt: 0, ...runner };
  }
}

const task = (id: string, more: Partial<Task> = {}): Partial<Task> => ({ id, payload: { secret: id }, ...more });

describe('a task', () => {
  it('goes to the group with the least load, and says where it is at home', async () => {
    const scene = new Scene();
    scene.leader = leaderItem({ load: { Gpu: load({ backlogSeconds: 9 }), Cpu: load({ backlogSeconds: 2 }) } });
    expect(await scene.route(task('a'))).toEqual({ comingBack: [], tasks: 1, invalid: 0 });
    expect(JSON.parse(scene.entries('Cpu-queue')[0].MessageBody)).toEqual({ id: 'a', payload: { secret: 'a' }, home: 'Cpu', submittedAt: new Date(NOON).toISOString() });
  });

  it('counts at once for those after it, by what it may cost and the places of its group', async () => {
    const scene = new Scene({ groups: [group('Gpu', { capacity: 8 }), group('Cpu', { capacity: 2 })] });
    // 24 s on 8 places are 3 s, and so are 6 s on 2.
    await scene.route(task('a', { estimatedSeconds: 24, groups: ['Gpu'] }), task('b', { estimatedSeconds: 5, groups: ['Cpu'] }), task('c', { estimatedSeconds: 2 }), task('d'));
    expect(scene.in('Gpu-queue')).toEqual(['a', 'd']);
    expect(scene.in('Cpu-queue')).toEqual(['b', 'c']);
  });

  it('without an estimate costs what was measured, or else what is typical', async () => {
    for (const [leader, then] of [[leaderItem({ load: { Gpu: load({ meanSeconds: 4 }), Cpu: load() } }), 'Gpu'], [undefined, 'Cpu']] as const) {
      const scene = new Scene();
      scene.leader = leader;
      await scene.route(task('a', { groups: ['Gpu'] }), task('b', { groups: ['Cpu'], estimatedSeconds: 7 }), task('c'));
      expect(scene.in(`${then}-queue`)).toContain('c');
    }
  });

  it('is forgotten when the leader has looked since, and not before', async () => {
    const scene = new Scene();
    scene.leader = leaderItem({ load: { Gpu: load(), Cpu: load({ backlogSeconds: 1 }) } });
    const next = async (id: string) => {
      scene.time += 1_000;
      await scene.route(task(id));
    };
    await next('a');
    await next('b');
    expect(scene.in('Gpu-queue')).toEqual(['a', 'b']);
    await scene.route(task('c', { estimatedSeconds: 100, groups: ['Gpu'] }));
    await next('d');
    expect(scene.in('Cpu-queue')).toEqual(['d']);
    scene.leader = { ...scene.leader, revision: 8 };
    await next('e');
    expect(scene.in('Gpu-queue')).toEqual(['a', 'b', 'c', 'e']);
  });

  it('is placed by what was sent lately where nobody leads any more', async () => {
    const scene = new Scene();
    scene.leader = leaderItem({ until: NOON - 1, load: { Gpu: load({ backlogSeconds: 1_000 }), Cpu: load() } });
    await scene.route(task('a', { groups: ['Cpu'] }), task('b'));
    expect(scene.in('Gpu-queue')).toEqual(['b']);
  });

  it('goes to external workers by how many there are', async () => {
    const external = group('Fleet', { capacity: undefined, runnerArn: undefined, weight: 1 } as object);
    const scene = new Scene({ groups: [group('Gpu'), external] });
    scene.leader = leaderItem({ load: { Gpu: load({ backlogSeconds: 1 }), Fleet: load({ capacity: 20 }) } });
    await scene.route(...['a', 'b', 'c'].map((id) => task(id, { estimatedSeconds: 5 })), task('d', { estimatedSeconds: 5, groups: ['Gpu', 'Fleet'] }));
    expect(scene.in('Fleet-queue')).toEqual(['a', 'b', 'c', 'd']);
    // None is alive: the others do.
    scene.leader = leaderItem({ revision: 8, load: { Gpu: load({ backlogSeconds: 100 }), Fleet: load({ capacity: 0 }) } });
    scene.time += 1_000;
    await scene.route(task('e'));
    expect(scene.in('Gpu-queue')).toEqual(['e']);
    // How many are alive is not known any more: none is not believed for ever.
    scene.leader = { ...scene.leader, until: 0 };
    scene.time += 1_000;
    await scene.route(task('f', { groups: ['Gpu'] }), task('g'));
    expect(scene.in('Fleet-queue')).toEqual(['a', 'b', 'c', 'd', 'g']);
  });

  it('goes with those of the same key', async () => {
    const scene = new Scene({ routing: { kind: 'AFFINITY', member: 'tenant' } });
    const tenants = Array.from({ length: 40 }, (_, index) => Math.floor(index / 5));
    await scene.route(...tenants.map((tenant, index) => ({ id: `${index}`, payload: { tenant } })));
    const [gpu, cpu] = ['Gpu-queue', 'Cpu-queue'].map((queue) => new Set(scene.in(queue).map((id) => tenants[Number(id)])));
    expect(gpu!.size + cpu!.size).toBe(8);
    expect(Math.min(gpu!.size, cpu!.size)).toBeGreaterThan(0);
  });

  it('is not for a group that is retired; where no other may have it, it comes again', async () => {
    const scene = new Scene();
    scene.retired = ['Gpu'];
    scene.leader = leaderItem({ load: { Gpu: load(), Cpu: load({ backlogSeconds: 100 }) } });
    expect(await scene.route(task('a'), task('b', { groups: ['Gpu'] }))).toEqual({ comingBack: ['m1'], tasks: 1, invalid: 0 });
    expect(scene.in('Cpu-queue')).toEqual(['a']);
    expect(scene.in('Gpu-queue')).toEqual([]);
    expect(scene.log.of('warn')).toEqual([{ tasks: 1 }]);
  });

  it('keeps its tenant', async () => {
    const scene = new Scene();
    await scene.router.route([record('m', task('a'), { group: 'tenant-7' })]);
    expect(scene.sqs.inputs[0]!.Entries[0]).toMatchObject({ MessageGroupId: 'tenant-7' });
  });
});

describe('what an operator retires', () => {
  it('holds a second later at the latest, also when the clock is set back', async () => {
    const scene = new Scene();
    await scene.route(task('a'));
    scene.retired = ['Gpu', 'Cpu'];
    scene.time += 999;
    expect((await scene.route(task('b'))).tasks).toBe(1);
    scene.time += 1;
    expect((await scene.route(task('c'))).tasks).toBe(0);
    scene.retired = [];
    scene.time -= 60_000;
    expect((await scene.route(task('d'))).tasks).toBe(1);
  });
});

describe('sending', () => {
  it('takes batches of ten, and only what has arrived is done', async () => {
    const scene = new Scene({}, (_, body) => JSON.parse(body).id === 't7');
    const ids = Array.from({ length: 25 }, (_, index) => `t${index}`);
    expect(await scene.route(...ids.map((id) => task(id, { groups: ['Gpu'] })))).toEqual({ comingBack: ['m7'], tasks: 24, invalid: 0 });
    expect(scene.sqs.inputs.map(({ Entries }) => Entries.length)).toEqual([10, 10, 5]);
    expect(scene.log.of('warn')).toEqual([{ queueUrl: 'Gpu-queue', count: 1, error: 'InternalError' }]);
  });

  it('that fails for one group leaves the other group alone', async () => {
    const scene = new Scene();
    (scene.sqs as any).answer = ({ QueueUrl, Entries }: any) =>
      (QueueUrl === 'Gpu-queue' ? awsError('RequestThrottled') : { Successful: Entries.map(({ Id }: any) => ({ Id })) });
    expect(await scene.route(task('a', { groups: ['Gpu'] }), task('b', { groups: ['Cpu'] }))).toEqual({ comingBack: ['m0'], tasks: 1, invalid: 0 });
    expect(scene.woken).toEqual(['Cpu-runner', 'coordinator']);
  });

  it('is not begun when nobody can tell who is retired', async () => {
    const scene = new Scene();
    scene.readFails = () => true;
    await expect(scene.route(task('a'), 'nonsense')).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(scene.sqs.inputs).toEqual([]);
    delete scene.readFails;
    expect((await scene.route(task('a'))).tasks).toBe(1);
  });
});

describe('what is no task', () => {
  it('goes to the dead-letter queue with the reason, and holds up no other', async () => {
    const scene = new Scene();
    expect(await scene.route('{"secret":', task('a'), { id: '', payload: 1 })).toEqual({ comingBack: [], tasks: 1, invalid: 2 });
    expect(scene.entries('dead')).toMatchObject([
      { MessageBody: '{"secret":', MessageAttributes: { reason: { DataType: 'String', StringValue: 'the body is no JSON object' }, messageId: { StringValue: 'm0' } } },
      { MessageAttributes: { reason: { StringValue: "'id' must be a text of 1 to 128 characters" }, messageId: { StringValue: 'm2' } } },
    ]);
    expect(scene.log.of('error')).toMatchObject([{ messageId: 'm0', reason: 'the body is no JSON object' }, { messageId: 'm2' }]);
    expect(JSON.stringify(scene.log.lines)).not.toContain('secret');
  });

  it('comes again when it could not be kept there', async () => {
    const scene = new Scene({}, (queueUrl) => queueUrl === 'dead');
    expect(await scene.route('nonsense', task('a'))).toEqual({ comingBack: ['m0'], tasks: 1, invalid: 0 });
  });

  it('is kept without the reason when there is no room for it', async () => {
    const scene = new Scene();
    await scene.route('x'.repeat(1_048_576));
    expect(scene.entries('dead')).toMatchObject([{ MessageBody: expect.any(String) }]);
    expect(scene.entries('dead')[0]).not.toHaveProperty('MessageAttributes');
  });
});

describe('waking', () => {
  const awake = { until: NOON + 1 };

  it('is for runners of groups that got tasks and are not awake, and for a leader where there is none', async () => {
    const scene = new Scene({ groups: [group('Gpu'), group('Cpu'), group('Idle'), group('Fleet', { runnerArn: undefined } as object)] });
    scene.runners = { Gpu: { until: NOON }, Cpu: awake };
    await scene.route(...['Gpu', 'Cpu', 'Fleet'].map((name) => task(name, { groups: [name] })));
    expect(scene.functions.inputs).toMatchObject([{ FunctionName: 'Gpu-runner', InvocationType: 'Event' }, { FunctionName: 'coordinator', InvocationType: 'Event' }]);
    expect(JSON.parse(scene.functions.inputs[1]!.Payload)).toEqual({ source: 'router' });
  });

  it('is not needed while all are awake', async () => {
    const scene = new Scene();
    scene.leader = leaderItem({ until: NOON + 1 });
    scene.runners = { Gpu: awake, Cpu: awake };
    await scene.route(task('a'), task('b'));
    expect(scene.woken).toEqual([]);
    scene.leader = leaderItem({ until: 0 });
    scene.runners.Cpu = { ...awake, accepting: false };
    await scene.route(task('a', { groups: ['Cpu'] }));
    expect(scene.woken).toEqual(['Cpu-runner', 'coordinator']);
  });

  it('is decided by what is true after the tasks are sent', async () => {
    const scene = new Scene();
    await scene.route(task('a'));
    expect(scene.order).toEqual(['read', 'send', 'read', 'wake', 'wake']);
    for (const { RequestItems } of scene.table.inputs) expect(RequestItems[TABLE].ConsistentRead).toBe(true);
  });

  it('is not repeated in a burst, but a second later', async () => {
    const scene = new Scene();
    for (const after of [0, 500, 499, 1]) {
      scene.time += after;
      await scene.route(task('a', { groups: ['Gpu'] }));
    }
    expect(scene.woken).toEqual(['Gpu-runner', 'Gpu-runner', 'coordinator', 'coordinator']);
    // Or when the clock was set back.
    scene.time -= 60_000;
    await scene.route(task('a', { groups: ['Gpu'] }));
    expect(scene.woken).toHaveLength(6);
  });

  it('of everybody is better than of nobody when it cannot be seen who is awake', async () => {
    const scene = new Scene();
    scene.readFails = (read) => read > 1;
    expect((await scene.route(task('a', { groups: ['Gpu'] }))).comingBack).toEqual([]);
    expect(scene.woken).toEqual(['Gpu-runner', 'coordinator']);
  });

  it('that fails is said and is no reason to send the tasks again; the next batch tries anew', async () => {
    const scene = new Scene();
    scene.wakeFails = true;
    expect((await scene.route(task('a', { groups: ['Gpu'] }))).comingBack).toEqual([]);
    expect(scene.log.of('warn')).toMatchObject([{ functionArn: 'Gpu-runner', error: 'TooManyRequestsException' }, { functionArn: 'coordinator' }]);
    await scene.route(task('b', { groups: ['Gpu'] }));
    expect(scene.woken).toHaveLength(4);
  });

  it('has no occasion where nothing was sent', async () => {
    const scene = new Scene();
    await scene.route('nonsense');
    expect(scene.order).toEqual(['read', 'send']);
  });
});
