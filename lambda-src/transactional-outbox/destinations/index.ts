import { EventBusPublisher } from './event-bus';
import { FifoQueuePublisher } from './fifo-queue';
import { FunctionPublisher } from './function';
import type { Publisher } from './publisher';
import { StateMachinePublisher } from './state-machine';
import { TopicPublisher } from './topic';
import type { DestinationKind } from '../../../src/transactional-outbox/contract';
import { eventBridgeClient, lambdaClient, sfnClient, snsClient, sqsClient } from '../../shared/clients';

export interface Destination {
  readonly kind: DestinationKind;
  /** Name of the bus, URL of the queue, ARN of the topic, state machine or function. */
  readonly address: string;
}

export function publisherTo({ kind, address }: Destination, sleep: (ms: number) => Promise<void>): Publisher {
  switch (kind) {
    case 'EVENT_BUS': return new EventBusPublisher(eventBridgeClient(), address);
    case 'FIFO_QUEUE': return new FifoQueuePublisher(sqsClient(), address);
    case 'TOPIC': return new TopicPublisher(snsClient(), address);
    case 'STATE_MACHINE': return new StateMachinePublisher(sfnClient(), address);
    case 'FUNCTION': return new FunctionPublisher(lambdaClient(), address, sleep);
  }
}
