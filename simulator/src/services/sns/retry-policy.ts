/** One retry: how long after the failure, and how many of AWS's attempts it stands for. */
export interface Retry {
  readonly afterMs: number;
  readonly standsFor: number;
}

/**
 * The delivery policy of queues and functions, which nobody can change: 3 retries at once, 2 a second apart, 10 with exponential
 * backoff from 1 to 20 seconds, 100,000 each 20 seconds: 23 days.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
export const IMMEDIATE = 3;
export const PRE_BACKOFF = 2;
export const BACKOFF = 10;
export const POST_BACKOFF = 100_000;
export const MOST_RETRIES = IMMEDIATE + PRE_BACKOFF + BACKOFF + POST_BACKOFF;

const PRE_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 20_000;
/**
 * A hundred thousand attempts per message would be work without news. In the last phase one attempt stands for a twentieth of
 * those before it, for at most ten minutes: whoever comes back after an outage is noticed late by 5 % of it, never by more than that.
 */
const SHARE_OF_ATTEMPTS = 0.05;
const MOST_AT_ONCE = 30;

/** What follows after so many of AWS's retries, or undefined when the policy is exhausted. */
export function nextRetry(made: number): Retry | undefined {
  if (made >= MOST_RETRIES) return undefined;
  if (made < IMMEDIATE) return { afterMs: 0, standsFor: 1 };
  const paced = made - IMMEDIATE;
  if (paced < PRE_BACKOFF) return { afterMs: PRE_BACKOFF_MS, standsFor: 1 };
  const backoff = paced - PRE_BACKOFF;
  if (backoff < BACKOFF) return { afterMs: PRE_BACKOFF_MS * (LONGEST_BACKOFF_MS / PRE_BACKOFF_MS) ** (backoff / (BACKOFF - 1)), standsFor: 1 };
  const steady = backoff - BACKOFF;
  const standsFor = Math.min(POST_BACKOFF - steady, MOST_AT_ONCE, Math.max(1, Math.floor(steady * SHARE_OF_ATTEMPTS)));
  return { afterMs: standsFor * LONGEST_BACKOFF_MS, standsFor };
}
