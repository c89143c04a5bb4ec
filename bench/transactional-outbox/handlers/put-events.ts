/** A change processor as it is written first: the answer of PutEvents is not looked at. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { DynamoDBStreamEvent } from 'aws-lambda';

const client = new EventBridgeClient({});
const LARGEST_BATCH = 10;

export async function handler({ Records }: DynamoDBStreamEvent) {
  const entries = Records.filter(({ eventName }) => eventName !== 'REMOVE').map(({ dynamodb }) => ({
    EventBusName: process.env.BUS,
    Source: 'orders',
    DetailType: 'OrderChanged',
    Detail: dynamodb!.NewImage!.document.S,
  }));
  for (let start = 0; start < entries.length; start += LARGEST_BATCH) {
    await client.send(new PutEventsCommand({ Entries: entries.slice(start, start + LARGEST_BATCH) }));
  }
}
