import { freePlaces, residualSeconds, workingPlaces } from './load';
import type { GroupView } from './views';
import type { PlanHistory, StealingSettings } from '../../../src/work-stealing-pool/contract';

/** A group from which it is worth to steal. */
export interface Victim {
  readonly name: string;
  /** Tasks that its own free places do not take at once, by a reading that may be a minute old. */
  readonly waiting: number;
  /** Places of its own that work on them. */
  readonly capacity: number;
  readonly taskSeconds: number;
  /** How long the last of them waits if nobody helps; where nobody works for ever, which is longer than any gain and any damping. */
  readonly waitSeconds: number;
  /** It has had no free place for longer than the gain: whatever the reading says, somebody may look. */
  readonly pressed: boolean;
}

export function victims(groups: readonly GroupView[], { minimumGainSeconds }: StealingSettings, since: PlanHistory['pressedSince'], now: number): Victim[] {
  return groups
    .map((group) => victimIn(group, now - (since[group.name] ?? now) > minimumGainSeconds * 1000))
    .filter(({ waitSeconds, pressed }) => pressed || waitSeconds > minimumGainSeconds);
}

function victimIn(group: GroupView, pressed: boolean): Victim {
  const capacity = workingPlaces(group);
  const waiting = Math.max(0, group.waiting - (capacity > 0 ? freePlaces(group) : 0));
  // Where costs differ a lot it is rather the long ones that one waits for.
  const taskSeconds = Math.max(group.meanSeconds, residualSeconds(group), Number.EPSILON);
  const waitSeconds = waiting > 0 ? waiting * taskSeconds / capacity : 0;
  return { name: group.name, waiting, capacity, taskSeconds, waitSeconds, pressed };
}

/** Since when a group that works has had no place free. */
export function pressedSince(groups: readonly GroupView[], before: PlanHistory['pressedSince'], now: number): PlanHistory['pressedSince'] {
  return Object.fromEntries(groups
    .filter((group) => workingPlaces(group) > 0 && freePlaces(group) === 0)
    .map(({ name }) => [name, before[name] ?? now]));
}
