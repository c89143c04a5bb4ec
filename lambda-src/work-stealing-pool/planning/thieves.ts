import { workingPlaces } from './load';
import type { GroupView } from './views';

/** A worker whose own queue has nothing for it. */
export interface Thief {
  readonly group: string;
  readonly worker: string | undefined;
  readonly free: number;
  /** Places that are free soon: they do its own group's last tasks, or what it has stolen. */
  readonly busy: number;
  readonly stealsFrom: readonly string[];
  readonly dry: Readonly<Record<string, number>>;
}

/**
 * Who looked and found its own queue empty. A depth that says otherwise is older than that look. One that is busy with what it stole is still a thief:
 * a plan lasts until the next look, and who were left out of it would steal only every other time.
 */
export function thieves(groups: readonly GroupView[]): Thief[] {
  return groups
    .filter((group) => workingPlaces(group) > 0)
    .flatMap(({ name, stealsFrom, workers }) => workers
      .filter(({ idle }) => idle)
      .map(({ worker, capacity, free, dry }) => ({ group: name, worker, free, busy: Math.max(0, capacity - free), stealsFrom, dry })));
}
