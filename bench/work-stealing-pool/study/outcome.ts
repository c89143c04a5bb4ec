/** What came of a workload in a design. */
export interface Outcome {
  /** When the last task was done, in seconds after the first came. */
  readonly makespan: number;
  readonly tasks: number;
  /** Of them done by another group than the one that they were routed to. */
  readonly stolen: number;
  /** Of them done where they are at home. */
  readonly warm: number;
  /** Seconds from coming to being begun, on average. */
  readonly meanWait: number;
}
