import { createHash } from 'crypto';
import { invalidParameter, missingParameter, sqsError } from './errors';
import type { Chain } from '../../service';

export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

/** What a producer sends: the part of a message that never changes. */
export interface MessageContent {
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly traceHeader?: string;
  /** The chain of requests in which it was sent. */
  readonly chain?: Chain;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** Bytes of the body and of each attribute's name, type and value. */
  readonly size: number;
  /** Kept once they have been computed. */
  digests?: Digests;
}

interface Digests {
  readonly body: string;
  readonly attributes?: string;
}

/** One stored copy of a message. A duplicate delivery is a second copy with the same `id`. */
export interface Message {
  readonly id: string;
  /** Unique per copy, for receipt handles. */
  readonly copy: number;
  readonly content: MessageContent;
  readonly senderId: string;
  /** When the producer's send was accepted; a standard dead-letter queue keeps it, so retention keeps running. */
  sentAt: number;
  /** When it entered the queue that it is in now. */
  arrivedAt: number;
  sequenceNumber?: string;
  receiveCount: number;
  firstReceivedAt?: number;
  lastReceivedAt?: number;
  /** ARN of the queue that it was dead-lettered from. */
  deadLetterSource?: string;
  state: 'arriving' | 'delayed' | 'visible' | 'inFlight' | 'gone';
  /** Ends the delay or the visibility timeout. */
  timer?: { cancel(): void };
}

/** Everything that SQS accepts in a body: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Copies what the caller sent, so that the caller's later changes, or another realm's objects, do not reach the queue. */
export function parseContent(entry: any, chain?: Chain): MessageContent {
  const body = entry.MessageBody;
  if (body === undefined || body === null || body === '') throw missingParameter('MessageBody');
  if (typeof body !== 'string') throw sqsError('InvalidParameterValue', `MessageBody must be a string, got ${typeof body}`);
  if (FORBIDDEN.test(body)) {
    throw sqsError('InvalidMessageContents', 'Message body contains characters outside the set that XML 1.0 allows');
  }
  const attributes = parseAttributes(entry.MessageAttributes ?? {});
  let size = Buffer.byteLength(body);
  for (const [name, attribute] of Object.entries(attributes)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType)
      + (attribute.StringValue !== undefined ? Buffer.byteLength(attribute.StringValue) : attribute.BinaryValue!.length);
  }
  return {
    body,
    attributes,
    chain,
    traceHeader: entry.MessageSystemAttributes?.AWSTraceHeader?.StringValue,
    groupId: identifier('MessageGroupId', entry.MessageGroupId),
    deduplicationId: identifier('MessageDeduplicationId', entry.MessageDeduplicationId),
    size,
  };
}

function parseAttributes(input: Record<string, any>): Record<string, MessageAttribute> {
  const names = Object.keys(input);
  if (names.length > 10) throw invalidParameter(names.length, 'MessageAttributes', 'A message can have up to 10 attributes.');
  const attributes: Record<string, MessageAttribute> = {};
  for (const name of names) {
    if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name) || /^(aws|amazon)\./i.test(name) || /^\.|\.$|\.\./.test(name)) {
      throw sqsError('InvalidParameterValue', `Message attribute name '${name}' is invalid.`);
    }
    const { DataType, StringValue, BinaryValue } = input[name];
    const base = String(DataType ?? '').split('.')[0];
    if (!['String', 'Number', 'Binary'].includes(base)) {
      throw sqsError('InvalidParameterValue', `The type of message attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`);
    }
    if (base === 'Binary') {
      if (!BinaryValue?.length) throw sqsError('InvalidParameterValue', `Message attribute '${name}' must contain a non-empty binary value.`);
      attributes[name] = { DataType, BinaryValue: Uint8Array.from(BinaryValue) };
    } else {
      if (typeof StringValue !== 'string' || StringValue === '') {
        throw sqsError('InvalidParameterValue', `Message attribute '${name}' must contain a non-empty string value.`);
      }
      if (base === 'Number' && !Number.isFinite(Number(StringValue))) {
        throw sqsError('InvalidParameterValue', `Can't cast the value of message attribute '${name}' to a number.`);
      }
      attributes[name] = { DataType, StringValue };
    }
  }
  return attributes;
}

function identifier(parameter: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || !/^[!-~]{1,128}$/.test(value)) {
    throw invalidParameter(value, parameter, 'It can only include alphanumeric and punctuation characters. 1 to 128 in length.');
  }
  return value;
}

/** Both digests of a message as it was sent. */
export function digestsOf(content: MessageContent): Digests {
  return content.digests ??= {
    body: createHash('md5').update(content.body).digest('hex'),
    attributes: md5OfAttributes(content.attributes),
  };
}

/**
 * The digest that SQS and its clients compute over attributes: sorted by name, each of name, type and value as length
 * (4 bytes, big endian) and bytes, with a byte 1 or 2 before a string or binary value.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttribute>>): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const { DataType, StringValue, BinaryValue } = attributes[name];
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    hash.update(Buffer.from([StringValue !== undefined ? 1 : 2]));
    add(StringValue !== undefined ? Buffer.from(StringValue) : Buffer.from(BinaryValue!));
  }
  return hash.digest('hex');
}
