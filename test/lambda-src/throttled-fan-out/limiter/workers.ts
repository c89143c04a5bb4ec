import { VirtualTime } from './virtual-time';
import type { LimiterItem, LimiterStore } from '../../../../lambda-src/throttled-fan-out/limiter-store';
import { SharedLimiter } from '../../../../lambda-src/throttled-fan-out/shared-limiter';
import { Random } from '../../../../simulator/src';
import type { ControlItem, DispatcherSettings, LimitSettings } from '../../../../src/throttled-fan-out/contract';

/** Random numbers from a seed. */
export function seeded(seed: number): () => number {
  const random = new Random(String(seed));
  return () => random.next();
}

export function settingsOf(limit: Partial<LimitSettings> = {}, heldBack: readonly number[] = [0]): DispatcherSettings {
  return {
    target: 'Target',
    destination: { kind: 'QUEUE', queueUrl: 'queue' },
    priorities: heldBack.map((share, rank) => ({ name: `p${rank}`, queueArn: `arn${rank}`, queueUrl: `url${rank}`, heldBack: share, parallel: 10, batchSize: 10 })),
    limit: { ratePerSecond: 50, burst: 50, shards: 1, ageingSeconds: 300, agedShare: 0.05, ...limit },
    deadLetterQueueUrl: 'dead', expiredQueueUrl: 'expired', deliveryTimeoutMs: 10_000, maxAttempts: 5, retryDelaySeconds: 10, longestRetryDelaySeconds: 900,
    maxAgeSeconds: 600_000, invocationBudgetMs: 20_000,
  };
}

/** The items, some milliseconds away, with answers that are lost now and then. */
export class DistantStore implements LimiterStore {
  readonly items = new Map<number, LimiterItem>();
  writes = 0;
  refused = 0;
  reads = 0;

  constructor(private readonly time: VirtualTime, private readonly delay: () => number, private readonly fails: () => 'before' | 'after' | undefined = () => undefined) {}

  async read(shard: number): Promise<LimiterItem | undefined> {
    this.reads++;
    const failure = this.fails();
    await this.time.sleep(this.delay());
    const item = this.items.get(shard);
    await this.time.sleep(this.delay());
    if (failure) throw new Error('the store cannot be reached');
    return item;
  }

  async write(shard: number, item: LimiterItem): Promise<boolean> {
    this.writes++;
    const failure = this.fails();
    await this.time.sleep(this.delay());
    if (failure === 'before') throw new Error('the store cannot be reached');
    const written = (this.items.get(shard)?.revision ?? 0) === item.revision - 1;
    // What DynamoDB holds is a copy.
    if (written) this.items.set(shard, JSON.parse(JSON.stringify(item)));
    else this.refused++;
    await this.time.sleep(this.delay());
    if (failure === 'after') throw new Error('the answer is lost');
    return written;
  }
}

export interface WorkerOptions {
  readonly settings: DispatcherSettings;
  readonly store: LimiterStore;
  readonly random: () => number;
  /** Of the wall clock. */
  readonly skewMs?: number;
  readonly control?: () => ControlItem;
  /** So many milliseconds the monotonic clock has stood still. */
  readonly frozenMs?: () => number;
}

/** A worker's limiter, with clocks of its own. */
export function limiterAt(time: VirtualTime, options: WorkerOptions): SharedLimiter {
  const { settings, store, random, skewMs = 0, control = () => ({}), frozenMs = () => 0 } = options;
  const began = random() * 1e6;
  return new SharedLimiter(
    { settings, control: async () => control(), documents: undefined as never, tableName: 'table' },
    {
      store,
      random,
      sleep: (ms) => time.sleep(ms),
      time: { monotonic: () => time.now + began - frozenMs(), wall: () => Math.floor(1.7e12 + time.now + skewMs) },
    },
  );
}

/** The largest number of deliveries, in any window, that is above `rate · t + burst`. */
export function excess(times: readonly number[], ratePerSecond: number, burst: number): number {
  const interval = 1000 / ratePerSecond;
  let paid = -Infinity;
  let worst = 0;
  for (const time of [...times].sort((one, other) => one - other)) {
    paid = Math.max(paid, time) + interval;
    worst = Math.max(worst, (paid - time) / interval - burst);
  }
  return worst < 1e-6 ? 0 : worst;
}
