import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { RecoveryStep } from '../../../src/orchestrated-saga/contract';

export const SAGA_MACHINE = 'arn:aws:states:us-east-1:123456789012:execution:Trip';
export const RECOVERY_MACHINE = 'arn:aws:states:us-east-1:123456789012:execution:TripRecovery';

export function step(id: string, more: Partial<RecoveryStep> = {}): RecoveryStep {
  return { id, kind: 'FUNCTION', compensated: true, abortOn: ['No'], onUnknown: 'COMPENSATE', pivot: false, ...more };
}

/** How a call ended; with `output` it is a task's that is no function. */
export interface CallEnd {
  readonly result?: unknown;
  readonly output?: unknown;
  readonly error?: string;
  readonly timesOut?: boolean;
}

/** Writes the history of an execution, event by event. */
export class HistoryWriter {
  readonly events: HistoryEvent[] = [];

  constructor(private time: number = 1_000) {
    this.add('ExecutionStarted', {});
  }

  add(type: string, details: object, previousEventId: number = this.events.length): number {
    this.events.push({ id: this.events.length + 1, previousEventId, type, timestamp: new Date(this.time++), ...details } as HistoryEvent);
    return this.events.length;
  }

  at(time: number): this {
    this.time = time;
    return this;
  }

  enter(name: string, previousEventId?: number): number {
    return this.add('TaskStateEntered', { stateEnteredEventDetails: { name } }, previousEventId);
  }

  exit(name: string, assigned: object = {}, previousEventId?: number): this {
    const assignedVariables = Object.fromEntries(Object.entries(assigned).map(([key, value]) => [key, JSON.stringify(value)]));
    this.add('TaskStateExited', { stateExitedEventDetails: { name, assignedVariables } }, previousEventId);
    return this;
  }

  scheduled(parameters: object = {}, previousEventId?: number): number {
    return this.add('TaskScheduled', { taskScheduledEventDetails: { parameters: JSON.stringify(parameters) } }, previousEventId);
  }

  /** A state that calls something and comes to an end. */
  call(name: string, end: CallEnd | undefined): this {
    this.enter(name);
    this.scheduled();
    if (end === undefined) return this;
    this.end(end);
    return this.exit(name);
  }

  end({ result, output = { Payload: result }, error, timesOut }: CallEnd, previousEventId?: number): this {
    if (timesOut) this.add('TaskTimedOut', { taskTimedOutEventDetails: { error: 'States.Timeout' } }, previousEventId);
    else if (error !== undefined) this.add('TaskFailed', { taskFailedEventDetails: { error } }, previousEventId);
    else this.add('TaskSucceeded', { taskSucceededEventDetails: { output: JSON.stringify(output) } }, previousEventId);
    return this;
  }

  /** Ends from outside follow no event. */
  aborted(): HistoryEvent[] {
    this.add('ExecutionAborted', { executionAbortedEventDetails: {} }, 0);
    return this.events;
  }
}
