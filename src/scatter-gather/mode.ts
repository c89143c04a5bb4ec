/** How gatherings run. */
export enum ScatterGatherMode {
  /** A Standard workflow: any responder, any timeout, early completion, late replies are events. */
  STANDARD = 'STANDARD',
  /**
   * An Express workflow, started synchronously: function responders only, a timeout of at most four minutes. It answers when every
   * responder has answered or the time is over; it does not end earlier when a count or condition is met.
   */
  EXPRESS = 'EXPRESS',
}
