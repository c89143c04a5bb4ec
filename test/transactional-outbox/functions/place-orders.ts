import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { outboxPutWithClaimCheck } from '../../../runtime-src/transactional-outbox';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

interface OrderEvent {
  readonly pk: string;
  readonly sk: string;
  readonly eventId: string;
  readonly type?: string;
  readonly payload: string;
}

/** Stores orders and their events in one transaction. */
export const handler = async ({ rows }: { rows: readonly OrderEvent[] }) => {
  const events = await Promise.all(rows.map(({ pk, sk, eventId, type = 'OrderPlaced', payload }) => {
    const [aggregateType, aggregateId] = pk.split('#');
    return outboxPutWithClaimCheck({ aggregateType, aggregateId, sequence: sk, type, eventId, payloadText: payload });
  }));
  const orders = rows.map(({ eventId }) => ({
    Put: { TableName: process.env.ORDERS_TABLE_NAME!, Item: { id: eventId, state: 'PLACED' }, ConditionExpression: 'attribute_not_exists(id)' },
  }));
  await client.send(new TransactWriteCommand({ TransactItems: [...orders, ...events] }));
};
