import { createHash } from 'crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { applyOnce, openOutboxEvent } from '../../../runtime-src/transactional-outbox';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

/** Ships each order once, and counts how often it did. */
export const handler = async (received: any) => {
  for (const one of Array.isArray(received) ? received : received.Records ?? [received]) {
    const event = await openOutboxEvent(one);
    await applyOnce(client, event, [{
      Update: {
        TableName: process.env.SHIPMENTS_TABLE_NAME!,
        Key: { id: event.id },
        UpdateExpression: 'ADD times :one SET payloadHash = :hash',
        ExpressionAttributeValues: { ':one': 1, ':hash': createHash('sha256').update(event.text ?? JSON.stringify(event.data)).digest('hex') },
      },
    }]);
  }
};
