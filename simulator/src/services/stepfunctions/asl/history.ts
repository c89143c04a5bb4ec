import { Json, JsonObject } from './json';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html */
export type HistoryEventType =
  | 'ExecutionStarted' | 'ExecutionSucceeded' | 'ExecutionFailed' | 'ExecutionTimedOut' | 'ExecutionAborted' | 'ExecutionRedriven'
  | 'PassStateEntered' | 'PassStateExited' | 'ChoiceStateEntered' | 'ChoiceStateExited' | 'WaitStateEntered' | 'WaitStateExited'
  | 'SucceedStateEntered' | 'SucceedStateExited' | 'FailStateEntered' | 'TaskStateEntered' | 'TaskStateExited' | 'TaskStateAborted'
  | 'ParallelStateEntered' | 'ParallelStateStarted' | 'ParallelStateSucceeded' | 'ParallelStateFailed' | 'ParallelStateExited'
  | 'MapStateEntered' | 'MapStateStarted' | 'MapStateSucceeded' | 'MapStateFailed' | 'MapStateExited'
  | 'MapIterationStarted' | 'MapIterationSucceeded' | 'MapIterationFailed' | 'MapIterationAborted'
  | 'MapRunStarted' | 'MapRunSucceeded' | 'MapRunFailed'
  | 'TaskScheduled' | 'TaskStarted' | 'TaskSubmitted' | 'TaskSucceeded' | 'TaskFailed' | 'TaskTimedOut'
  | 'LambdaFunctionScheduled' | 'LambdaFunctionStarted' | 'LambdaFunctionSucceeded' | 'LambdaFunctionFailed' | 'LambdaFunctionTimedOut'
  | 'ActivityScheduled' | 'ActivityStarted' | 'ActivitySucceeded' | 'ActivityFailed' | 'ActivityTimedOut'
  | 'EvaluationFailed';

/** As AWS's, but with payloads as values rather than as JSON text, and the details under one key whatever the type. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly type: HistoryEventType;
  readonly details: EventDetails;
}

export interface EventDetails {
  readonly name?: string;
  readonly input?: Json;
  readonly output?: Json;
  /** What the state's `Assign` has set. */
  readonly assignedVariables?: JsonObject;
  readonly resource?: string;
  readonly resourceType?: string;
  readonly parameters?: Json;
  readonly timeoutInSeconds?: number;
  readonly heartbeatInSeconds?: number;
  readonly error?: string;
  readonly cause?: string;
  readonly index?: number;
  readonly length?: number;
  readonly mapRunArn?: string;
  readonly redriveCount?: number;
  readonly state?: string;
  readonly location?: string;
}

/** "Maximum execution history size: 25,000 events in a single state machine execution history." */
export const MAX_HISTORY_EVENTS = 25_000;

/** Numbers the events of one execution. Branches run side by side, so each thread of events knows which one it follows. */
export class History {
  constructor(
    private readonly now: () => number,
    private readonly emit: ((event: HistoryEvent) => void) | undefined,
    private readonly onLimit: (() => void) | undefined,
    /** The events of a redriven execution follow those that it has already. */
    public lastId: number = 0,
  ) {}

  /** The id of the new event. */
  add(previousEventId: number, type: HistoryEventType, details: EventDetails = {}): number {
    const id = ++this.lastId;
    this.emit?.({ id, previousEventId, timestamp: this.now(), type, details });
    // The last place in the history is kept for the event that ends the execution.
    if (id === MAX_HISTORY_EVENTS - 1) this.onLimit?.();
    return id;
  }
}

/** One line of succession in the history: an execution has one, and each branch and iteration its own. */
export class HistoryThread {
  constructor(private readonly history: History, private last: number) {}

  add(type: HistoryEventType, details?: EventDetails): number {
    this.last = this.history.add(this.last, type, details);
    return this.last;
  }

  fork(): HistoryThread {
    return new HistoryThread(this.history, this.last);
  }
}
