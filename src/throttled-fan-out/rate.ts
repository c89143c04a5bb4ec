import { Token } from 'aws-cdk-lib';
import { misuse } from '../shared/misuse';

/** Options of a rate. */
export interface RateOptions {
  /**
   * How many deliveries may come at once after a pause: a whole number, at least 2. The longer a worker's way to the target takes, the more
   * it needs: below 4 % of a second's worth, slots would pass unused.
   * @default - one second's worth, and at least 2
   */
  readonly burst?: number;
}

/** @internal */
export interface BoundRate {
  readonly perSecond: number;
  readonly burst: number;
  /** Above some rate, one item cannot be written often enough. */
  readonly shards: number;
}

const MOST_PER_SECOND = 10_000;
const MOST_PER_SECOND_OF_A_SHARD = 2_000;
const LEAST_BURST = 2;
/** A slot is usable for (burst − 1) / (2 × rate) seconds, and 20 ms are what a delivery needs to set out. */
const BURST_SECONDS = 0.04;

/** How many deliveries a target can take: in every window of t seconds at most `rate × t + burst`. */
export class Rate {
  /**
   * So many deliveries a second.
   * @param deliveries above 0 and at most 10,000; it may be a fraction
   * @param options the burst
   */
  public static perSecond(deliveries: number, options: RateOptions = {}): Rate {
    return new Rate('perSecond', deliveries, 1, options);
  }

  /**
   * So many deliveries a minute.
   * @param deliveries above 0 and at most 600,000
   * @param options the burst
   */
  public static perMinute(deliveries: number, options: RateOptions = {}): Rate {
    return new Rate('perMinute', deliveries, 60, options);
  }

  /**
   * So many deliveries an hour.
   * @param deliveries above 0 and at most 36,000,000
   * @param options the burst
   */
  public static perHour(deliveries: number, options: RateOptions = {}): Rate {
    return new Rate('perHour', deliveries, 3600, options);
  }

  private readonly rate: BoundRate;

  private constructor(factory: string, deliveries: number, seconds: number, { burst }: RateOptions) {
    if (Token.isUnresolved(deliveries)) throw misuse(undefined, `deliveries of Rate.${factory} must be known at synthesis, received a token; give a number`);
    if (!(deliveries > 0 && deliveries <= MOST_PER_SECOND * seconds)) {
      throw misuse(undefined, `deliveries of Rate.${factory} must be above 0 and at most ${MOST_PER_SECOND * seconds}, received ${deliveries}`);
    }
    const perSecond = deliveries / seconds;
    const shards = Math.ceil(perSecond / MOST_PER_SECOND_OF_A_SHARD);
    const least = Math.ceil(Math.max(LEAST_BURST * shards, shards + perSecond * BURST_SECONDS));
    if (burst !== undefined) {
      if (Token.isUnresolved(burst)) throw misuse(undefined, `burst of Rate.${factory} must be known at synthesis, received a token; give a number`);
      if (!Number.isInteger(burst) || burst < least) {
        throw misuse(undefined, `burst of Rate.${factory}(${deliveries}) must be a whole number and at least ${least}, received ${burst}`);
      }
    }
    this.rate = { perSecond, shards, burst: burst ?? Math.max(LEAST_BURST, Math.ceil(perSecond)) };
  }

  /** @internal */
  public _bind(): BoundRate {
    return this.rate;
  }
}
