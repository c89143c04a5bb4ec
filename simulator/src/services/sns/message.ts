import { invalidParameter } from './errors';
import type { Chain } from '../../service';

export interface NotificationAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

export type NotificationAttributes = Readonly<Record<string, NotificationAttribute>>;

/** What a publisher sends, checked and copied. */
export interface PublishedContent {
  /** The text for each protocol; `default` where a protocol has none of its own. */
  readonly texts: Readonly<Record<string, string>> & { readonly default: string };
  readonly subject?: string;
  readonly attributes: NotificationAttributes;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** The chain of requests in which it was published. */
  readonly chain?: Chain;
  /** Bytes of the message and of each attribute's name, type and value. */
  readonly size: number;
}

/** A published message on its way to the subscribers. */
export interface Notification extends PublishedContent {
  readonly id: string;
  readonly publishedAt: number;
  /** Of messages of FIFO topics. */
  readonly sequenceNumber?: string;
}

/** Protocols that a JSON message may address: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (MessageStructure) */
const PROTOCOLS = ['sqs', 'lambda'];

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export function parsePublication(entry: any, chain?: Chain): PublishedContent {
  const { Message: message, Subject: subject, MessageStructure: structure } = entry;
  if (typeof message !== 'string' || message === '') throw invalidParameter('Empty message');
  if (structure !== undefined && structure !== null && structure !== 'json') throw invalidParameter('MessageStructure Reason: only json is allowed');
  const attributes = parseAttributes(entry.MessageAttributes ?? {});
  return {
    texts: structure === 'json' ? protocolTexts(message) : { default: message },
    subject: parseSubject(subject),
    // Attributes go out with plain messages only: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
    attributes: structure === 'json' ? {} : attributes,
    chain,
    groupId: identifier('MessageGroupId', entry.MessageGroupId),
    deduplicationId: identifier('MessageDeduplicationId', entry.MessageDeduplicationId),
    size: Buffer.byteLength(message) + sizeOf(attributes),
  };
}

/** A message for each protocol, and a default for the rest. */
function protocolTexts(message: string): PublishedContent['texts'] {
  let parsed: any;
  try {
    parsed = JSON.parse(message);
  } catch {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  if (parsed === null || typeof parsed !== 'object' || typeof parsed.default !== 'string') {
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  }
  const texts: Record<string, string> & { default: string } = { default: parsed.default };
  for (const protocol of PROTOCOLS) if (typeof parsed[protocol] === 'string') texts[protocol] = parsed[protocol];
  return texts;
}

/** ASCII without control characters, shorter than 100, and not beginning with a space: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (Subject) */
function parseSubject(subject: unknown): string | undefined {
  if (subject === undefined || subject === null) return undefined;
  if (typeof subject !== 'string' || !/^[!-~][ -~]{0,98}$/.test(subject)) throw invalidParameter('Subject');
  return subject;
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html; SNS itself knows no largest number of them. */
function parseAttributes(input: Record<string, any>): NotificationAttributes {
  const attributes: Record<string, NotificationAttribute> = {};
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(input)) {
    if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name) || /^(aws|amazon)\./i.test(name) || /^\.|\.$|\.\./.test(name)) {
      throw invalidParameter(`The message attribute name '${name}' is not allowed`);
    }
    const base = String(DataType ?? '').split('.')[0];
    if (!['String', 'Number', 'Binary'].includes(base)) {
      throw invalidParameter(`The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`);
    }
    if (base === 'Binary') {
      if (!BinaryValue?.length) throw emptyAttribute(name, DataType);
      attributes[name] = { DataType, BinaryValue: Uint8Array.from(BinaryValue) };
      continue;
    }
    if (typeof StringValue !== 'string' || StringValue === '') throw emptyAttribute(name, DataType);
    if (base === 'Number' && !Number.isFinite(Number(StringValue))) {
      throw invalidParameter(`Could not cast message attribute '${name}' value to number.`);
    }
    attributes[name] = { DataType, StringValue };
  }
  return attributes;
}

function emptyAttribute(name: string, type: string) {
  return invalidParameter(`The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`);
}

function sizeOf(attributes: NotificationAttributes): number {
  let size = 0;
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes)) {
    const value = StringValue === undefined ? BinaryValue!.length : Buffer.byteLength(StringValue);
    size += Buffer.byteLength(name) + Buffer.byteLength(DataType) + value;
  }
  return size;
}

function identifier(parameter: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || !/^[!-~]{1,128}$/.test(value)) {
    throw invalidParameter(`${parameter} Reason: must be 1 to 128 alphanumeric characters and punctuation`);
  }
  return value;
}
