import type { Message } from '@aws-sdk/client-sqs';
import { type QueuedTask } from '../../src/work-stealing-pool/contract';
import type { Client } from '../shared/client';
import { sqsSdk } from '../shared/sqs-sdk';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const MOST_AT_ONCE = 10;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
const LONGEST_INVISIBLE_SECONDS = 43_200;

/** A message as it was received. */
export interface Received {
  readonly messageId: string;
  readonly receiptHandle: string;
  /** How often, this time included. */
  readonly receiveCount: number;
  /** Absent when the body is none. */
  readonly task?: QueuedTask;
}

/** The queue of a group. */
export class GroupQueue {
  constructor(readonly group: string, private readonly client: Client, private readonly url: string) {}

  async receive(most: number, waitSeconds: number): Promise<Received[]> {
    const { ReceiveMessageCommand } = sqsSdk();
    const { Messages = [] } = await this.client.send(new ReceiveMessageCommand({
      QueueUrl: this.url,
      MaxNumberOfMessages: Math.min(most, MOST_AT_ONCE),
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    })) as { Messages?: Message[] };
    return Messages.map((message) => {
      const task = queuedTask(message.Body);
      return {
        messageId: message.MessageId!,
        receiptHandle: message.ReceiptHandle!,
        receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
        ...(task && { task }),
      };
    });
  }

  async delete(receiptHandle: string): Promise<void> {
    await this.client.send(new (sqsSdk().DeleteMessageCommand)({ QueueUrl: this.url, ReceiptHandle: receiptHandle }));
  }

  /** The messages come again after so long, unless this is said again. One of which it cannot be said comes when it would have. */
  async hide(receiptHandles: readonly string[], seconds: number): Promise<void> {
    const { ChangeMessageVisibilityBatchCommand } = sqsSdk();
    const VisibilityTimeout = Math.min(Math.ceil(seconds), LONGEST_INVISIBLE_SECONDS);
    const batches = Array.from({ length: Math.ceil(receiptHandles.length / MOST_AT_ONCE) }, (_, index) =>
      receiptHandles.slice(index * MOST_AT_ONCE, (index + 1) * MOST_AT_ONCE));
    await Promise.all(batches.map(async (batch) => {
      const Entries = batch.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout }));
      await this.client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.url, Entries }));
    }));
  }
}

function queuedTask(body: string | undefined): QueuedTask | undefined {
  try {
    const task = JSON.parse(body ?? '') as Partial<QueuedTask> | null;
    return typeof task?.id === 'string' && task.id !== '' && typeof task.home === 'string' ? task as QueuedTask : undefined;
  } catch {
    return undefined;
  }
}
