import { CancelSignal } from './cancellation';
import { HistoryEvent } from './history';
import { Json } from './json';
import { ExecutionProgress } from './progress';
import { Randomness } from './randomness';
import { TaskResource } from './task-resource';

/** One attempt of a Task state, as the environment is asked to run it. */
export interface TaskCall {
  readonly stateName: string;
  /** The `Resource` field as written, and what it says. */
  readonly resource: string;
  readonly target: TaskResource;
  /** The evaluated `Parameters` or `Arguments`; the state's input where there are none. */
  readonly parameters: Json;
  readonly credentials?: Json;
  /** 0 for the first attempt. */
  readonly retryCount: number;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
  /** Fires when the task is no longer waited for: it timed out, a sibling branch failed, or the execution ended. */
  readonly signal: CancelSignal;
  /** The attempt's token; made by `AslEnvironment.taskToken` when it is first asked for, be it here or by `$$.Task.Token`. */
  taskToken(): string;
  /** The worker is alive: `HeartbeatSeconds` starts anew. */
  heartbeat(): void;
  /** The service has accepted a `.sync` or `.waitForTaskToken` call; its answer goes into the history. */
  submitted(answer: Json): void;
}

/**
 * How a task fails: `runTask` rejects with anything that has these members, `error` being there but undefined when SendTaskFailure gave none.
 * A rejection of any other shape is a defect of the environment, and the execution rejects with it.
 */
export interface TaskFailure {
  readonly error: string | undefined;
  readonly cause?: string;
}

/** The results of a distributed Map's child executions, for a `ResultWriter` that names a bucket. */
export interface MapResults {
  readonly mapRunArn: string;
  readonly resource: string;
  readonly parameters: Json;
  readonly key: string;
  readonly results: readonly ChildResult[];
}

export interface ChildResult {
  readonly executionArn: string;
  readonly input: Json;
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
}

/** Constants of the execution, which the context object shows. */
export interface ExecutionIdentity {
  readonly executionArn: string;
  readonly executionName: string;
  readonly roleArn: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly redriveCount?: number;
  /** ISO 8601, of an execution that has been redriven. */
  readonly startTime?: string;
  readonly redriveTime?: string;
}

/** All that the interpreter needs from the world around it. */
export interface AslEnvironment extends Randomness {
  readonly identity: ExecutionIdentity;
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after that long. When the signal fires first its timer must go away; the promise may then stay pending. */
  sleep(milliseconds: number, signal: CancelSignal): Promise<void>;
  /** How long it takes to get to a state: resolves when the state may be entered; the promise may stay pending once the signal has fired. */
  beforeState?(signal: CancelSignal): Promise<void>;
  /** A new task token. */
  taskToken(): string;
  runTask(call: TaskCall): Promise<Json>;
  /** The events of the execution, and of the child executions of its distributed Maps, in the order of their happening. */
  onHistoryEvent?(event: HistoryEvent, executionArn: string): void;
  /** Stores what a `ResultWriter` exports; without it such a Map fails with an error that says so. */
  writeMapResults?(results: MapResults): Promise<void>;
}

export type ExecutionType = 'STANDARD' | 'EXPRESS';

export interface ExecutionOptions {
  /** @default STANDARD */
  readonly type?: ExecutionType;
  /** Redrives an execution: it goes on from where it ended. */
  readonly redrive?: ExecutionProgress;
}

export type ExecutionStatus = 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface ExecutionOutcome {
  readonly status: ExecutionStatus;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  /** Billable state transitions: every state entered and every retry, those of child executions included. */
  readonly transitions: number;
}
