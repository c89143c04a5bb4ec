/**
 * What the construct, its handlers, the workers and the operator know of a pool: settings, payloads, item shapes, names.
 * No import from the CDK here: the handlers and the runtime library bundle this file.
 */

/** Environment variables of the pool's handlers. */
export const ENV = {
  POOL_NAME: 'POOL_NAME',
  TABLE_NAME: 'TABLE_NAME',
  /** JSON of `RouterSettings`, `CoordinatorSettings` or `RunnerSettings`. */
  SETTINGS: 'SETTINGS',
} as const;

/** The variable in which a worker outside the pool gets its `WorkerSettings`, as JSON. */
export const WORKER_ENV = 'WORK_STEALING_POOL_WORKER';

/** What `PoolGroup.addCommitter` tells the runtime library in a function that commits tasks with their effects. */
export const COMMIT_ENV = {
  TABLE_NAME: 'WORK_STEALING_POOL_TABLE_NAME',
  RETENTION_SECONDS: 'WORK_STEALING_POOL_RETENTION_SECONDS',
} as const;

/** What somebody submits: the body of a message to the pool's submit queue, as JSON. */
export interface Task {
  /** 1 to 128 characters. The same id is the same task, however often it is submitted. */
  readonly id: string;
  /** Whatever the worker needs; any JSON. */
  readonly payload: unknown;
  /** How long it may take, for placing it by load; the mean of its group without it. */
  readonly estimatedSeconds?: number;
  /** The groups that may get it; all without it. */
  readonly groups?: readonly string[];
}

/** The body of a message in a group's queue, as JSON. */
export interface QueuedTask extends Task {
  /** The group to which it was routed: its queue, its dead-letter queue. */
  readonly home: string;
  /** When it was submitted, ISO 8601. */
  readonly submittedAt: string;
}

/** What a group's function gets as its payload, and a worker's code as its argument. */
export interface Assignment {
  readonly pool: string;
  readonly task: { readonly id: string; readonly payload: unknown; readonly submittedAt: string };
  /** The group that does it, and the one to which it was routed: not the same for a stolen task. */
  readonly group: string;
  readonly home: string;
  /** How often it was begun from this message, this time included. */
  readonly attempt: number;
  /** Whoever begins a task again has a higher one; what commits with a lower one is refused. */
  readonly fence: number;
}

/** How the router chooses among the groups that may get a task. */
export type Routing =
  /** The same value of this member of the payload goes to the same group: `tenant.id` is the member `id` of the member `tenant`. */
  | { readonly kind: 'AFFINITY'; readonly member: string }
  /** Two at random, and the less loaded of them. */
  | { readonly kind: 'POWER_OF_TWO_CHOICES' }
  | { readonly kind: 'LEAST_LOADED' };

export interface RouterSettings {
  readonly routing: Routing;
  readonly groups: readonly {
    readonly name: string;
    readonly queueUrl: string;
    /** Share of the keys or of the random choices, compared with the other groups'. */
    readonly weight: number;
    /** Tasks at once, for groups that are functions; external groups have as many as their workers tell. */
    readonly capacity?: number;
    /** What begins to work when a task arrives; external workers look by themselves. */
    readonly runnerArn?: string;
    readonly typicalSeconds: number;
  }[];
  readonly coordinatorArn: string;
  /** For what is no task. */
  readonly deadLetterQueueUrl: string;
}

export interface CoordinatorSettings {
  readonly groups: readonly {
    readonly name: string;
    readonly queueUrl: string;
    readonly capacity?: number;
    readonly runnerArn?: string;
    /** The cost of a task before any was measured. */
    readonly typicalSeconds: number;
    /** Groups whose tasks it can do. Absent for all others: ten lists of ten names would not fit into an environment of 4 KB. */
    readonly stealsFrom?: readonly string[];
  }[];
  /** Absent when nothing is stolen. */
  readonly stealing?: StealingSettings;
  /** A worker's lease. */
  readonly leaseSeconds: number;
}

export interface StealingSettings {
  /** How long a plan lasts, and how long a group that stole is not stolen from. The leader looks five times as often. */
  readonly intervalSeconds: number;
  /** Nothing is stolen that would wait less where it is. */
  readonly minimumGainSeconds: number;
}

/** What each worker is told, a runner of a group's function as well as an external one. */
export interface WorkerSettings {
  readonly pool: string;
  readonly tableName: string;
  readonly group: string;
  /** Its own queue, and those of the groups from which it may steal, by group. */
  readonly queueUrls: Readonly<Record<string, string>>;
  /**
   * A worker that is not heard of for so long is dead, and its tasks are begun anew: the visibility timeout of the queues, and what heartbeats extend.
   * They come three times as often.
   */
  readonly leaseSeconds: number;
  /** The wait after the first failed attempt; it doubles up to the longest. */
  readonly retryDelaySeconds: number;
  readonly longestRetryDelaySeconds: number;
  /** How long it is remembered that a task was done. */
  readonly retentionSeconds: number;
}

export interface RunnerSettings {
  readonly worker: WorkerSettings;
  readonly functionArn: string;
  readonly maxConcurrency: number;
  /** How long the function may take. */
  readonly taskTimeoutSeconds: number;
}

/** Attributes of the pool's table. */
export const ATTRIBUTE = { PARTITION_KEY: 'id', SORT_KEY: 'entry', EXPIRES_AT: 'expiresAt' } as const;

/** The keys of the pool's table. */
export const itemKey = {
  leader: () => ({ id: 'leader', entry: 'leader' }),
  /** All that belongs to a group. */
  group: (group: string) => `group#${group}`,
  /** The runner that takes tasks for the group's function: one at a time. */
  runner: (group: string) => ({ id: `group#${group}`, entry: 'runner' }),
  /** An external worker, or a runner that takes no more and waits for what it has begun. */
  worker: (group: string, worker: string) => ({ id: `group#${group}`, entry: `worker#${worker}` }),
  /** What an operator wants; written by hand. */
  control: (group: string) => ({ id: `control#${group}`, entry: 'control' }),
  task: (task: string) => ({ id: `task#${task}`, entry: 'task' }),
} as const;

/** The item that an operator writes, under `itemKey.control`. */
export interface ControlItem {
  /** It gets and takes no more tasks, and other groups steal its queue empty. */
  readonly retired?: boolean;
}

/** Clocks may differ by so much: whoever takes over a lease waits so much longer. Where they differ by more, the fences tell the two apart. */
export const CLOCK_MARGIN_MS = 2_000;

/** A worker's lease and what it tells of itself. Times are milliseconds since 1970. */
export interface WorkerItem {
  readonly worker: string;
  /** Counts those that had the role of runner; 1 for an external worker. */
  readonly fence: number;
  /** Dead afterwards; 0 when it has left. */
  readonly until: number;
  /** False when it only waits for what it has begun. */
  readonly accepting: boolean;
  readonly capacity: number;
  readonly running: number;
  /** Its own queue gave nothing when it looked last, although it may be busy with what it stole. */
  readonly idle: boolean;
  /** Of the tasks that it did, weighted towards the latest; absent before the first. */
  readonly meanSeconds?: number;
  /** Of the squares of their times: long tasks are met more often than they are. */
  readonly meanSquareSeconds?: number;
  /** When a victim's queue gave nothing, by victim. */
  readonly dry: Readonly<Record<string, number>>;
  readonly expiresAt: number;
}

/** A steal that the leader wants: so many tasks, out of the victim's queue, by this worker. */
export interface Grant {
  readonly thief: string;
  /** The external worker; absent where the thief's runner is meant. */
  readonly worker?: string;
  readonly victim: string;
  readonly tasks: number;
  /** How long they would have waited where they are, at most. */
  readonly gainSeconds: number;
}

export interface GroupLoad {
  readonly waiting: number;
  readonly running: number;
  /** Places of those that are alive. */
  readonly capacity: number;
  readonly meanSeconds: number;
  /** How long a task that came now would wait. */
  readonly backlogSeconds: number;
}

/** The leader's lease, its plan, and its picture of the pool. One write renews and plans, on condition of the fence. */
export interface LeaderItem {
  readonly leader: string;
  /** Counts the leaders. */
  readonly fence: number;
  readonly until: number;
  /** Counts the writes; a grant is counted down anew with each. */
  readonly revision: number;
  readonly grants: readonly Grant[];
  readonly grantsUntil: number;
  readonly load: Readonly<Record<string, GroupLoad>>;
  /** What the planner remembers. */
  readonly history: PlanHistory;
}

export interface PlanHistory {
  /** When a group last stole. */
  readonly thiefAt: Readonly<Record<string, number>>;
  /** Since when a group has had no place free. */
  readonly pressedSince: Readonly<Record<string, number>>;
}

/** The record of a task: who does it, and that it is done. */
export interface TaskItem {
  /** Counts the beginnings. */
  readonly fence: number;
  readonly state: 'RUNNING' | 'RELEASED' | 'DONE';
  /** The SQS message from which it was begun last: another one with the same task is a duplicate. */
  readonly message: string;
  readonly worker: string;
  /** A duplicate is believed to be one until then. */
  readonly until: number;
  readonly expiresAt: number;
}

/** Metrics, with the dimensions `service` (the pool's name) and `group`. */
export const METRIC = {
  NAMESPACE: 'CdkIntegrationPatterns/WorkStealingPool',
  DIMENSION: 'service',
  GROUP: 'group',
  /** By the leader, while there is work. */
  BACKLOG_SECONDS: 'BacklogSeconds',
  RUNNING: 'Running',
  /** 1 when tasks wait and nobody is alive to do them. */
  DEAD_GROUP: 'DeadGroup',
  /** Seconds that the steals of a plan were to gain. */
  STEAL_GAIN: 'StealGain',
  /** By workers. */
  DONE: 'Done',
  STOLEN: 'Stolen',
  FAILED: 'FailedAttempts',
  REFUSED_COMMITS: 'RefusedCommits',
  DUPLICATES: 'Duplicates',
  /** By the router, without a group. */
  SUBMITTED: 'Submitted',
  INVALID: 'InvalidTasks',
} as const;

/** The message attribute that the router adds when it gives up on a message. */
export const GIVEN_UP_ATTRIBUTES = { REASON: 'reason', MESSAGE_ID: 'messageId' } as const;
