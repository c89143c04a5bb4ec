/** What runs a saga. */
export enum SagaWorkflow {
  /** A Standard workflow: durable, up to a year, at most once per state, and its history is the saga's log. */
  STANDARD = 'STANDARD',
  /**
   * An Express workflow, for sagas of seconds: cheaper, up to five minutes, and without history or status events, so that nobody finishes a saga whose
   * execution dies. It takes `recovery: SagaRecovery.NONE` to say that this is known.
   */
  EXPRESS = 'EXPRESS',
}

/** What happens to a saga whose execution ends without an end of the saga: stopped, timed out, failed. */
export enum SagaRecovery {
  /** A recovery reads the execution's history and finishes the saga. */
  AUTOMATIC = 'AUTOMATIC',
  /** Nothing: it stays as it is. */
  NONE = 'NONE',
}
