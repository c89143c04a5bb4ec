import { assign } from './assignment';
import { Damping } from './damping';
import { loadOf } from './load';
import { thieves } from './thieves';
import { pressedSince, victims } from './victims';
import type { GroupView } from './views';
import type { Grant, GroupLoad, PlanHistory, StealingSettings } from '../../../src/work-stealing-pool/contract';

export type { GroupView, WorkerView } from './views';

export interface PlanInput {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly groups: readonly GroupView[];
  /** Absent when nothing is stolen. */
  readonly stealing?: StealingSettings | undefined;
  /** What the last plan remembered; `NO_HISTORY` before the first. */
  readonly history: PlanHistory;
}

export interface Plan {
  readonly grants: Grant[];
  readonly load: Record<string, GroupLoad>;
  readonly history: PlanHistory;
}

export const NO_HISTORY: PlanHistory = { victimAt: {}, thiefAt: {}, pressedSince: {} };

/** Who steals how much from whom until the next look. */
export function plan({ now, groups: inAnyOrder, stealing, history }: PlanInput): Plan {
  const groups = [...inAnyOrder].sort((one, other) => one.name < other.name ? -1 : 1);
  const load = Object.fromEntries(groups.map((group) => [group.name, loadOf(group)]));
  if (!stealing) return { grants: [], load, history: NO_HISTORY };
  const pressed = pressedSince(groups, history.pressedSince, now);
  const damping = new Damping(history, stealing, now);
  const grants = assign(
    victims(groups, stealing, pressed, now),
    thieves(groups),
    (thief, victim) => thief.group !== victim.name && thief.stealsFrom.includes(victim.name) && !damping.isDry(thief.dry[victim.name])
      && !damping.holds(thief.group, victim),
    stealing.minimumGainSeconds,
  );
  return { grants, load, history: { ...damping.after(grants), pressedSince: pressed } };
}
