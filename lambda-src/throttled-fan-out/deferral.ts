import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { batchesOf } from '../shared/sqs-batches';

/** Messages that come back at the same time would wait for each other once more. */
const SPREAD = 0.2;
/**
 * A message is away for so much of its age at least. Then one that waits for 13 days is received less than 700 times, and SQS gives up on it at 1,000;
 * and it comes later than it could by less than two hundredths of the time that it has waited anyway.
 */
const SHARE_OF_AGE = 1 / 64;
/** SQS takes at most 12 hours since the message was received. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
const LONGEST_SECONDS = 11 * 3_600;

export interface ComingBack {
  readonly record: SQSRecord;
  readonly inMs: number;
}

/** Has messages come back to their queue later. */
export interface Deferral {
  /** Does not throw: a message whose visibility could not be changed comes back when its visibility timeout has passed. */
  comeBack(messages: readonly ComingBack[]): Promise<void>;
}

export interface QueueDeferralProps {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly now: () => number;
  readonly random: () => number;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

/** Changes the visibility of the messages. */
export class QueueDeferral implements Deferral {
  constructor(private readonly props: QueueDeferralProps) {}

  async comeBack(messages: readonly ComingBack[]): Promise<void> {
    await Promise.all(batchesOf(messages).map(async (batch) => this.change(batch)));
  }

  private async change(batch: readonly ComingBack[]): Promise<void> {
    const { sqs, queueUrl, now, random, warn } = this.props;
    const late = (count: number, error: string) => warn('messages come back only after their visibility timeout', { count, error });
    try {
      const { Failed = [] } = await sqs.send(new ChangeMessageVisibilityBatchCommand({
        QueueUrl: queueUrl,
        Entries: batch.map(({ record, inMs }, index) => ({
          Id: String(index),
          ReceiptHandle: record.receiptHandle,
          VisibilityTimeout: secondsAway(inMs, now() - Number(record.attributes.SentTimestamp), random()),
        })),
      }));
      if (Failed.length > 0) late(Failed.length, [...new Set(Failed.map(({ Code }) => Code))].join(', '));
    } catch (error) {
      late(batch.length, (error as Error).name);
    }
  }
}

export function secondsAway(inMs: number, ageMs: number, random: number): number {
  const spread = Math.ceil(inMs * (1 + SPREAD * random) / 1000);
  return Math.min(LONGEST_SECONDS, Math.max(1, spread, Math.ceil(ageMs * SHARE_OF_AGE / 1000) || 1));
}
