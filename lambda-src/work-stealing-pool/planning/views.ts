/** A group as the leader sees it. Depths may be a minute old, what workers say of themselves a heartbeat. */
export interface GroupView {
  readonly name: string;
  /** Messages in its queue that nobody has, by the queue's approximate attributes. */
  readonly waiting: number;
  /** Messages of its queue that somebody has, thieves included. */
  readonly inFlight: number;
  /** Places of its living workers, or of its function. */
  readonly capacity: number;
  /** How long a task takes there, as measured, or as told before any was. */
  readonly meanSeconds: number;
  readonly meanSquareSeconds?: number | undefined;
  /** Names of groups whose tasks it can do. */
  readonly stealsFrom: readonly string[];
  /** By the operator: it gets and takes no more tasks. */
  readonly retired: boolean;
  /** Somebody lives who does its tasks; a function always does. */
  readonly alive: boolean;
  /** Those that take tasks. */
  readonly workers: readonly WorkerView[];
}

export interface WorkerView {
  /** Absent: the function group's runner, awake or not. */
  readonly worker?: string | undefined;
  /** Its places, and those of them in which nothing runs. */
  readonly capacity: number;
  readonly free: number;
  /** Its own queue gave nothing when it looked last, although it may be busy with what it stole; true of a runner that is not awake. */
  readonly idle: boolean;
  /** When a victim's queue gave nothing to it, by victim; milliseconds since 1970. */
  readonly dry: Readonly<Record<string, number>>;
}
