import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type ActionRequest, type CompensationRequest, SagaAbort, sagaParticipant } from 'cdk-integration-patterns/runtime/orchestrated-saga';
import type { Trip } from './trip';

const participant = sagaParticipant({ client: DynamoDBDocumentClient.from(new DynamoDBClient()) });
const TableName = process.env.TABLE_NAME;
const OFFER = process.env.OFFER as 'hotel' | 'flight' | 'car';

/** Takes one of what is available, and enters for whom: in one transaction with what the participant remembers. */
export const reserve = participant.action(({ sagaId, input }: ActionRequest<Trip>) => ({
  writes: [
    { Put: { TableName, Item: { id: input[OFFER], entry: sagaId, traveller: input.traveller } } },
    {
      Update: {
        TableName,
        Key: { id: input[OFFER], entry: 'STOCK' },
        UpdateExpression: 'SET available = available - :one',
        ConditionExpression: 'available >= :one',
        ExpressionAttributeValues: { ':one': 1 },
      },
    },
  ],
  result: { reservation: `${input[OFFER]}/${sagaId}` },
  orAbort: new SagaAbort('SoldOut', `'${input[OFFER]}' has nothing available`),
}));

/** Is asked only if `reserve` has happened. */
export const cancel = participant.compensation(({ sagaId, input }: CompensationRequest<Trip>) => ({
  writes: [
    { Delete: { TableName, Key: { id: input[OFFER], entry: sagaId } } },
    {
      Update: {
        TableName,
        Key: { id: input[OFFER], entry: 'STOCK' },
        UpdateExpression: 'SET available = available + :one',
        ConditionExpression: 'attribute_exists(available)',
        ExpressionAttributeValues: { ':one': 1 },
      },
    },
  ],
}));
