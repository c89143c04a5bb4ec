/**
 * What the constructs, their handlers and the runtime library know of an outbox: environment keys, item shapes, the envelope, metric names.
 * No import from the CDK here: the handlers bundle this file.
 */

/** Environment variables of the construct's own handlers. */
export const ENV = {
  OUTBOX_NAME: 'OUTBOX_NAME',
  /** `source` of each event. */
  EVENT_SOURCE: 'EVENT_SOURCE',
  /** What the stream's records are: a `SourceKind`. */
  SOURCE_KIND: 'SOURCE_KIND',
  /** `ChangeTypes` as JSON, only with `SourceKind` CHANGES. */
  CHANGE_TYPES: 'CHANGE_TYPES',
  /** A `PayloadFormatName`. */
  PAYLOAD_FORMAT: 'PAYLOAD_FORMAT',
  /** The table with the outbox rows, or the one whose changes are published. */
  TABLE_NAME: 'TABLE_NAME',
  /** Only with PARK_KEY. */
  PARKED_TABLE_NAME: 'PARKED_TABLE_NAME',
  /** A `DestinationKind`. */
  DESTINATION_KIND: 'DESTINATION_KIND',
  /** URL of the queue; ARN of the bus, topic, state machine or function. */
  DESTINATION: 'DESTINATION',
  CLAIM_CHECK_BUCKET: 'CLAIM_CHECK_BUCKET',
  PAYLOAD_LIMIT_BYTES: 'PAYLOAD_LIMIT_BYTES',
} as const;

/** Environment variables that `addWriter` sets and the runtime library reads. */
export const WRITER_ENV = {
  TABLE_NAME: 'OUTBOX_TABLE_NAME',
  RETENTION_SECONDS: 'OUTBOX_RETENTION_SECONDS',
  CLAIM_CHECK_BUCKET: 'OUTBOX_CLAIM_CHECK_BUCKET',
  PAYLOAD_LIMIT_BYTES: 'OUTBOX_PAYLOAD_LIMIT_BYTES',
} as const;

/** Environment variables that `Inbox.addConsumer` sets and the runtime library reads. */
export const INBOX_ENV = {
  TABLE_NAME: 'INBOX_TABLE_NAME',
  RETENTION_SECONDS: 'INBOX_RETENTION_SECONDS',
} as const;

export type SourceKind = 'ROWS' | 'CHANGES';
export type PayloadFormatName = 'TEXT' | 'JSON';
export type DestinationKind = 'EVENT_BUS' | 'FIFO_QUEUE' | 'TOPIC' | 'STATE_MACHINE' | 'FUNCTION';

/** Event types of a table's changes; a kind of change that has none is not published. */
export interface ChangeTypes {
  readonly insert?: string;
  readonly modify?: string;
  readonly remove?: string;
  /** Of the items that a replay reads from the table. */
  readonly snapshot?: string;
}

/** Attributes of an outbox row. `schemas/outbox-row.schema.json` is their published description. */
export const ROW = {
  /** `aggregateType#aggregateId`. */
  PARTITION_KEY: 'pk',
  /** A sequence of fixed width or a ULID: text that sorts in the order of the aggregate's events. */
  SORT_KEY: 'sk',
  EVENT_ID: 'eventId',
  TYPE: 'type',
  /** JSON text, byte for byte what arrives. Empty when `payloadRef` is set. */
  PAYLOAD: 'payload',
  /** `s3://bucket/key` of a payload that is too large for the destination; empty otherwise. */
  PAYLOAD_REF: 'payloadRef',
  /** ISO 8601 in UTC, with milliseconds. */
  OCCURRED_AT: 'occurredAt',
  /** W3C trace context; empty when there is none. */
  TRACE_PARENT: 'traceParent',
  /** Unix seconds: DynamoDB's time to live. */
  EXPIRES_AT: 'expiresAt',
} as const;

/** An outbox row as plain values. */
export interface OutboxRow {
  readonly pk: string;
  readonly sk: string;
  readonly eventId: string;
  readonly type: string;
  readonly payload: string;
  readonly payloadRef: string;
  readonly occurredAt: string;
  readonly traceParent: string;
  readonly expiresAt: number;
}

/** Claim checks lie below this prefix of their bucket: `payloads/<day>/<event id>`. */
export const CLAIM_CHECK_PREFIX = 'payloads/';

/**
 * Payloads whose text takes more bytes than this inside an event go to S3. It leaves room for the envelope in 256 KiB, the limit of
 * the tightest destination, and is kept for all of them: events are forwarded.
 */
export const PAYLOAD_LIMIT_BYTES = 240_000;

/** CloudEvents' version that the envelope follows. @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
export const SPEC_VERSION = '1.0';

/** `data` is text: JSON as it was written, every digit and byte of it. */
export const TEXT_CONTENT_TYPE = 'text/plain';
/** `data` is a JSON value. */
export const JSON_CONTENT_TYPE = 'application/json';

/**
 * What arrives at the destination, in this order of fields: CloudEvents 1.0 in JSON with its extensions `sequence`, `partitionkey`, `traceparent`
 * and `dataref`. An input template cannot leave a field out, so optional ones are empty strings.
 */
export interface OutboxEnvelope {
  readonly specversion: typeof SPEC_VERSION;
  /** The row's `eventId`, or the stream's id of a change: the same each time that the event is delivered. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The aggregate: the row's `pk`, or the changed item's key values, joined by `#`. */
  readonly subject: string;
  /** ISO 8601. */
  readonly time: string;
  /** Sorts in the order of the subject's events. */
  readonly sequence: string;
  /** The group of a FIFO queue. */
  readonly partitionkey: string;
  readonly traceparent: string;
  /** Claim check, `s3://bucket/key`: `data` is empty then. */
  readonly dataref: string;
  readonly datacontenttype: typeof TEXT_CONTENT_TYPE | typeof JSON_CONTENT_TYPE;
  readonly data: unknown;
}

/** `data` of a change of a table. Numbers that JavaScript cannot hold exactly are strings of their digits. */
export interface ChangeData {
  readonly keys: Readonly<Record<string, unknown>>;
  /** The item before; null when it was inserted. */
  readonly old: Readonly<Record<string, unknown>> | null;
  /** The item after; null when it was removed. */
  readonly new: Readonly<Record<string, unknown>> | null;
}

/** Attributes of a parked aggregate: its later events wait in the outbox until somebody replays it with `unpark`. */
export const PARKED = {
  /** The outbox row's `pk`. */
  PARTITION_KEY: 'aggregate',
  /** Lowest `sk` that waits: of the event that the destination refused, or of a later one whose writer's clock is behind. */
  SINCE: 'since',
  EVENT_ID: 'eventId',
  REASON: 'reason',
  PARKED_AT: 'parkedAt',
  /** Counts the events that came after it: whoever unparks knows by it that nothing came meanwhile. */
  WAITING: 'waiting',
} as const;

/** Attributes of an inbox item. The names are the defaults of Powertools' idempotency, which can use the same table. */
export const INBOX = {
  PARTITION_KEY: 'id',
  /** Unix seconds: DynamoDB's time to live. */
  EXPIRES_AT: 'expiration',
} as const;

/** What a replay publishes again, and how fast: the input of its state machine. */
export interface ReplayRequest {
  /** Events that occurred at or after this moment, ISO 8601. */
  readonly from?: string;
  /** Events that occurred before this moment, ISO 8601; the start of the replay unless given. */
  readonly to?: string;
  /** One aggregate: the row's `pk`. */
  readonly aggregate?: string;
  /** Only events of these types. */
  readonly types?: readonly string[];
  readonly eventsPerSecond?: number;
  /** Publishes what waits of a parked aggregate and opens it again. */
  readonly unpark?: boolean;
  /** Where an earlier replay stopped. */
  readonly cursor?: string;
}

/** How far a replay has come; its output when `done`. */
export interface ReplayProgress {
  readonly done: boolean;
  /** Where to go on; null when done. */
  readonly cursor: string | null;
  readonly scanned: number;
  readonly published: number;
  /** Events that the destination refused for good, or rows that are no events. */
  readonly refused: number;
  /** The first of them. */
  readonly refusals: readonly { readonly eventId: string; readonly aggregate: string; readonly reason: string }[];
}

export const DEFAULT_EVENTS_PER_SECOND = 100;
export const MAXIMUM_EVENTS_PER_SECOND = 1_000;

/** Names of errors that a state machine's execution fails with. */
export const ERROR = {
  /** The input of a replay cannot be followed; its cause says why. */
  INVALID_REPLAY_REQUEST: 'InvalidReplayRequest',
} as const;

export const METRIC = {
  NAMESPACE: 'CdkIntegrationPatterns/TransactionalOutbox',
  /** Value of this dimension: the outbox's name. */
  DIMENSION: 'service',
  /** 1 while the pipe does not run, 0 while it does; every five minutes. */
  NOT_RUNNING: 'NotRunning',
  /** Milliseconds from the commit to the handler, only where a handler is on the path. */
  RELAY_LAG: 'RelayLag',
  /** Aggregates that were parked. */
  PARKED: 'Parked',
  REPLAYED: 'Replayed',
  REFUSED: 'Refused',
} as const;
