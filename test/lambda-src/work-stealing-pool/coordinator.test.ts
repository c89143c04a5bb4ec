import { leaderItem, load, NOON } from './fakes';
import { Pool, worker } from './pool';
import { NO_HISTORY } from '../../../lambda-src/work-stealing-pool/planning/plan';
import { inTime } from '../shared/timers';

beforeEach(() => jest.useFakeTimers({ now: NOON }));
afterEach(() => jest.useRealTimers());

/** Lets time pass to this second after noon. */
const until = (pool: Pool, second: number) => jest.advanceTimersByTimeAsync((second - pool.seconds()) * 1000);

describe('an idle pool', () => {
  it('costs one look a minute: no read of the leader, no write, no metric', async () => {
    const pool = new Pool();
    pool.item = leaderItem({ until: 0 });
    await inTime(pool.run('tick'));
    expect(pool).toMatchObject({ looks: 1, leaderReads: 0, writes: [], metrics: [], wokenAt: [] });
    expect(pool.seconds()).toBe(0);
  });

  it('that cannot be seen is an error of the tick', async () => {
    const pool = new Pool();
    pool.lookFails = () => true;
    await expect(inTime(pool.run('tick'))).rejects.toThrow('slow down');
  });
});

describe('a pool with work', () => {
  it('has a leader at the first tick, that renews and plans with each look, and goes when it has been quiet for a while', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 3;
    const run = pool.run('tick');
    await until(pool, 0.1);
    expect(pool.item).toMatchObject({ leader: 'tick', fence: 1, revision: 1, until: NOON + 10_000, grantsUntil: NOON + 15_000 });
    expect(pool.item!.load.Gpu).toMatchObject({ waiting: 3, capacity: 4 });
    await until(pool, 3.1);
    expect(pool.item).toMatchObject({ fence: 1, revision: 2, until: NOON + 13_000 });
    pool.waiting.Gpu = 0;
    await until(pool, 8);
    pool.inFlight.Gpu = 1;
    await until(pool, 10);
    pool.inFlight.Gpu = 0;
    await inTime(run);
    // Quiet at 6 s, not at 9 s, and from 12 s on for more than 20 s.
    expect(pool.seconds()).toBe(33);
    expect(pool.item).toMatchObject({ fence: 1, revision: 12, until: 0, grants: [] });
    expect(pool.writes).toHaveLength(13);
    expect(pool.looks).toBe(1 + 12 + 1);
  });

  it('is looked at every second to three', async () => {
    for (const [intervalSeconds, seconds] of [[2, 1], [10, 2], [60, 3], [undefined, 3]] as const) {
      const pool = new Pool();
      pool.waiting.Gpu = 1;
      const stealing = intervalSeconds === undefined ? null : { intervalSeconds, minimumGainSeconds: 1 };
      const beginning = Date.now();
      const run = pool.coordinator(stealing).run('tick', { forMs: 40_000 });
      await jest.advanceTimersByTimeAsync(6_100);
      const looks = pool.writes.map(({ until: lease }) => (lease - 10_000 - beginning) / 1000);
      expect(looks).toEqual(Array.from({ length: 6 / seconds + 1 }, (__, index) => index * seconds));
      await inTime(run);
    }
  });

  it('that the router has just sent to is led although its depths do not show it yet', async () => {
    const pool = new Pool();
    const run = pool.run('routed', { routed: true });
    await until(pool, 12);
    pool.workers.Cpu = [worker('runner', { running: 2 })];
    await until(pool, 60);
    expect(pool.item).toMatchObject({ leader: 'routed', until: NOON + 70_000 });
    pool.workers.Cpu = [];
    await inTime(run);
    expect(pool.item!.until).toBe(0);
    expect(pool.seconds()).toBeGreaterThanOrEqual(80);
    expect(pool.seconds()).toBeLessThan(90);
  });

  it('has what it has seen before its lead', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 3;
    const thiefAt = { Cpu: NOON - 1_000 };
    pool.item = leaderItem({ until: 0, history: { ...NO_HISTORY, thiefAt }, load: { Gpu: load({ meanSeconds: 77 }) } });
    await inTime(pool.run('tick', { forMs: 12_000 }));
    const loads = { Gpu: { meanSeconds: 77 }, Cpu: { meanSeconds: 2 } };
    expect(pool.writes[0]).toMatchObject({ fence: 4, revision: 8, history: { thiefAt }, load: loads });
  });
});

describe('of two coordinators', () => {
  it('one leads and the other stands by, and takes over when the first has not written for its lease and the margin of the clocks', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 3;
    pool.item = leaderItem({ leader: 'dead', until: NOON + 8_000 });
    const run = pool.run('standby');
    await until(pool, 9.9);
    expect(pool.writes).toEqual([]);
    expect(pool.leaderReads).toBeLessThanOrEqual(4);
    await until(pool, 10.1);
    expect(pool.item).toMatchObject({ leader: 'standby', fence: 4, revision: 8 });
    await inTime(run);
  });

  it('that the router wakes one is enough: where another leads, it ends', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 3;
    pool.item = leaderItem();
    await inTime(pool.run('routed', { routed: true }));
    expect(pool).toMatchObject({ writes: [], leaderReads: 1, looks: 0 });
    // Its lease is over, but its clock may be late.
    pool.item = leaderItem({ until: NOON - 500 });
    const run = pool.run('routed', { routed: true });
    await until(pool, 1.4);
    expect(pool.writes).toEqual([]);
    await until(pool, 1.6);
    expect(pool.item).toMatchObject({ leader: 'routed', fence: 4 });
    await inTime(run);
  });

  it('at the same moment one leads', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 3;
    const runs = Promise.all(['a', 'b', 'c'].map((name) => pool.run(name, { forMs: 60_000 })));
    await until(pool, 40);
    expect(new Set(pool.writes.map(({ leader }) => leader)).size).toBe(1);
    expect(pool.writes.map(({ fence }) => fence)).toEqual(pool.writes.map(() => 1));
    await inTime(runs);
  });

  it('one that must go says so, and the other goes on with the plan as it is', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 30;
    pool.workers.Gpu = [worker('runner', { running: 4 })];
    pool.workers.Cpu = [worker('runner', { idle: true })];
    const first = pool.run('first', { forMs: 40_000 });
    await until(pool, 20);
    const second = pool.run('second', { forMs: 60_000 });
    await inTime(first);
    const last = pool.item!;
    expect(last).toMatchObject({ leader: 'first', until: 0 });
    expect(pool.seconds()).toBeLessThanOrEqual(33);
    // No grant is counted anew.
    expect(last).toEqual({ ...pool.writes.at(-2), until: 0 });
    expect(last.grants).toMatchObject([{ thief: 'Cpu', victim: 'Gpu' }]);
    await until(pool, 38.1);
    expect(pool.item).toMatchObject({ leader: 'second', fence: 2 });
    await inTime(second);
  });

  it('a standby ends when the pool is quiet', async () => {
    const pool = new Pool();
    pool.inFlight.Gpu = 3;
    const both = Promise.all([pool.run('first'), pool.run('second')]);
    await until(pool, 7);
    pool.inFlight.Gpu = 0;
    await inTime(both);
    expect(pool.seconds()).toBeLessThanOrEqual(35);
    expect(pool.item).toMatchObject({ leader: 'first', fence: 1, until: 0 });
  });

  it('a standby whose time is over ends', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 3;
    pool.item = leaderItem({ until: NOON + 3_600_000 });
    await inTime(pool.run('standby', { forMs: 60_000 }));
    expect(pool.seconds()).toBeGreaterThan(50 - 1);
    expect(pool.seconds()).toBeLessThanOrEqual(55);
    expect(pool.writes).toEqual([]);
  });

  it('one that was thought to be dead writes nothing any more, and stands by', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 3;
    const run = pool.run('first', { forMs: 60_000 });
    await until(pool, 7);
    const other = leaderItem({ leader: 'other', fence: 2, revision: 50, until: NOON + 40_000 });
    pool.item = other;
    await until(pool, 39);
    expect(pool.item).toEqual(other);
    expect(pool.log.lines.map(({ message }) => message)).toEqual(['leads', 'another one leads']);
    await until(pool, 44);
    expect(pool.item).toMatchObject({ leader: 'first', fence: 3, revision: 51 });
    await inTime(run);
  });
});

describe('trouble', () => {
  it('of one look is said, and the next one goes on', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 3;
    const run = pool.run('tick', { forMs: 30_000 });
    await until(pool, 5);
    pool.lookFails = () => pool.seconds() < 10;
    await until(pool, 12.1);
    expect(pool.log.of('warn')).toEqual([{ error: 'ThrottlingException' }, { error: 'ThrottlingException' }]);
    expect(pool.item).toMatchObject({ leader: 'tick', fence: 1, revision: 3, until: NOON + 22_000 });
    await inTime(run);
  });

  it('that lasts ends the lead, as an error', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 3;
    const run = pool.run('tick');
    const end = expect(run).rejects.toThrow('slow down');
    await until(pool, 5);
    pool.lookFails = () => true;
    await inTime(run.catch(() => {}));
    await end;
    expect(pool.seconds()).toBe(15);
    expect(pool.item!.until).toBe(0);
  });

  it('of a write leaves the lead as it is', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 3;
    pool.beforeWrite = ({ until: lease }) => {
      if (lease !== 0 && pool.seconds() < 5) throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
    };
    const run = pool.run('tick', { forMs: 20_000 });
    await until(pool, 6.1);
    expect(pool.item).toMatchObject({ leader: 'tick', fence: 1, revision: 1 });
    await inTime(run);
  });

  it('while standing by is waited out', async () => {
    const pool = new Pool();
    pool.waiting.Gpu = 3;
    pool.item = leaderItem({ until: NOON + 8_000 });
    const run = pool.run('standby', { forMs: 60_000 });
    await until(pool, 1);
    pool.readFails = () => pool.seconds() < 6;
    await until(pool, 6);
    expect(pool.log.of('warn')).toEqual([{ error: 'ThrottlingException' }]);
    await until(pool, 20);
    expect(pool.item).toMatchObject({ leader: 'standby' });
    await inTime(run);
  });
});
