import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import { givenUpAttributes, toSend } from './given-up-attributes';
import type { DispatcherSettings, GivenUpReason } from '../../src/throttled-fan-out/contract';
import { batchesOf, MOST_BYTES } from '../shared/sqs-batches';

export interface GivenUp {
  readonly record: SQSRecord;
  /** As the publisher set them, when they could be read. */
  readonly attributes: SQSMessageAttributes;
  /** What the target knows the message by. */
  readonly messageId: string;
  readonly priority: string;
  readonly reason: GivenUpReason;
}

/** Takes messages out of their queue for good. */
export interface GiveUp {
  /** Answers those that are kept elsewhere now. Does not throw: the others have to come again. */
  keep(messages: readonly GivenUp[]): Promise<ReadonlySet<GivenUp>>;
}

export interface QueueGiveUpProps {
  readonly sqs: SQSClient;
  readonly settings: Pick<DispatcherSettings, 'deadLetterQueueUrl' | 'expiredQueueUrl'>;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

interface Entry {
  readonly givenUp: GivenUp;
  readonly attributes: SQSMessageAttributes;
  readonly bytes: number;
}

/** Sends them to the dead-letter queue or to the queue of expired messages, as they were published and with the reason beside. */
export class QueueGiveUp implements GiveUp {
  constructor(private readonly props: QueueGiveUpProps) {}

  async keep(messages: readonly GivenUp[]): Promise<ReadonlySet<GivenUp>> {
    const { deadLetterQueueUrl, expiredQueueUrl } = this.props.settings;
    const expired = messages.filter(({ reason }) => reason === 'EXPIRED');
    const dead = messages.filter(({ reason }) => reason !== 'EXPIRED');
    const kept = await Promise.all([...this.sends(expiredQueueUrl, expired), ...this.sends(deadLetterQueueUrl, dead)]);
    return new Set(kept.flat());
  }

  private sends(queueUrl: string, messages: readonly GivenUp[]): Promise<GivenUp[]>[] {
    return batchesOf(messages.map(entryOf), ({ bytes }) => bytes).map(async (batch) => this.send(queueUrl, batch));
  }

  private async send(queueUrl: string, batch: readonly Entry[]): Promise<GivenUp[]> {
    const notKept = (count: number, error: string) => this.props.warn('given up messages could not be kept elsewhere; they come again', { count, error });
    try {
      const { Successful = [], Failed = [] } = await this.props.sqs.send(new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: batch.map(({ givenUp: { record }, attributes }, index) => ({
          Id: String(index),
          MessageBody: record.body,
          MessageAttributes: toSend(attributes),
          ...(record.attributes.MessageGroupId !== undefined && { MessageGroupId: record.attributes.MessageGroupId }),
        })),
      }));
      if (Failed.length > 0) notKept(Failed.length, [...new Set(Failed.map(({ Code }) => Code))].join(', '));
      return Successful.map(({ Id }) => batch[Number(Id)]!.givenUp);
    } catch (error) {
      notKept(batch.length, (error as Error).name);
      return [];
    }
  }
}

/** A message that our attributes would make too large goes without them: it fits as it came, and the log has the reason. */
function entryOf(givenUp: GivenUp): Entry {
  const { record, attributes: published } = givenUp;
  const attributes = givenUpAttributes(published, givenUp);
  const bytes = bytesOf(record.body, attributes);
  return bytes <= MOST_BYTES
    ? { givenUp, attributes, bytes }
    : { givenUp, attributes: record.messageAttributes, bytes: bytesOf(record.body, record.messageAttributes) };
}

/** Names, types and values of the attributes count. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
function bytesOf(body: string, attributes: SQSMessageAttributes): number {
  return Object.entries(attributes).reduce((bytes, [name, { dataType, stringValue = '', binaryValue = '' }]) =>
    bytes + Buffer.byteLength(name) + Buffer.byteLength(dataType) + Buffer.byteLength(stringValue) + Buffer.byteLength(binaryValue, 'base64'), Buffer.byteLength(body));
}
