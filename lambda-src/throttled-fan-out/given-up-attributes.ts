import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSMessageAttributes } from 'aws-lambda';
import { GIVEN_UP_ATTRIBUTES, type GivenUpReason } from '../../src/throttled-fan-out/contract';

/** A message has no more. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
export const MOST_ATTRIBUTES = 10;

/** JSON of the publisher's attributes for which ours leave no place: none is lost. */
const OTHER_ATTRIBUTES = 'otherAttributes';

const REASONS: ReadonlySet<string> = new Set<GivenUpReason>(['FAILED', 'EXPIRED', 'INVALID']);

export interface GivenUpAs {
  readonly reason: GivenUpReason;
  readonly priority: string;
  readonly messageId: string;
}

/** The attributes of a message that is given up. */
export function givenUpAttributes(published: SQSMessageAttributes, { reason, priority, messageId }: GivenUpAs): SQSMessageAttributes {
  const { REASON, PRIORITY, MESSAGE_ID } = GIVEN_UP_ATTRIBUTES;
  const ours: SQSMessageAttributes = { [REASON]: text(reason), [PRIORITY]: text(priority), [MESSAGE_ID]: text(messageId) };
  const others = Object.entries(published).filter(([name, { stringValue }]) => ours[name] === undefined || ours[name].stringValue !== stringValue);
  const overwritten = others.filter(([name]) => ours[name] !== undefined);
  const kept = others.filter(([name]) => ours[name] === undefined);
  const places = MOST_ATTRIBUTES - Object.keys(ours).length;
  if (overwritten.length === 0 && kept.length <= places) return { ...Object.fromEntries(kept), ...ours };
  const aside = [...overwritten, ...kept.slice(places - 1)];
  return { ...Object.fromEntries(kept.slice(0, places - 1)), [OTHER_ATTRIBUTES]: text(JSON.stringify(Object.fromEntries(aside))), ...ours };
}

/**
 * What the publisher set, also of a message that was given up and has been moved back to its queue: SQS gives it a new id then, but to the target
 * it is the same one.
 */
export function asPublished(attributes: SQSMessageAttributes): { readonly attributes: SQSMessageAttributes; readonly messageId?: string } {
  const { REASON, MESSAGE_ID } = GIVEN_UP_ATTRIBUTES;
  const messageId = attributes[MESSAGE_ID]?.stringValue;
  if (messageId === undefined || !REASONS.has(attributes[REASON]?.stringValue ?? '')) return { attributes };
  const { [REASON]: _reason, [MESSAGE_ID]: _id, [OTHER_ATTRIBUTES]: others, ...kept } = attributes;
  return { attributes: { ...kept, ...setAside(others?.stringValue) }, messageId };
}

/** As SQS takes an attribute that Lambda has read. */
export function toSend(attributes: SQSMessageAttributes): Record<string, MessageAttributeValue> {
  return Object.fromEntries(Object.entries(attributes).map(([name, { dataType, stringValue, binaryValue }]) => [name, {
    DataType: dataType,
    ...(stringValue !== undefined && { StringValue: stringValue }),
    ...(binaryValue !== undefined && { BinaryValue: Buffer.from(binaryValue, 'base64') }),
  }]));
}

export function text(value: string): SQSMessageAttribute {
  return { dataType: 'String', stringValue: value };
}

function setAside(json: string | undefined): SQSMessageAttributes {
  if (json === undefined) return {};
  try {
    return JSON.parse(json) as SQSMessageAttributes;
  } catch {
    throw new Error(`attribute '${OTHER_ATTRIBUTES}' is no JSON`);
  }
}
