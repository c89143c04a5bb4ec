/** What an event source hands to one invocation at most, and how long it collects for it. */
export interface Batching {
  readonly batchSize: number;
  readonly windowSeconds: number;
}

/** The largest batch that needs no window. @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const WITHOUT_WINDOW = 10;
/** What an invocation can deliver within its budget, and the limit of Lambda's event of 6 MB with messages of usual size. */
const LARGEST = 100;
/** Half of an invocation's budget: a batch that cannot be delivered in time only comes back. */
const SECONDS_OF_A_SLOW_RATE = 10;

/**
 * The highest priority does not wait for others to fill a batch. Lower ones take a second's worth at once, for fewer writes of the limiter. A slow
 * target gets no more than one invocation can deliver.
 */
export function batching(ratePerSecond: number, rank: number): Batching {
  if (ratePerSecond < 1) return withoutWindow(Math.max(1, Math.floor(ratePerSecond * SECONDS_OF_A_SLOW_RATE)));
  const second = Math.ceil(ratePerSecond);
  if (rank === 0 || second <= WITHOUT_WINDOW) return withoutWindow(WITHOUT_WINDOW);
  return { batchSize: Math.min(LARGEST, second), windowSeconds: 1 };
}

function withoutWindow(batchSize: number): Batching {
  return { batchSize, windowSeconds: 0 };
}
