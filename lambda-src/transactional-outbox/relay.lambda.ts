import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';

export async function handler(records: DynamoDBRecord[]): Promise<DynamoDBBatchResponse> {
  throw new Error(`${records.length} record(s) cannot be read yet`);
}
