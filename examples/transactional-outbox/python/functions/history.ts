import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { applyOnce, readOutboxEvent } from 'cdk-integration-patterns/runtime/transactional-outbox';

const client = DynamoDBDocumentClient.from(new DynamoDBClient());

/** Keeps what a book was before each change, and what it was after. */
export async function handler(received: unknown) {
  const event = readOutboxEvent(received);
  const { old, new: now } = event.data as { old: object | null; new: object | null };
  return applyOnce(client, event, [{
    Put: {
      TableName: process.env.ENTRIES_TABLE,
      Item: { bookId: event.subject, sequence: event.sequence, type: event.type, time: event.time, old, new: now },
    },
  }]);
}
