import * as fc from 'fast-check';
import { settingsOf } from './workers';
import { acquire, afterUncertainWriter, type Decision, rateOf, told } from '../../../../lambda-src/throttled-fan-out/limiter/acquire';
import { type AcquisitionRequest, type Limit, NO_OUTCOMES, type Outcomes } from '../../../../lambda-src/throttled-fan-out/limiter/acquisition';
import { limitOf } from '../../../../lambda-src/throttled-fan-out/limiter/limit';
import { initialState, type LimiterState } from '../../../../lambda-src/throttled-fan-out/limiter/state';
import type { ControlItem, LimitSettings } from '../../../../src/throttled-fan-out/contract';

const BULK = 2;
const KILL_SWITCH = { errorShare: 0.5, minimumDeliveries: 10, windowMs: 30_000, probeEveryMs: 10_000 };
const ADAPTIVE = { floorPerSecond: 5, increasePerSecond: 0.75, decrease: 0.5, latencyTargetMs: 500 };

function limitWith(settings: Partial<LimitSettings> = {}, control: ControlItem = {}, heldBack: number[] = [0, 0.2, 0.3]): Limit {
  return limitOf(settingsOf(settings, heldBack), control);
}

/** A limiter that is asked one thing after another, at moments the test chooses. */
class Asked {
  now = 1_000_000;
  state: LimiterState;

  constructor(public limit: Limit) {
    this.state = initialState(this.now);
  }

  ask(request: Partial<AcquisitionRequest> = {}): Decision {
    const whole = { rank: 0, wanted: 10, more: false, aged: false, outcomes: NO_OUTCOMES, ...request };
    this.state = told(this.state, whole.outcomes, this.limit, this.now);
    const decision = acquire(this.state, whole, this.limit, this.now);
    if (decision.kind === 'GRANTED') this.state = decision.state;
    return decision;
  }

  tell(outcomes: Partial<Outcomes>, afterMs = 0): this {
    this.now += afterMs;
    this.state = told(this.state, { ...NO_OUTCOMES, ...outcomes }, this.limit, this.now);
    return this;
  }

  /** Takes all that this priority may have now. */
  exhaust(rank: number): void {
    while (this.ask({ rank, wanted: 1 }).kind === 'GRANTED');
  }

  slots(request: Partial<AcquisitionRequest> = {}): readonly number[] {
    const decision = this.ask(request);
    return decision.kind === 'GRANTED' ? decision.slots : [];
  }

  rate(): number {
    return Math.round(rateOf(this.state, this.limit) * 100) / 100;
  }
}

describe('priorities', () => {
  test.each([[0, 350], [0.2, 150], [0.4, 0]])('with a reserve of %d of two seconds\' burst the highest waits for %d ms behind all that a lower one may take', (reserve, ms) => {
    const limiter = new Asked(limitWith({ burst: 100 }, {}, [0, 0, reserve]));
    limiter.exhaust(BULK);
    const waited = limiter.slots({ wanted: 1 })[0]! - limiter.now;
    expect(waited).toBeLessThanOrEqual(ms + 20);
    expect(waited).toBeGreaterThanOrEqual(Math.max(0, ms - 20));
  });

  test('lower ones wait while a higher one has more than a batch', () => {
    const limiter = new Asked(limitWith());
    limiter.slots({ rank: 1, more: true });
    expect(limiter.ask({ rank: BULK })).toMatchObject({ kind: 'WAIT', reason: 'PRIORITY' });
    expect(limiter.ask({ rank: 0 })).toMatchObject({ kind: 'GRANTED' });
    limiter.now += 1_300;
    expect(limiter.ask({ rank: BULK })).toMatchObject({ kind: 'GRANTED' });
  });

  test('a backlog of the highest leaves nothing to a lower one, but its share to aged messages', () => {
    const run = (aged: boolean) => {
      const limiter = new Asked(limitWith({ agedShare: 0.1 }));
      const taken = [0, 0];
      for (const end = limiter.now + 60_000; limiter.now < end; limiter.now += 50) {
        taken[0]! += limiter.slots({ rank: 0, wanted: 10, more: true }).length;
        taken[1]! += limiter.slots({ rank: BULK, wanted: 10, more: true, aged }).length;
      }
      return taken.map((count) => count / 60);
    };
    expect(run(false)[1]).toBe(0);
    const [critical, bulk] = run(true);
    expect(bulk).toBeGreaterThanOrEqual(4);
    expect(bulk).toBeLessThanOrEqual(6);
    expect(critical! + bulk!).toBeGreaterThanOrEqual(49);
  });
});

describe('the rate', () => {
  test('halves when the target throttles, once a second, never below its floor', () => {
    const limiter = new Asked(limitWith({ adaptive: ADAPTIVE }));
    expect(limiter.tell({ throttled: 1 }).rate()).toBe(25);
    expect(limiter.tell({ throttled: 5 }, 500).rate()).toBe(25);
    expect(limiter.tell({ throttled: 1 }, 500).rate()).toBe(12.5);
    for (let second = 0; second < 10; second++) limiter.tell({ throttled: 1 }, 1_000);
    expect(limiter.rate()).toBe(5);
  });

  test.each<[string, Partial<Outcomes>, number]>([
    ['failures', { delivered: 8, failed: 2 }, 25],
    ['slow deliveries', { delivered: 10, slow: 2 }, 25],
    ['one failure of many', { delivered: 20, failed: 1 }, 50],
    ['one slow delivery of many', { delivered: 20, slow: 1 }, 50],
  ])('takes %s for what they are', (_, outcomes, rate) => {
    expect(new Asked(limitWith({ adaptive: ADAPTIVE })).tell(outcomes).rate()).toBe(rate);
  });

  test('grows by its increase each second of deliveries, up to the limit', () => {
    const limiter = new Asked(limitWith({ adaptive: ADAPTIVE })).tell({ throttled: 1 });
    expect(limiter.tell({ delivered: 10 }, 2_000).rate()).toBe(26.5);
    for (let second = 0; second < 60; second++) limiter.tell({ delivered: 10 }, 1_000);
    expect(limiter.rate()).toBe(50);
  });

  test('stays as it is for outcomes of nothing, and for any without adaptation', () => {
    expect(new Asked(limitWith({ adaptive: ADAPTIVE })).tell({ throttled: 1 }).tell({}, 60_000).rate()).toBe(25);
    expect(new Asked(limitWith()).tell({ throttled: 10, failed: 10 }).rate()).toBe(50);
  });

  test('is silent for as long as the target asks, at most 15 minutes', () => {
    const limiter = new Asked(limitWith()).tell({ throttled: 1, retryAfterMs: 30_000 });
    expect(limiter.ask()).toEqual({ kind: 'WAIT', ms: 30_000, reason: 'RETRY_AFTER' });
    limiter.now += 30_000;
    expect(limiter.ask()).toMatchObject({ kind: 'GRANTED' });
    expect(limiter.tell({ throttled: 1, retryAfterMs: 1e9 }).ask()).toMatchObject({ ms: 15 * 60_000 });
  });

  test('is the operator\'s when there is one, and nothing goes while the target is paused', () => {
    const slowed = new Asked(limitWith({}, { ratePerSecond: 5, burst: 5 }));
    slowed.exhaust(0);
    slowed.now += 10_000;
    expect(slowed.slots({ wanted: 100 }).length).toBeLessThanOrEqual(10);
    expect(new Asked(limitWith({}, { paused: true })).ask()).toMatchObject({ kind: 'WAIT', reason: 'PAUSED' });
  });
});

describe('the kill switch', () => {
  const failing = (outcomes: Partial<Outcomes> = { failed: 10 }) => new Asked(limitWith({ killSwitch: KILL_SWITCH })).tell(outcomes);

  test.each<[string, Partial<Outcomes>, boolean]>([
    ['half of the deliveries failed', { delivered: 5, failed: 5 }, true],
    ['fewer failed', { delivered: 6, failed: 5 }, false],
    ['there were too few', { failed: 9 }, false],
    ['the target throttles', { throttled: 100 }, false],
  ])('when %s', (_, outcomes, opens) => {
    expect(failing(outcomes).ask().kind).toBe(opens ? 'WAIT' : 'GRANTED');
  });

  test('forgets a window that is over', () => {
    expect(failing({ failed: 9 }).tell({ failed: 1 }, 31_000).ask().kind).toBe('GRANTED');
  });

  test('lets one delivery probe, and no other while it is under way', () => {
    const limiter = failing();
    expect(limiter.ask()).toEqual({ kind: 'WAIT', ms: 5_000, reason: 'KILL_SWITCH' });
    limiter.now += 10_000;
    const probe = limiter.ask();
    expect(probe).toMatchObject({ kind: 'GRANTED', probe: true });
    expect(probe.kind === 'GRANTED' && probe.slots).toHaveLength(1);
    expect(limiter.ask()).toMatchObject({ kind: 'WAIT', reason: 'KILL_SWITCH' });
    expect(limiter.tell({ probe: 'FAILED' }, 1_000).ask()).toMatchObject({ kind: 'WAIT', reason: 'KILL_SWITCH' });
    limiter.now += 10_000;
    limiter.ask();
    expect(limiter.tell({ delivered: 1, probe: 'DELIVERED' }).ask()).toMatchObject({ kind: 'GRANTED', probe: false });
  });

  test('probes again when the probe was lost with its worker', () => {
    const limiter = failing();
    limiter.now += 10_000;
    limiter.ask();
    limiter.now += limiter.limit.probeLeaseMs - 1;
    expect(limiter.ask().kind).toBe('WAIT');
    limiter.now += 1;
    expect(limiter.ask()).toMatchObject({ kind: 'GRANTED', probe: true });
  });

  test('obeys the operator, either way', () => {
    expect(new Asked(limitWith({ killSwitch: KILL_SWITCH }, { killSwitch: 'OPEN' })).ask()).toMatchObject({ kind: 'WAIT', reason: 'KILL_SWITCH' });
    const held = failing();
    held.limit = limitWith({ killSwitch: KILL_SWITCH }, { killSwitch: 'CLOSED' });
    expect(held.ask()).toMatchObject({ kind: 'GRANTED', probe: false });
  });

  test('a target that is back is at 90 % of its rate within two minutes', () => {
    const limiter = new Asked(limitWith({ adaptive: { ...ADAPTIVE, decrease: 0.7 }, killSwitch: KILL_SWITCH }));
    for (let second = 0; second < 60; second++) limiter.tell({ failed: 5 }, 1_000);
    expect(limiter.rate()).toBe(5);
    const back = limiter.now;
    for (; limiter.rate() < 45; limiter.now += 500) {
      const decision = limiter.ask({ wanted: 100 });
      if (decision.kind === 'GRANTED') limiter.tell({ delivered: decision.slots.length, ...(decision.probe && { probe: 'DELIVERED' as const }) });
    }
    expect(limiter.now - back).toBeLessThanOrEqual(120_000);
  });
});

test('what a block costs is never lost for longer than the block lasts', () => {
  const block = fc.record({ rank: fc.nat({ max: 2 }), wanted: fc.integer({ min: 1, max: 100 }), pause: fc.nat({ max: 1_000 }) });
  fc.assert(fc.property(fc.array(block, { maxLength: 50 }), (blocks) => {
    const limiter = new Asked(limitWith());
    // All these workers die with their slots.
    for (const { rank, wanted, pause } of blocks) {
      limiter.slots({ rank, wanted });
      limiter.now += pause;
    }
    limiter.now += 2_000;
    expect(limiter.slots({ wanted: 10 })).toEqual(Array(10).fill(limiter.now));
  }));
});

test('after a writer that may be late, all that was granted and the silence of the target are taken to be later', () => {
  const exact = limitWith();
  const state = told(initialState(0), { ...NO_OUTCOMES, throttled: 1, retryAfterMs: 4_000 }, exact, 0);
  expect(afterUncertainWriter(state, 100, 5_000, exact).arrival).toBe(0);
  expect(afterUncertainWriter(state, 1_000, 5_000, exact).arrival).toBe(1_000);
  expect(afterUncertainWriter(state, 1_000, 300, exact).arrival).toBe(300);
  expect(afterUncertainWriter(state, 100, 5_000, exact).pace.silentUntil).toBe(4_000);
  expect(afterUncertainWriter(state, 1_000, 5_000, exact).pace.silentUntil).toBe(5_000);
});
