/**
 * What the construct and its handlers both know: environment keys, event shapes, item shapes, metric names.
 * No import from the CDK here: the handlers bundle this file.
 */

/** Environment variables of the handlers. */
export const ENV = {
  /** Name of the gathering, stable per construct: it keeps several patterns on one bus apart. */
  GATHERING: 'GATHERING',
  TABLE_NAME: 'TABLE_NAME',
  EVENT_BUS_NAME: 'EVENT_BUS_NAME',
  REPLY_QUEUE_URL: 'REPLY_QUEUE_URL',
  RETENTION_SECONDS: 'RETENTION_SECONDS',
} as const;

/** `source` of every event that the pattern itself puts on the bus. */
export const EVENT_SOURCE = 'cdk-integration-patterns.scatter-gather';

export const DETAIL_TYPE = {
  /** One per recipient: `RequestDetail`. */
  REQUEST: 'ScatterGather Request',
  /** What a responder that replies by itself puts on the bus, with any `source`: `ReplyDetail`. */
  REPLY: 'ScatterGather Reply',
  /** A reply that changed nothing: `LateReplyDetail`. */
  LATE_REPLY: 'ScatterGather Late Reply',
} as const;

/** How Lambda destinations name what a function responder returned or threw. */
export const LAMBDA_DESTINATION = {
  SOURCE: 'lambda',
  SUCCESS: 'Lambda Function Invocation Result - Success',
  FAILURE: 'Lambda Function Invocation Result - Failure',
} as const;

/** What a responder receives: a function as its event, any other target as the event's `detail`. */
export interface RequestDetail {
  readonly gathering: string;
  readonly correlationId: string;
  readonly responder: string;
  /** Which rule carries this request: responders that are one function share it. */
  readonly route: string;
  readonly request: unknown;
  /** When the gathering closes at the latest, ISO 8601: a reply that comes later changes nothing. */
  readonly deadline: string;
}

/** What a responder that replies by itself sends back: the first three as received, and either a payload or an error. */
export interface ReplyDetail {
  readonly gathering: string;
  readonly correlationId: string;
  readonly responder: string;
  readonly payload?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

export type LateReplyReason =
  /** The gathering had closed. */
  | 'LATE'
  /** This responder's answer is already there; the first one stands. */
  | 'DUPLICATE'
  | 'UNKNOWN_CORRELATION_ID'
  /** The responder was not asked in this gathering. */
  | 'UNKNOWN_RESPONDER';

export interface LateReplyDetail extends ReplyDetail {
  readonly reason: LateReplyReason;
}

/** When a gathering has enough replies. */
export type Completion =
  | { readonly kind: 'ALL' }
  | { readonly kind: 'COUNT'; readonly count: number }
  /** JSONata without the braces, over `$replies` and `$request`. */
  | { readonly kind: 'CONDITION'; readonly expression: string };

/** How `result` is made of the replies. An aggregation by function is a state of its own and is `COLLECT` here. */
export type Aggregation =
  | { readonly kind: 'COLLECT' }
  | { readonly kind: 'MINIMUM_BY' | 'MAXIMUM_BY'; readonly path: string }
  /** JSONata without the braces, over `$replies`, `$failures`, `$missing` and `$request`. */
  | { readonly kind: 'JSONATA'; readonly expression: string };

/** One responder of the construct, and whether its condition holds for this request. */
export interface Candidate {
  readonly responder: string;
  /** Which rule carries its requests. */
  readonly route: string;
  readonly selected: boolean;
}

/** What the workflow tells a handler about the gathering. */
export interface GatheringInput {
  readonly correlationId: string;
  readonly executionArn: string;
  readonly request: unknown;
  readonly candidates: readonly Candidate[];
  /** The caller's own choice among the candidates, when the input has `recipients`. */
  readonly recipients?: readonly string[] | null;
  /** Milliseconds since 1970 at which the execution started. */
  readonly startedAt: number;
  readonly timeoutSeconds: number;
  readonly completion: Completion;
}

export interface ScatterInput extends GatheringInput {
  readonly taskToken: string;
}

export interface GatherInput extends GatheringInput {
  readonly aggregation: Aggregation;
}

/** Errors that end an execution with their name; nothing retries them. */
export const ERROR = {
  /** Another execution has opened a gathering with this correlation id. */
  DUPLICATE_CORRELATION_ID: 'DuplicateCorrelationId',
  INVALID_REQUEST: 'InvalidRequest',
  /** The aggregation's JSONata fails over the replies, which stay in the table. */
  AGGREGATION_FAILED: 'AggregationFailed',
  /** Not a failure: the gathering needs no waiting any more, and its result can be collected. */
  GATHERING_CLOSED: 'GatheringClosed',
} as const;

export type GatheringStatus = 'OPEN' | 'CLOSED';
export type ClosedBy = 'COLLECTOR' | 'DEADLINE' | 'FAILURE';

/** Attributes of the table's items. `REPLY` items hold the first answer of each responder. */
export const ATTRIBUTE = {
  PARTITION_KEY: 'correlationId',
  SORT_KEY: 'item',
  EXPIRES_AT: 'expiresAt',
} as const;

/** Sort key of the item that says whether a gathering is open, whom it expects and who has answered. */
export const GATHERING_ITEM = 'GATHERING';
export const REPLY_ITEM_PREFIX = 'REPLY#';

export const METRIC = {
  NAMESPACE: 'CdkIntegrationPatterns/ScatterGather',
  /** The one dimension, with the gathering's name. */
  DIMENSION: 'service',
  GATHERINGS: 'Gatherings',
  TIMED_OUT: 'TimedOutGatherings',
  LATE_REPLIES: 'LateReplies',
  FAILED_REPLIES: 'FailedReplies',
  TIME_TO_RESULT: 'TimeToResult',
} as const;

/** Above this many bytes of JSON the replies stay in the table: Step Functions' limit is 262,144, an aggregator's envelope included. */
export const RESULT_LIMIT_BYTES = 240_000;

/** A reply above this many bytes of JSON cannot be stored: a DynamoDB item is at most 409,600 bytes, keys included. */
export const REPLY_LIMIT_BYTES = 390_000;

export interface Reply {
  readonly responder: string;
  /** ISO 8601: when the reply reached the reply queue. */
  readonly receivedAt: string;
  /** From the opening of the gathering to `receivedAt`. */
  readonly latencyMs: number;
  /** Absent in a result that refers to the table (`resultsRef`). */
  readonly payload?: unknown;
}

export interface Failure {
  readonly responder: string;
  readonly error: string;
  readonly cause: string;
}

export interface GatheringResult {
  readonly correlationId: string;
  /** COMPLETE: what was asked for arrived. PARTIAL: only some of it. EMPTY: no reply at all. */
  readonly status: 'COMPLETE' | 'PARTIAL' | 'EMPTY';
  readonly completedBy: 'ALL' | 'COUNT' | 'CONDITION' | 'TIMEOUT';
  readonly replies: readonly Reply[];
  readonly failures: readonly Failure[];
  /** Responders that were asked and have not answered. */
  readonly missing: readonly string[];
  readonly result: unknown;
  /** Where the payloads are when they are too large for a workflow's output. */
  readonly resultsRef?: { readonly tableName: string; readonly correlationId: string };
}
