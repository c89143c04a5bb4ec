import type { ItemTime, Limit, Outcomes } from './acquisition';
import type { Pace } from './state';

/** One congestion is told by several blocks: it lowers the rate once. */
const ONE_CONGESTION_MS = 1_000;
/** So much of a silence counts as time without a drop. */
const LONGEST_INCREASE_MS = 10_000;
/** A longer silence is not believed. */
const LONGEST_SILENCE_MS = 15 * 60_000;
/** Below this share of failed or slow deliveries it is the messages, not the target. */
const TOLERATED_SHARE = 0.1;

/**
 * The rate after these outcomes: additive increase, multiplicative decrease, within floor and limit.
 * @see Chiu, Jain: Analysis of the increase and decrease algorithms for congestion avoidance, 1989, https://doi.org/10.1016/0169-7552(89)90019-6
 */
export function judge(pace: Pace, outcomes: Outcomes, { adaptive, ratePerSecond }: Limit, now: ItemTime): Pace {
  const silentUntil = outcomes.retryAfterMs === undefined
    ? pace.silentUntil
    : Math.max(pace.silentUntil, now + Math.min(outcomes.retryAfterMs, LONGEST_SILENCE_MS));
  if (!adaptive) return { ...pace, share: 1, judgedAt: now, silentUntil };
  const floor = Math.min(1, adaptive.floorPerSecond / ratePerSecond);
  if (isDrop(outcomes)) {
    if (pace.loweredAt !== undefined && now - pace.loweredAt < ONE_CONGESTION_MS) return { ...pace, judgedAt: now, silentUntil };
    return { share: Math.max(floor, pace.share * adaptive.decrease), judgedAt: now, loweredAt: now, silentUntil };
  }
  if (outcomes.delivered === 0) return { ...pace, silentUntil };
  const seconds = Math.min(now - pace.judgedAt, LONGEST_INCREASE_MS) / 1000;
  const raised = pace.share + Math.max(0, seconds) * adaptive.increasePerSecond / ratePerSecond;
  return { ...pace, share: Math.max(floor, Math.min(1, raised)), judgedAt: now, silentUntil };
}

function isDrop({ delivered, slow, throttled, failed }: Outcomes): boolean {
  const tolerated = TOLERATED_SHARE * (delivered + throttled + failed);
  return throttled > 0 || failed > tolerated || slow > tolerated;
}
