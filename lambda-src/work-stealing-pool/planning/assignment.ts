import type { Thief } from './thieves';
import type { Victim } from './victims';
import type { Grant } from '../../../src/work-stealing-pool/contract';

/** So many places of a thief, for a victim. */
interface Placement {
  readonly thief: Thief;
  readonly victim: Victim;
  places: number;
}

interface Front {
  readonly victim: Victim;
  /** Who may steal there, those that can steal nowhere else first. */
  readonly thieves: Thief[];
  given: number;
}

/**
 * Each idle place goes where the last task would otherwise finish latest, one by one: that evens the finish times out, and is half of the imbalance
 * where there are two groups of the same size.
 */
export function assign(
  victims: readonly Victim[], thieves: readonly Thief[], mayRob: (thief: Thief, victim: Victim) => boolean, enoughSeconds: number,
): Grant[] {
  const free = new Map(thieves.map((thief) => [thief, thief.places]));
  const options = new Map(thieves.map((thief) => [thief, victims.filter((victim) => mayRob(thief, victim)).length]));
  const fronts: Front[] = victims.map((victim) => ({
    victim,
    thieves: thieves.filter((thief) => mayRob(thief, victim))
      .sort((one, other) => options.get(one)! - options.get(other)! || compareThieves(one, other)),
    given: 0,
  }));
  const placements = new Map<string, Placement>();
  for (;;) {
    for (const front of fronts) {
      while (front.thieves[0] && free.get(front.thieves[0]) === 0) front.thieves.shift();
    }
    const front = fronts.filter((each) => each.thieves.length > 0 && wantsMore(each, enoughSeconds)).sort(compareFronts)[0];
    if (!front) break;
    const thief = front.thieves[0]!;
    free.set(thief, free.get(thief)! - 1);
    front.given++;
    const key = JSON.stringify([front.victim.name, thief.group, thief.worker]);
    const placement = placements.get(key) ?? { thief, victim: front.victim, places: 0 };
    placement.places++;
    placements.set(key, placement);
  }
  return fronts.flatMap((front) => [...placements.values()]
    .filter(({ victim }) => victim === front.victim)
    .map((placement) => grantOf(placement, front)));
}

function wantsMore({ victim, given }: Front, enoughSeconds: number): boolean {
  return given < victim.waiting && (victim.abandoned || victim.pressed || finishSeconds(victim, given) > enoughSeconds);
}

/** When the last of its tasks is begun with so many places more. */
function finishSeconds({ waiting, taskSeconds, capacity }: Victim, given: number): number {
  return waiting * taskSeconds / (capacity + given);
}

function grantOf({ thief, victim, places }: Placement, { given }: Front): Grant {
  return {
    thief: thief.group,
    ...(thief.worker === undefined ? {} : { worker: thief.worker }),
    victim: victim.name,
    // What these places do until all of it is done, which is one task each at least: never more than waits, because no more places are given.
    tasks: Math.max(places, Math.floor(places * finishSeconds(victim, given) / victim.taskSeconds)),
    gainSeconds: Number.isFinite(victim.waitSeconds) ? victim.waitSeconds : victim.waiting * victim.taskSeconds,
  };
}

function compareFronts(one: Front, other: Front): number {
  const [late, later] = [finishSeconds(one.victim, one.given), finishSeconds(other.victim, other.given)];
  if (late !== later) return later > late ? 1 : -1;
  return other.victim.waiting * other.victim.taskSeconds - one.victim.waiting * one.victim.taskSeconds || (one.victim.name < other.victim.name ? -1 : 1);
}

function compareThieves(one: Thief, other: Thief): number {
  return compareNames(one.group, other.group) || compareNames(one.worker ?? '', other.worker ?? '');
}

function compareNames(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
