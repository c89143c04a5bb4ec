import { FakeLimiter, FakeTarget, granted, message, NOON, record, wait } from './fakes';
import { messages, Scene } from './scene';
import type { DeliveryOutcome } from '../../../lambda-src/throttled-fan-out/outcome';

beforeEach(() => jest.useFakeTimers({ now: NOON }));
afterEach(() => jest.useRealTimers());

const FAILED: DeliveryOutcome = { kind: 'FAILED', error: 'Boom' };
const ALL = { delivered: 0, slow: 0, throttled: 0, failed: 0 };

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
