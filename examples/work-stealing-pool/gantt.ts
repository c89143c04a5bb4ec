/** A frame that a renderer was at, in milliseconds since the story began. */
export interface Bar {
  readonly frame: string;
  readonly tenant: string;
  /** Who did it, and to whom it was routed: not the same for a stolen one. */
  readonly group: string;
  readonly home: string;
  readonly from: number;
  readonly to: number;
  /** How long it took at the beginning to load the scene. */
  readonly loadMs: number;
}

export interface Group {
  readonly name: string;
  /** Frames at once. */
  readonly places: number;
  /** One letter, for the terminal. */
  readonly sign: string;
}

export interface Lane {
  readonly group: string;
  /** From 1. */
  readonly place: number;
  /** One after the other. */
  readonly bars: readonly Bar[];
}

export interface Axis {
  /** Of one character. */
  readonly spanMs: number;
  readonly lengthMs: number;
}

const IDLE = '·';

/** A lane for each place of each group, and as many more as were in use at once. */
export function lanes(bars: readonly Bar[], groups: readonly Group[]): Lane[] {
  return groups.flatMap(({ name, places }) => {
    const taken: Bar[][] = Array.from({ length: places }, () => []);
    for (const bar of bars.filter(({ group }) => group === name).sort((one, other) => one.from - other.from)) {
      const free = taken.find((lane) => (lane.at(-1)?.to ?? 0) <= bar.from);
      if (free) free.push(bar);
      else taken.push([bar]);
    }
    return taken.map((lane, index) => ({ group: name, place: index + 1, bars: lane }));
  });
}

/** When the last frame was done. */
export function makespan(bars: readonly Bar[]): number {
  return Math.max(0, ...bars.map(({ to }) => to));
}

/** The share of the time until `untilMs` in which a group's places were in use. */
export function use(all: readonly Lane[], group: string, untilMs: number): number {
  const its = all.filter((lane) => lane.group === group);
  const busy = its.flatMap(({ bars }) => bars).reduce((sum, { from, to }) => sum + Math.min(to, untilMs) - Math.min(from, untilMs), 0);
  return untilMs === 0 ? 0 : busy / (its.length * untilMs);
}

/** Frames that were under way at once in a group, at most. */
export function mostAtOnce(bars: readonly Bar[], { name, sign }: Group): number {
  return lanes(bars, [{ name, sign, places: 0 }]).length;
}

/** The chart as lines of text, one a place: the letter of the group to which the frame was routed, a small one where another group does it. */
export function drawn(all: readonly Lane[], groups: readonly Group[], { spanMs, lengthMs }: Axis): string[] {
  const signs = new Map(groups.map(({ name, sign }) => [name, sign]));
  const width = Math.max(...groups.map(({ name }) => name.length)) + 3;
  const columns = Math.ceil(lengthMs / spanMs);
  const rows = all.map(({ group, place, bars }) => {
    const cells = Array.from({ length: columns }, (_, index) => {
      const at = (index + 0.5) * spanMs;
      const bar = bars.find(({ from, to }) => from <= at && at < to);
      if (!bar) return IDLE;
      const sign = signs.get(bar.home)!;
      return bar.home === group ? sign : sign.toLowerCase();
    });
    return `${(place === 1 ? group : '').padEnd(width)} ${cells.join('')}`;
  });
  const everyMinute = 60_000 / spanMs;
  const minutes = Array.from({ length: Math.ceil(lengthMs / 60_000) }, (_, minute) => `|${minute} min`.slice(0, everyMinute).padEnd(everyMinute)).join('');
  return [...rows, `${''.padEnd(width)} ${minutes.trimEnd()}`];
}
