import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type ActionRequest, sagaParticipant } from 'cdk-integration-patterns/runtime/orchestrated-saga';
import type { Trip } from './trip';

const participant = sagaParticipant({ client: DynamoDBDocumentClient.from(new DynamoDBClient()) });
const TableName = process.env.TABLE_NAME;

/** What earlier steps returned is in `results`, by step. */
export const send = participant.action(({ sagaId, input, results }: ActionRequest<Trip>) => ({
  writes: [{ Put: { TableName, Item: { id: sagaId, entry: 'TICKET', traveller: input.traveller, reservation: results.ReserveFlight } } }],
  result: { ticket: sagaId },
}));
