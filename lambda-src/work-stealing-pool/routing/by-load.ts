import type { RoutableGroup } from './routable-group';
import { drawn } from './weighted-draw';

/**
 * The power of two choices: two different ones at random, and the less loaded of them. What the router knows of the load is some seconds old; two choices keep
 * it from sending all tasks of these seconds to the same group.
 * @see https://www.eecs.harvard.edu/~michaelm/postscripts/handbook2001.pdf
 */
export function powerOfTwoChoices(groups: readonly RoutableGroup[], random: () => number): RoutableGroup | undefined {
  const one = drawn(groups, random);
  const other = drawn(groups.filter((group) => group !== one), random);
  return one && other && isLessLoaded(other, one) ? other : one;
}

export function leastLoaded(groups: readonly RoutableGroup[], random: () => number): RoutableGroup | undefined {
  return drawn(groups.filter((group) => !groups.some((other) => isLessLoaded(other, group))), random);
}

/** A group in which nobody is alive is more loaded than any other. */
function isLessLoaded(one: RoutableGroup, other: RoutableGroup): boolean {
  if ((one.capacity > 0) !== (other.capacity > 0)) return one.capacity > 0;
  return one.backlogSeconds < other.backlogSeconds;
}
