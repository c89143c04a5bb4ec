/**
 * Entries in partitions, each partition ordered by sort key: the storage of a table and of each of its indexes.
 * For a while after a write the version before it stays visible to reads that may be stale.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
 */
import type { Place } from './keys';
import type { AttributeMap } from './values';

export interface Version {
  readonly image: AttributeMap;
  readonly size: number;
}

export interface Slot extends Place {
  current?: Version;
  /** The version before the last write; null when there was none, undefined when it is no longer known. */
  previous?: Version | null;
  changedAt: number;
}

export interface Partition {
  readonly token: string;
  readonly hash: number;
  readonly slots: Slot[];
}

export const HASH_RANGE = 2 ** 32;

export class Collection {
  private readonly partitions = new Map<string, Partition>();
  private ordered?: Partition[];
  /** What was written lately, the oldest first, from `recentStart` on. */
  private recent: { readonly slot: Slot; readonly at: number }[] = [];
  private recentStart = 0;

  /** `memoryMs`: how long the previous version is kept; 0 for never. */
  constructor(private readonly memoryMs: number) {}

  get(place: Place): Slot | undefined {
    const slots = this.partitions.get(place.partition)?.slots;
    if (!slots) return undefined;
    const slot = slots[lowerBound(slots, place.sort, place.tie)];
    return slot && slot.sort === place.sort && slot.tie === place.tie ? slot : undefined;
  }

  /** Stores or, without a version, removes. */
  write(place: Place, version: Version | undefined, now: number): void {
    const slot = this.get(place) ?? (version && this.insert(place, now));
    if (!slot) return;
    if (this.memoryMs > 0) {
      slot.previous = slot.current ?? null;
      slot.changedAt = now;
      this.recent.push({ slot, at: now });
    }
    slot.current = version;
    if (this.memoryMs > 0) this.forget(now);
    else if (!version) this.drop(slot);
  }

  partition(token: string): readonly Slot[] {
    return this.partitions.get(token)?.slots ?? [];
  }

  /** Partitions in the order of a scan: by hash, so that nobody relies on the order of insertion. */
  inScanOrder(): readonly Partition[] {
    return this.ordered ??= [...this.partitions.values()].sort((a, b) => a.hash - b.hash || (a.token < b.token ? -1 : 1));
  }

  * versions(): IterableIterator<Version> {
    for (const { slots } of this.partitions.values()) {
      for (const { current } of slots) if (current) yield current;
    }
  }

  private insert(place: Place, now: number): Slot {
    let partition = this.partitions.get(place.partition);
    if (!partition) {
      partition = { token: place.partition, hash: hashOf(place.partition), slots: [] };
      this.partitions.set(place.partition, partition);
      this.ordered = undefined;
    }
    const slot: Slot = { partition: place.partition, sort: place.sort, tie: place.tie, current: undefined, previous: undefined, changedAt: now };
    partition.slots.splice(lowerBound(partition.slots, place.sort, place.tie), 0, slot);
    return slot;
  }

  private forget(now: number) {
    for (; this.recentStart < this.recent.length; this.recentStart++) {
      const { slot, at } = this.recent[this.recentStart];
      if (now - at <= this.memoryMs) break;
      // Written again since: a later entry of the list will see to it.
      if (slot.changedAt !== at) continue;
      slot.previous = undefined;
      if (!slot.current) this.drop(slot);
    }
    if (this.recentStart > 1000 && this.recentStart * 2 > this.recent.length) {
      this.recent = this.recent.slice(this.recentStart);
      this.recentStart = 0;
    }
  }

  private drop(slot: Slot) {
    const partition = this.partitions.get(slot.partition);
    if (!partition) return;
    const at = lowerBound(partition.slots, slot.sort, slot.tie);
    if (partition.slots[at] !== slot) return;
    partition.slots.splice(at, 1);
    if (partition.slots.length > 0) return;
    this.partitions.delete(slot.partition);
    this.ordered = undefined;
  }
}

/** The first slot that is not before (sort, tie). */
export function lowerBound(slots: readonly Slot[], sort: string, tie: string): number {
  let low = 0;
  let high = slots.length;
  // Sort keys often grow with time.
  if (high > 0 && isBefore(slots[high - 1], sort, tie)) return high;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBefore(slots[middle], sort, tie)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(slot: Slot, sort: string, tie: string): boolean {
  return slot.sort < sort || (slot.sort === sort && slot.tie < tie);
}

/** A hash over the code units, in [0, 2^32), in which neighbours scatter. */
export function hashOf(token: string): number {
  let hash = token.length + 1;
  for (let i = 0; i < token.length; i++) hash = (hash * 1_000_003 + token.charCodeAt(i)) % HASH_RANGE;
  // A few rounds of exchanging the halves and multiplying spread the last characters over all digits.
  for (let round = 0; round < 3; round++) {
    hash = ((hash % 65_536) * 65_536 + Math.floor(hash / 65_536)) * 1_000_003 % HASH_RANGE;
  }
  return hash;
}
