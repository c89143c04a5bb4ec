import { RetryDescription } from './description';
import { Definition } from '../../shared/asl';

/** What another attempt cannot change: a deadline that is over, an expression that fails. */
const FINAL = ['States.QueryEvaluationError', 'States.DataLimitExceeded'];

/** All errors that can be caught, for a Catch each: `States.ALL` leaves one out. @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export const ANY_ERROR = [['States.DataLimitExceeded'], ['States.ALL']];

/** Actions: a timeout is an unknown outcome, which another attempt does not make known. */
export function retryAction(retry: RetryDescription, abortOn: readonly string[]): Definition[] {
  return retryUnless([...new Set([...abortOn, 'States.Timeout', ...FINAL])], retry);
}

/** What has to happen in the end: steps behind the pivot, compensations. Timeouts are tried again too, because all of it is idempotent. */
export const PERSISTENT_RETRY: RetryDescription = { maxAttempts: 6, intervalSeconds: 2, backoffRate: 2, maxIntervalSeconds: 60 };

export function retryPersistently(retry: RetryDescription = PERSISTENT_RETRY): Definition[] {
  return retryUnless(FINAL, retry);
}

/** The saga's own writes and events: services that are down for minutes do not end a saga. */
export function retryService(finalErrors: readonly string[]): Definition[] {
  return retryUnless([...finalErrors, ...FINAL], { maxAttempts: 9, intervalSeconds: 1, backoffRate: 2, maxIntervalSeconds: 60 });
}

function retryUnless(finalErrors: readonly string[], retry: RetryDescription): Definition[] {
  const { maxAttempts, intervalSeconds, backoffRate, maxIntervalSeconds } = retry;
  if (maxAttempts === 0) return [];
  return [
    { ErrorEquals: finalErrors, MaxAttempts: 0 },
    {
      ErrorEquals: ['States.ALL'],
      IntervalSeconds: intervalSeconds,
      BackoffRate: backoffRate,
      MaxAttempts: maxAttempts,
      MaxDelaySeconds: maxIntervalSeconds,
      JitterStrategy: 'FULL',
    },
  ];
}
