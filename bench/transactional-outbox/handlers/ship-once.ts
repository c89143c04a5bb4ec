/** The consumer of an outbox: the effect and the claim of the event are in one transaction. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { EventBridgeEvent, SQSEvent } from 'aws-lambda';
import { shipment } from './shipment';
import { applyOnce, readOutboxEvent } from 'cdk-integration-patterns/runtime/transactional-outbox';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export async function handler(received: EventBridgeEvent<string, unknown> | SQSEvent) {
  for (const each of 'Records' in received ? received.Records : [received]) {
    const receivedAt = Date.now();
    const event = readOutboxEvent(each);
    // A change has the order's item, a row's event the order's document.
    const order = event.data.new ?? event.data;
    await applyOnce(client, event, [{ Update: shipment(order, receivedAt) }]);
  }
}
