import { EventBus } from 'aws-cdk-lib/aws-events';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { tableOfBooks } from './destinations';
import { Inbox, OutboxDestination, OutboxSource, PayloadFormat, PoisonPolicy, TransactionalOutbox } from '../../src';
import { keptOf, losses, stackWithPaths } from '../logical-ids';

it('keeps, under their logical ids, events, what was handled, and how far was read', () => {
  const stack = stackWithPaths();
  const bus = new EventBus(stack, 'Bus');
  const outbox = new TransactionalOutbox(stack, 'Outbox', { destination: OutboxDestination.eventBus(bus), payloadFormat: PayloadFormat.JSON });
  const inbox = new Inbox(stack, 'Inbox', { outbox });
  const ordered = new TransactionalOutbox(stack, 'Ordered', {
    destination: OutboxDestination.fifoQueue(new Queue(stack, 'Events', { fifo: true })),
    onPoison: PoisonPolicy.PARK_KEY,
  });
  const changes = new TransactionalOutbox(stack, 'Changes', {
    source: OutboxSource.changes(tableOfBooks(stack), { insert: 'BookAdded' }),
    destination: OutboxDestination.eventBus(bus),
  });
  expect(losses(keptOf(__dirname), stack, [outbox, inbox, ordered, changes])).toEqual([]);
});
