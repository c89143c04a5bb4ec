import * as fc from 'fast-check';
import { VirtualTime } from './virtual-time';
import { DistantStore, excess, limiterAt, seeded, settingsOf } from './workers';
import { NO_OUTCOMES } from '../../../../lambda-src/throttled-fan-out/limiter/acquisition';

/** Workers that come, ask for blocks, use their slots early or late, and die. */
interface Crowd {
  readonly seed: number;
  readonly workers: number;
  readonly ratePerSecond: number;
  /** Times the least. */
  readonly burst: number;
  readonly slowMs: number;
  readonly skewMs: number;
  readonly failures: number;
  readonly deaths: number;
  readonly pauses: number;
  readonly late: number;
}

const CROWDS: fc.Arbitrary<Crowd> = fc.record({
  seed: fc.nat(),
  workers: fc.integer({ min: 1, max: 8 }),
  ratePerSecond: fc.constantFrom(1, 5, 50, 400),
  burst: fc.constantFrom(1, 1.2, 3, 20),
  slowMs: fc.constantFrom(2, 10, 40, 400),
  skewMs: fc.constantFrom(0, 100, 5_000),
  failures: fc.constantFrom(0, 0.02, 0.2),
  deaths: fc.constantFrom(0, 0.05, 0.3),
  pauses: fc.constantFrom(0, 0.1, 0.5),
  late: fc.constantFrom(0, 0.5, 1),
});

const SECONDS = 20;
/** More of them: `CROWDS=20000 SEED=7 npx jest test/lambda-src/throttled-fan-out/limiter/rate`. */
const NUMBER_OF_CROWDS = Number(process.env.CROWDS ?? 300);

async function deliveries(crowd: Crowd): Promise<{ times: number[]; burst: number }> {
  const { ratePerSecond, slowMs, skewMs, failures, deaths, pauses, late } = crowd;
  const burst = Math.max(2, Math.ceil(crowd.burst * (1 + ratePerSecond * 0.04)));
  const time = new VirtualTime();
  const random = seeded(crowd.seed);
  const failure = () => (random() < 0.5 ? 'before' : 'after');
  const store = new DistantStore(time, () => random() ** 3 * slowMs, () => (random() < failures ? failure() : undefined));
  const settings = settingsOf({ ratePerSecond, burst });
  const times: number[] = [];
  const work = async () => {
    // Each life is an execution environment.
    for (;;) {
      await time.sleep(random() ** 4 * 5_000);
      let frozenMs = 0;
      const limiter = limiterAt(time, { settings, store, random, skewMs: (random() * 2 - 1) * skewMs, frozenMs: () => frozenMs });
      while (random() >= deaths) {
        limiter.resume();
        let acquisition;
        try {
          const wanted = 1 + Math.floor(random() * 30);
          acquisition = await limiter.acquire({ rank: 0, wanted, more: random() < 0.5, aged: false, outcomes: NO_OUTCOMES });
        } catch {
          await time.sleep(random() * 200);
          continue;
        }
        if (acquisition.kind === 'WAIT') {
          await time.sleep(Math.min(acquisition.ms, 1_000) * (0.5 + random()));
          continue;
        }
        for (const slot of acquisition.slots) {
          await time.sleep(slot - limiter.now() + (random() < late ? acquisition.usableForMs * random() ** 0.1 : 0));
          if (random() < deaths / 10) break;
          const now = limiter.now();
          if (now >= slot && now <= slot + acquisition.usableForMs) times.push(time.now);
        }
        if (random() < pauses) {
          const pause = random() ** 2 * 10_000;
          const frozen = random() < 0.5;
          await time.sleep(pause);
          if (frozen) frozenMs += pause;
        }
      }
    }
  };
  for (let worker = 0; worker < crowd.workers; worker++) void work();
  await time.run(SECONDS * 1000);
  return { times, burst };
}

test('never more than the rate and one burst in any window, whoever comes, dies, is late, or has a clock that is wrong', async () => {
  await fc.assert(fc.asyncProperty(CROWDS, async (crowd) => {
    const { times, burst } = await deliveries(crowd);
    expect(excess(times, crowd.ratePerSecond, burst)).toBe(0);
  }), { numRuns: NUMBER_OF_CROWDS, seed: Number(process.env.SEED ?? 1) });
});

describe('with a backlog', () => {
  const backlog = async (options: { workers: number; ratePerSecond: number; wanted: number; shards?: number; skewMs?: number }) => {
    const { ratePerSecond, workers, wanted, shards = 1, skewMs = 0 } = options;
    const time = new VirtualTime();
    const random = seeded(7);
    const store = new DistantStore(time, () => 1 + random() * 4);
    const times: number[] = [];
    const settings = settingsOf({ ratePerSecond, burst: ratePerSecond, shards });
    const work = async () => {
      const limiter = limiterAt(time, { settings, store, random, skewMs: (random() * 2 - 1) * skewMs });
      for (;;) {
        limiter.resume();
        for (let left = wanted; left > 0;) {
          const acquisition = await limiter.acquire({ rank: 0, wanted: left, more: true, aged: false, outcomes: NO_OUTCOMES });
          if (acquisition.kind === 'WAIT') {
            await time.sleep(acquisition.ms);
            continue;
          }
          for (const slot of acquisition.slots) {
            await time.sleep(slot - limiter.now());
            if (limiter.now() > slot + acquisition.usableForMs) continue;
            times.push(time.now);
            left--;
          }
        }
        // The event source fetches the next batch.
        await time.sleep(30);
      }
    };
    for (let worker = 0; worker < workers; worker++) void work();
    await time.run(SECONDS * 1000);
    return {
      utilisation: times.length / (ratePerSecond * SECONDS),
      excess: excess(times, ratePerSecond, ratePerSecond),
      writes: store.writes / times.length,
    };
  };

  test.each([
    { workers: 2, ratePerSecond: 50, wanted: 10, writes: 0.11 },
    { workers: 6, ratePerSecond: 50, wanted: 50, writes: 0.06 },
    { workers: 6, ratePerSecond: 50, wanted: 50, writes: 0.06, skewMs: 5_000 },
    { workers: 2, ratePerSecond: 5, wanted: 10, writes: 0.3 },
    { workers: 20, ratePerSecond: 1_000, wanted: 100, writes: 0.03 },
    { workers: 60, ratePerSecond: 3_000, wanted: 100, writes: 0.03, shards: 2 },
  ])('$workers workers with $wanted messages each use at least 95 % of $ratePerSecond a second, for $writes writes a delivery', async (options) => {
    const run = await backlog(options);
    expect(run.excess).toBe(0);
    expect(run.utilisation).toBeGreaterThanOrEqual(0.95);
    expect(run.writes).toBeLessThanOrEqual(options.writes);
  });
});
