import { type Random } from '../../../simulator/src';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;

/** The wave of a day: so far above its mean at the top, and below at the bottom. */
const AMPLITUDE = 0.4;
/** Of messages that come all day long. */
const SHARES = [0.05, 0.25, 0.7];
/** Bulk that is sent all at once: so often a day, so long, so many times the mean. */
const CAMPAIGNS = { count: 6, lastsMs: 5 * MINUTE_MS, times: 3 };
const CAMPAIGNS_SHARE = CAMPAIGNS.count * CAMPAIGNS.lastsMs * CAMPAIGNS.times / DAY_MS;

/** When the messages of one priority come, one after the other; Infinity when there are no more. */
export type Arrivals = () => number;

/** A day of one target, or its first hours: highest priority first. `meanPerSecond` includes the campaigns. */
export function dayOf(meanPerSecond: number, lastsMs: number, random: Random): Arrivals[] {
  const peakAt = random.next() * DAY_MS;
  const campaigns = Array.from({ length: CAMPAIGNS.count }, () => random.next() * (DAY_MS - CAMPAIGNS.lastsMs));
  const base = meanPerSecond * (1 - CAMPAIGNS_SHARE);
  return SHARES.map((share, rank) => poisson(random.fork(`arrivals/${rank}`), lastsMs, (at) => {
    const wave = share * base * (1 + AMPLITUDE * Math.cos(2 * Math.PI * (at - peakAt) / DAY_MS));
    if (rank < SHARES.length - 1) return wave;
    return wave + meanPerSecond * CAMPAIGNS.times * campaigns.filter((from) => at >= from && at < from + CAMPAIGNS.lastsMs).length;
  }));
}

/** Messages of all priorities at the same rate all the time. */
export function evenly(perSecond: number, lastsMs: number, random: Random): Arrivals[] {
  return SHARES.map((share, rank) => poisson(random.fork(`arrivals/${rank}`), lastsMs, () => share * perSecond));
}

/** The rate is looked up once a second: nothing here changes faster. */
function poisson(random: Random, end: number, perSecondAt: (at: number) => number): Arrivals {
  let at = 0;
  let lookedUp = -Infinity;
  let meanMs = 0;
  return () => {
    if (at - lookedUp >= 1_000) {
      meanMs = 1_000 / perSecondAt(at);
      lookedUp = at;
    }
    at -= Math.log(1 - random.next()) * meanMs;
    return at < end ? at : at = Infinity;
  };
}
