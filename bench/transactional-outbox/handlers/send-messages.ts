/** A change processor as it is written by whoever knows that a part of a batch can fail: the whole is tried again then. */
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBStreamEvent } from 'aws-lambda';

const client = new SQSClient({});
const LARGEST_BATCH = 10;

export async function handler({ Records }: DynamoDBStreamEvent) {
  const entries = Records.filter(({ eventName }) => eventName !== 'REMOVE').map(({ eventID, dynamodb }) => {
    const { orderId, document } = dynamodb!.NewImage!;
    return { Id: eventID!, MessageBody: document.S, MessageGroupId: orderId.S, MessageDeduplicationId: eventID! };
  });
  for (let start = 0; start < entries.length; start += LARGEST_BATCH) {
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({
      QueueUrl: process.env.QUEUE_URL, Entries: entries.slice(start, start + LARGEST_BATCH),
    }));
    if (Failed.length > 0) throw new Error(`SQS did not take ${Failed.length} messages, the first because of ${Failed[0].Code}`);
  }
}
