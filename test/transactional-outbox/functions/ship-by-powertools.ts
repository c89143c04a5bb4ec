import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { type OutboxEvent, readOutboxEvent } from 'cdk-integration-patterns/runtime/transactional-outbox';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

// The table's names are Powertools' defaults: nothing to configure but what tells events apart, and for how long.
const persistenceStore = new DynamoDBPersistenceLayer({ tableName: process.env.INBOX_TABLE_NAME! });
const config = new IdempotencyConfig({ eventKeyJmesPath: '[source, id]', expiresAfterSeconds: Number(process.env.INBOX_RETENTION_SECONDS) });

/** Any effect: here a count that everybody can see. */
const ship = makeIdempotent(async (event: OutboxEvent) => {
  await client.send(new UpdateCommand({
    TableName: process.env.SHIPMENTS_TABLE_NAME!, Key: { id: event.id }, UpdateExpression: 'ADD times :one', ExpressionAttributeValues: { ':one': 1 },
  }));
}, { persistenceStore, config });

export const handler = async (received: unknown, context: Context) => {
  config.registerLambdaContext(context);
  await ship(readOutboxEvent(received));
};
