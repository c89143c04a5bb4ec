import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Stack } from 'aws-cdk-lib';
import { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { type Function as LambdaFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { type Design, QUEUE } from './design';
import { ORDERS, ordersTable } from './orders';
import { nodeFunction, shipping, VISIBILITY_TIMEOUT } from './shipping';

const RELAY = 'ChangeProcessor';

/**
 * What teams write first: the orders' own stream, a function that publishes each change, and the defaults of its event source mapping:
 * batches of 100, tried again until they succeed or the stream forgets them, no destination for failures.
 */
function changeProcessor(name: string, destination: Design['destination'], connect: (stack: Stack, consumed: boolean) => LambdaFunction): Design {
  return {
    name,
    destination,
    build(stack, consumed) {
      const orders = ordersTable(stack, StreamViewType.NEW_IMAGE);
      connect(stack, consumed).addEventSource(new DynamoEventSource(orders, { startingPosition: StartingPosition.TRIM_HORIZON }));
    },
    save: ({ client, tableName }, order) => client.send(new PutCommand({ TableName: tableName(ORDERS), Item: order })),
    // The simulator cannot disable an event source mapping; one that cannot read is no better.
    async stop({ weather }) {
      weather.breaks('stream', ({ operation, caller }) => (operation === 'GetRecords' && caller === RELAY ? { kind: 'throttle' } : undefined));
    },
    async start({ weather }) {
      weather.mends('stream');
    },
  };
}

export const changeProcessorToBus = changeProcessor('change processor → bus', 'bus', (stack, consumed) => {
  const bus = new EventBus(stack, 'Bus');
  const relay = nodeFunction(stack, RELAY, 'put-events', { BUS: bus.eventBusName });
  bus.grantPutEventsTo(relay);
  if (consumed) {
    new Rule(stack, 'OrderChanged', {
      eventBus: bus,
      eventPattern: { source: ['orders'], detailType: ['OrderChanged'] },
      targets: [new targets.LambdaFunction(shipping(stack, 'ship'))],
    });
  }
  return relay;
});

export const changeProcessorToFifo = changeProcessor('change processor → FIFO', 'fifo queue', (stack, consumed) => {
  const queue = new Queue(stack, QUEUE, { fifo: true, visibilityTimeout: VISIBILITY_TIMEOUT });
  const relay = nodeFunction(stack, RELAY, 'send-messages', { QUEUE_URL: queue.queueUrl });
  queue.grantSendMessages(relay);
  if (consumed) shipping(stack, 'ship').addEventSource(new SqsEventSource(queue));
  return relay;
});
