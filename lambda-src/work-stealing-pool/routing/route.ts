import { leastLoaded, powerOfTwoChoices } from './by-load';
import { rendezvous } from './rendezvous';
import type { RoutableGroup } from './routable-group';
import type { Routing } from '../../../src/work-stealing-pool/contract';

export type { RoutableGroup } from './routable-group';

/** What the router has to know of a task. */
export interface RoutableTask {
  /** The value of the member that the affinity is by; a task without it goes where there is room. */
  readonly key?: string | undefined;
  /** The groups that may get it; all without it. */
  readonly groups?: readonly string[] | undefined;
}

/**
 * The group that gets the task; undefined when nobody may have it now.
 *
 * A key stays with its group however loaded that is, and although nobody be alive there: that the others take its tasks then is the stealing's part, and nothing
 * has to come back afterwards. Only a retired group's keys move.
 */
export function route(task: RoutableTask, groups: readonly RoutableGroup[], routing: Routing, random: () => number): string | undefined {
  const candidates = groups
    .filter(({ name, retired }) => !retired && (task.groups?.includes(name) ?? true))
    .sort((one, other) => one.name < other.name ? -1 : 1);
  switch (routing.kind) {
    case 'AFFINITY': return (task.key === undefined ? powerOfTwoChoices(candidates, random) : rendezvous(task.key, candidates))?.name;
    case 'POWER_OF_TWO_CHOICES': return powerOfTwoChoices(candidates, random)?.name;
    case 'LEAST_LOADED': return leastLoaded(candidates, random)?.name;
  }
}
