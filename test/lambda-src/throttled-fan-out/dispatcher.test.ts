import { FakeLimiter, FakeTarget, granted, message, NOON, record, wait } from './fakes';
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
    for (const wanted of others) expect(wanted).toBeLessThanOrEqual(15);
    expect(others.length).toBeGreaterThan(1);
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
    const scene = new Scene(new FakeTarget(), new FakeLimiter());
    await scene.dispatch(messages('a'), { rank: 2 });
    await scene.dispatch(messages(...'abcdefghij'));
    await scene.dispatch([message('new'), message('old', { sentAt: NOON - 300_000 })]);
    const [one, full] = scene.limiter.requests;
    expect(one).toMatchObject({ rank: 2, more: false, aged: false });
    expect(full).toMatchObject({ rank: 0, more: true, aged: false });
    expect(scene.limiter.requests.at(-1)).toMatchObject({ more: false, aged: true });
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

  it('for the whole invocation sends the messages back for 30 seconds, and is no attempt', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter(() => new Error('no table')));
    const { counts } = await scene.dispatch(messages('a', 'b'));
    expect(scene.target.delivered).toEqual([]);
    expect(scene.away()).toEqual({ a: 30, b: 30.1 });
    expect(counts).toMatchObject({ deferred: 2, failed: 0 });
  });
});

describe('a failed delivery', () => {
  it('is tried again after a delay that doubles up to the longest', async () => {
    const scene = new Scene(new FakeTarget(() => FAILED), new FakeLimiter(), { maxAttempts: 9 });
    const away: number[] = [];
    for (let receive = 0; receive < 4; receive++) {
      await scene.dispatch(messages('a'));
      away.push(Math.round(scene.deferred.pop()!.inMs / 1000));
    }
    expect(away).toEqual([10, 20, 25, 25]);
  });

  it('goes to the dead-letter queue after the last attempt, and leaves its queue', async () => {
    const scene = new Scene(new FakeTarget(() => FAILED), new FakeLimiter());
    scene.failures.set('a', 2);
    const { comingBack, counts } = await scene.dispatch(messages('a'));
    expect(comingBack).toEqual([]);
    expect(counts).toMatchObject({ failed: 1, deadLettered: 1, deferred: 0 });
    expect(scene.givenUp).toMatchObject([{ messageId: 'a', reason: 'FAILED', priority: 'normal' }]);
    expect(scene.logged).toMatchObject([{ level: 'error', details: { messageId: 'a', reason: 'FAILED', error: 'Boom' } }]);
  });

  it('that cannot be counted comes back', async () => {
    const scene = new Scene(new FakeTarget(() => FAILED), new FakeLimiter());
    scene.countFails = true;
    const { comingBack } = await scene.dispatch(messages('a'));
    expect(comingBack).toEqual(['a']);
    expect(scene.away()).toEqual({ a: 10 });
  });

  it('that cannot be kept elsewhere stays in its queue', async () => {
    const scene = new Scene(new FakeTarget(() => FAILED), new FakeLimiter(), { maxAttempts: 1 });
    scene.keepFails = true;
    const { comingBack, counts } = await scene.dispatch(messages('a'));
    expect(comingBack).toEqual(['a']);
    expect(counts.deadLettered).toBe(0);
    expect(scene.away()).toEqual({ a: 30 });
  });
});

describe('a throttled delivery', () => {
  it('comes back when the target says, or soon, and is no attempt', async () => {
    const scene = new Scene(
      new FakeTarget((id) => (id === 'a' ? { kind: 'THROTTLED', retryAfterMs: 5_000 } : { kind: 'THROTTLED' })),
      new FakeLimiter((_, call) => (call > 1 ? wait(100_000) : granted(2))),
      { maxAttempts: 1 },
    );
    const { comingBack, counts } = await scene.dispatch(messages('a', 'b'));
    expect([...comingBack].sort()).toEqual(['a', 'b']);
    expect(scene.away()).toMatchObject({ a: 5, b: 1 });
    expect(counts).toMatchObject({ throttled: 2, deferred: 2, failed: 0, deadLettered: 0 });
    expect(scene.failures.size).toBe(0);
  });
});

describe('the probe of an open switch', () => {
  it('is one delivery, whose end is told before anything else is asked', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter((_, call) => (call === 1 ? granted(3, { probe: true }) : undefined)));
    await scene.dispatch(messages('a', 'b', 'c'));
    expect(scene.limiter.reports).toEqual([{ ...ALL, delivered: 1, probe: 'DELIVERED' }]);
    expect(scene.target.delivered[0]).toEqual({ id: 'a', at: 5 });
    expect(scene.target.delivered[1]!.at).toBeGreaterThan(25);
  });

  it('that fails is no attempt', async () => {
    for (const outcome of [FAILED, { kind: 'THROTTLED' }] as const) {
      const limiter = new FakeLimiter((_, call) => (call === 1 ? granted(1, { probe: true }) : wait(60_000)));
      const scene = new Scene(new FakeTarget(() => outcome), limiter, { maxAttempts: 1 });
      const { comingBack, counts } = await scene.dispatch(messages('a', 'b'));
      expect(scene.limiter.reports).toMatchObject([{ probe: 'FAILED' }]);
      expect(scene.target.ids).toEqual(['a']);
      expect([...comingBack].sort()).toEqual(['a', 'b']);
      expect(counts).toMatchObject({ deferred: 2, deadLettered: 0 });
      expect(scene.failures.size).toBe(0);
    }
  });
});

describe('messages that are not delivered at all', () => {
  it('go to the expired queue when they are too old, without a slot', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter());
    const { comingBack, counts } = await scene.dispatch([message('old', { sentAt: NOON - 3_600_001 }), message('new')]);
    expect(scene.target.ids).toEqual(['new']);
    expect(scene.limiter.requests.map(({ wanted }) => wanted)).toEqual([1]);
    expect(scene.givenUp).toMatchObject([{ messageId: 'old', reason: 'EXPIRED' }]);
    expect(counts).toMatchObject({ delivered: 1, expired: 1, deadLettered: 0 });
    expect(comingBack).toEqual([]);
  });

  it('go there also when they become too old while they wait', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter((_, call) => (call === 1 ? granted(2, { inMs: 500, everyMs: 100 }) : undefined)));
    const { counts } = await scene.dispatch([message('old', { sentAt: NOON - 3_599_600 }), message('new')]);
    expect(scene.target.ids).toEqual(['new']);
    expect(counts).toMatchObject({ delivered: 1, expired: 1 });
  });

  it('go to the dead-letter queue at once when the target will never get them; that says nothing of the target', async () => {
    const scene = new Scene(new FakeTarget(() => ({ kind: 'REFUSED', error: 'RequestTooLargeException' })), new FakeLimiter());
    const { counts } = await scene.dispatch(messages('a'));
    expect(scene.givenUp).toMatchObject([{ messageId: 'a', reason: 'INVALID' }]);
    expect(counts).toMatchObject({ failed: 0, deadLettered: 1 });
    expect(scene.limiter.reports).toEqual([]);
    expect(scene.failures.size).toBe(0);
  });

  it('go there when they could not be read', async () => {
    const scene = new Scene(new FakeTarget(), new FakeLimiter());
    const bad = record('bad');
    const { comingBack, counts } = await scene.dispatch([], { invalid: [{ record: bad, attributes: {}, messageId: 'bad', priority: 'normal', reason: 'INVALID' }] });
    expect(scene.givenUp).toMatchObject([{ messageId: 'bad' }]);
    expect(counts.deadLettered).toBe(1);
    expect(comingBack).toEqual([]);
  });
});

describe('a dry run', () => {
  it('delivers at once and counts what would have waited', async () => {
    const limiter = new FakeLimiter((_, call) => (call === 1 ? granted(2, { inMs: 0, everyMs: 400 }) : wait(60_000)));
    limiter.operator = { dryRun: true };
    const scene = new Scene(new FakeTarget(), limiter);
    const { comingBack, counts } = await scene.dispatch(messages('a', 'b', 'c'));
    expect(comingBack).toEqual([]);
    expect(counts).toMatchObject({ delivered: 3, wouldHaveWaited: 2, deferred: 0 });
    for (const { at } of scene.target.delivered) expect(at).toBeLessThan(100);
  });

  it('delivers also what the limiter cannot be asked for', async () => {
    const limiter = new FakeLimiter(() => new Error('no table'));
    limiter.operator = { dryRun: true };
    const { counts } = await new Scene(new FakeTarget(), limiter).dispatch(messages('a'));
    expect(counts).toMatchObject({ delivered: 1, wouldHaveWaited: 1 });
  });

  it('keeps the places, and does not override a pause or an open switch of the operator', async () => {
    const limiter = new FakeLimiter(() => wait(60_000, 'PAUSED'));
    for (const more of [{ paused: true }, { killSwitch: 'OPEN' }] as const) {
      limiter.operator = { dryRun: true, ...more };
      expect((await new Scene(new FakeTarget(), limiter).dispatch(messages('a'))).counts).toMatchObject({ delivered: 0, deferred: 1 });
    }
    limiter.operator = { dryRun: true };
    const scene = new Scene(new FakeTarget(undefined, 5_000), limiter);
    await scene.dispatch(messages(...'abcdefghijkl'));
    expect(scene.target.mostUnderWay).toBe(5);
    expect(scene.target.ids).toHaveLength(12);
  });
});
