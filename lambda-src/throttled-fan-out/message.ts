import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import { asPublished } from './given-up-attributes';
import type { Delivery } from '../../src/throttled-fan-out/contract';

/** A received message, and what the target gets of it. */
export interface Message {
  readonly record: SQSRecord;
  /** As the publisher set them. */
  readonly attributes: SQSMessageAttributes;
  readonly delivery: Delivery;
  /** When SQS took it, by the clock of SQS. */
  readonly sentAt: number;
}

export interface Addressee {
  readonly fanOut: string;
  readonly target: string;
  readonly priority: string;
}

/** @throws when the record is no message that can be delivered, with the reason; the reason quotes nothing of the message */
export function messageOf(record: SQSRecord, { fanOut, target, priority }: Addressee): Message {
  const sentAt = Number(record.attributes.SentTimestamp);
  if (!Number.isFinite(sentAt) || sentAt <= 0) throw new Error("attribute 'SentTimestamp' is no time");
  const { attributes, messageId = record.messageId } = asPublished(record.messageAttributes);
  const tenant = record.attributes.MessageGroupId;
  return {
    record,
    attributes,
    sentAt,
    delivery: {
      id: messageId,
      fanOut,
      target,
      priority,
      ...(tenant !== undefined && { tenant }),
      message: record.body,
      attributes: texts(attributes),
      publishedAt: new Date(sentAt).toISOString(),
    },
  };
}

function texts(attributes: SQSMessageAttributes): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, { stringValue }] of Object.entries(attributes)) {
    if (stringValue !== undefined) found[name] = stringValue;
  }
  return found;
}
