import type { Thief } from './thieves';
import type { Victim } from './victims';
import type { Grant, StealingSettings } from '../../../src/work-stealing-pool/contract';

/** A victim, and the places that it gets. */
interface Front {
  readonly victim: Victim;
  /** Who may steal there, those that can steal nowhere else first. */
  readonly thieves: readonly Thief[];
  readonly places: Map<Thief, number>;
  given: number;
}

type Choice = (fronts: readonly Front[]) => Front | undefined;

/**
 * Each place goes where the last task would otherwise be begun latest, one by one: that evens the ends out, and is half of the imbalance where there
 * are two groups of the same size. What is left over looks where no place is free, whatever the reading of its depth: that may be a minute old.
 */
export function assign(
  victims: readonly Victim[], thieves: readonly Thief[], maySteal: (thief: Thief, victim: Victim) => boolean, stealing: StealingSettings,
): Grant[] {
  const options = new Map(thieves.map((thief) => [thief, victims.filter((victim) => maySteal(thief, victim)).length]));
  const fronts = victims.map((victim): Front => ({
    victim,
    thieves: thieves.filter((thief) => maySteal(thief, victim))
      .sort((one, other) => options.get(one)! - options.get(other)! || compareThieves(one, other)),
    places: new Map(),
    given: 0,
  }));
  const free = new Map(thieves.map((thief) => [thief, thief.free]));
  const busy = new Map(thieves.map((thief) => [thief, thief.busy]));
  const latest: Choice = (all) => first(all.filter((front) => wantsMore(front, stealing.minimumGainSeconds)), compareEnds);
  const unseen: Choice = (all) => first(all.filter(({ victim }) => victim.pressed), compareShares);
  for (const choice of [latest, unseen]) {
    give(fronts, free, choice);
    give(fronts, busy, choice);
  }
  return fronts.flatMap((front) => [...front.places].map(([thief, places]) => grantOf(front, thief, places, stealing)));
}

function give(fronts: readonly Front[], left: Map<Thief, number>, choice: Choice): void {
  let open = fronts.map((front) => ({ front, thieves: [...front.thieves] }));
  for (;;) {
    open = open.filter(({ thieves }) => {
      while (thieves.length > 0 && left.get(thieves[0]!) === 0) thieves.shift();
      return thieves.length > 0;
    });
    const front = choice(open.map((each) => each.front));
    if (!front) return;
    const thief = open.find((each) => each.front === front)!.thieves[0]!;
    left.set(thief, left.get(thief)! - 1);
    front.places.set(thief, (front.places.get(thief) ?? 0) + 1);
    front.given++;
  }
}

function wantsMore(front: Front, enoughSeconds: number): boolean {
  return front.given < front.victim.waiting && endSeconds(front) > enoughSeconds;
}

/** When the last of its tasks is begun with the places that it has been given. */
function endSeconds({ victim: { waiting, taskSeconds, capacity }, given }: Front): number {
  return capacity + given > 0 ? waiting * taskSeconds / (capacity + given) : Infinity;
}

function grantOf(front: Front, { group, worker }: Thief, places: number, { intervalSeconds }: StealingSettings): Grant {
  const { name, waiting, taskSeconds, waitSeconds, pressed } = front.victim;
  // What these places do until all of it is begun, one task each at least. Together that is never more than waits, because no more places are given.
  // Where a reading is not to be trusted, what they do while a plan lasts.
  const seconds = Math.max(endSeconds(front), pressed ? intervalSeconds : 0);
  return {
    thief: group,
    ...(worker === undefined ? {} : { worker }),
    victim: name,
    tasks: Math.max(places, Math.floor(places * seconds / taskSeconds)),
    gainSeconds: Number.isFinite(waitSeconds) ? waitSeconds : waiting * taskSeconds,
  };
}

function first<Element>(elements: readonly Element[], compare: (one: Element, other: Element) => number): Element | undefined {
  return elements.reduce<Element | undefined>((best, element) => best === undefined || compare(element, best) < 0 ? element : best, undefined);
}

function compareEnds(one: Front, other: Front): number {
  const [end, otherEnd] = [endSeconds(one), endSeconds(other)];
  if (end !== otherEnd) return otherEnd > end ? 1 : -1;
  // Where nobody works: the most work first.
  const [work, otherWork] = [one, other].map(({ victim: { waiting, taskSeconds } }) => waiting * taskSeconds) as [number, number];
  return otherWork - work || compareNames(one.victim.name, other.victim.name);
}

function compareShares(one: Front, other: Front): number {
  return one.given / one.victim.capacity - other.given / other.victim.capacity || compareNames(one.victim.name, other.victim.name);
}

function compareThieves(one: Thief, other: Thief): number {
  return compareNames(one.group, other.group) || compareNames(one.worker ?? '', other.worker ?? '');
}

function compareNames(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
