import type { CancelSignal } from '../../../kernel/kernel';
import type { Caller, World } from '../../../service';
import type { Json, JsonObject } from '../asl/json';

/**
 * How a task waits for the service it calls.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
 */
export type IntegrationPattern = 'requestResponse' | 'sync' | 'sync:2' | 'waitForTaskToken';

/** What an integration knows about the task that uses it. */
export interface TaskContext {
  readonly world: World;
  /** The state machine's role, which must be allowed to do what the task does. */
  readonly caller: Caller;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  /** Tells the interpreter that the service has accepted a call whose end is still to come. */
  readonly submitted: (answer: Json) => void;
  /** Called off when the task's result no longer matters: it timed out, a sibling branch failed, the execution was stopped. */
  readonly signal: CancelSignal;
}

/** One way to call a service from a Task state, e.g. `arn:aws:states:::sqs:sendMessage`. */
export interface Integration {
  readonly patterns: readonly IntegrationPattern[];
  /** The arguments that Step Functions knows; others are refused when the state machine is created. */
  readonly parameters: readonly string[];
  readonly required: readonly string[];
  /** Makes the call and answers what the task outputs; rejects with a `TaskFailed` named as Step Functions names the failure. */
  readonly run: (args: JsonObject, context: TaskContext, pattern: IntegrationPattern) => Promise<Json>;
}
