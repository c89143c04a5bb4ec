import { callState, invoke } from './calls';
import { GroupDescription, pivotIndex, SagaDescription, StepDescription } from './description';
import { failureOf, keptResult, REDRIVEN, request, resultLimit, secondsLeft, unlessRedriven } from './expressions';
import { abortErrors, nextOf } from './forward';
import { NOT_CALLED_ERRORS, redrivenTo } from './not-called';
import { ANY_ERROR, retryAction, retryPersistently } from './retries';
import { jsonata, literal, States } from './states';
import { queryOf, settledOf, STATE } from '../state-names';
import { undoFrom } from './undo';

/** A group's steps side by side. Each branch ends with its outcome, also when it fails: a failed branch would stop the others half-way. */
export function groupStates(description: SagaDescription, index: number): States {
  const group = description.steps[index] as GroupDescription;
  const forwardOnly = index > pivotIndex(description);
  const parks = group.steps.filter(({ onUnknown }) => forwardOnly || onUnknown.kind === 'PARK');
  const position = { reason: forwardOnly ? 'STEP' : 'UNKNOWN', step: group.id };
  const back = undoFrom(description, index);
  return {
    [group.id]: {
      Type: 'Parallel',
      Branches: group.steps.map((step) => branch(description, step, forwardOnly)),
      // Branches do not fail. What fails nevertheless, an output that is too large for one, leaves all of them unknown.
      Catch: ANY_ERROR.map((ErrorEquals) => ({
        ErrorEquals,
        Assign: {
          failure: jsonata(failureOf(group.id)),
          mayHaveCommitted: jsonata(`$append($mayHaveCommitted, ${JSON.stringify(group.steps.map(({ id }) => id))})`),
          ...(parks.length > 0 && { parked: position }),
        },
        Output: {},
        Next: parks.length > 0 ? STATE.PARK : back,
      })),
      Assign: {
        results: jsonata('$merge($append([$results], $states.result[outcome = "DONE"].{step: result}))'),
        mayHaveCommitted: jsonata('$append($mayHaveCommitted, $states.result[outcome != "ABORTED"].step)'),
        failure: jsonata('($failures := $states.result[outcome != "DONE"].failure; $exists($failures) ? $failures[0] : $failure)'),
        parked: jsonata(`($stuck := ${stuck(parks, forwardOnly, '$states.result')}; $exists($stuck) ? ${JSON.stringify(position)} : $parked)`),
      },
      Output: jsonata('{"outcomes": $states.result.{"step": step, "outcome": outcome}}'),
      Next: settledOf(group.id),
    },
    [settledOf(group.id)]: {
      Type: 'Choice',
      Choices: [
        { Condition: jsonata('$count($states.input.outcomes[outcome != "DONE"]) = 0'), Next: nextOf(description, index) },
        ...(forwardOnly ? [] : [{
          Condition: jsonata(REDRIVEN),
          Assign: { parked: position, then: redrivenTo(description, index) },
          Next: STATE.NOT_CALLED,
        }]),
        ...(parks.length === 0 ? [] : [{ Condition: jsonata(`$exists(${stuck(parks, forwardOnly, '$states.input.outcomes')})`), Next: STATE.PARK }]),
      ],
      Default: forwardOnly ? STATE.PARK : back,
    },
  };
}

/** Outcomes for which the saga has to stop. */
function stuck(parks: readonly StepDescription[], forwardOnly: boolean, outcomes: string): string {
  return forwardOnly ? `${outcomes}[outcome != "DONE"]` : `${outcomes}[outcome = "UNKNOWN" and step in ${JSON.stringify(parks.map(({ id }) => id))}]`;
}

function branch(description: SagaDescription, step: StepDescription, forwardOnly: boolean) {
  const { state, result } = callState(description, step.id, 'DO', step.action);
  const settled = `${step.id} failed`;
  const ended = (outcome: string) => jsonata(`{"step": ${literal(step.id)}, "outcome": ${outcome}, "failure": ${failureOf(step.id)}}`);
  const declared = abortErrors(step);
  const queried = step.onUnknown.kind === 'QUERY' && !forwardOnly;
  const unknown = ANY_ERROR.map((ErrorEquals) => ({ ErrorEquals, Output: ended('"UNKNOWN"'), Next: queried ? queryOf(step.id) : settled }));
  const certain = [
    ...(declared.length === 0 ? [] : [{ ErrorEquals: declared, Output: ended('"ABORTED"'), Next: settled }]),
    { ErrorEquals: NOT_CALLED_ERRORS, Output: ended(`(${REDRIVEN} ? "UNKNOWN" : "ABORTED")`), Next: settled },
  ];
  return {
    StartAt: step.id,
    States: {
      [step.id]: {
        ...state,
        TimeoutSeconds: forwardOnly ? step.timeoutSeconds : jsonata(secondsLeft(step.timeoutSeconds)),
        Retry: forwardOnly ? retryPersistently(step.retry) : retryAction(step.retry, abortErrors(step)),
        Catch: forwardOnly ? unknown : [...certain, ...unknown],
        Output: jsonata(`{"step": ${literal(step.id)}, "outcome": "DONE", "result": ${keptResult(result, resultLimit(description))}}`),
        End: true,
      },
      ...(queried ? queryState(description, step) : {}),
      [settled]: { Type: 'Pass', End: true },
    },
  };
}

function queryState(description: SagaDescription, { id, onUnknown, compensationTimeoutSeconds }: StepDescription): States {
  if (onUnknown.kind !== 'QUERY') return {};
  const { state, result } = invoke(description.partition, onUnknown.functionArn, request(id, 'DO'));
  return {
    [queryOf(id)]: {
      ...state,
      TimeoutSeconds: jsonata(unlessRedriven(String(compensationTimeoutSeconds))),
      Retry: retryPersistently(),
      // Its input is the outcome that it asks about.
      Catch: ANY_ERROR.map((ErrorEquals) => ({ ErrorEquals, Output: jsonata('$states.input'), Next: `${id} failed` })),
      // One that is not done is undone nevertheless: an action that is still under way is refused then.
      Output: jsonata(
        `($answer := ${result}; $answer.outcome = "DONE" ? {"step": ${literal(id)}, "outcome": "DONE", "result": ${keptResult('$answer.result', resultLimit(description))}} : `
        + '$states.input)',
      ),
      End: true,
    },
  };
}
