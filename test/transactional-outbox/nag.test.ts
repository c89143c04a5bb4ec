import { Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { tableOfBooks } from './destinations';
import { Inbox, OutboxDestination, OutboxSource, PayloadFormat, PoisonPolicy, TransactionalOutbox, TransactionalOutboxProps } from '../../src';
import type { DestinationKind } from '../../src/transactional-outbox/contract';
import { violations } from '../nag';

/** Destinations that exist elsewhere: what is wrong with them is their owner's business. */
const DESTINATION_OF: Readonly<Record<DestinationKind, (stack: Stack) => OutboxDestination>> = {
  EVENT_BUS: (stack) => OutboxDestination.eventBus(EventBus.fromEventBusArn(stack, 'Bus', arn('events', 'event-bus/orders'))),
  FIFO_QUEUE: (stack) => OutboxDestination.fifoQueue(Queue.fromQueueArn(stack, 'Queue', arn('sqs', 'orders.fifo'))),
  TOPIC: (stack) => OutboxDestination.topic(Topic.fromTopicArn(stack, 'Topic', arn('sns', 'orders'))),
  STATE_MACHINE: (stack) => OutboxDestination.stateMachine(StateMachine.fromStateMachineArn(stack, 'Machine', arn('states', 'stateMachine:orders'))),
  FUNCTION: (stack) => OutboxDestination.function(LambdaFunction.fromFunctionArn(stack, 'Function', arn('lambda', 'function:orders'))),
};

const FLAVOURS: Readonly<Record<string, (stack: Stack) => Partial<TransactionalOutboxProps>>> = {
  'default props': () => ({}),
  'parsed payloads': () => ({ payloadFormat: PayloadFormat.JSON }),
  'changes of a table': (stack) => ({ source: OutboxSource.changes(tableOfBooks(stack), { insert: 'BookAdded', snapshot: 'Book' }) }),
  'PARK_KEY': () => ({ onPoison: PoisonPolicy.PARK_KEY }),
  'a customer key': (stack) => ({ encryptionKey: new Key(stack, 'Key', { enableKeyRotation: true }) }),
  'a customer key and PARK_KEY': (stack) => ({ encryptionKey: new Key(stack, 'Key', { enableKeyRotation: true }), onPoison: PoisonPolicy.PARK_KEY }),
};

describe.each(Object.entries(FLAVOURS))('cdk-nag AwsSolutions with %s', (_flavour, propsOf) => {
  it.each(Object.entries(DESTINATION_OF))('finds nothing in front of %s', (_kind, destination) => {
    expect(violations((stack) => {
      new TransactionalOutbox(stack, 'Outbox', { destination: destination(stack), ...propsOf(stack) });
    })).toEqual([]);
  });
});

it('cdk-nag finds nothing in the roles of who writes, reads, replays and claims', () => {
  expect(violations((stack) => {
    const encryptionKey = new Key(stack, 'Key', { enableKeyRotation: true });
    const outbox = new TransactionalOutbox(stack, 'Outbox', { destination: DESTINATION_OF.EVENT_BUS(stack), encryptionKey });
    const someone = new Role(stack, 'Someone', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    outbox.grantWrite(someone);
    outbox.grantReadPayloads(someone);
    outbox.grantReplay(someone);
    new Inbox(stack, 'Inbox', { encryptionKey }).grantClaim(someone);
  })).toEqual([]);
});

it('cdk-nag would find something if there were something to find', () => {
  expect(violations((stack) => {
    const outbox = new TransactionalOutbox(stack, 'Outbox', { destination: OutboxDestination.topic(new Topic(stack, 'PlainTopic')) });
    outbox.claimCheckBucket.grantRead(new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
  })).toEqual(expect.arrayContaining(['AwsSolutions-SNS3', 'AwsSolutions-IAM5[Action::s3:GetObject*]']));
});

function arn(service: string, resource: string): string {
  return `arn:aws:${service}:us-east-1:123456789012:${resource}`;
}
