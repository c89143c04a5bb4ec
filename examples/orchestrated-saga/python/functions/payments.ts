import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { type ActionRequest, type CompensationRequest, SagaAbort, sagaParticipant } from 'cdk-integration-patterns/runtime/orchestrated-saga';
import type { Trip } from './trip';

const client = DynamoDBDocumentClient.from(new DynamoDBClient());
const participant = sagaParticipant({ client });
const TableName = process.env.TABLE_NAME;

export const charge = participant.action(({ sagaId, input: { account, price } }: ActionRequest<Trip>) => ({
  writes: [
    { Put: { TableName, Item: { id: account, entry: sagaId, paid: price } } },
    {
      Update: {
        TableName,
        Key: { id: account, entry: 'BALANCE' },
        UpdateExpression: 'SET balance = balance - :price',
        ConditionExpression: 'balance >= :price',
        ExpressionAttributeValues: { ':price': price },
      },
    },
  ],
  result: { paid: price },
  orAbort: new SagaAbort('CardDeclined', `account '${account}' has less than ${price}`),
}));

export const refund = participant.compensation(({ sagaId, input: { account, price } }: CompensationRequest<Trip>) => ({
  writes: [
    { Delete: { TableName, Key: { id: account, entry: sagaId } } },
    {
      Update: {
        TableName,
        Key: { id: account, entry: 'BALANCE' },
        UpdateExpression: 'SET balance = balance + :price',
        ExpressionAttributeValues: { ':price': price },
      },
    },
  ],
}));

/**
 * Whether a charge has happened whose answer never came. One that is not there may still be on its way: UNKNOWN has the saga refund it, and after that
 * it is refused.
 */
export async function find({ sagaId, input: { account } }: ActionRequest<Trip>) {
  const { Item: payment } = await client.send(new GetCommand({ TableName, Key: { id: account, entry: sagaId }, ConsistentRead: true }));
  return payment ? { outcome: 'DONE', result: { paid: payment.paid } } : { outcome: 'UNKNOWN' };
}
