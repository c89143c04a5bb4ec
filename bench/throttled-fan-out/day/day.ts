import { dayOf, HOUR_MS } from './demand';
import { type DeployedTarget, KINDS } from './target-kind';
import { TargetStudy } from './target-study';
import { Random } from '../../../simulator/src';
import type { Progress } from '../../bench';
import type { Units } from '../../units';

/** A day of a fan-out with many targets. */
export interface Day {
  readonly targets: number;
  readonly sent: number;
  readonly delivered: number;
  /** Of the target and window where it is most. */
  readonly excess: number;
  readonly longestQueue: number;
  readonly deferred: number;
  readonly units: Units;
  readonly tookMs: number;
}

export const TARGETS = 20;
const HOURS = 24;
const HOURS_A_STEP = 6;

/** One target after the other: none notices another. Messages that are left at midnight are delivered, too. */
export async function simulateDay(
  deployed: ReadonlyMap<string, DeployedTarget>, progress: Progress, { targets = TARGETS, hours = HOURS }: { targets?: number; hours?: number } = {},
): Promise<Day> {
  const startedAt = performance.now();
  const day = { targets, sent: 0, delivered: 0, excess: 0, longestQueue: 0, deferred: 0 };
  const units: Record<string, number> = {};
  for (let target = 0; target < targets; target++) {
    const { id, meanPerSecond } = KINDS[target % KINDS.length];
    const seed = `bench/throttled-fan-out/day/${target}`;
    const study = new TargetStudy(deployed.get(id)!, dayOf(meanPerSecond, hours * HOUR_MS, new Random(seed)), seed);
    for (let hour = 0; hour < hours; hour += HOURS_A_STEP) {
      await study.pass(Math.min(HOURS_A_STEP, hours - hour) * HOUR_MS);
      const delivered = (day.delivered + study.delivered).toLocaleString('en');
      progress(`throttled-fan-out: a day, target ${target + 1} of ${targets}, ${Math.min(hours, hour + HOURS_A_STEP)} h, ${delivered} messages`);
    }
    await study.finish();
    day.sent += study.sent;
    day.delivered += study.delivered;
    day.excess = Math.max(day.excess, study.excess.worst);
    day.longestQueue = Math.max(day.longestQueue, study.longestQueue);
    day.deferred += study.deferred;
    for (const [unit, quantity] of Object.entries(study.units())) units[unit] = (units[unit] ?? 0) + quantity;
  }
  return { ...day, units, tookMs: performance.now() - startedAt };
}
