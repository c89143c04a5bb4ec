/** What one call takes. */
export interface BatchLimits {
  readonly entries: number;
  readonly bytes: number;
}

/** Divides entries into batches, in their order. An entry that is too large by itself has one of its own. */
export function inBatches<T>(entries: readonly T[], most: BatchLimits, bytesOf: (entry: T) => number): T[][] {
  const batches: T[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = bytesOf(entry);
    const current = batches.at(-1);
    if (!current || current.length === most.entries || bytes + size > most.bytes) {
      batches.push([entry]);
      bytes = size;
    } else {
      current.push(entry);
      bytes += size;
    }
  }
  return batches;
}
