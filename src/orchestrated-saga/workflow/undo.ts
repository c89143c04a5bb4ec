import { callState } from './calls';
import { GroupDescription, SagaDescription, StepDescription } from './description';
import { ANY_ERROR, retryPersistently } from './retries';
import { jsonata, literal, States } from './states';
import { STATE, undoOf } from '../state-names';

/**
 * The state in which undoing begins when the steps up to this one may have taken effect. Whoever jumps in at the right place needs no
 * further conditions: behind it come exactly the steps before.
 */
export function undoFrom({ steps }: SagaDescription, index: number): string {
  const last = steps.slice(0, index + 1).reverse().find((step) => compensated(step).length > 0);
  return last ? undoOf(last.id) : STATE.UNDONE;
}

function compensated(step: StepDescription | GroupDescription): StepDescription[] {
  return (step.kind === 'GROUP' ? step.steps : [step]).filter(({ compensation }) => compensation !== undefined);
}

export function undoStates(description: SagaDescription, index: number): States {
  const step = description.steps[index];
  const next = undoFrom(description, index - 1);
  if (compensated(step).length === 0) return {};
  if (step.kind === 'GROUP') return { [undoOf(step.id)]: undoGroup(description, step, next) };
  return {
    [undoOf(step.id)]: {
      ...undo(description, step),
      Catch: ANY_ERROR.map((ErrorEquals) => ({ ErrorEquals, Assign: { compensations: appended(`[${failed(step.id)}]`) }, Output: {}, Next: next })),
      Assign: { compensations: appended(`[${done(step.id)}]`) },
      Output: {},
      Next: next,
    },
  };
}

/** Undoes, side by side, those that may have taken effect, and tells how that went. */
function undoGroup(description: SagaDescription, group: GroupDescription, next: string) {
  return {
    Type: 'Parallel',
    Branches: compensated(group).map((step) => {
      const [undoName, failedName, skippedName] = [undoOf(step.id), `${undoOf(step.id)} failed`, `${step.id} had no effect`];
      const choiceName = `${undoOf(step.id)}?`;
      return {
        StartAt: choiceName,
        States: {
          [choiceName]: {
            Type: 'Choice',
            Choices: [{ Condition: jsonata(`${literal(step.id)} in $mayHaveCommitted`), Next: undoName }],
            Default: skippedName,
          },
          [undoName]: {
            ...undo(description, step),
            Catch: ANY_ERROR.map((ErrorEquals) => ({ ErrorEquals, Output: jsonata(failed(step.id)), Next: failedName })),
            Output: jsonata(done(step.id)),
            End: true,
          },
          [failedName]: { Type: 'Pass', End: true },
          [skippedName]: { Type: 'Pass', Output: {}, End: true },
        },
      };
    }),
    Assign: { compensations: appended('$states.result[$exists(status)]') },
    Output: {},
    Next: next,
  };
}

function undo(description: SagaDescription, { id, compensation, compensationTimeoutSeconds }: StepDescription) {
  const { state } = callState(description, id, 'UNDO', compensation!);
  return { ...state, TimeoutSeconds: compensationTimeoutSeconds, Retry: retryPersistently() };
}

function done(step: string): string {
  return `{"step": ${literal(step)}, "status": "DONE"}`;
}

function failed(step: string): string {
  return `{"step": ${literal(step)}, "status": "FAILED", "error": $states.errorOutput.Error}`;
}

function appended(outcomes: string): string {
  return jsonata(`$append($compensations, ${outcomes})`);
}
