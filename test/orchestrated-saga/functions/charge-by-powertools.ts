import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import type { ActionRequest } from 'cdk-integration-patterns/runtime/orchestrated-saga';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

// The table's names are Powertools' defaults: nothing to configure but the key, and for how long.
const persistenceStore = new DynamoDBPersistenceLayer({ tableName: process.env.SAGA_PARTICIPANT_TABLE_NAME! });
const config = new IdempotencyConfig({ eventKeyJmesPath: 'idempotencyKey', expiresAfterSeconds: Number(process.env.SAGA_PARTICIPANT_RETENTION_SECONDS) });

/** Any effect: here a count that everybody can see. */
const charge = makeIdempotent(async ({ sagaId, idempotencyKey }: ActionRequest) => {
  const { Attributes } = await client.send(new UpdateCommand({
    TableName: process.env.SEATS_TABLE_NAME!,
    Key: { id: sagaId },
    UpdateExpression: 'ADD times :one',
    ExpressionAttributeValues: { ':one': 1 },
    ReturnValues: 'ALL_NEW',
  }));
  return { receipt: idempotencyKey, times: Attributes!.times };
}, { persistenceStore, config });

export const handler = async (request: ActionRequest, context: Context) => {
  config.registerLambdaContext(context);
  return charge(request);
};
