/**
 * The reserved error names.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export const ErrorName = {
  ALL: 'States.ALL',
  TASK_FAILED: 'States.TaskFailed',
  TIMEOUT: 'States.Timeout',
  HEARTBEAT_TIMEOUT: 'States.HeartbeatTimeout',
  RUNTIME: 'States.Runtime',
  DATA_LIMIT_EXCEEDED: 'States.DataLimitExceeded',
  NO_CHOICE_MATCHED: 'States.NoChoiceMatched',
  RESULT_PATH_MATCH_FAILURE: 'States.ResultPathMatchFailure',
  INTRINSIC_FAILURE: 'States.IntrinsicFailure',
  QUERY_EVALUATION_ERROR: 'States.QueryEvaluationError',
  EXCEED_TOLERATED_FAILURE_THRESHOLD: 'States.ExceedToleratedFailureThreshold',
  PERMISSIONS: 'States.Permissions',
} as const;

/** A failure that the language knows: it has a name (which a Fail state may leave out) and a cause, and a Retry or a Catch may match it. */
export class StateError extends Error {
  /** The task itself failed, rather than the state around it. */
  readonly fromTask: boolean;
  /** The task stayed silent for longer than its heartbeat: called `States.Timeout`, but `States.HeartbeatTimeout` matches too. */
  readonly missedHeartbeat: boolean;

  constructor(readonly error: string | undefined, readonly causeText?: string, options: { fromTask?: boolean; missedHeartbeat?: boolean } = {}) {
    super(`${error ?? 'no error name'}: ${causeText ?? 'no cause'}`);
    this.name = 'StateError';
    this.fromTask = options.fromTask ?? false;
    this.missedHeartbeat = options.missedHeartbeat ?? false;
  }

  /** What a Catch hands on: both keys are always there, empty when the error or the cause is absent. */
  toErrorOutput(): { Error: string; Cause: string } {
    return { Error: this.error ?? '', Cause: this.causeText ?? '' };
  }
}

/** A definition that Step Functions would refuse when the state machine is created. */
export class InvalidDefinition extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidDefinition';
  }
}

/** A failed evaluation, before it is known in which state and field it happened. */
export class EvaluationFailure extends Error {
  constructor(message: string, readonly error: string = ErrorName.RUNTIME) {
    super(message);
    this.name = 'EvaluationFailure';
  }
}

/**
 * Whether a name in `ErrorEquals` matches. `States.ALL` leaves out `States.Runtime` always, and `States.DataLimitExceeded` unless it is
 * the task that failed with it: executions recorded on AWS show `States.ALL` catching a Lambda result that is too large.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function errorMatches(name: string, failure: StateError): boolean {
  // "These errors aren't retriable, and will always cause the execution to fail."
  if (failure.error === ErrorName.RUNTIME && !failure.fromTask) return false;
  switch (name) {
    case ErrorName.ALL:
      return failure.error !== ErrorName.DATA_LIMIT_EXCEEDED || failure.fromTask;
    case ErrorName.TASK_FAILED:
      // "acts as a wildcard that matches any known error name except for States.Timeout"
      return failure.error !== ErrorName.TIMEOUT && (failure.error !== ErrorName.DATA_LIMIT_EXCEEDED || failure.fromTask);
    case ErrorName.HEARTBEAT_TIMEOUT:
      return failure.missedHeartbeat || failure.error === name;
    default:
      return name === failure.error;
  }
}
