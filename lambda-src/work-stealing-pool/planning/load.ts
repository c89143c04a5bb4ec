import type { GroupView } from './views';
import type { GroupLoad } from '../../../src/work-stealing-pool/contract';

/** Places in which its own workers could take a task now. */
export function freePlaces({ workers }: GroupView): number {
  return workers.reduce((sum, { free }) => sum + free, 0);
}

/** Places that take tasks: none in a group that is retired or has nobody alive. */
export function workingPlaces({ retired, alive, capacity }: GroupView): number {
  return retired || !alive ? 0 : capacity;
}

/**
 * How long a place that is in use will be, on average: E[S²] ÷ 2 E[S], because long tasks are met more often than they are. Without a measurement of the
 * squares as if the times were exponential, for which it is the mean.
 * @see https://en.wikipedia.org/wiki/Residual_time
 */
export function residualSeconds({ meanSeconds, meanSquareSeconds = 2 * meanSeconds ** 2 }: GroupView): number {
  return meanSeconds > 0 ? meanSquareSeconds / (2 * meanSeconds) : 0;
}

/** What the router compares, and the metrics show. In a group with nobody alive as if there were one place. */
export function loadOf(group: GroupView): GroupLoad {
  const capacity = workingPlaces(group);
  const free = Math.min(capacity, freePlaces(group));
  const ahead = group.waiting * group.meanSeconds + (free > 0 ? 0 : residualSeconds(group));
  return {
    waiting: group.waiting,
    running: capacity - free,
    capacity,
    meanSeconds: group.meanSeconds,
    backlogSeconds: ahead / Math.max(1, capacity),
  };
}
