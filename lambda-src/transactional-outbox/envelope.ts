import { createHash } from 'node:crypto';
import type { DynamoDBRecord } from 'aws-lambda';
import { parseJson, plainItem, textOf, type TypedItem } from './plain-json';
import {
  type ChangeData, type ChangeTypes, JSON_CONTENT_TYPE, type OutboxEnvelope, type PayloadFormatName, ROW, SPEC_VERSION, TEXT_CONTENT_TYPE,
} from '../../src/transactional-outbox/contract';

/** Where events come from. */
export interface EventOrigin {
  /** `source` of each event. */
  readonly source: string;
  readonly tableName: string;
}

export interface RowOrigin extends EventOrigin {
  readonly kind: 'ROWS';
  readonly payloadFormat: PayloadFormatName;
}

export interface ChangeOrigin extends EventOrigin {
  readonly kind: 'CHANGES';
  readonly changeTypes: ChangeTypes;
}

/** A stream's sequence number has at most this many digits. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html */
const SEQUENCE_LENGTH = 40;

/** Without these attributes no destination takes a row, or no consumer knows what it is. */
const REQUIRED = [ROW.PARTITION_KEY, ROW.EVENT_ID, ROW.TYPE] as const;

/**
 * The event of an outbox row: field by field what the pipe's input template makes of it, so that consumers see one event whichever way it took.
 * @throws a sentence with table, key and attribute when the row is no event
 */
export function envelopeOfRow(row: TypedItem, { source, tableName, payloadFormat }: RowOrigin): OutboxEnvelope {
  const text = (attribute: string) => textOf(row, attribute);
  const noEvent = (attribute: string, reason: string) => new Error(
    `row ${JSON.stringify([text(ROW.PARTITION_KEY), text(ROW.SORT_KEY)])} of table '${tableName}' is no event: attribute '${attribute}' ${reason}`,
  );
  for (const attribute of REQUIRED) {
    if (text(attribute) === '') throw noEvent(attribute, 'is missing, empty or no text');
  }
  const dataref = text(ROW.PAYLOAD_REF);
  const asJson = payloadFormat === 'JSON';
  let data: unknown = text(ROW.PAYLOAD);
  if (asJson && dataref === '') {
    try {
      data = parseJson(text(ROW.PAYLOAD));
    } catch (error) {
      throw noEvent(ROW.PAYLOAD, (error as Error).message);
    }
  }
  return {
    specversion: SPEC_VERSION,
    id: text(ROW.EVENT_ID),
    source,
    type: text(ROW.TYPE),
    subject: text(ROW.PARTITION_KEY),
    time: text(ROW.OCCURRED_AT),
    sequence: text(ROW.SORT_KEY),
    partitionkey: text(ROW.PARTITION_KEY),
    traceparent: text(ROW.TRACE_PARENT),
    dataref,
    datacontenttype: asJson ? JSON_CONTENT_TYPE : TEXT_CONTENT_TYPE,
    data,
  };
}

/**
 * The event of a change; undefined when its kind of change is not published.
 * @throws a sentence with table, keys and attribute when the record cannot be read
 */
export function envelopeOfChange({ eventID, eventName, dynamodb: change = {} }: DynamoDBRecord, origin: ChangeOrigin): OutboxEnvelope | undefined {
  const { insert, modify, remove } = origin.changeTypes;
  const type = { INSERT: insert, MODIFY: modify, REMOVE: remove }[eventName ?? 'INSERT'];
  if (type === undefined) return undefined;
  const keys = (change.Keys ?? {}) as TypedItem;
  return envelopeOfItem(origin, {
    id: eventID ?? '',
    type,
    time: new Date((change.ApproximateCreationDateTime ?? 0) * 1000),
    sequence: (change.SequenceNumber ?? '').padStart(SEQUENCE_LENGTH, '0'),
    keys,
    old: change.OldImage as TypedItem | undefined,
    new: change.NewImage as TypedItem | undefined,
  });
}

/**
 * The event of an item that a replay has read. Its id is the same within a replay until the item changes; a later replay is news, because the item may
 * have changed and changed back meanwhile. It has no place in the order of the changes.
 * @param replay what the replays of a table differ by
 */
export function envelopeOfSnapshot(item: TypedItem, keyNames: readonly string[], origin: ChangeOrigin, time: Date, replay: string): OutboxEnvelope {
  const keys = Object.fromEntries(keyNames.map((name) => [name, item[name] ?? {}]));
  const envelope = envelopeOfItem(origin, { id: '', type: origin.changeTypes.snapshot ?? '', time, sequence: '', keys, old: undefined, new: item });
  return { ...envelope, id: `snapshot#${envelope.subject}#${sha256(replay + canonicalText(item))}` };
}

function envelopeOfItem({ source, tableName }: EventOrigin, event: {
  readonly id: string;
  readonly type: string;
  readonly time: Date;
  readonly sequence: string;
  readonly keys: TypedItem;
  readonly old: TypedItem | undefined;
  readonly new: TypedItem | undefined;
}): OutboxEnvelope {
  try {
    const data: ChangeData = {
      keys: plainItem(event.keys),
      old: event.old ? plainItem(event.old) : null,
      new: event.new ? plainItem(event.new) : null,
    };
    // DynamoDB tells no order of the two: that of their names is always the same.
    const subject = Object.keys(data.keys).sort().map((name) => String(data.keys[name])).join('#');
    return {
      specversion: SPEC_VERSION,
      id: event.id,
      source,
      type: event.type,
      subject,
      time: event.time.toISOString(),
      sequence: event.sequence,
      partitionkey: queueId(subject),
      traceparent: '',
      dataref: '',
      datacontenttype: JSON_CONTENT_TYPE,
      data,
    };
  } catch (error) {
    throw new Error(`item ${JSON.stringify(event.keys)} of table '${tableName}' cannot be published: ${(error as Error).message}`);
  }
}

/** The text itself, or its hash where SQS does not take it as a group or deduplication id. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
export function queueId(text: string): string {
  return /^[!-~]{1,128}$/.test(text) ? text : sha256(text);
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** One text for equal items: neither the attributes of an item nor the elements of a set have an order. */
function canonicalText(item: TypedItem): string {
  const readable = (value: unknown) => (ArrayBuffer.isView(value) ? Buffer.from(value as Uint8Array).toString('base64') : value);
  return JSON.stringify(item, (name, value: unknown) => {
    if (Array.isArray(value)) return ['SS', 'NS', 'BS'].includes(name) ? value.map(readable).sort() : value;
    const plain = readable(value);
    if (typeof plain !== 'object' || plain === null) return plain;
    return Object.fromEntries(Object.entries(plain).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
