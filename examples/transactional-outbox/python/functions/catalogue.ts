import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { applyOnce, readOutboxEvent } from 'cdk-integration-patterns/runtime/transactional-outbox';
import type { Book } from './book';

const client = DynamoDBDocumentClient.from(new DynamoDBClient());

/** Counts the books of each author. Adding one twice would be wrong, so the inbox lets each event take effect once. */
export async function handler(received: unknown) {
  const event = readOutboxEvent(received);
  const { author } = event.data as Book;
  return applyOnce(client, event, [{
    Update: {
      TableName: process.env.COUNTS_TABLE,
      Key: { author },
      UpdateExpression: 'ADD books :one',
      ExpressionAttributeValues: { ':one': event.type === 'BookAdded' ? 1 : -1 },
    },
  }]);
}
