import { FakeLimiter, FakeTarget, granted, message, NOON, wait } from './fakes';
import { messages, PRIORITY, Scene } from './scene';
import type { DeliveryOutcome } from '../../../lambda-src/throttled-fan-out/outcome';

beforeEach(() => jest.useFakeTimers({ now: NOON }));
afterEach(() => jest.useRealTimers());

const FAILED: DeliveryOutcome = { kind: 'FAILED', error: 'Boom' };
const ALL = { delivered: 0, slow: 0, throttled: 0, failed: 0 };

describe('slots', () => {
  it('are waited for, and each has one delivery, oldest messages first', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter((_, call) => (call === 1 ? granted(3, { everyMs: 100, inMs: 50 }) : undefined)));
    const received = ['c', 'a', 'b'].map((id) => message(id, { sentAt: NOON + 'abc'.indexOf(id) }));
    const { comingBack, counts } = await scene.dispatch(received);
    expect(scene.target.delivered).toEqual([{ id: 'a', at: 50 }, { id: 'b', at: 150 }, { id: 'c', at: 250 }]);
    expect(comingBack).toEqual([]);
    expect(counts).toMatchObject({ delivered: 3, deferred: 0 });
    expect(scene.limiter.resumed).toBe(1);
  });

  it('are given up when they cannot be used in time; the messages ask again', async () => {
    // One place: the second slot's time is over when the first delivery is.
    const scene = new Scene(new FakeTarget(undefined, 300), new FakeLimiter((_, call) => (call === 1 ? granted(2, { usableForMs: 99 }) : undefined)));
    await scene.dispatch(messages('a', 'b'), { priority: { ...PRIORITY, parallel: 1 } });
    expect(scene.limiter.requests.map(({ wanted }) => wanted)).toEqual([1, 1]);
    expect(scene.target.delivered).toEqual([{ id: 'a', at: 5 }, { id: 'b', at: 310 }]);
  });

  it('are never used twice: no delivery beyond what is granted', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter((_, call) => (call < 5 ? granted(1, { inMs: 1_000 }) : wait(60_000))));
    const { counts } = await scene.dispatch(messages('a', 'b', 'c', 'd', 'e', 'f'));
    expect(counts).toMatchObject({ delivered: 4, deferred: 2 });
  });

  it('are left unused when the target asks for a pause meanwhile', async () => {
    const scene = new Scene(
      new FakeTarget((id) => (id === 'a' ? { kind: 'THROTTLED', retryAfterMs: 30_000 } : { kind: 'DELIVERED' })),
      new FakeLimiter((_, call) => (call === 1 ? granted(3, { everyMs: 100 }) : wait(30_000, 'RETRY_AFTER'))),
    );
    const { counts } = await scene.dispatch(messages('a', 'b', 'c'));
    expect(scene.target.ids).toEqual(['a']);
    expect(counts).toMatchObject({ delivered: 0, throttled: 1, deferred: 3, failed: 0 });
    expect(scene.limiter.reports).toEqual([{ ...ALL, throttled: 1, retryAfterMs: 30_000 }]);
  });
});

describe('deliveries under way', () => {
  it('are never more than the places', async () => {
    const scene = new Scene(new FakeTarget(undefined, 700), new FakeLimiter());
    const { counts } = await scene.dispatch(messages(...'abcdefghijklmnopqrstuvwxyz'));
    expect(scene.target.mostUnderWay).toBe(5);
    expect(counts.delivered).toBe(26);
  });

  it('ask for no more slots than can be used within a second', async () => {
    const scene = new Scene(new FakeTarget(undefined, 500), new FakeLimiter());
    await scene.dispatch(messages(...'abcdefghijklmnopqrstuvwxyz'));
    const [first, ...others] = scene.limiter.requests.map(({ wanted }) => wanted);
    expect(first).toBe(5);
    // Two rounds of five a second, and what is free.
    expect(Math.max(...others)).toBeLessThanOrEqual(15);
    expect(Math.max(...others)).toBeGreaterThan(5);
  });

  it('let a place become free before they ask, when one takes longer than a second', async () => {
    const scene = new Scene(new FakeTarget(undefined, 6_000), new FakeLimiter());
    await scene.dispatch(messages('a', 'b'), { priority: { ...PRIORITY, parallel: 1 } });
    expect(scene.target.delivered).toEqual([{ id: 'a', at: 5 }, { id: 'b', at: 6_010 }]);
    expect(scene.limiter.requests).toHaveLength(2);
  });
});

describe('the limiter is told', () => {
  it('with each acquisition how the deliveries before it ended, also those of an invocation before', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter());
    await scene.dispatch(messages('a', 'b'));
    await scene.dispatch(messages('c'));
    expect(scene.limiter.requests.map(({ outcomes }) => outcomes.delivered)).toEqual([0, 2]);
    expect(scene.limiter.reports).toEqual([]);
  });

  it('at once that the target throttles, and of failures by the end', async () => {
    const answers: Record<string, DeliveryOutcome> = { a: { kind: 'THROTTLED' }, b: FAILED, c: { kind: 'DELIVERED' } };
    const scene = new Scene(new FakeTarget((id) => answers[id]!), new FakeLimiter((_, call) => granted(1, { inMs: call === 1 ? 0 : 2_000 })));
    await scene.dispatch(messages('a', 'b', 'c'));
    expect(scene.limiter.reports).toEqual([{ ...ALL, throttled: 1 }, { ...ALL, delivered: 1, failed: 1 }]);
  });

  it('one thing at a time', async () => {
    // The first delivery is throttled while the next slots are asked for.
    const scene = new Scene(new FakeTarget(() => ({ kind: 'THROTTLED' }), 3), new FakeLimiter(() => granted(1)));
    await scene.dispatch(messages('a', 'b'));
    expect(scene.limiter.told().reduce((sum, { throttled }) => sum + throttled, 0)).toBe(2);
    expect(scene.limiter.mostCalls).toBe(1);
  });

  it('which deliveries were slow', async () => {
    const adaptive = { floorPerSecond: 1, increasePerSecond: 1, decrease: 0.7, latencyTargetMs: 100 };
    const limit = { ratePerSecond: 10, burst: 10, shards: 1, ageingSeconds: 300, agedShare: 0.1, adaptive };
    const target = new FakeTarget(undefined, 150);
    const scene = new Scene(target, new FakeLimiter(), { limit });
    await scene.dispatch(messages('a'));
    expect(scene.limiter.reports).toEqual([{ ...ALL, delivered: 1, slow: 1 }]);
    target.takesMs = 50;
    await scene.dispatch(messages('b'));
    expect(scene.limiter.reports).toHaveLength(1);
  });

  it('whether there are more messages behind the batch, and whether the oldest has waited too long', async () => {
    const scene = new Scene(new FakeTarget(undefined, 2_000), new FakeLimiter());
    await scene.dispatch(messages('a'), { rank: 2 });
    await scene.dispatch([...'abcdefghij'].map((id) => message(id, { sentAt: NOON - 290_000 })));
    await scene.dispatch([message('new'), message('old', { sentAt: NOON - 300_000 })]);
    const [one, ...others] = scene.limiter.requests;
    expect(one).toMatchObject({ rank: 2, more: false, aged: false });
    const last = others.pop();
    expect(others.length).toBeGreaterThan(1);
    for (const full of others) expect(full).toMatchObject({ rank: 0, more: true, aged: false });
    expect(last).toMatchObject({ more: false, aged: true });
  });
});

describe('a wait', () => {
  it('is spent in the invocation', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter((_, call) => (call === 1 ? wait(3_000) : undefined)));
    const { comingBack } = await scene.dispatch(messages('a'));
    expect(scene.target.delivered).toEqual([{ id: 'a', at: 3_010 }]);
    expect(comingBack).toEqual([]);
  });

  it('that lasts longer sends the messages back until it is over, each by its place in the line, and is no attempt', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter(() => wait(60_000)));
    const { comingBack, counts } = await scene.dispatch(messages('a', 'b', 'c'));
    expect(comingBack).toEqual(['a', 'b', 'c']);
    expect(scene.away()).toEqual({ a: 40, b: 40.1, c: 40.2 });
    expect(counts).toMatchObject({ deferred: 3, failed: 0, deadLettered: 0 });
    expect(scene.failures.size).toBe(0);
  });

  it('keeps the messages away for 15 minutes at most', async () => {
    const limiter = new FakeLimiter(() => wait(3_600_000));
    await expect(new Scene(new FakeTarget(), limiter).dispatch(messages('a'))).resolves.toMatchObject({ counts: { deferred: 1 } });
    const scene = new Scene(new FakeTarget(), limiter);
    await scene.dispatch(messages('a'));
    expect(scene.away()).toEqual({ a: 900 });
  });

  it('asks for nothing when no time is left', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter());
    const { comingBack } = await scene.dispatch(messages('a', 'b'), { budgetMs: 0 });
    expect(comingBack).toEqual(['a', 'b']);
    expect(scene.limiter.requests).toEqual([]);
  });
});

describe('a limiter out of reach', () => {
  it('is tried again, and nothing is delivered without it', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter((_, call) => (call < 4 ? new Error('no table') : undefined)));
    await scene.dispatch(messages('a'));
    // 200, 400 and 800 ms, and four calls of 5 ms.
    expect(scene.target.delivered).toEqual([{ id: 'a', at: 1_420 }]);
    expect(scene.logged.map(({ text }) => text)).toEqual(['the limiter cannot be reached; nothing is delivered without it']);
  });

  it('and back again is forgotten', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter((_, call) => (call === 1 ? new Error('no table') : wait(25_000))));
    await scene.dispatch(messages('a'));
    expect(scene.away()).toEqual({ a: 5.2 });
  });

  it('for the whole invocation sends the messages back for 30 seconds, and is no attempt', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter(() => new Error('no table')));
    const { counts } = await scene.dispatch(messages('a', 'b'));
    expect(scene.target.delivered).toEqual([]);
    expect(scene.away()).toEqual({ a: 30, b: 30.1 });
    expect(counts).toMatchObject({ deferred: 2, failed: 0 });
  });
});
