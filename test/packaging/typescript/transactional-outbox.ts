import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { addAlarmAction, addFunction, addKey, addTable } from './parts';
import { Inbox, OutboxDestination, OutboxSource, PayloadFormat, PoisonPolicy, TransactionalOutbox } from 'cdk-integration-patterns';

export class TransactionalOutboxStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const key = addKey(this);
    const orders = addFunction(this, 'Orders');
    const shipping = addFunction(this, 'Shipping');

    const outbox = new TransactionalOutbox(this, 'Outbox', {
      destination: OutboxDestination.eventBus(new events.EventBus(this, 'Bus')),
      eventSource: 'shop.orders',
      payloadFormat: PayloadFormat.JSON,
      retention: Duration.days(3),
      retryAttempts: 9,
      maximumAge: Duration.hours(6),
      claimCheckBucket: new s3.Bucket(this, 'Payloads', { enforceSSL: true, lifecycleRules: [{ expiration: Duration.days(30) }] }),
      encryptionKey: key,
      logRetention: logs.RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
      alarms: { actions: [addAlarmAction(this)], maximumLag: Duration.minutes(10) },
    });
    outbox.addWriter(orders);
    outbox.grantReplay(orders);
    outbox.onEvent('OrderPlaced', { detailType: ['OrderPlaced'] }, new targets.LambdaFunction(shipping));
    new Inbox(this, 'Inbox', { outbox, retention: Duration.days(20), encryptionKey: key }).addConsumer(shipping);

    const queue = new sqs.Queue(this, 'Events', { fifo: true, enforceSSL: true });
    new TransactionalOutbox(this, 'Ordered', {
      destination: OutboxDestination.fifoQueue(queue),
      onPoison: PoisonPolicy.PARK_KEY,
    });

    new TransactionalOutbox(this, 'Changes', {
      source: OutboxSource.changes(addTable(this, 'Books', dynamodb.StreamViewType.NEW_AND_OLD_IMAGES), {
        insert: 'BookAdded',
        modify: 'BookChanged',
        remove: 'BookRemoved',
      }),
      destination: OutboxDestination.function(addFunction(this, 'History'), { batchSize: 5 }),
    });
  }
}
