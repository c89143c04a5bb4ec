import { NOON } from './fakes';
import { Pool, worker } from './pool';
import { inTime } from '../shared/timers';

beforeEach(() => jest.useFakeTimers({ now: NOON }));
afterEach(() => jest.useRealTimers());

describe('a leader wakes', () => {
  it('the runner of a group where tasks wait, every five seconds until it is there', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 3;
    const run = pool.run('tick', { forMs: 40_000 });
    await jest.advanceTimersByTimeAsync(14_000);
    pool.workers.Gpu = [worker('runner', { running: 3 })];
    await inTime(run);
    expect(pool.wokenAt).toEqual(['Gpu-runner 0', 'Gpu-runner 6', 'Gpu-runner 12']);
  });

  it('the runner of a group that is to steal', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 30;
    pool.workers.Gpu = [worker('runner', { running: 4 })];
    await inTime(pool.run('tick', { forMs: 11_000 }));
    expect(pool.writes[0]!.grants).toMatchObject([{ thief: 'Cpu', victim: 'Gpu' }]);
    expect(pool.wokenAt).toEqual(['Cpu-runner 0']);
  });

  it('the successor of a runner that died when the role is vacant, not before: it would be refused, and not woken again at once', async () => {
    const pool = new Pool();
    pool.waiting.Cpu = 3;
    pool.workers.Cpu = [worker('runner', { until: NOON + 10_000 })];
    await inTime(pool.run('tick', { forMs: 26_000 }));
    // The first look after 12 s, by when clocks that differ have come together.
    expect(pool.wokenAt).toEqual(['Cpu-runner 15']);
  });

  it('a runner that only finishes what it has begun', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 3;
    pool.workers.Gpu = [worker('before', { running: 3, accepting: false }), worker('runner', { until: 0 })];
    await inTime(pool.run('tick', { forMs: 11_000 }));
    expect(pool.wokenAt).toEqual(['Gpu-runner 0']);
  });

  it('nobody in a group that is retired, or for tasks of external workers', async () => {
    const pool = new Pool();
    Object.assign(pool.waiting, { Gpu: 3, Fleet: 3 });
    pool.retired.add('Gpu').add('Cpu');
    await inTime(pool.run('tick', { forMs: 20_000 }));
    expect(pool.wokenAt).toEqual([]);
  });
});

describe('the metrics of a group', () => {
  it('are told once a minute and at the end: the highest of all looks, and the sum of what steals were to gain', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 30;
    pool.workers.Gpu = [worker('runner', { running: 4, meanSeconds: 4, meanSquareSeconds: 16 })];
    pool.workers.Cpu = [worker('runner', { idle: true })];
    const run = pool.run('tick', { forMs: 100_000 });
    await jest.advanceTimersByTimeAsync(40_000);
    pool.waiting.Gpu = 0;
    pool.workers.Gpu = [worker('runner', { running: 1 })];
    await inTime(run);
    expect(pool.metrics.map(({ group, at }) => `${group} ${at}`)).toEqual(['Cpu 60', 'Fleet 60', 'Gpu 60', 'Cpu 93', 'Fleet 93', 'Gpu 93']);
    const [cpu, fleet, gpu, , , later] = pool.metrics.map(({ values }) => values);
    // 30 tasks of 4 s on 4 places, and 2 s until one of them is free.
    expect(gpu).toEqual({ BacklogSeconds: 30.5, Running: 4, StealGain: 0, DeadGroup: 0 });
    expect(cpu).toMatchObject({ Running: 0, DeadGroup: 0 });
    const granted = pool.writes.filter(({ until }) => until > 0 && until <= NOON + 70_000).flatMap(({ grants }) => grants);
    expect(cpu!.StealGain).toBe(granted.reduce((sum, { gainSeconds }) => sum + gainSeconds, 0));
    expect(cpu!.StealGain).toBeGreaterThanOrEqual(30);
    expect(fleet).toMatchObject({ Running: 0, StealGain: 0, DeadGroup: 0 });
    expect(later).toEqual({ BacklogSeconds: 0, Running: 1, StealGain: 0, DeadGroup: 0 });
  });

  const dead = (pool: Pool) => pool.metrics.filter(({ values: { DeadGroup } }) => DeadGroup === 1).map(({ group }) => group);

  it('say that nobody is alive among external workers while tasks wait for them', async () => {
    const pool = new Pool();
    pool.waiting.Fleet = 1;
    await inTime(pool.run('tick', { forMs: 11_000 }));
    expect(dead(pool)).toEqual(['Fleet']);
    const manned = new Pool();
    manned.waiting.Fleet = 1;
    manned.workers.Fleet = [worker('a')];
    await inTime(manned.run('tick', { forMs: 11_000 }));
    expect(dead(manned)).toEqual([]);
    // Somebody has come since, but for a part of the minute there was nobody.
    const late = new Pool();
    late.waiting.Fleet = 1;
    const run = late.run('tick', { forMs: 30_000 });
    await jest.advanceTimersByTimeAsync(10_000);
    late.workers.Fleet = [worker('a')];
    await inTime(run);
    expect(dead(late)).toEqual(['Fleet']);
  });

  it('say it of a runner that was woken three times in a row and did not come', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 1;
    const coordinator = pool.coordinator();
    await inTime(coordinator.run('tick', { forMs: 20_000 }));
    expect(pool.wokenAt).toHaveLength(2);
    expect(dead(pool)).toEqual([]);
    // It came, and left: that begins anew.
    pool.workers.Gpu = [worker('runner')];
    await inTime(coordinator.run('tick', { forMs: 11_000 }));
    pool.workers.Gpu = [];
    await inTime(coordinator.run('tick', { forMs: 20_000 }));
    expect(dead(pool)).toEqual([]);
    await inTime(coordinator.run('tick', { forMs: 11_000 }));
    expect(dead(pool)).toEqual(['Gpu']);
  });

  it('do not say it of a group that is retired: the others do its tasks', async () => {
    const pool = new Pool();
    Object.assign(pool.waiting, { Fleet: 1, Gpu: 1 });
    pool.retired.add('Fleet').add('Gpu');
    await inTime(pool.run('tick', { forMs: 40_000 }));
    expect(dead(pool)).toEqual([]);
  });
});

describe('a plan', () => {
  it('has no more grants than are cheap to write', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 10_000;
    pool.workers.Fleet = Array.from({ length: 300 }, (_, index) => worker(`w${index}`, { capacity: 1, idle: true }));
    await inTime(pool.run('tick', { forMs: 11_000 }));
    expect(pool.writes[0]!.grants).toHaveLength(200);
  });
});
