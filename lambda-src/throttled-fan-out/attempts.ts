import { createHash } from 'crypto';
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSRecord } from 'aws-lambda';
import { itemKey } from '../../src/throttled-fan-out/contract';

const A_DAY_SECONDS = 86_400;

/** Counts the failed deliveries of a message; its receive count says nothing, because messages that wait are received as well. */
export interface Attempts {
  /** Answers how many there are with this one. */
  failed(record: SQSRecord): Promise<number>;
}

export interface TableAttemptsProps {
  readonly documents: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly target: string;
  readonly maxAgeSeconds: number;
  readonly now: () => number;
}

/** Counts in the fan-out's table. A receive counts once: it is in a set, so that a write that the SDK repeats changes nothing. */
export class TableAttempts implements Attempts {
  constructor(private readonly props: TableAttemptsProps) {}

  async failed({ messageId, receiptHandle }: SQSRecord): Promise<number> {
    const { documents, tableName, target, maxAgeSeconds, now } = this.props;
    const { Attributes } = await documents.send(new UpdateCommand({
      TableName: tableName,
      Key: { id: itemKey.attempts(target, messageId) },
      UpdateExpression: 'ADD failedReceives :receive SET expiresAt = :expiresAt',
      ExpressionAttributeValues: {
        ':receive': new Set([createHash('sha256').update(receiptHandle).digest('base64url').slice(0, 16)]),
        ':expiresAt': Math.floor(now() / 1000) + maxAgeSeconds + A_DAY_SECONDS,
      },
      ReturnValues: 'ALL_NEW',
    }));
    return (Attributes!.failedReceives as Set<string>).size;
  }
}
