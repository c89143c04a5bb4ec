import { Duration } from 'aws-cdk-lib';
import fc from 'fast-check';
import { emailing, newStack, settingsOf, THREE_PRIORITIES } from './fixtures';
import { AdaptiveRate, KillSwitch, Rate, ThrottledTargetOptions } from '../../src';
import { batching } from '../../src/throttled-fan-out/batching';
import { Concurrency, defaultConcurrency, divideConcurrency, leastConcurrency } from '../../src/throttled-fan-out/concurrency';

describe('a rate', () => {
  it.each([
    ['of a second', Rate.perSecond(50), 50],
    ['of a minute', Rate.perMinute(90), 1.5],
    ['of an hour', Rate.perHour(36), 0.01],
  ])('%s is one of so many a second', (_, rate, perSecond) => {
    expect(rate._bind().perSecond).toBeCloseTo(perSecond, 12);
  });

  it.each([
    [50, 50], [2.5, 3], [1, 2], [0.01, 2],
  ])('of %d a second has a burst of %d unless told otherwise', (perSecond, burst) => {
    expect(Rate.perSecond(perSecond)._bind().burst).toBe(burst);
  });

  it('has the burst that was given', () => {
    expect(Rate.perMinute(60, { burst: 100 })._bind()).toEqual({ perSecond: 1, burst: 100, shards: 1 });
  });

  it.each([[2_000, 1], [2_001, 2], [10_000, 5]])('of %d a second is divided over %d items', (perSecond, shards) => {
    expect(Rate.perSecond(perSecond)._bind().shards).toBe(shards);
  });

  it('leaves each slot of each item usable for 20 ms, whatever burst it takes', () => {
    fc.assert(fc.property(fc.double({ min: 0.001, max: 10_000, noNaN: true }), fc.integer({ min: 0, max: 1_000 }), (perSecond, burst) => {
      const bound = taken(perSecond, burst);
      if (bound) expect((bound.burst / bound.shards - 1) / (2 * perSecond / bound.shards)).toBeGreaterThanOrEqual(0.02 - 1e-9);
    }));
  });
});

describe('the places at the target', () => {
  const sum = (divided: Concurrency[]) => divided.reduce((total, { invocations, parallel }) => total + invocations * parallel, 0);

  it.each([
    ['one priority', 20, 1, [[2, 10]]],
    ['three priorities', 30, 3, [[2, 5], [2, 5], [2, 5]]],
    ['what cannot be divided goes to the higher ones', 20, 3, [[2, 4], [2, 3], [2, 3]]],
    ['the fewest there may be', 6, 3, [[2, 1], [2, 1], [2, 1]]],
    ['more invocations for a large share', 1000, 1, [[20, 50]]],
    ['a share that two invocations can still have', 200, 2, [[2, 50], [2, 50]]],
  ])('are divided: %s', (_, maxConcurrency, priorities, divided) => {
    expect(divideConcurrency(maxConcurrency, priorities).map(({ invocations, parallel }) => [invocations, parallel])).toEqual(divided);
  });

  it('are never more than there may be, at least two for each priority, and never more for a lower one', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 10_000 }), (priorities, more) => {
      const maxConcurrency = Math.min(10_000, leastConcurrency(priorities) + more);
      const divided = divideConcurrency(maxConcurrency, priorities);
      expect(sum(divided)).toBeLessThanOrEqual(maxConcurrency);
      expect(sum(divided)).toBeGreaterThan(maxConcurrency - divided[0].invocations);
      divided.forEach(({ invocations, parallel }, rank) => {
        expect(invocations).toBeGreaterThanOrEqual(2);
        expect(invocations).toBeLessThanOrEqual(1_000);
        expect(parallel).toBeGreaterThanOrEqual(1);
        expect(parallel).toBeLessThanOrEqual(divided[Math.max(0, rank - 1)].parallel);
      });
    }));
  });

  it.each([
    [1, 1, 10], [1, 3, 30], [50, 1, 50], [50, 3, 50], [31.5, 3, 32], [5_000, 3, 1_000],
  ])('at %d a second and %d priorities are %d unless told otherwise', (rate, priorities, places) => {
    expect(defaultConcurrency(rate, priorities)).toBe(places);
  });
});

describe('batches', () => {
  it.each([
    [1_000, 0, 10, 0], [1_000, 1, 100, 1], [50, 1, 50, 1], [10.5, 2, 11, 1], [10, 1, 10, 0], [1, 1, 10, 0], [1, 0, 10, 0],
    [0.95, 0, 9, 0], [0.25, 1, 2, 0], [0.01, 1, 1, 0],
  ])('of %d a second and rank %d are %d messages after %d s', (rate, rank, batchSize, windowSeconds) => {
    expect(batching(rate, rank)).toEqual({ batchSize, windowSeconds });
  });
});

describe('the dispatcher is told', () => {
  const told = (options: Partial<ThrottledTargetOptions> = {}, priorities = THREE_PRIORITIES) => {
    const stack = newStack();
    emailing(stack, { priorities }, options);
    return settingsOf(stack);
  };

  it('the defaults', () => {
    expect(told({}, ['normal'])).toEqual({
      target: 'Email',
      destination: { kind: 'FUNCTION', functionArn: 'SendEmail.Arn' },
      priorities: [{ name: 'normal', queueArn: 'NotifyEmailnormalQueue.Arn', queueUrl: 'NotifyEmailnormalQueue', heldBack: 0, parallel: 25, batchSize: 10 }],
      limit: {
        ratePerSecond: 50,
        burst: 50,
        shards: 1,
        killSwitch: { errorShare: 0.5, minimumDeliveries: 10, windowMs: 30_000, probeEveryMs: 10_000 },
        ageingSeconds: 300,
        agedShare: 0.1,
      },
      deadLetterQueueUrl: 'NotifyEmailDeadLetters',
      expiredQueueUrl: 'NotifyEmailExpired',
      deliveryTimeoutMs: 10_000,
      maxAttempts: 5,
      retryDelaySeconds: 10,
      longestRetryDelaySeconds: 900,
      maxAgeSeconds: 7 * 86_400,
      invocationBudgetMs: 20_000,
    });
  });

  it('what the options say', () => {
    const settings = told({
      rate: Rate.perSecond(3_000, { burst: 500 }),
      maxConcurrency: 60,
      adaptive: AdaptiveRate.aimd({ floor: Rate.perMinute(30), increasePerSecond: 7, decrease: 0.5, latencyTarget: Duration.millis(250) }),
      killSwitch: KillSwitch.atErrorShare(0.25, { minimumDeliveries: 3, window: Duration.minutes(1), probeEvery: Duration.seconds(5) }),
      maxAge: Duration.hours(6),
      maxAttempts: 2,
      deliveryTimeout: Duration.seconds(3),
      retryDelay: Duration.minutes(1),
      ageing: Duration.minutes(1),
    });
    expect(settings).toMatchObject({ deliveryTimeoutMs: 3_000, maxAttempts: 2, retryDelaySeconds: 60, maxAgeSeconds: 21_600 });
    expect(settings.priorities.map(({ parallel }) => parallel)).toEqual([10, 10, 10]);
    expect(settings.limit).toEqual({
      ratePerSecond: 3_000,
      burst: 500,
      shards: 2,
      adaptive: { floorPerSecond: 0.5, increasePerSecond: 7, decrease: 0.5, latencyTargetMs: 250 },
      killSwitch: { errorShare: 0.25, minimumDeliveries: 3, windowMs: 60_000, probeEveryMs: 5_000 },
      ageingSeconds: 60,
      agedShare: 0.1,
    });
  });

  it('an adaptive rate\'s defaults: back at the rate after a minute, 0.7 of it after a drop, no latency', () => {
    const { adaptive } = told({ adaptive: AdaptiveRate.aimd({ floor: Rate.perSecond(20) }) }).limit;
    expect(adaptive).toEqual({ floorPerSecond: 20, increasePerSecond: 0.5, decrease: 0.7 });
  });

  it('of no kill switch where it is disabled', () => {
    expect(told({ killSwitch: KillSwitch.disabled() }).limit.killSwitch).toBeUndefined();
  });

  it('what each priority has to leave to higher ones: their reserves', () => {
    expect(told({ reserve: { critical: 0.2, normal: 0.25 } }).priorities.map(({ heldBack }) => heldBack)).toEqual([0, 0.2, 0.45]);
    expect(told({ reserve: { normal: 0.25 } }).priorities.map(({ heldBack }) => heldBack)).toEqual([0, 0, 0.25]);
  });

  it('how large batches and how many deliveries each priority may have', () => {
    const { priorities } = told();
    expect(priorities.map(({ name, parallel, batchSize }) => [name, parallel, batchSize])).toEqual([['critical', 9, 10], ['normal', 8, 50], ['bulk', 8, 50]]);
  });

  it('no more than a function\'s environment can hold, with five priorities and long names', () => {
    const stack = newStack();
    const name = 'n'.repeat(31);
    emailing(stack, { priorities: [1, 2, 3, 4, 5].map((digit) => `${name}${digit}`) }, {
      rate: Rate.perHour(1_234_567),
      adaptive: AdaptiveRate.aimd({ floor: Rate.perHour(1_111), latencyTarget: Duration.millis(1) }),
      reserve: { [`${name}1`]: 0.111111111, [`${name}2`]: 0.222222222 },
    });
    const settings = settingsOf(stack);
    // As AWS writes them, with names of 80 characters.
    const queueArn = `arn:aws:sqs:us-gov-west-1:123456789012:${'q'.repeat(80)}`;
    const queueUrl = `https://sqs.us-gov-west-1.amazonaws.com/123456789012/${'q'.repeat(80)}`;
    const resolved = {
      ...settings,
      priorities: settings.priorities.map((priority) => ({ ...priority, queueArn, queueUrl })),
      destination: { kind: 'QUEUE', queueUrl },
      deadLetterQueueUrl: queueUrl,
      expiredQueueUrl: queueUrl,
    };
    const others = 'SETTINGS FAN_OUT_NAME TABLE_NAME'.length + 64 + 255;
    expect(JSON.stringify(resolved).length + others).toBeLessThan(4_096);
  });
});

/** A rate with this burst, if it is allowed. */
function taken(perSecond: number, burst: number) {
  try {
    return Rate.perSecond(perSecond, { burst })._bind();
  } catch {
    return undefined;
  }
}
