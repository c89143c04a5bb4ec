import type { LoggedStep, SagaLog } from './step-log';
import { ERROR, type ParkedPosition, type RecoveryStep } from '../../src/orchestrated-saga/contract';
import { queryOf, STATE, undoOf } from '../../src/orchestrated-saga/state-names';
import { NamedError } from '../shared/errors';

/** Where a saga goes on. */
export interface Continuation {
  readonly entry: string;
  readonly parked: Partial<ParkedPosition>;
}

/** What a person has decided about a parked saga. */
export interface Resumption {
  readonly decision: 'RETRY' | 'COMPENSATE';
  readonly position: Partial<ParkedPosition>;
}

/** A step, or the steps of a group. */
interface Unit {
  readonly id: string;
  readonly steps: readonly RecoveryStep[];
}

/**
 * Where a saga goes on, as a pure function of its log: forward once the pivot is done or everything is, else back from the last step that may have
 * taken effect. One that goes back does not turn round.
 * @throws `InvalidRecoveryRequest` when a person wants to go back from behind the pivot
 */
export function continuation(steps: readonly RecoveryStep[], log: SagaLog, resumption?: Resumption): Continuation {
  const units = unitsOf(steps);
  const outcome = (id: string) => (log.steps.get(id) as LoggedStep).outcome;
  const done = (unit: Unit) => unit.steps.every(({ id }) => outcome(id) === 'DONE');
  const pivot = units.findIndex((unit) => unit.steps.some((step) => step.pivot));
  const pivotDone = pivot !== -1 && done(units[pivot]!);
  const firstOpen = units.find((unit) => !done(unit));

  if (log.goesBack) return back(units, outcome);
  if (resumption?.decision === 'COMPENSATE') {
    if (pivotDone) throw new NamedError(ERROR.INVALID_RECOVERY, 'the pivot of this saga is done, and there is no way back behind it; resume it with decision RETRY');
    return back(units, outcome);
  }
  if (!firstOpen) return { entry: STATE.COMPLETE, parked: {} };
  if (pivotDone) return { entry: firstOpen.id, parked: {} };
  if (resumption?.position.reason === 'UNKNOWN') return { entry: resumption.position.step ?? firstOpen.id, parked: {} };

  const unknown = steps.find((step) => outcome(step.id) === 'BEGUN' && step.onUnknown === 'PARK');
  if (unknown) return { entry: STATE.PARK, parked: { reason: 'UNKNOWN', step: unknown.group ?? unknown.id } };
  const pivotStep = units[pivot]?.steps[0];
  if (pivotStep?.onUnknown === 'QUERY' && outcome(pivotStep.id) === 'BEGUN') return { entry: queryOf(pivotStep.id), parked: {} };
  return back(units, outcome);
}

/** Steps of groups whose undoing may find something. */
export function mayHaveCommitted(steps: readonly RecoveryStep[], log: SagaLog): string[] {
  return steps.filter(({ id, group }) => group !== undefined && mayBe(log.steps.get(id)!.outcome)).map(({ id }) => id);
}

function back(units: readonly Unit[], outcome: (id: string) => LoggedStep['outcome']): Continuation {
  const begun = units.map((unit) => unit.steps.some(({ id }) => mayBe(outcome(id)))).lastIndexOf(true);
  const undone = units.slice(0, begun + 1).reverse().find((unit) => unit.steps.some(({ compensated }) => compensated));
  return { entry: undone ? undoOf(undone.id) : STATE.UNDONE, parked: {} };
}

function mayBe(outcome: LoggedStep['outcome']): boolean {
  return outcome === 'BEGUN' || outcome === 'DONE';
}

function unitsOf(steps: readonly RecoveryStep[]): Unit[] {
  const units = new Map<string, RecoveryStep[]>();
  for (const step of steps) {
    const id = step.group ?? step.id;
    units.set(id, [...units.get(id) ?? [], step]);
  }
  return [...units].map(([id, members]) => ({ id, steps: members }));
}
