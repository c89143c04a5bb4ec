/**
 * What the construct, its dispatcher, the targets and the operator know of a fan-out: settings, payloads, item shapes, names.
 * No import from the CDK here: the handlers bundle this file.
 */

/** Environment variables of a target's dispatcher. */
export const ENV = {
  FAN_OUT_NAME: 'FAN_OUT_NAME',
  TABLE_NAME: 'TABLE_NAME',
  /** JSON of `DispatcherSettings`. */
  SETTINGS: 'SETTINGS',
} as const;

/** All that a target's dispatcher is told. */
export interface DispatcherSettings {
  /** The target's id in its fan-out. */
  readonly target: string;
  readonly destination: Destination;
  /** Highest first. */
  readonly priorities: readonly PrioritySettings[];
  readonly limit: LimitSettings;
  readonly deadLetterQueueUrl: string;
  readonly expiredQueueUrl: string;
  /** A delivery that takes longer has failed. */
  readonly deliveryTimeoutMs: number;
  /** So many failed deliveries lead to the dead-letter queue; being throttled or deferred is none. */
  readonly maxAttempts: number;
  /** The wait after the first failed delivery; it doubles up to the longest. */
  readonly retryDelaySeconds: number;
  readonly longestRetryDelaySeconds: number;
  /** Older messages go to the expired queue. */
  readonly maxAgeSeconds: number;
  /** How long an invocation may wait and deliver before it gives back what is left. */
  readonly invocationBudgetMs: number;
}

export interface PrioritySettings {
  readonly name: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  /** Share of the burst that this priority must leave to higher ones, 0 for the highest. */
  readonly heldBack: number;
  /** How many deliveries one invocation may have under way. */
  readonly parallel: number;
  /** As many messages as a full batch has: there may be more behind it. */
  readonly batchSize: number;
}

/** A target's limit as it was deployed. An operator's control overrides rate, burst, switch. */
export interface LimitSettings {
  readonly ratePerSecond: number;
  readonly burst: number;
  /** The rate and the burst are divided over so many items. */
  readonly shards: number;
  readonly adaptive?: AdaptiveSettings;
  readonly killSwitch?: KillSwitchSettings;
  /** A message that has waited so long counts as aged. */
  readonly ageingSeconds: number;
  /** Share of the rate that aged messages of lower priorities have for certain. */
  readonly agedShare: number;
}

/** Additive increase, multiplicative decrease. */
export interface AdaptiveSettings {
  readonly floorPerSecond: number;
  /** How much faster each second without a drop: deliveries a second, per second. */
  readonly increasePerSecond: number;
  /** What is left of the rate after a drop: above 0, below 1. */
  readonly decrease: number;
  /** Slower deliveries count as drops. */
  readonly latencyTargetMs?: number;
}

export interface KillSwitchSettings {
  /** Opens at this share of failures: above 0, at most 1. */
  readonly errorShare: number;
  /** Not before so many deliveries of the window. */
  readonly minimumDeliveries: number;
  readonly windowMs: number;
  /** How long it stays open before one delivery probes the target. */
  readonly probeEveryMs: number;
}

/** Where a target's messages go. */
export type Destination =
  | { readonly kind: 'FUNCTION'; readonly functionArn: string }
  | { readonly kind: 'QUEUE'; readonly queueUrl: string }
  /** One Standard execution a message, named after it. */
  | { readonly kind: 'STATE_MACHINE'; readonly stateMachineArn: string }
  /** An Express workflow with Step Functions' HTTP task: its answer tells how the request ended. */
  | { readonly kind: 'HTTP'; readonly stateMachineArn: string }
  /** A bus whose rule has the API destination; EventBridge does not tell how the request ended. */
  | { readonly kind: 'API_DESTINATION'; readonly eventBusName: string };

/** The message attribute that publishers set; anything unknown has the lowest priority. */
export const PRIORITY_ATTRIBUTE = 'priority';

/** What a target gets: a function as its payload, a state machine as its input, an HTTP endpoint as its body, an API destination as its event's detail. */
export interface Delivery {
  /** The same each time this message is delivered to this target: the key for idempotency. */
  readonly id: string;
  readonly fanOut: string;
  readonly target: string;
  readonly priority: string;
  /** The publisher's message group, when it set one: the tenant. */
  readonly tenant?: string;
  /** The published message as it is. */
  readonly message: string;
  /** String values of the published message attributes. */
  readonly attributes: Readonly<Record<string, string>>;
  /** When SQS took the message, ISO 8601. */
  readonly publishedAt: string;
}

/** The name of the header in which an HTTP endpoint gets the delivery's id. */
export const IDEMPOTENCY_HEADER = 'Idempotency-Key';

/** The detail type of an event that goes to an API destination, and its source. */
export const EVENT = { SOURCE: 'cdk-integration-patterns.throttled-fan-out', DETAIL_TYPE: 'Throttled Delivery' } as const;

/**
 * What a function returns when it could not take the message because of a rate limit: that is no failed attempt.
 * Anything else that it returns is a success; an error that it throws is a failed attempt.
 */
export interface ThrottledAnswer {
  readonly throttled: true;
  /** Nothing is delivered for so long; at most 15 minutes count. */
  readonly retryAfterSeconds?: number;
}

/** Attributes of the fan-out's table. */
export const ATTRIBUTE = { PARTITION_KEY: 'id', EXPIRES_AT: 'expiresAt' } as const;

/** The keys of the fan-out's table. All that belongs to a target begins with its id. */
export const itemKey = {
  /** The limiter's state. */
  limiter: (target: string, shard: number) => `${target}#limiter#${shard}`,
  /** Failed deliveries of one message. */
  attempts: (target: string, messageId: string) => `${target}#attempts#${messageId}`,
  /** What an operator wants; written by hand. */
  control: (target: string) => `${target}#control`,
} as const;

/** The item that an operator writes, under `itemKey.control`; each attribute is optional, and so is the item. */
export interface ControlItem {
  readonly ratePerSecond?: number;
  readonly burst?: number;
  readonly paused?: boolean;
  /** OPEN stops the target, CLOSED delivers whatever fails, AUTO is as deployed. */
  readonly killSwitch?: 'OPEN' | 'CLOSED' | 'AUTO';
  /** Delivers at once, and reports what would have waited. */
  readonly dryRun?: boolean;
}

/** Metrics, with the dimensions `service` (the fan-out's name), `target` and, for those by priority, `priority`. */
export const METRIC = {
  NAMESPACE: 'CdkIntegrationPatterns/ThrottledFanOut',
  DIMENSION: 'service',
  TARGET: 'target',
  PRIORITY: 'priority',
  /** By priority. */
  DELIVERED: 'Delivered',
  DEFERRED: 'Deferred',
  EXPIRED: 'Expired',
  FAILED: 'FailedDeliveries',
  DEAD_LETTERED: 'DeadLettered',
  /** Dry run: messages that would have waited. */
  WOULD_HAVE_WAITED: 'WouldHaveWaited',
  /** By target. */
  THROTTLED: 'ThrottledByTarget',
  RATE: 'RateNow',
  /** 1 while the switch is open, 0 while it is closed. */
  KILL_SWITCH_OPEN: 'KillSwitchOpen',
} as const;

/** The message attributes that the dispatcher adds when it gives up on a message. */
export const GIVEN_UP_ATTRIBUTES = { REASON: 'reason', PRIORITY: 'priority', MESSAGE_ID: 'messageId' } as const;
export type GivenUpReason = 'FAILED' | 'EXPIRED' | 'INVALID';
