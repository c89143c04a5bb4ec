/** Something that reached a target, in milliseconds since the story began. */
export interface Arrival {
  readonly at: number;
  /** The delivery's, the same each time. */
  readonly id: string;
  readonly priority: string;
  /** The target took it. */
  readonly accepted: boolean;
  /** From its queue to the target's answer. */
  readonly waitedMs: number;
}

export interface Limit {
  readonly ratePerSecond: number;
  readonly burst: number;
}

/** So many of `times` in each span, as a rate a second. */
export function rates(times: readonly number[], spanMs: number, lengthMs: number): number[] {
  const counts = Array<number>(Math.ceil(lengthMs / spanMs)).fill(0);
  for (const time of times) if (time < lengthMs) counts[Math.floor(time / spanMs)]++;
  return counts.map((count) => count * 1000 / spanMs);
}

/** The smallest value that this share of all does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('there is no percentile of nothing');
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** By how many arrivals the worst of all windows is above `rate × t + burst`; below 0: none is. */
export function excess(times: readonly number[], { ratePerSecond, burst }: Limit): number {
  let level = 0;
  let last = -Infinity;
  let worst = -Infinity;
  for (const time of [...times].sort((one, other) => one - other)) {
    level = Math.max(0, level - (time - last) * ratePerSecond / 1000) + 1;
    worst = Math.max(worst, level - burst);
    last = time;
  }
  // A rate of a fifth has no exact sum.
  return Math.round(worst * 1e6) / 1e6;
}

/** How long after `from` the target gets this rate again, over spans of this length; `undefined`: never. */
export function backAfter(times: readonly number[], from: number, ratePerSecond: number, spanMs: number): number | undefined {
  const needed = Math.ceil(ratePerSecond * spanMs / 1000);
  const since = times.filter((time) => time >= from).sort((one, other) => one - other);
  for (let last = needed - 1; last < since.length; last++) {
    if (since[last] - since[last - needed + 1] <= spanMs) return since[last] - from;
  }
  return undefined;
}
