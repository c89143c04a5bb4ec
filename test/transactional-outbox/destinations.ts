import { Stack } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { OutboxDestination } from '../../src';
import type { DestinationKind } from '../../src/transactional-outbox/contract';
import { inlineFunction } from '../scatter-gather/fixtures';

/** One destination of each kind, as small as it can be. */
export const DESTINATION_OF: Readonly<Record<DestinationKind, (stack: Stack, encryptionKey?: IKey) => OutboxDestination>> = {
  EVENT_BUS: (stack, kmsKey) => OutboxDestination.eventBus(new EventBus(stack, 'Bus', { kmsKey })),
  FIFO_QUEUE: (stack, encryptionMasterKey) => OutboxDestination.fifoQueue(new Queue(stack, 'Queue', {
    fifo: true, enforceSSL: true, encryptionMasterKey, deadLetterQueue: { maxReceiveCount: 3, queue: new Queue(stack, 'Failed', { fifo: true, enforceSSL: true }) },
  })),
  TOPIC: (stack, masterKey) => OutboxDestination.topic(new Topic(stack, 'Topic', { enforceSSL: true, masterKey })),
  STATE_MACHINE: (stack) => OutboxDestination.stateMachine(new StateMachine(stack, 'Machine', { definitionBody: DefinitionBody.fromChainable(new Pass(stack, 'Pass')) })),
  FUNCTION: (stack) => OutboxDestination.function(inlineFunction(stack, 'Function')),
};

export const DESTINATION_KINDS = Object.keys(DESTINATION_OF) as DestinationKind[];

/** A table that was there before, with a stream of both images. */
export function tableOfBooks(stack: Stack): Table {
  return new Table(stack, 'Books', {
    partitionKey: { name: 'isbn', type: AttributeType.STRING },
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  });
}
