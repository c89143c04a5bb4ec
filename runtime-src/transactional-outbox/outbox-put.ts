import { randomUUID } from 'crypto';
import { ownS3, s3Sdk } from './aws-sdk';
import { InvalidOutboxEvent } from './invalid-outbox-event';
import { type NewOutboxEvent, payloadText, validateAttributes } from './new-outbox-event';
import { sequenceKey, ulid } from './sort-key';
import { CLAIM_CHECK_PREFIX, type OutboxRow, PAYLOAD_LIMIT_BYTES, ROW, WRITER_ENV } from '../../src/transactional-outbox/contract';
import type { Client } from '../shared/client';
import { positiveInteger, setting } from '../shared/environment';

/** Options that `TransactionalOutbox.addWriter` gives by the environment. */
export interface OutboxPutOptions {
  /** `OUTBOX_TABLE_NAME` unless given. */
  readonly tableName?: string | undefined;
  /** How long the row stays for replays; `OUTBOX_RETENTION_SECONDS`, or 7 days, unless given. */
  readonly retentionSeconds?: number | undefined;
  /** How large a payload may be inside an event; `OUTBOX_PAYLOAD_LIMIT_BYTES`, or 240,000, unless given. */
  readonly payloadLimitBytes?: number | undefined;
  /** The time; the clock's unless given. */
  readonly now?: Date | undefined;
}

/** Options for payloads of any size. */
export interface ClaimCheckOptions extends OutboxPutOptions {
  /** Puts the objects; one that is created on first use unless given. */
  readonly s3?: Client | undefined;
  /** `OUTBOX_CLAIM_CHECK_BUCKET` unless given. */
  readonly bucketName?: string | undefined;
}

/** An entry of `TransactItems` of lib-dynamodb's `TransactWriteCommand`. */
export interface OutboxPut {
  readonly Put: {
    readonly TableName: string;
    readonly Item: OutboxRow;
    readonly ConditionExpression: string;
  };
}

const DEFAULT_RETENTION_SECONDS = 7 * 24 * 60 * 60;
const ADD_WRITER = 'TransactionalOutbox.addWriter';

/**
 * The entry of a transaction that writes an event beside the change that it tells of. Call it once per event: a transaction that is tried
 * again must have the same entry.
 *
 * @throws InvalidOutboxEvent with a sentence when a destination would refuse the event, and for a payload that is too large for one
 */
export function outboxPut(event: NewOutboxEvent, options: OutboxPutOptions = {}): OutboxPut {
  validateAttributes(event);
  const text = payloadText(event);
  const { bytes, limit } = measure(text, options);
  if (bytes > limit) {
    throw new InvalidOutboxEvent(
      `the payload takes ${bytes} bytes inside an event, more than ${limit}; store it in S3 by outboxPutWithClaimCheck`,
    );
  }
  return entry(event, { payload: text, payloadRef: '' }, options);
}

/**
 * The same for payloads of any size: what is too large for an event goes to S3 first, and the row refers to it. When the transaction is
 * cancelled then, the object stays until its bucket expires it, and nobody refers to it.
 */
export async function outboxPutWithClaimCheck(event: NewOutboxEvent, options: ClaimCheckOptions = {}): Promise<OutboxPut> {
  validateAttributes(event);
  const text = payloadText(event);
  const { bytes, limit } = measure(text, options);
  if (bytes <= limit) return entry(event, { payload: text, payloadRef: '' }, options);
  const identified = { ...event, eventId: event.eventId ?? randomUUID() };
  const bucket = setting(options.bucketName, WRITER_ENV.CLAIM_CHECK_BUCKET, ADD_WRITER);
  const day = (options.now ?? new Date()).toISOString().slice(0, 10);
  const key = `${CLAIM_CHECK_PREFIX}${day}/${encodeURIComponent(identified.eventId)}`;
  const s3: Client = options.s3 ?? ownS3();
  await s3.send(new (s3Sdk().PutObjectCommand)({ Bucket: bucket, Key: key, Body: text, ContentType: 'application/json' }));
  return entry(identified, { payload: '', payloadRef: `s3://${bucket}/${key}` }, options);
}

function entry(event: NewOutboxEvent, payload: Pick<OutboxRow, 'payload' | 'payloadRef'>, options: OutboxPutOptions): OutboxPut {
  const now = options.now ?? new Date();
  const retention = positiveInteger('retentionSeconds', options.retentionSeconds, WRITER_ENV.RETENTION_SECONDS, DEFAULT_RETENTION_SECONDS);
  return {
    Put: {
      TableName: setting(options.tableName, WRITER_ENV.TABLE_NAME, ADD_WRITER),
      Item: {
        pk: `${event.aggregateType}#${event.aggregateId}`,
        sk: event.sequence === undefined ? ulid(now) : sequenceKey(event.sequence),
        eventId: event.eventId ?? randomUUID(),
        type: event.type,
        ...payload,
        occurredAt: (event.occurredAt ?? now).toISOString(),
        traceParent: event.traceParent ?? '',
        expiresAt: Math.floor(now.getTime() / 1000) + retention,
      },
      ConditionExpression: `attribute_not_exists(${ROW.PARTITION_KEY})`,
    },
  };
}

/** Text inside an event is a JSON string: its quotes, backslashes and line ends are escaped. */
function measure(text: string, options: OutboxPutOptions): { bytes: number; limit: number } {
  return {
    bytes: Buffer.byteLength(JSON.stringify(text)),
    limit: positiveInteger('payloadLimitBytes', options.payloadLimitBytes, WRITER_ENV.PAYLOAD_LIMIT_BYTES, PAYLOAD_LIMIT_BYTES),
  };
}
