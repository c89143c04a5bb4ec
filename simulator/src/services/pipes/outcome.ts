/** How a stage, or the whole execution of a pipe, has ended. */
export type Outcome =
  | { readonly ok: true }
  | {
    readonly ok: false;
    readonly error: string;
    /** Which events have failed, by their place in the batch; absent for all. */
    readonly failed?: readonly number[];
    /** A retryable failure of an AWS service: tried again without using up the retries. */
    readonly uncounted: boolean;
    /** Why, when it is not the events' or the target's fault. */
    readonly reason?: 'THROTTLED' | 'TIMEOUT';
  };

export const SUCCESS: Outcome = { ok: true };

/**
 * "EventBridge Pipes automatically retries enrichment and target invocation on any retryable AWS failures"; errors of configuration
 * and code count against the retries.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-error-troubleshooting.html
 */
export function failureOf(error: any): Outcome & { ok: false } {
  if (error?.$fault === undefined) throw error;
  const throttled = isThrottle(String(error.name));
  return { ok: false, error: `${error.name}: ${error.message}`, uncounted: Boolean(error.retryable) || error.$fault === 'server' || throttled, ...(throttled && { reason: 'THROTTLED' }) };
}

export function refusal(error: string): Outcome & { ok: false } {
  return { ok: false, error, uncounted: false };
}

/** What a batch call says of entries that it did not take. */
export interface FailedEntry {
  readonly index: number;
  readonly code: string;
  readonly senderFault?: boolean;
}

export function outcomeOfEntries(total: number, failed: readonly FailedEntry[]): Outcome {
  if (failed.length === 0) return SUCCESS;
  return {
    ok: false,
    error: [...new Set(failed.map(({ code }) => code))].join(', '),
    failed: failed.length === total ? undefined : failed.map(({ index }) => index).sort((a, b) => a - b),
    uncounted: failed.every(({ code, senderFault }) => (senderFault === undefined ? isServiceFailure(code) : !senderFault)),
    ...(failed.some(({ code }) => isThrottle(code)) && { reason: 'THROTTLED' }),
  };
}

function isThrottle(code: string): boolean {
  return /Throttl|TooManyRequests|ThroughputExceeded/.test(code);
}

function isServiceFailure(code: string): boolean {
  return isThrottle(code) || /^Internal|ServiceUnavailable/.test(code);
}
