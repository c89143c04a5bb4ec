import type { Random } from '../kernel/random';

/**
 * How SDK clients retry since November 2026 ("standard" mode): three attempts, exponential backoff with full jitter from
 * 50 ms (throttling: 1 s) up to 20 s, and a quota that stops retries when most calls fail. DynamoDB: four attempts from 25 ms.
 * https://aws.amazon.com/blogs/developer/updated-default-retry-behavior-for-aws-sdks-and-tools/
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const BASE_DELAY_MS = 50;
const DYNAMODB_BASE_DELAY_MS = 25;
const THROTTLING_BASE_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 20_000;
const QUOTA = 500;
const COST = 14;
const THROTTLING_COST = 5;

/** Error codes that clients take for throttling, whatever the HTTP status. */
const THROTTLING_ERRORS: ReadonlySet<string> = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);

export type RetryableKind = 'throttling' | 'transient';

/** Why a client would retry after this error; undefined when it would not. */
export function retryableKind(error: any): RetryableKind | undefined {
  if (THROTTLING_ERRORS.has(error?.name)) return 'throttling';
  return error?.retryable === true ? 'transient' : undefined;
}

/** How many attempts a client makes when nothing else is configured. */
export function defaultMaxAttempts(serviceId: string): number {
  return serviceId === 'DynamoDB' ? 4 : 3;
}

/** One client's retries: what they wait, and whether the quota still has room. */
export class ClientRetries {
  private capacity = QUOTA;

  constructor(private readonly serviceId: string, readonly maxAttempts: number) {}

  /** Whether the call may be made again after `attempts` attempts; takes the retry's cost from the quota. */
  admit(kind: RetryableKind, attempts: number): boolean {
    const cost = this.cost(kind);
    if (attempts >= this.maxAttempts || this.capacity < cost) return false;
    this.capacity -= cost;
    return true;
  }

  /** The wait before the next attempt, in milliseconds. */
  delay(kind: RetryableKind, attempts: number, random: Random): number {
    const transientBase = this.serviceId === 'DynamoDB' ? DYNAMODB_BASE_DELAY_MS : BASE_DELAY_MS;
    const base = kind === 'throttling' ? THROTTLING_BASE_DELAY_MS : transientBase;
    return Math.floor(random.next() * Math.min(base * 2 ** (attempts - 1), LONGEST_DELAY_MS));
  }

  /** A success gives back what its last retry cost, or one unit. */
  succeeded(lastRetry: RetryableKind | undefined) {
    this.capacity = Math.min(QUOTA, this.capacity + (lastRetry ? this.cost(lastRetry) : 1));
  }

  private cost(kind: RetryableKind): number {
    return kind === 'throttling' ? THROTTLING_COST : COST;
  }
}
