import type { ItemTime, Limit } from './acquisition';

/** A slot not used within a second is given up. */
const LONGEST_USABLE_MS = 1_000;

/** How the burst that a target takes is spent. */
export interface Burst {
  /** How long after its time a slot may be used. */
  readonly usableMs: number;
  /** How many deliveries may come at once. */
  readonly size: number;
}

/**
 * Half of the burst above one delivery pays for slots that are used late: when all of them are late and those after them in time, the deliveries of
 * that time come on top of what the rate gives.
 */
export function burstOf({ ratePerSecond, burst }: Limit): Burst {
  const usableMs = Math.min(LONGEST_USABLE_MS, 1000 * (burst - 1) / (2 * ratePerSecond));
  return { usableMs, size: burst - ratePerSecond * usableMs / 1000 };
}

/** How far a priority is allowed to be ahead of the rate, in milliseconds: what it must leave to higher ones taken off. */
export function toleranceOf(limit: Limit, rank: number): number {
  const { size } = burstOf(limit);
  return Math.max(0, size * (1 - (limit.heldBack[rank] ?? 0)) - 1) * 1000 / limit.ratePerSecond;
}

export interface Booking {
  readonly slots: readonly ItemTime[];
  readonly arrival: ItemTime;
}

/**
 * Books slots up to `horizon` by the generic cell rate algorithm, in its form with a theoretical arrival time: a delivery conforms when it is not
 * earlier than that time less the tolerance.
 * @see ITU-T I.371, annex A, virtual scheduling
 */
export function book(arrival: ItemTime, count: number, { now, intervalMs, toleranceMs, horizon }: {
  now: ItemTime; intervalMs: number; toleranceMs: number; horizon: ItemTime;
}): Booking {
  const slots: ItemTime[] = [];
  let next = arrival;
  while (slots.length < count) {
    const slot = Math.max(now, next - toleranceMs);
    if (slot > horizon) break;
    slots.push(slot);
    next = Math.max(slot, next) + intervalMs;
  }
  return { slots, arrival: next };
}
