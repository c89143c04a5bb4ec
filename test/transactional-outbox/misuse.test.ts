import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { tableOfBooks } from './destinations';
import {
  OutboxAlarmOptions, OutboxDestination, OutboxSource, PayloadFormat, PoisonPolicy, RowsSourceOptions, TransactionalOutbox, TransactionalOutboxProps,
} from '../../src';
import { inlineFunction, newStack } from '../scatter-gather/fixtures';

describe('misuse of an outbox is refused with one clear sentence', () => {
  const unknown = Lazy.number({ produce: () => 90_000 });

  it.each<[string, Partial<TransactionalOutboxProps>, string]>([
    ['a retention within the stream\'s own', { retention: Duration.hours(23) }, 'retention must be at least 1 day, received 82800 s; what the stream has forgotten can only be published from rows'],
    ['a retention of a fraction of a second', { retention: Duration.millis(86_400_001) }, 'retention must be whole seconds, received 86400.001 s'],
    ['a retention that nobody knows', { retention: Duration.seconds(unknown) }, 'retention must be known at synthesis, received a token; give it as a number'],
    ['an age below a minute', { maximumAge: Duration.seconds(59) }, 'maximumAge must be from 1 minute to 18 hours, received 59 s; the stream forgets events after 24 hours'],
    ['an age near the stream\'s end', { maximumAge: Duration.hours(19) }, 'maximumAge must be from 1 minute to 18 hours, received 68400 s'],
    ['an age that nobody knows', { maximumAge: Duration.seconds(unknown) }, 'maximumAge must be known at synthesis, received a token'],
    ['attempts without end', { retryAttempts: -1 }, 'retryAttempts must be a whole number from 0 to 10000, received -1'],
    ['too many attempts', { retryAttempts: 10_001 }, 'retryAttempts must be a whole number from 0 to 10000, received 10001'],
    ['a source of AWS', { eventSource: 'aws.orders' }, "eventSource must be 1 to 256 letters, digits and any of . _ - / :, not beginning with 'aws.' or ':', received 'aws.orders'"],
    ['a source that a pipe takes for a path', { eventSource: '$.type' }, "received '$.type'"],
    ['a source that an input template takes for a variable', { eventSource: 'shop<$.type>' }, "received 'shop<$.type>'"],
    ['no source', { eventSource: '' }, "received ''"],
    ['a source that is too long', { eventSource: 's'.repeat(257) }, 'eventSource must be 1 to 256 letters'],
    ['attempts of what parks', { onPoison: PoisonPolicy.PARK_KEY, retryAttempts: 3 }, 'retryAttempts has no meaning with PARK_KEY, which parks what the destination refuses, received 3; leave it out'],
  ])('%s', (_, props, sentence) => {
    expect(() => outboxOf(newStack(), props)).toThrow(sentence);
    expect(() => outboxOf(newStack(), props)).toThrow('[Test/Outbox]');
  });

  it.each<[string, Partial<TransactionalOutboxProps>]>([
    ['the shortest', { retention: Duration.days(1), maximumAge: Duration.minutes(1), retryAttempts: 0, eventSource: 's', alarms: { maximumLag: Duration.minutes(5) } }],
    ['the longest', { maximumAge: Duration.hours(18), retryAttempts: 10_000, eventSource: 's'.repeat(256), alarms: { maximumLag: Duration.hours(12) } }],
    ['a URI as source', { eventSource: 'urn:shop/orders-v1_2.eu' }],
    ['a source that is a token', { eventSource: Lazy.string({ produce: () => 'shop' }) }],
  ])('and not %s', (_, props) => {
    expect(() => outboxOf(newStack(), props)).not.toThrow();
  });

  it.each<[string, OutboxAlarmOptions, string]>([
    ['that is no multiple of five minutes', { maximumLag: Duration.minutes(7) }, 'maximumLag must be a multiple of 5 minutes up to 12 hours, received 7 minutes [Test/Outbox/Alarms]'],
    ['of nothing', { maximumLag: Duration.minutes(0) }, 'received 0 minutes'],
    ['of more than twelve hours', { maximumLag: Duration.hours(13) }, 'received 780 minutes'],
    ['that nobody knows', { maximumLag: Duration.minutes(unknown) }, 'received a token'],
  ])('a lag %s', (_, alarms, sentence) => {
    expect(() => outboxOf(newStack(), { alarms })).toThrow(sentence);
  });

  it.each<[string, Partial<TransactionalOutboxProps>, string]>([
    ['a payload format', { payloadFormat: PayloadFormat.TEXT }, 'payloadFormat has no meaning for changes of a table, which are JSON, received TEXT; leave it out [Test/Outbox]'],
    ['PARK_KEY', { onPoison: PoisonPolicy.PARK_KEY }, 'onPoison PARK_KEY needs outbox rows, in which what is parked can wait, and the source is changes of a table; use SKIP [Test/Outbox]'],
  ])('%s of changes', (_, props, sentence) => {
    const stack = newStack();
    expect(() => outboxOf(stack, { source: changesOf(stack), ...props })).toThrow(sentence);
  });

  it('batches of what is parked event by event', () => {
    const stack = newStack();
    const destination = OutboxDestination.function(inlineFunction(stack, 'F'), { batchSize: 2 });
    expect(() => outboxOf(stack, { destination, onPoison: PoisonPolicy.PARK_KEY }))
      .toThrow('batchSize of OutboxDestination.function must be 1 with PARK_KEY, which publishes event by event, received 2; leave it out [Test/Outbox]');
  });
});

describe('misuse of a destination is refused with one clear sentence', () => {
  it.each<[string, (stack: Stack) => OutboxDestination, string]>([
    ['a standard queue', (stack) => OutboxDestination.fifoQueue(new Queue(stack, 'Queue')),
      "the queue of OutboxDestination.fifoQueue must be a FIFO queue, received 'Test/Queue', a standard one; create it with fifo: true"],
    ['a FIFO topic', (stack) => OutboxDestination.topic(new Topic(stack, 'Topic', { fifo: true })),
      "the topic of OutboxDestination.topic must be a standard topic, received 'Test/Topic', a FIFO one; for order use OutboxDestination.fifoQueue"],
    ['a batch of nothing', (stack) => OutboxDestination.function(inlineFunction(stack, 'F'), { batchSize: 0 }),
      'batchSize of OutboxDestination.function must be a whole number from 1 to 10000, received 0'],
    ['a batch that is too large', (stack) => OutboxDestination.function(inlineFunction(stack, 'F'), { batchSize: 10_001 }), 'received 10001'],
  ])('%s', (_, build, sentence) => {
    expect(() => build(newStack())).toThrow(sentence);
  });
});

describe('misuse of a source is refused with one clear sentence', () => {
  const keys = { partitionKey: { name: 'pk', type: AttributeType.STRING }, sortKey: { name: 'sk', type: AttributeType.STRING } };

  it.each<[string, (stack: Stack) => OutboxSource, string]>([
    ['rows of a table without a stream', (stack) => OutboxSource.rows({ table: new Table(stack, 'Orders', keys) }),
      "the table of OutboxSource.rows must have a stream, received 'Test/Orders' without; turn one on with NEW_IMAGE or NEW_AND_OLD_IMAGES, and give an imported table its tableStreamArn"],
    ['rows of an imported table without a stream', (stack) => OutboxSource.rows({ table: Table.fromTableName(stack, 'Orders', 'orders') }),
      "the table of OutboxSource.rows must have a stream, received 'Test/Orders' without"],
    ['rows of a stream without new images', (stack) => OutboxSource.rows({ table: new Table(stack, 'Orders', { ...keys, stream: StreamViewType.KEYS_ONLY }) }),
      "the stream of the table of OutboxSource.rows must have NEW_IMAGE or NEW_AND_OLD_IMAGES, received KEYS_ONLY of 'Test/Orders'"],
    ['rows of a table with other keys', (stack) => OutboxSource.rows({ table: tableOfBooks(stack) }),
      "the table of OutboxSource.rows must have the keys pk and sk, received isbn; see the row's schema"],
    ['changes of a table without a stream', (stack) => OutboxSource.changes(new Table(stack, 'Orders', keys), { insert: 'Added' }),
      "the table of OutboxSource.changes must have a stream, received 'Test/Orders' without; turn one on with NEW_AND_OLD_IMAGES"],
    ['changes of a stream without old images', (stack) => OutboxSource.changes(new Table(stack, 'Orders', { ...keys, stream: StreamViewType.NEW_IMAGE }), { insert: 'Added' }),
      "the stream of the table of OutboxSource.changes must have NEW_AND_OLD_IMAGES, received NEW_IMAGE of 'Test/Orders'"],
    ['changes of a global table\'s stream without old images', (stack) => OutboxSource.changes(new TableV2(stack, 'Orders', { ...keys, dynamoStream: StreamViewType.NEW_IMAGE }), { insert: 'Added' }),
      "must have NEW_AND_OLD_IMAGES, received NEW_IMAGE of 'Test/Orders'"],
    ['changes of no kind', (stack) => OutboxSource.changes(tableOfBooks(stack), { snapshot: 'Book' }),
      'OutboxSource.changes needs the type of at least one of insert, modify and remove, received none'],
    ['an empty type', (stack) => OutboxSource.changes(tableOfBooks(stack), { insert: 'Added', remove: '' }),
      "remove of OutboxSource.changes must be an event type of 1 to 128 characters, received ''"],
    ['a type that is too long', (stack) => OutboxSource.changes(tableOfBooks(stack), { insert: 'A'.repeat(129) }), 'insert of OutboxSource.changes must be an event type of 1 to 128 characters'],
  ])('%s', (_, build, sentence) => {
    expect(() => build(newStack())).toThrow(sentence);
  });

  it.each<[string, (stack: Stack) => RowsSourceOptions]>([
    ['new images', (stack) => ({ table: new Table(stack, 'Orders', { ...keys, stream: StreamViewType.NEW_IMAGE }) })],
    ['a global table', (stack) => ({ table: new TableV2(stack, 'Orders', { ...keys, dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES }) })],
    ['an imported table with its stream', (stack) => ({ table: Table.fromTableAttributes(stack, 'Orders', { tableName: 'orders', tableStreamArn: 'arn:aws:dynamodb:us-east-1:1:table/o/stream/1' }) })],
  ])('and not rows with %s', (_, options) => {
    expect(() => OutboxSource.rows(options(newStack()))).not.toThrow();
  });
});

describe('misuse of methods is refused with one clear sentence', () => {
  it('rules where there is no bus', () => {
    const stack = newStack();
    const outbox = outboxOf(stack, { destination: OutboxDestination.function(inlineFunction(stack, 'F')) });
    expect(() => outbox.onEvent('Shipping', {}, new targets.SqsQueue(new Queue(stack, 'Queue'))))
      .toThrow('onEvent needs a bus, and the destination is FUNCTION; use OutboxDestination.eventBus [Test/Outbox]');
  });

  it('rules for events of others', () => {
    const stack = newStack();
    expect(() => outboxOf(stack).onEvent('Shipping', { source: ['billing'] }, new targets.SqsQueue(new Queue(stack, 'Queue'))))
      .toThrow('the pattern of onEvent must be without source, received ["billing"]; it is the outbox\'s own [Test/Outbox]');
  });

  it('writers of changes', () => {
    const stack = newStack();
    const outbox = outboxOf(stack, { source: changesOf(stack) });
    const writer = inlineFunction(stack, 'Writer');
    for (const method of ['grantWrite', 'addWriter'] as const) {
      expect(() => outbox[method](writer)).toThrow(`${method} has no meaning for changes of a table: whoever writes to the table publishes; leave it out [Test/Outbox]`);
    }
  });

  it('replays of changes without snapshot', () => {
    const stack = newStack();
    const outbox = outboxOf(stack, { source: changesOf(stack) });
    expect(() => outbox.grantReplay(inlineFunction(stack, 'Operator')))
      .toThrow('there is no replay of changes without snapshot; give OutboxSource.changes a type for snapshot [Test/Outbox]');
  });

  it('a writer of two outboxes, which would write everything to one of them', () => {
    const stack = newStack();
    const writer = inlineFunction(stack, 'Writer');
    const destination = OutboxDestination.function(inlineFunction(stack, 'F'));
    new TransactionalOutbox(stack, 'First', { destination }).addWriter(writer);
    expect(() => new TransactionalOutbox(stack, 'Second', { destination }).addWriter(writer)).toThrow(
      "function 'Test/Writer' is a writer of 'Test/First' already, and its environment names one outbox; use grantWrite and name the table in its code [Test/Second]",
    );
  });
});

function outboxOf(stack: Stack, props: Partial<TransactionalOutboxProps> = {}): TransactionalOutbox {
  return new TransactionalOutbox(stack, 'Outbox', { destination: OutboxDestination.eventBus(new EventBus(stack, 'Bus')), ...props });
}

function changesOf(stack: Stack): OutboxSource {
  return OutboxSource.changes(tableOfBooks(stack), { insert: 'BookAdded' });
}
