/** Lets its callers go on one after the other, so many a second, also those that come at once. */
export function pace(perSecond: number, now: () => number, sleep: (ms: number) => Promise<void>): () => Promise<void> {
  let next = now();
  return async () => {
    const turn = Math.max(next, now());
    next = turn + 1000 / perSecond;
    const wait = turn - now();
    if (wait > 0) await sleep(wait);
  };
}
