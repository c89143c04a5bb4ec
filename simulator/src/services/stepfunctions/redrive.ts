import { executionNotRedrivable } from './errors';
import type { Execution } from './execution';

const DAY_MS = 24 * 3600 * 1000;
/** @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html#redrive-eligibility */
const REDRIVABLE_MS = 14 * DAY_MS;
const LONGEST_EXECUTION_MS = 365 * DAY_MS;
const MOST_EVENTS = 24_999;
/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html#API_RedriveExecution_RequestSyntax (clientToken) */
const TOKEN_KEPT_MS = 15 * 60 * 1000;

/** What was asked for last, so that a request that is repeated with its token changes nothing. */
export interface Redrive {
  readonly at: number;
  readonly clientToken?: string;
}

/** Why an execution cannot be redriven, in the words of DescribeExecution; undefined when it can. */
export function notRedrivableReason(execution: Execution, now: number): string | undefined {
  const { status, stopDate, startDate, progress } = execution;
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
  if (now - stopDate! > REDRIVABLE_MS) return 'Execution redrivable period exceeded';
  if (now - startDate > LONGEST_EXECUTION_MS) return 'Execution has exceeded the max execution time';
  if ((progress?.lastEventId ?? 0) >= MOST_EVENTS) return 'Execution history event limit exceeded';
  return undefined;
}

/** Whether this very request was made before; throws when the execution cannot be redriven. */
export function isRepeated(execution: Execution, clientToken: string | undefined, now: number): boolean {
  const { redrive } = execution;
  if (clientToken !== undefined && redrive?.clientToken === clientToken && now - redrive.at <= TOKEN_KEPT_MS) return true;
  const reason = notRedrivableReason(execution, now);
  if (reason !== undefined) throw executionNotRedrivable(execution.arn, reason);
  return false;
}

/** What DescribeExecution and status events tell of redrives. */
export function redriveStatus(execution: Execution, now: number) {
  const reason = notRedrivableReason(execution, now);
  return {
    redriveStatus: reason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(reason === undefined ? {} : { redriveStatusReason: reason }),
  };
}
