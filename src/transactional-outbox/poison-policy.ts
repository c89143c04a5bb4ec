/** What becomes of an event that the destination refuses, and of those behind it. */
export enum PoisonPolicy {
  /** It goes to the dead-letter queue after `retryAttempts`, and the others go on. */
  SKIP = 'SKIP',
  /**
   * Its aggregate is parked: later events of the aggregate wait in the outbox until somebody replays it with `unpark`, so that they never overtake.
   * A function publishes, and the other aggregates go on. With outbox rows only.
   */
  PARK_KEY = 'PARK_KEY',
}
