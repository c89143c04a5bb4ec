/** A consumer as it is written first: each delivery takes effect. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { EventBridgeEvent, SQSEvent } from 'aws-lambda';
import { shipment } from './shipment';

type Document = { readonly orderId: string; readonly version: number };

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export async function handler(received: EventBridgeEvent<string, Document> | SQSEvent) {
  const orders = 'Records' in received ? received.Records.map(({ body }): Document => JSON.parse(body)) : [received.detail];
  for (const order of orders) await client.send(new UpdateCommand(shipment(order, Date.now())));
}
