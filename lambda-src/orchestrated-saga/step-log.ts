import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { type ExecutedEvent, executedEvents } from './executed-events';
import type { CompensationOutcome, RecoveryStep, SagaFailure } from '../../src/orchestrated-saga/contract';
import { queryOf, STATE, undoOf } from '../../src/orchestrated-saga/state-names';

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
  /** Why the saga went back, when an execution of it knew. */
  readonly failure: SagaFailure | null;
  /** Whether it had been decided that the saga goes back: a saga never turns round twice. */
  readonly goesBack: boolean;
  /** What was undone. */
  readonly compensations: readonly CompensationOutcome[];
}

/**
 * Reads the log of a saga out of the histories of its executions: `TaskScheduled` is on record before anything is called, `TaskSucceeded` before anything
 * follows.
 */
export function readSagaLog(histories: readonly (readonly HistoryEvent[])[], steps: readonly RecoveryStep[], resultLimit: number): SagaLog {
  const log = new LogReader(steps, resultLimit);
  for (const executed of executedEvents(histories)) log.read(executed);
  return log;
}

class LogReader implements SagaLog {
  readonly steps: Map<string, LoggedStep>;
  failure: SagaFailure | null = null;
  goesBack = false;
  private readonly actions: ReadonlyMap<string, RecoveryStep>;
  private readonly queries: ReadonlyMap<string, RecoveryStep>;
  private readonly undoes: ReadonlyMap<string, RecoveryStep>;
  private readonly undone = new Set<string>();

  constructor(steps: readonly RecoveryStep[], private readonly resultLimit: number) {
    this.steps = new Map(steps.map(({ id }) => [id, { outcome: 'NEVER' }]));
    this.actions = new Map(steps.map((step) => [step.id, step]));
    this.queries = new Map(steps.map((step) => [queryOf(step.id), step]));
    this.undoes = new Map(steps.map((step) => [undoOf(step.id), step]));
  }

  get compensations(): CompensationOutcome[] {
    return [...this.undone].map((step) => ({ step, status: 'DONE' }));
  }

  read({ event, state }: ExecutedEvent): void {
    const [action, query, undo] = [this.actions, this.queries, this.undoes].map((states) => states.get(state));
    if (action) this.steps.set(action.id, this.nextOutcome(this.steps.get(action.id)!, event, action));
    if (query && event.type === 'TaskSucceeded') this.readAnswer(query, event);
    if (undo && event.type === 'TaskSucceeded') this.undone.add(undo.id);
    if (event.stateEnteredEventDetails && (/^Undo /.test(state) || state === STATE.UNDONE || state === STATE.COMPENSATED)) this.goesBack = true;
    const assigned = event.stateExitedEventDetails?.assignedVariables?.failure;
    if (assigned !== undefined) this.failure = JSON.parse(assigned) as SagaFailure | null;
  }

  private nextOutcome(before: LoggedStep, event: HistoryEvent, { abortOn, kind }: RecoveryStep): LoggedStep {
    switch (event.type) {
      case 'TaskScheduled': return { outcome: before.outcome === 'DONE' ? 'DONE' : 'BEGUN', result: before.result, begunAt: event.timestamp };
      case 'TaskSucceeded': return { ...before, outcome: 'DONE', result: this.kept(resultOf(event, kind)) };
      case 'TaskFailed':
      case 'TaskTimedOut': {
        const error = event.taskFailedEventDetails?.error ?? event.taskTimedOutEventDetails?.error ?? '';
        return before.outcome === 'BEGUN' && abortOn.includes(error) ? { ...before, outcome: 'ABORTED' } : before;
      }
      default: return before;
    }
  }

  /** An answer to the query of an unknown outcome decides which way the saga goes, unless other steps of a group have a say. */
  private readAnswer({ id, group, compensated }: RecoveryStep, event: HistoryEvent): void {
    const answer = resultOf(event, 'FUNCTION') as { outcome?: unknown; result?: unknown } | null;
    if (answer?.outcome === 'DONE') this.steps.set(id, { ...this.steps.get(id)!, outcome: 'DONE', result: this.kept(answer.result ?? null) });
    else if (group === undefined && (compensated || answer?.outcome === 'NOT_DONE')) this.goesBack = true;
  }

  /** As the workflow keeps it. */
  private kept(result: unknown): unknown {
    const text = JSON.stringify(result);
    const bytes = [...text].reduce((sum, character) => sum + (character > '\x7F' ? 4 : 1), 0);
    return bytes > this.resultLimit ? { omitted: true, bytes } : result;
  }
}

function resultOf({ taskSucceededEventDetails }: HistoryEvent, kind: RecoveryStep['kind']): unknown {
  const output = JSON.parse(taskSucceededEventDetails?.output ?? 'null') as { Payload?: unknown } | null;
  return kind === 'FUNCTION' ? output?.Payload ?? null : output;
}
