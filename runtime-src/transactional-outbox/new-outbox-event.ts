import { InvalidOutboxEvent } from './invalid-outbox-event';
import { sequenceKey } from './sort-key';

/** An event before it is written. */
export type NewOutboxEvent = NewEventAttributes & (
  | {
    /** Any value that JSON can hold. */
    readonly payload: unknown;
    readonly payloadText?: undefined;
  }
  | {
    /** JSON text, which arrives byte for byte as it is: numbers of any length, spaces, the order of keys. */
    readonly payloadText: string;
    readonly payload?: undefined;
  }
);

export interface NewEventAttributes {
  /** What the event is about, `Order` for one. Without `#`. */
  readonly aggregateType: string;
  /** Which of them. Events of one aggregate have an order. */
  readonly aggregateId: string;
  /**
   * Position among the aggregate's events, whole numbers from 0: a version that the same transaction increments on condition, for one. A second
   * event with the same number cancels its transaction. Without it the order is that of the writers' clocks.
   */
  readonly sequence?: number | bigint | string | undefined;
  /** `OrderPlaced`, for one: the detail type on a bus. */
  readonly type: string;
  /** A random one unless given. */
  readonly eventId?: string | undefined;
  /** Now unless given. */
  readonly occurredAt?: Date | undefined;
  /** W3C trace context. @see https://www.w3.org/TR/trace-context/#traceparent-header */
  readonly traceParent?: string | undefined;
}

/** What SQS takes as a message group: a FIFO queue's group is the aggregate. */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
const TRACE_PARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const MAXIMUM_LENGTH = 128;

/**
 * Throws a sentence about the first attribute that some destination would refuse. The limits are those of the tightest one, for each outbox:
 * 128 characters for a FIFO queue's group and deduplication id and for a bus's detail type.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
 */
export function validateAttributes(event: NewOutboxEvent): void {
  const { aggregateType, aggregateId, sequence, type, eventId, occurredAt, traceParent } = event;
  requireVisibleAscii('aggregateType', aggregateType);
  if (aggregateType.includes('#')) throw invalid('aggregateType must not contain #, which separates it from aggregateId', aggregateType);
  requireVisibleAscii('aggregateId', aggregateId);
  if (aggregateType.length + 1 + aggregateId.length > MAXIMUM_LENGTH) {
    throw invalid(`aggregateType#aggregateId must have at most ${MAXIMUM_LENGTH} characters`, `${aggregateType}#${aggregateId}`);
  }
  if (sequence !== undefined) sequenceKey(sequence);
  if (typeof type !== 'string' || type === '' || Buffer.byteLength(type) > MAXIMUM_LENGTH || /\p{Cc}|\p{Surrogate}/u.test(type)) {
    throw invalid(`type must be text of 1 to ${MAXIMUM_LENGTH} bytes without control characters`, type);
  }
  if (eventId !== undefined) {
    requireVisibleAscii('eventId', eventId);
    if (eventId.length > MAXIMUM_LENGTH) throw invalid(`eventId must have at most ${MAXIMUM_LENGTH} characters`, eventId);
  }
  if (occurredAt !== undefined && !isTimestamp(occurredAt)) throw invalid('occurredAt must be a Date of the years 0 to 9999', occurredAt);
  if (traceParent !== undefined && traceParent !== '' && !(typeof traceParent === 'string' && TRACE_PARENT.test(traceParent))) {
    throw invalid('traceParent must be a W3C trace context such as 00-<32 hex digits>-<16 hex digits>-01', traceParent);
  }
}

function requireVisibleAscii(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || !VISIBLE_ASCII.test(value)) {
    throw invalid(`${name} must be text of visible ASCII characters without spaces, as message groups of SQS are`, value);
  }
}

/** Not by `instanceof`: the date may come from another realm. */
function isTimestamp(value: Date): boolean {
  const millis = Object.prototype.toString.call(value) === '[object Date]' ? value.getTime() : NaN;
  return millis >= Date.UTC(0, 0) && millis < Date.UTC(10_000, 0);
}

/** The payload as JSON text, validated; every character of a given text stays. */
export function payloadText({ payload, payloadText: text }: NewOutboxEvent): string {
  if (text === undefined) return stringify(payload);
  if (payload !== undefined) throw new InvalidOutboxEvent('an event takes payload or payloadText, received both');
  if (typeof text !== 'string') throw new InvalidOutboxEvent(`payloadText must be text, received ${typeof text}; give values as payload`);
  if (/\p{Surrogate}/u.test(text)) throw new InvalidOutboxEvent('payloadText must be Unicode, received half of a surrogate pair; escape it as \\ud800 … \\udfff');
  try {
    JSON.parse(text);
  } catch {
    // Without the text, and without the parser's message that cites it: it is somebody's payload.
    throw new InvalidOutboxEvent(`payloadText must be JSON, received ${text.length} characters that are not; give values as payload`);
  }
  return text;
}

function stringify(payload: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(payload);
  } catch (error) {
    throw new InvalidOutboxEvent(`payload cannot be written as JSON: ${(error as Error).message.split('\n')[0]}`);
  }
  if (text === undefined) throw new InvalidOutboxEvent(`payload must be a value that JSON can hold, received ${typeof payload}; null is one`);
  return text;
}

function invalid(rule: string, received: unknown): InvalidOutboxEvent {
  const text = typeof received === 'string' ? `'${received}'` : String(received);
  return new InvalidOutboxEvent(`${rule}, received ${text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text}`);
}
