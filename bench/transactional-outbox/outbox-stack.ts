import { PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { RemovalPolicy } from 'aws-cdk-lib';
import { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { type Design, QUEUE } from './design';
import { nameOf, ORDERS, ordersTable } from './orders';
import type { Scene } from './scene';
import { shipping, VISIBILITY_TIMEOUT } from './shipping';
import { Inbox, OutboxDestination, OutboxSource, PayloadFormat, PoisonPolicy, TransactionalOutbox, type TransactionalOutboxProps } from '../../src';
import { outboxPut } from 'cdk-integration-patterns/runtime/transactional-outbox';

const OUTBOX = 'Outbox';
const TYPE = 'OrderChanged';

type Options = Pick<TransactionalOutboxProps, 'payloadFormat' | 'onPoison'> & { readonly changes?: boolean };

function outbox(name: string, destination: Design['destination'], { changes = false, ...props }: Options = {}): Design {
  return {
    name,
    destination,
    build(stack, consumed) {
      const orders = ordersTable(stack, changes ? StreamViewType.NEW_AND_OLD_IMAGES : undefined);
      const source = changes ? OutboxSource.changes(orders, { insert: TYPE, modify: TYPE }) : OutboxSource.rows();
      const removalPolicy = RemovalPolicy.DESTROY;
      if (destination === 'bus') {
        const bus = new EventBus(stack, 'Bus');
        const publisher = new TransactionalOutbox(stack, OUTBOX, { ...props, source, destination: OutboxDestination.eventBus(bus), removalPolicy });
        if (consumed) publisher.onEvent('OrderChanged', { detailType: [TYPE] }, new targets.LambdaFunction(shippingOnce()));
      } else {
        const queue = new Queue(stack, QUEUE, { fifo: true, visibilityTimeout: VISIBILITY_TIMEOUT });
        new TransactionalOutbox(stack, OUTBOX, { ...props, source, destination: OutboxDestination.fifoQueue(queue), removalPolicy });
        if (consumed) shippingOnce().addEventSource(new SqsEventSource(queue));
      }

      function shippingOnce() {
        const ship = shipping(stack, 'ship-once');
        new Inbox(stack, 'Inbox', { removalPolicy }).addConsumer(ship);
        return ship;
      }
    },
    save({ client, now, tableName }, order) {
      const put = { TableName: tableName(ORDERS), Item: order };
      if (changes) return client.send(new PutCommand(put));
      const event = outboxPut({
        aggregateType: 'Order', aggregateId: 'any', sequence: order.version, type: TYPE, payloadText: order.document,
        // Neither the host's clock nor its random numbers.
        eventId: nameOf(order).replace(' ', '-'), occurredAt: new Date(now),
      }, { tableName: tableName(`${OUTBOX}/Rows`), now: new Date(now) });
      // Set here, as writers in other languages do: the library would refuse an id that SQS does not take.
      const row = { ...event.Put, Item: { ...event.Put.Item, pk: `Order#${order.orderId}` } };
      return client.send(new TransactWriteCommand({ TransactItems: [{ Put: put }, { Put: row }] }));
    },
    stop: (scene) => scene.operate('pipes', 'StopPipe', { Name: pipeName(scene) }),
    start: (scene) => scene.operate('pipes', 'StartPipe', { Name: pipeName(scene) }),
    replay: changes ? undefined : async ({ simulation }, since) => {
      const { status, output, cause } = await simulation.complete(`${OUTBOX}/Replay`, { from: new Date(since).toISOString() });
      if (status !== 'SUCCEEDED') throw new Error(`the replay ended as ${status}: ${cause ?? JSON.stringify(output)}`);
    },
  };
}

function pipeName({ simulation }: Scene): string {
  return simulation.resources.find(({ type }) => type === 'AWS::Pipes::Pipe')!.provisioned.ref;
}

export const toBus = outbox('eventBus', 'bus');
export const toBusAsJson = outbox('eventBus, JSON', 'bus', { payloadFormat: PayloadFormat.JSON });
export const changesToBus = outbox('eventBus, changes', 'bus', { changes: true });
export const toFifo = outbox('fifoQueue', 'fifo queue');
export const parkingToFifo = outbox('fifoQueue, PARK_KEY', 'fifo queue', { onPoison: PoisonPolicy.PARK_KEY });
