import { workingPlaces } from './load';
import type { GroupView } from './views';

/** A worker whose free places have nothing to do at home. */
export interface Thief {
  readonly group: string;
  readonly worker: string | undefined;
  readonly places: number;
  readonly stealsFrom: readonly string[];
  readonly dry: Readonly<Record<string, number>>;
}

/** Who looked and found its own queue empty. A depth that says otherwise is older than that look. */
export function thieves(groups: readonly GroupView[]): Thief[] {
  return groups
    .filter((group) => workingPlaces(group) > 0)
    .flatMap(({ name, stealsFrom, workers }) => workers
      .filter(({ idle, free }) => idle && free > 0)
      .map(({ worker, free, dry }) => ({ group: name, worker, places: free, stealsFrom, dry })));
}
