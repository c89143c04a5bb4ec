/** A message that the target got, at a time in milliseconds. */
export interface Arrival {
  readonly message: number;
  readonly at: number;
  /** It took it; otherwise it failed. */
  readonly taken: boolean;
}

/**
 * Counts as messages arrive, in the order of time, by how many the fullest window is above `rate · t + burst`. A window of t seconds that is full when a
 * message comes is one that has run since all before was paid for by the rate.
 */
export class Excess {
  worst = 0;
  private paidUntil = -Infinity;

  constructor(private readonly perSecond: number, private readonly burst: number) {}

  add(at: number): void {
    const intervalMs = 1000 / this.perSecond;
    this.paidUntil = Math.max(this.paidUntil, at) + intervalMs;
    const above = (this.paidUntil - at) / intervalMs - this.burst;
    if (above > this.worst + 1e-6) this.worst = above;
  }
}

export function excessOf(times: Iterable<number>, { perSecond, burst }: { readonly perSecond: number; readonly burst: number }): number {
  const excess = new Excess(perSecond, burst);
  for (const time of times) excess.add(time);
  return excess.worst;
}

/** How many come a second between two times. */
export function rateBetween(times: readonly number[], from: number, to: number): number {
  return times.filter((time) => time >= from && time < to).length * 1000 / (to - from);
}

/** When the first span of time begins, from `from` on, in which so many come a second; undefined when there is none. */
export function reachesRate(times: readonly number[], from: number, perSecond: number, spanMs: number): number | undefined {
  const needed = Math.ceil(perSecond * spanMs / 1000);
  const since = times.findIndex((time) => time >= from);
  for (let first = since; first >= 0 && first + needed <= times.length; first++) {
    if (times[first + needed - 1] - times[first] <= spanMs) return times[first];
  }
  return undefined;
}
