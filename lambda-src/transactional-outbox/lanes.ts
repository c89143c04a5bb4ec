export interface Unfinished<T> {
  readonly item: T;
  readonly index: number;
  /** Why; absent when there was no time, or when an earlier item of the lane is unfinished. */
  readonly error?: unknown;
}

export interface LaneOptions<T> {
  readonly laneOf: (item: T) => string;
  readonly work: (item: T) => Promise<void>;
  /** Asked before each item. */
  readonly hasTime: () => boolean;
}

/** Lanes that are worked on at the same time. */
const PARALLEL_LANES = 10;

/**
 * Works on items that share a lane strictly one after the other, on lanes side by side. A lane stops at its first failure, or when there
 * is no time left. Answers what is unfinished, in the order of the items.
 */
export async function inLanes<T>(items: readonly T[], { laneOf, work, hasTime }: LaneOptions<T>): Promise<Unfinished<T>[]> {
  const lanes = new Map<string, Unfinished<T>[]>();
  items.forEach((item, index) => {
    const name = laneOf(item);
    const lane = lanes.get(name);
    if (lane) lane.push({ item, index });
    else lanes.set(name, [{ item, index }]);
  });
  const unfinished: Unfinished<T>[] = [];
  const waiting = lanes.values();
  const worker = async () => {
    for (const lane of waiting) unfinished.push(...await workOn(lane, work, hasTime));
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_LANES, lanes.size) }, worker));
  return unfinished.sort((one, other) => one.index - other.index);
}

async function workOn<T>(lane: readonly Unfinished<T>[], work: (item: T) => Promise<void>, hasTime: () => boolean): Promise<Unfinished<T>[]> {
  for (const [place, { item, index }] of lane.entries()) {
    if (!hasTime()) return lane.slice(place);
    try {
      await work(item);
    } catch (error) {
      return [{ item, index, error }, ...lane.slice(place + 1)];
    }
  }
  return [];
}
