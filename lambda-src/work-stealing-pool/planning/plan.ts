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

export const NO_HISTORY: PlanHistory = { thiefAt: {}, pressedSince: {} };

/** Who steals how much from whom until the next look. */
export function plan({ now, groups: inAnyOrder, stealing, history }: PlanInput): Plan {
  const groups = [...inAnyOrder].sort((one, other) => one.name < other.name ? -1 : 1);
  const load = Object.fromEntries(groups.map((group) => [group.name, loadOf(group)]));
  if (!stealing) return { grants: [], load, history: NO_HISTORY };
  const pressed = pressedSince(groups, history.pressedSince, now);
  const damping = new Damping(history.thiefAt, stealing, now);
  const open = victims(groups, stealing, pressed, now).filter((victim) => !damping.holds(victim));
  const grants = assign(open, thieves(groups), (thief, { name }) => {
    return thief.group !== name && thief.stealsFrom.includes(name) && !damping.isDry(thief.dry[name]);
  }, stealing);
  return { grants, load, history: { thiefAt: damping.after(grants), pressedSince: pressed } };
}
