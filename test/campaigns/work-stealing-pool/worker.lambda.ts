import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { FLEET_CAPACITY } from './environment';
import { doWork } from './work';
import { PoolWorker } from '../../../runtime-src/work-stealing-pool';
import { WORKER_ENV, type WorkerSettings } from '../../../src/work-stealing-pool/contract';

const { tableName } = JSON.parse(process.env[WORKER_ENV]!) as WorkerSettings;

/** A worker outside the pool, as a container runs it. */
export async function main(): Promise<void> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 4 }));
  const worker = new PoolWorker({
    documents: client,
    sqs: new SQSClient({ maxAttempts: 4 }),
    capacity: FLEET_CAPACITY,
    worker: process.env.WORKER,
    work: async (assignment) => doWork({ client, tableName }, assignment),
  });
  process.once('SIGTERM', () => worker.stop());
  await worker.run();
}
