import { ownS3, s3Sdk } from './aws-sdk';
import { parseExactly } from './exact-json';
import { InvalidOutboxEvent } from './invalid-outbox-event';
import { type OutboxEnvelope, TEXT_CONTENT_TYPE } from '../../src/transactional-outbox/contract';
import type { Client } from '../shared/client';

/** An event as a consumer sees it, whichever destination it came by. */
export interface OutboxEvent<T = any> {
  /** The same each time that the event is delivered. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The aggregate, `Order#17`, or the changed item's key. */
  readonly subject: string;
  /** When it occurred, ISO 8601. */
  readonly time: string;
  /** Sorts as text in the order of the subject's events. */
  readonly sequence: string;
  /** Group of a FIFO queue. */
  readonly partitionkey: string;
  /** W3C trace context; empty when there is none. */
  readonly traceparent: string;
  /** The payload. Numbers that JavaScript cannot hold exactly are strings of their digits. */
  readonly data: T;
  /** The payload's JSON text, byte for byte as it was written; undefined when the outbox parsed it on the way (`PayloadFormat.JSON`, changes). */
  readonly text: string | undefined;
}

export interface OpenOptions {
  /** Gets the objects; one that is created on first use unless given. */
  readonly s3?: Client | undefined;
}

/**
 * The event inside what a consumer received: an EventBridge event, a record of SQS or SNS, a notification, an element of what a function
 * gets, a state machine's input; as an object or as its JSON text.
 *
 * @throws InvalidOutboxEvent with a sentence when it is none, and when its payload is in S3: then use `openOutboxEvent`
 */
export function readOutboxEvent<T = any>(received: unknown): OutboxEvent<T> {
  const envelope = findEnvelope(received);
  if (envelope.dataref) {
    throw new InvalidOutboxEvent(`the payload of event '${envelope.id}' is in ${envelope.dataref}; read the event by openOutboxEvent`);
  }
  const { data } = envelope;
  if (envelope.datacontenttype !== TEXT_CONTENT_TYPE) return event(envelope, data as T, undefined);
  if (typeof data !== 'string') throw new InvalidOutboxEvent(`the data of event '${envelope.id}' must be text, received ${kindOf(data)}`);
  return event(envelope, parsePayload<T>(envelope, data), data);
}

/** The same, and the payload is read from S3 when it is there. */
export async function openOutboxEvent<T = any>(received: unknown, options: OpenOptions = {}): Promise<OutboxEvent<T>> {
  const envelope = findEnvelope(received);
  if (!envelope.dataref) return readOutboxEvent<T>(envelope);
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(envelope.dataref) ?? [];
  if (!Bucket || !Key) throw new InvalidOutboxEvent(`the dataref of event '${envelope.id}' must be s3://bucket/key, received '${envelope.dataref}'`);
  const s3: Client = options.s3 ?? ownS3();
  const { Body } = await s3.send(new (s3Sdk().GetObjectCommand)({ Bucket, Key }));
  const text: string = await Body.transformToString();
  return event(envelope, parsePayload<T>(envelope, text), envelope.datacontenttype === TEXT_CONTENT_TYPE ? text : undefined);
}

function event<T>(envelope: OutboxEnvelope, data: T, text: string | undefined): OutboxEvent<T> {
  const { id, source, type, subject, time, sequence, partitionkey, traceparent } = envelope;
  return { id, source, type, subject, time, sequence, partitionkey, traceparent, data, text };
}

function parsePayload<T>({ id }: OutboxEnvelope, text: string): T {
  try {
    return parseExactly(text) as T;
  } catch {
    throw new InvalidOutboxEvent(`the payload of event '${id}' must be JSON, received ${text.length} characters that are not`);
  }
}

/** Takes off one wrapping after the other: a bus's event may lie in a notification in a message. */
function findEnvelope(received: unknown): OutboxEnvelope {
  const value: any = typeof received === 'string' ? parseReceived(received) : received;
  if (Array.isArray(value) && value.length === 1) return findEnvelope(value[0]);
  if (Array.isArray(value)) throw new InvalidOutboxEvent(`received ${value.length} events; read each of them`);
  if (value === null || typeof value !== 'object') throw new InvalidOutboxEvent(`received ${kindOf(value)}, which is no event of an outbox`);
  if (Array.isArray(value.Records)) throw new InvalidOutboxEvent(`received a batch of ${value.Records.length} records; read each of its Records`);
  if (typeof value.specversion === 'string') return requireIdentity(value);
  if (value['detail-type'] !== undefined && value.detail !== undefined) return findEnvelope(value.detail);
  if (typeof value.body === 'string') return findEnvelope(value.body);
  if (typeof value.Sns?.Message === 'string') return findEnvelope(value.Sns.Message);
  if (value.Type === 'Notification' && typeof value.Message === 'string') return findEnvelope(value.Message);
  throw new InvalidOutboxEvent(`received an object with ${fields(value)}, which is no event of an outbox: it has no specversion`);
}

function parseReceived(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidOutboxEvent(`received ${text.length} characters that are no JSON, and so no event of an outbox`);
  }
}

/** What tells one event from another; without it nothing could be handled once. */
function requireIdentity(envelope: OutboxEnvelope): OutboxEnvelope {
  for (const name of ['id', 'source', 'type'] as const) {
    if (typeof envelope[name] !== 'string' || envelope[name] === '') {
      throw new InvalidOutboxEvent(`the ${name} of an event must be text that is not empty, received ${JSON.stringify(envelope[name])}`);
    }
  }
  return envelope;
}

function fields(value: object): string {
  const names = Object.keys(value);
  return names.length === 0 ? 'no fields' : `the fields ${names.slice(0, 10).join(', ')}`;
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}
