/** How many deliveries of one priority may be under way at once: in so many invocations, so many each. */
export interface Concurrency {
  readonly invocations: number;
  readonly parallel: number;
}

/**
 * SQS's least, for two pollers share a queue's first invocations.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
const FEWEST_INVOCATIONS = 2;
/** As much as one invocation of 256 MB has under way without falling behind. */
const MOST_PARALLEL = 50;
/** Up to here the fewest invocations do, with fuller batches. */
const LARGE_SHARE = FEWEST_INVOCATIONS * MOST_PARALLEL;
const DEFAULT_PARALLEL = 5;
const LARGEST_DEFAULT = 1000;

/** So that each priority can have a delivery under way in each of its invocations. */
export function leastConcurrency(priorities: number): number {
  return FEWEST_INVOCATIONS * priorities;
}

/** Little's law for a target that takes a second, and enough for a slow rate to have some under way of each priority. */
export function defaultConcurrency(ratePerSecond: number, priorities: number): number {
  return Math.min(LARGEST_DEFAULT, Math.max(FEWEST_INVOCATIONS * priorities * DEFAULT_PARALLEL, Math.ceil(ratePerSecond)));
}

/** Divides the bound over the priorities, highest first, so that a flood of one cannot hold all of it. What cannot be divided goes to the higher ones. */
export function divideConcurrency(maxConcurrency: number, priorities: number): Concurrency[] {
  const share = maxConcurrency / priorities;
  const invocations = share <= LARGE_SHARE ? FEWEST_INVOCATIONS : Math.ceil(share / MOST_PARALLEL);
  const places = Math.floor(maxConcurrency / invocations);
  return Array.from({ length: priorities }, (_, rank) => ({
    invocations,
    parallel: Math.floor(places / priorities) + (rank < places % priorities ? 1 : 0),
  }));
}
