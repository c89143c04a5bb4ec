import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { doWork } from './work';
import { PoolWorker } from '../../../runtime-src/work-stealing-pool';

/** A worker outside the pool. */
export async function main(): Promise<boolean> {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient());
  const worker = new PoolWorker({
    documents,
    sqs: new SQSClient(),
    capacity: Number(process.env.CAPACITY),
    work: async (assignment) => doWork(documents, assignment),
    observe: (event) => console.log(`EVENT ${JSON.stringify(event)}`),
  });
  process.once('SIGTERM', () => worker.stop());
  return worker.run();
}
