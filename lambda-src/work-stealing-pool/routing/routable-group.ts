/** A group as the router sees it. */
export interface RoutableGroup {
  readonly name: string;
  /** Its share of the keys, or of the random choices, compared with the other groups'; above 0. */
  readonly weight: number;
  /** Places of the living; 0 when nobody is alive. */
  readonly capacity: number;
  /** How long a task that came now would wait: what the leader published, and what was sent since then. */
  readonly backlogSeconds: number;
  /** It gets no more tasks. */
  readonly retired: boolean;
}
