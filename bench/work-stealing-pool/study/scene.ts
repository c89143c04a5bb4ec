import type { StudyTask } from './workload';
import type { Random } from '../../../simulator/src';

/** One run of a design. */
export interface Scene {
  readonly tasks: readonly StudyTask[];
  readonly groups: readonly StudyGroup[];
  /** How much longer a task takes away from home: 0.3 is 30 %. */
  readonly coldPenalty: number;
  readonly random: Random;
}

export interface StudyGroup {
  readonly name: string;
  readonly places: number;
  /** Of a function there is one runner with all places; external workers have a few each. */
  readonly kind: 'FUNCTION' | 'EXTERNAL';
}

const MOST_GROUPS = 10;
const PLACES_OF_A_GROUP = 4;

/** Groups of four places, but two at least and ten at most; every other one is a function. */
export function groupsOf(places: number): StudyGroup[] {
  const count = Math.min(MOST_GROUPS, Math.max(2, Math.floor(places / PLACES_OF_A_GROUP)));
  return Array.from({ length: count }, (_, index) => ({
    name: `group-${index}`,
    places: Math.floor((places + index) / count),
    kind: index % 2 === 0 ? 'FUNCTION' : 'EXTERNAL',
  }));
}
