import { callState, invoke } from './calls';
import { pivotIndex, SagaDescription, StepDescription } from './description';
import { failureOf, keptResult, request, resultLimit, secondsLeft } from './expressions';
import { retryAction, retryPersistently } from './retries';
import { jsonata, literal, States } from './states';
import { queryOf, settledOf, STATE } from '../state-names';
import { undoFrom } from './undo';

/** The step's own state, and the query of its unknown outcome. */
export function forwardStates(description: SagaDescription, index: number): States {
  const step = description.steps[index] as StepDescription;
  const next = nextOf(description, index);
  const { state, result } = callState(description, step.id, 'DO', step.action);
  const forwardOnly = index > pivotIndex(description);
  return {
    [step.id]: {
      ...state,
      TimeoutSeconds: forwardOnly ? step.timeoutSeconds : jsonata(secondsLeft(step.timeoutSeconds)),
      Retry: forwardOnly ? retryPersistently(step.retry) : retryAction(step.retry, abortErrors(step)),
      Catch: forwardOnly ? [parkOn(step, 'STEP')] : catchBefore(description, index, step),
      Assign: { results: jsonata(withResult(step.id, keptResult(result, resultLimit(description)))) },
      Output: {},
      Next: next,
    },
    ...queryStates(description, index, step, next),
  };
}

/** The state behind a step or a group. */
export function nextOf({ steps }: SagaDescription, index: number): string {
  return steps[index + 1]?.id ?? STATE.COMPLETE;
}

/** Errors after which a step has certainly no effect. Whoever has not answered has not approved. */
export function abortErrors({ abortOn, action }: StepDescription): string[] {
  return action.kind === 'APPROVAL' ? ['States.Timeout', 'States.HeartbeatTimeout', ...abortOn] : [...abortOn];
}

function catchBefore(description: SagaDescription, index: number, step: StepDescription) {
  const failed = { failure: jsonata(failureOf(step.id)) };
  const noEffect = [...abortErrors(step), 'States.QueryEvaluationError'];
  const certain = { ErrorEquals: noEffect, Assign: failed, Output: {}, Next: undoFrom(description, index - 1) };
  const unknown = {
    COMPENSATE: { ErrorEquals: ['States.ALL'], Assign: failed, Output: {}, Next: undoFrom(description, index) },
    QUERY: { ErrorEquals: ['States.ALL'], Assign: failed, Output: {}, Next: queryOf(step.id) },
    PARK: parkOn(step, 'UNKNOWN'),
  }[step.onUnknown.kind];
  return [certain, unknown];
}

function parkOn({ id }: StepDescription, reason: string) {
  return {
    ErrorEquals: ['States.ALL'],
    Assign: { failure: jsonata(failureOf(id)), parked: { reason, step: id } },
    Output: {},
    Next: STATE.PARK,
  };
}

function queryStates(description: SagaDescription, index: number, step: StepDescription, next: string): States {
  const { id, onUnknown, compensationTimeoutSeconds } = step;
  if (onUnknown.kind !== 'QUERY') return {};
  const { state, result } = invoke(description.partition, onUnknown.functionArn, request(id, 'DO'));
  const done = `${result}.outcome = "DONE"`;
  return {
    [queryOf(id)]: {
      ...state,
      TimeoutSeconds: compensationTimeoutSeconds,
      Retry: retryPersistently(),
      Catch: [{ ErrorEquals: ['States.ALL'], Output: {}, Next: undoFrom(description, index) }],
      Assign: {
        results: jsonata(`${done} ? ${withResult(id, keptResult(`${result}.result`, resultLimit(description)))} : $results`),
        failure: jsonata(`${done} ? null : $failure`),
      },
      Output: { outcome: jsonata(`$exists(${result}.outcome) ? ${result}.outcome : "UNKNOWN"`) },
      Next: settledOf(id),
    },
    [settledOf(id)]: {
      Type: 'Choice',
      Choices: [
        { Condition: jsonata('$states.input.outcome = "DONE"'), Next: next },
        { Condition: jsonata('$states.input.outcome = "NOT_DONE"'), Next: undoFrom(description, index - 1) },
      ],
      Default: undoFrom(description, index),
    },
  };
}

function withResult(step: string, result: string): string {
  return `$merge([$results, {${literal(step)}: ${result}}])`;
}

