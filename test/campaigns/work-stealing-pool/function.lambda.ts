import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { doWork } from './work';
import type { Assignment } from '../../../runtime-src/work-stealing-pool';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 4 }));

/** A group's function. */
export const handler = async (assignment: Assignment): Promise<void> => doWork({ client }, assignment);
