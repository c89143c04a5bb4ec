import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import type { Log } from './log';
import type { Refused } from './submitted';
import { GIVEN_UP_ATTRIBUTES, type QueuedTask } from '../../src/work-stealing-pool/contract';
import { batchesOf, MOST_BYTES } from '../shared/sqs-batches';

/** What is to be sent for a submitted message. */
interface Outgoing {
  readonly record: SQSRecord;
  readonly body: string;
  readonly attributes?: SendMessageBatchRequestEntry['MessageAttributes'];
  readonly bytes: number;
}

export interface QueueSenderProps {
  readonly sqs: SQSClient;
  readonly log: Log;
}

/** Sends what was submitted to where it belongs. Does not throw: what could not be sent is submitted again by its queue. */
export class QueueSender {
  constructor(private readonly props: QueueSenderProps) {}

  /** Answers the records whose tasks are in the queue now. */
  async sendTasks(queueUrl: string, tasks: readonly { readonly record: SQSRecord; readonly task: QueuedTask }[]): Promise<readonly SQSRecord[]> {
    return this.sendAll(queueUrl, tasks.map(({ record, task }) => {
      const body = JSON.stringify(task);
      return { record, body, bytes: Buffer.byteLength(body) };
    }));
  }

  /** Keeps what is no task, as it came and with the reason beside. Answers the records that are kept now. */
  async giveUp(queueUrl: string, refused: readonly Refused[]): Promise<readonly SQSRecord[]> {
    return this.sendAll(queueUrl, refused.map(refusal));
  }

  private async sendAll(queueUrl: string, outgoing: readonly Outgoing[]): Promise<readonly SQSRecord[]> {
    return (await Promise.all(batchesOf(outgoing, ({ bytes }) => bytes).map(async (batch) => this.send(queueUrl, batch)))).flat();
  }

  private async send(queueUrl: string, batch: readonly Outgoing[]): Promise<readonly SQSRecord[]> {
    const notSent = (count: number, error: string) => this.props.log.warn('submitted messages could not be sent on; they come again', { queueUrl, count, error });
    try {
      const { Successful = [], Failed = [] } = await this.props.sqs.send(new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: batch.map(({ record, body, attributes }, index) => ({
          Id: String(index),
          MessageBody: body,
          ...(attributes && { MessageAttributes: attributes }),
          // Of a fair queue: a tenant that submits very much does not hold up the others.
          ...(record.attributes.MessageGroupId !== undefined && { MessageGroupId: record.attributes.MessageGroupId }),
        })),
      }));
      if (Failed.length > 0) notSent(Failed.length, [...new Set(Failed.map(({ Code }) => Code))].join(', '));
      return Successful.map(({ Id }) => batch[Number(Id)]!.record);
    } catch (error) {
      notSent(batch.length, (error as Error).name);
      return [];
    }
  }
}

/** A message that the attributes would make too large goes without them: it fits as it came, and the log has the reason. */
function refusal({ record, reason }: Refused): Outgoing {
  const { body, messageId } = record;
  const texts = { [GIVEN_UP_ATTRIBUTES.REASON]: reason, [GIVEN_UP_ATTRIBUTES.MESSAGE_ID]: messageId };
  // Names, types and values count: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
  const bytes = Object.entries(texts).reduce((sum, [name, value]) => sum + Buffer.byteLength(`${name}String${value}`), Buffer.byteLength(body));
  if (bytes > MOST_BYTES) return { record, body, bytes: Buffer.byteLength(body) };
  const attributes = Object.fromEntries(Object.entries(texts).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]));
  return { record, body, attributes, bytes };
}
