import { callState, invoke } from './calls';
import { isFinal, onUnknownOf, pivotIndex, SagaDescription, StepDescription } from './description';
import { failureOf, keptResult, request, resultLimit, secondsLeft, unlessRedriven } from './expressions';
import { NOT_CALLED_ERRORS, redrivenTo, thenOf } from './not-called';
import { ANY_ERROR, retryAction, retryPersistently } from './retries';
import { jsonata, literal, States } from './states';
import { Definition } from '../../shared/asl';
import { ParkedPosition } from '../contract';
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
      Catch: forwardOnly ? ANY_ERROR.map((ErrorEquals) => ({ ErrorEquals, ...parkOn(step, 'STEP') })) : catchBefore(description, index, step),
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

function catchBefore(description: SagaDescription, index: number, step: StepDescription): Definition[] {
  const failed = { failure: jsonata(failureOf(step.id)) };
  const declared = abortErrors(step);
  const unknown = {
    COMPENSATE: { Assign: failed, Output: {}, Next: undoFrom(description, index) },
    QUERY: { Assign: failed, Output: {}, Next: queryOf(step.id) },
    PARK: parkOn(step, 'UNKNOWN'),
  }[onUnknownOf(step).kind];
  return [
    ...(declared.length === 0 ? [] : [{ ErrorEquals: declared, Assign: failed, Output: {}, Next: undoFrom(description, index - 1) }]),
    {
      ErrorEquals: NOT_CALLED_ERRORS,
      Assign: { ...failed, parked: positionOf(step, 'UNKNOWN'), then: thenOf(undoFrom(description, index - 1), redrivenTo(description, index)) },
      Output: {},
      Next: STATE.NOT_CALLED,
    },
    ...ANY_ERROR.map((ErrorEquals) => ({ ErrorEquals, ...unknown })),
  ];
}

function parkOn(step: StepDescription, reason: ParkedPosition['reason']) {
  return { Assign: { failure: jsonata(failureOf(step.id)), parked: positionOf(step, reason) }, Output: {}, Next: STATE.PARK };
}

function positionOf({ id }: StepDescription, reason: ParkedPosition['reason']) {
  return { reason, step: id };
}

function queryStates(description: SagaDescription, index: number, step: StepDescription, next: string): States {
  const { id, onUnknown, compensationTimeoutSeconds } = step;
  if (onUnknown.kind !== 'QUERY') return {};
  const { state, result } = invoke(description.partition, onUnknown.functionArn, request(id, 'DO'));
  const done = `${result}.outcome = "DONE"`;
  const parked = positionOf(step, 'UNKNOWN');
  const nobodyKnows = isFinal(step) ? STATE.PARK : undoFrom(description, index);
  return {
    [queryOf(id)]: {
      ...state,
      TimeoutSeconds: jsonata(unlessRedriven(String(compensationTimeoutSeconds))),
      Retry: retryPersistently(),
      Catch: [
        { ErrorEquals: NOT_CALLED_ERRORS, Assign: { parked, then: nobodyKnows }, Output: {}, Next: STATE.NOT_CALLED },
        ...ANY_ERROR.map((ErrorEquals) => ({ ErrorEquals, Assign: { parked }, Output: {}, Next: nobodyKnows })),
      ],
      Assign: {
        parked,
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
        // An action that is still under way is refused once it was undone, if it can be.
        { Condition: jsonata('$states.input.outcome = "NOT_DONE"'), Next: undoFrom(description, index) },
      ],
      Default: nobodyKnows,
    },
  };
}

function withResult(step: string, result: string): string {
  return `$merge([$results, {${literal(step)}: ${result}}])`;
}
