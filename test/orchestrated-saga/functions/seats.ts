import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type ActionRequest, type CompensationRequest, resolveResult, SagaAbort, sagaParticipant } from '../../../runtime-src/orchestrated-saga';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const participant = sagaParticipant({ client });
const TableName = process.env.SEATS_TABLE_NAME!;

interface Trip {
  readonly seat: string;
  /** How many characters the boarding pass has. */
  readonly pass?: number;
}
interface Seat {
  readonly seat: string;
  readonly pass: string;
}

/** Takes a seat, and counts how often it did. */
export const reserve = participant.action(({ input }: ActionRequest<Trip>) => ({
  writes: [{
    Update: {
      TableName,
      Key: { id: input.seat },
      UpdateExpression: 'SET taken = :true ADD times :one',
      ConditionExpression: 'attribute_not_exists(taken)',
      ExpressionAttributeValues: { ':true': 'yes', ':one': 1 },
    },
  }],
  result: { seat: input.seat, pass: 'x'.repeat(input.pass ?? 0) },
  orAbort: new SagaAbort('SeatTaken', `seat ${input.seat} is taken`),
}));

export const release = participant.compensation(({ result }: CompensationRequest<Trip, Seat>) => ({
  writes: [{
    Update: {
      TableName,
      Key: { id: result.seat },
      UpdateExpression: 'REMOVE taken ADD released :one',
      ConditionExpression: 'attribute_exists(taken)',
      ExpressionAttributeValues: { ':one': 1 },
    },
  }],
}));

/** Another service, which is told where to find the boarding pass. */
export const print = async ({ results }: ActionRequest) => {
  const { pass } = await resolveResult<Seat>(results.Reserve, client);
  return { characters: pass.length };
};
