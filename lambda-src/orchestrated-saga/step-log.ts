import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { RecoveryStep, SagaFailure } from '../../src/orchestrated-saga/contract';
import { queryOf } from '../../src/orchestrated-saga/state-names';

/**
 * What a saga's log says of a step. NEVER: certainly not called. ABORTED: it has declined, with an error that was declared for it. BEGUN: it was
 * called, and may have taken effect. DONE: it has answered.
 */
export type StepOutcome = 'NEVER' | 'ABORTED' | 'BEGUN' | 'DONE';

export interface LoggedStep {
  readonly outcome: StepOutcome;
  readonly result?: unknown;
  /** When it was called last. */
  readonly begunAt?: Date | undefined;
}

export interface SagaLog {
  readonly steps: ReadonlyMap<string, LoggedStep>;
  /** Why the saga went back, when its execution knew it. */
  readonly failure: SagaFailure | null;
  /** Whether undoing had begun. */
  readonly goesBack: boolean;
}

/** Reads the log of a saga out of its execution's history: `TaskScheduled` is on record before anything is called, `TaskSucceeded` before anything follows. */
export function readSagaLog(events: readonly HistoryEvent[], steps: readonly RecoveryStep[], resultLimit: number): SagaLog {
  const owners = statesOf(events);
  const logged = new Map<string, LoggedStep>(steps.map(({ id }) => [id, { outcome: 'NEVER' }]));
  const queried = new Map(steps.map((step) => [queryOf(step.id), step]));
  const known = new Map(steps.map((step) => [step.id, step]));
  let failure: SagaFailure | null = null;
  let goesBack = false;
  for (const event of events) {
    const state = owners.get(event.id ?? 0) ?? '';
    const step = known.get(state);
    if (step) logged.set(step.id, nextOutcome(logged.get(step.id)!, event, step, resultLimit));
    const asked = queried.get(state);
    if (asked && event.type === 'TaskSucceeded') logged.set(asked.id, answered(logged.get(asked.id)!, event, resultLimit));
    if (event.type === 'TaskStateEntered' && state.startsWith('Undo ')) goesBack = true;
    const assigned = event.stateExitedEventDetails?.assignedVariables?.failure;
    if (assigned !== undefined) failure = (JSON.parse(assigned) as SagaFailure | null) ?? null;
  }
  return { steps: logged, failure, goesBack };
}

/** The state that each event belongs to: that of the nearest entry on the way back. Branches have ways of their own. */
function statesOf(events: readonly HistoryEvent[]): Map<number, string> {
  const owners = new Map<number, string>();
  for (const { id = 0, previousEventId = 0, stateEnteredEventDetails, stateExitedEventDetails } of events) {
    owners.set(id, stateEnteredEventDetails?.name ?? stateExitedEventDetails?.name ?? owners.get(previousEventId) ?? '');
  }
  return owners;
}

function nextOutcome(before: LoggedStep, event: HistoryEvent, { abortOn, kind }: RecoveryStep, resultLimit: number): LoggedStep {
  switch (event.type) {
    case 'TaskScheduled': return { outcome: before.outcome === 'DONE' ? 'DONE' : 'BEGUN', result: before.result, begunAt: event.timestamp };
    case 'TaskSucceeded': return { ...before, outcome: 'DONE', result: kept(resultOf(event, kind), resultLimit) };
    case 'TaskFailed':
    case 'TaskTimedOut': {
      const error = event.taskFailedEventDetails?.error ?? event.taskTimedOutEventDetails?.error ?? '';
      return before.outcome === 'BEGUN' && abortOn.includes(error) ? { ...before, outcome: 'ABORTED' } : before;
    }
    default: return before;
  }
}

/** An answer to the query of an unknown outcome. */
function answered(before: LoggedStep, event: HistoryEvent, resultLimit: number): LoggedStep {
  const answer = resultOf(event, 'FUNCTION') as { outcome?: unknown; result?: unknown } | null;
  if (answer?.outcome === 'DONE') return { ...before, outcome: 'DONE', result: kept(answer.result ?? null, resultLimit) };
  return answer?.outcome === 'NOT_DONE' ? { ...before, outcome: 'ABORTED' } : before;
}

function resultOf({ taskSucceededEventDetails }: HistoryEvent, kind: RecoveryStep['kind']): unknown {
  const output = JSON.parse(taskSucceededEventDetails?.output ?? 'null') as { Payload?: unknown } | null;
  return kind === 'FUNCTION' ? output?.Payload ?? null : output;
}

/** As the workflow keeps it. */
function kept(result: unknown, limit: number): unknown {
  const characters = JSON.stringify(result).length;
  return characters > limit ? { omitted: true, characters } : result;
}
