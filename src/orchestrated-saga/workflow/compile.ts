import { beginStates } from './begin';
import { allSteps, SagaDescription } from './description';
import { endStates } from './ends';
import { forwardStates } from './forward';
import { groupStates } from './group';
import { notCalledStates } from './not-called';
import { recoveryStates } from './recovery';
import { PERSISTENT_RETRY } from './retries';
import { reachable, States } from './states';
import { queryOf, STATE, undoOf } from '../state-names';
import { undoStates } from './undo';
import { Definition } from '../../shared/asl';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html (TimeoutSeconds) */
const LONGEST_TIMEOUT_SECONDS = 99_999_999;

/** Amazon States Language of a saga: a pure function of its description. */
export function compileSaga(description: SagaDescription): Definition {
  const states = { ...beginStates(description), ...sagaStates(description) };
  return {
    Comment: `Saga ${description.saga}`,
    QueryLanguage: 'JSONata',
    TimeoutSeconds: longestRun(description),
    StartAt: STATE.BEGIN,
    States: reachable(STATE.BEGIN, states),
  };
}

/** The machine that finishes what executions of the saga have left, in the saga's own states. */
export function compileRecovery(description: SagaDescription, recoverArn: string): Definition {
  const own = sagaStates(description);
  const states = { ...own, ...recoveryStates(description, recoverArn, entries(description, own)) };
  return {
    Comment: `Recovery of saga ${description.saga}`,
    QueryLanguage: 'JSONata',
    TimeoutSeconds: longestRun(description),
    StartAt: STATE.RECOVER,
    States: reachable(STATE.RECOVER, states),
  };
}

function sagaStates(description: SagaDescription): States {
  const each = description.steps.map((step, index) => ({
    ...(step.kind === 'GROUP' ? groupStates(description, index) : forwardStates(description, index)),
    ...undoStates(description, index),
  }));
  const states: States = Object.assign({}, ...each, endStates(description));
  return { ...states, ...notCalledStates(description, states) };
}

/** Where a recovery may go on: each step, its query, its undoing, and each end. */
function entries({ steps }: SagaDescription, states: States): string[] {
  const names = [...steps.flatMap(({ id }) => [id, queryOf(id), undoOf(id)]), STATE.COMPLETE, STATE.UNDONE, STATE.PARK, STATE.TELL];
  return names.filter((name) => name in states);
}

/**
 * Seconds after which even the slowest run has ended: a net below the deadline and the steps' own timeouts, which end a saga in order. This
 * one runs no Catch, and leaves the saga to its recovery.
 */
function longestRun(description: SagaDescription): number {
  const attempts = PERSISTENT_RETRY.maxAttempts + 1;
  const each = allSteps(description).map(({ timeoutSeconds, compensationTimeoutSeconds, retry }) => {
    const forward = (retry.maxAttempts + 1) * (timeoutSeconds + retry.maxIntervalSeconds);
    // Its query, and its undoing.
    return forward + 2 * attempts * (compensationTimeoutSeconds + PERSISTENT_RETRY.maxIntervalSeconds);
  });
  return Math.min(description.deadlineSeconds + each.reduce((sum, seconds) => sum + seconds, 0) + 3_600, LONGEST_TIMEOUT_SECONDS);
}
