import { Duration } from 'aws-cdk-lib';
import { AdaptiveSettings } from './contract';
import { Rate } from './rate';
import { misuse } from '../shared/misuse';

/** Options of an adaptive rate. */
export interface AimdOptions {
  /** It never becomes slower; its burst has no meaning. It must be below the target's rate, which is the ceiling. */
  readonly floor: Rate;

  /**
   * How much the rate grows in a second without a drop: deliveries a second, per second, above 0.
   * @default - from the floor to the target's rate in a minute
   */
  readonly increasePerSecond?: number;

  /**
   * What is left of the rate after a drop: above 0 and below 1.
   * @default 0.7
   */
  readonly decrease?: number;

  /**
   * A delivery that takes longer counts as a drop: whole milliseconds, below `deliveryTimeout`.
   * @default - latency does not count
   */
  readonly latencyTarget?: Duration;
}

const DEFAULT_DECREASE = 0.7;
const SECONDS_TO_THE_CEILING = 60;

/** A rate that follows what the target can take, between a floor and the target's rate. */
export class AdaptiveRate {
  /**
   * Additive increase, multiplicative decrease: each second without a drop it grows by a step, each drop takes a share of it. Drops are
   * what the target throttled, failed deliveries, and slow ones where there is a latency target. `Retry-After` is obeyed besides.
   * @param options the least that is left, and how fast it moves
   */
  public static aimd(options: AimdOptions): AdaptiveRate {
    return new AdaptiveRate(options);
  }

  private constructor(private readonly options: AimdOptions) {
    const { increasePerSecond, decrease, latencyTarget } = options;
    if (increasePerSecond !== undefined && !(increasePerSecond > 0)) {
      throw misuse(undefined, `increasePerSecond of AdaptiveRate.aimd must be above 0, received ${increasePerSecond}`);
    }
    if (decrease !== undefined && !(decrease > 0 && decrease < 1)) {
      throw misuse(undefined, `decrease of AdaptiveRate.aimd must be above 0 and below 1, received ${decrease}; it is what is left of the rate`);
    }
    if (latencyTarget && wholeMilliseconds(latencyTarget) === undefined) {
      throw misuse(undefined, `latencyTarget of AdaptiveRate.aimd must be whole milliseconds and at least 1, received ${latencyTarget.toString()}`);
    }
  }

  /** @internal */
  public _bind(ratePerSecond: number): AdaptiveSettings {
    const { floor, increasePerSecond, decrease, latencyTarget } = this.options;
    const floorPerSecond = floor._bind().perSecond;
    return {
      floorPerSecond,
      increasePerSecond: increasePerSecond ?? (ratePerSecond - floorPerSecond) / SECONDS_TO_THE_CEILING,
      decrease: decrease ?? DEFAULT_DECREASE,
      latencyTargetMs: latencyTarget?.toMilliseconds(),
    };
  }
}

function wholeMilliseconds(duration: Duration): number | undefined {
  if (duration.isUnresolved()) return undefined;
  const milliseconds = duration.toMilliseconds({ integral: false });
  return Number.isInteger(milliseconds) && milliseconds >= 1 ? milliseconds : undefined;
}
