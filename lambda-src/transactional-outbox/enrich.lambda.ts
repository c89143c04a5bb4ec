import type { DynamoDBRecord } from 'aws-lambda';
import type { OutboxEnvelope } from '../../src/transactional-outbox/contract';

export async function handler(records: DynamoDBRecord[]): Promise<OutboxEnvelope[]> {
  throw new Error(`${records.length} record(s) cannot be read yet`);
}
