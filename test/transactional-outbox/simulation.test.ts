import { createHash } from 'crypto';
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { PAYLOADS } from './payloads';
import { NO_TROUBLE, DESTINATIONS, envelopeOf, EVENT_SOURCE, HOUR, inversions, MINUTE, once, onlyFor, row, rowsOf, SENDING, Shop } from './scene';
import { type CallFault, type PipesService, Random, RandomFaults, ScriptedFaults } from '../../simulator/src';
import { OutboxDestination, OutboxSource, PayloadFormat, PoisonPolicy, TransactionalOutbox, type TransactionalOutboxProps } from '../../src';
import type { DestinationKind } from '../../src/transactional-outbox/contract';
import { duplicating, messagesOf, operate, Outage } from '../simulate';

const fullTrace = { trace: { keep: true } };
const invokedFunctions = (shop: Shop) => new Set(shop.simulation.world.trace.entries.filter(({ event }) => event === 'lambda.start').map(({ subject }) => subject));

describe.each(DESTINATIONS)('an outbox for %s', (destination) => {
  it('delivers what was written, byte for byte, and no Lambda function is on the path', async () => {
    const shop = new Shop({ destination, simulation: fullTrace });
    const rows = Object.entries(PAYLOADS).map(([name, payload], index) => row(name, index, { payload }));
    await shop.commit(...rows);
    await shop.rest();
    expect(shop.ids.sort()).toEqual(rows.map(({ eventId }) => eventId).sort());
    for (const { eventId, payload } of rows) {
      const { envelope, text } = shop.arrived.find(({ id }) => id === eventId)!;
      expect(envelope.data).toBe(payload);
      expect(text).toBe(JSON.stringify(envelopeOf(shop.rows().find((stored) => stored.eventId === eventId)!)));
    }
    expect([...invokedFunctions(shop)].sort()).toEqual(['Consumer', 'Writer']);
    expect(shop.trouble).toEqual(NO_TROUBLE);
  });

  it('publishes nothing of a transaction that was rolled back', async () => {
    const shop = new Shop({ destination });
    expect(await shop.rollBack(row('a', 1), row('b', 1))).toMatchObject({ status: 'FAILED', error: 'TransactionCanceledException' });
    await shop.commit(row('c', 1));
    await shop.rest();
    expect(shop.ids).toEqual(['c-1']);
    expect(shop.rows().map(({ eventId }) => eventId)).toEqual(['c-1']);
  });

  it('takes effect once through an inbox when the stream delivers everything twice', async () => {
    const faults = duplicating('event', 'Outbox/Pipe');
    const bare = new Shop({ destination, simulation: { faults } });
    await bare.commit(...rowsOf('a', 3));
    await bare.rest();
    // A FIFO queue takes duplicates for five minutes itself.
    expect(bare.arrived.length).toBe(destination === 'FIFO_QUEUE' ? 3 : 6);

    const shop = new Shop({ destination, library: true, simulation: { faults } });
    await shop.commit(...rowsOf('a', 3));
    await shop.rest();
    expect(shop.effects()).toEqual({ 'a-1': 1, 'a-2': 1, 'a-3': 1 });
  });

  it.each(['throttle', 'error-before', 'error-after'] as const)('loses nothing while the destination answers with %s for twenty minutes', async (kind) => {
    const outage = new Outage(SENDING[destination], { kind } as CallFault);
    const shop = new Shop({ destination, library: true, simulation: { faults: outage } });
    await shop.commit(row('a', 1));
    await shop.rest();
    outage.down = true;
    for (let index = 2; index <= 10; index++) shop.startAfter(index * MINUTE, row('a', index), row('b', index));
    await shop.pass(20 * MINUTE);
    expect(outage.hits).toBeGreaterThan(5);
    if (kind !== 'error-after') expect(shop.effects()).toEqual({ 'a-1': 1 });
    outage.down = false;
    await shop.rest();
    expect(shop.effects()).toEqual(once(['a-1', ...rowsOf('a', 9, 2).map(({ eventId }) => eventId), ...rowsOf('b', 9, 2).map(({ eventId }) => eventId)]));
    expect(shop.trouble).toEqual(NO_TROUBLE);
  });

  it('takes effect once when the consumer dies between the effect and the acknowledgement', async () => {
    const faults = new ScriptedFaults([{ service: 'dynamodb', operation: 'TransactWriteItems', caller: 'Consumer', nth: 1, fault: { kind: 'crash-after' } }]);
    const shop = new Shop({ destination, library: true, simulation: { faults } });
    await shop.commit(row('a', 1), row('b', 1));
    await shop.rest();
    expect(faults.hits).toEqual([1]);
    expect(shop.effects()).toEqual({ 'a-1': 1, 'b-1': 1 });
    expect(shop.trouble).toEqual(NO_TROUBLE);
  });

  it('carries a payload of 300 KB, and its reader has every byte of it', async () => {
    const payload = JSON.stringify({ text: 'é"\\'.repeat(75_000) });
    const shop = new Shop({ destination, library: true });
    expect(await shop.commit(row('a', 1, { payload }))).toMatchObject({ status: 'SUCCEEDED' });
    await shop.rest();
    expect(shop.rows()[0]).toMatchObject({ payload: '', payloadRef: expect.stringMatching(/^s3:\/\/.+\/payloads\/\d{4}-\d{2}-\d{2}\/a-1$/) });
    expect(shop.effects()).toEqual({ 'a-1': 1 });
    expect(shop.payloadHash('a-1')).toBe(createHash('sha256').update(payload).digest('hex'));
    expect(shop.trouble).toEqual(NO_TROUBLE);
  });
});

describe('an outbox on a bus', () => {
  it('sends events that rules can choose from by source, detail-type and time', async () => {
    const shop = new Shop();
    await shop.commit(row('a', 1, { type: 'OrderPaid' }));
    await shop.rest();
    const [{ event, envelope }] = shop.arrived;
    expect(event).toMatchObject({ 'source': EVENT_SOURCE, 'detail-type': 'OrderPaid', 'time': envelope.time.replace(/\.\d+Z/, 'Z') });
  });
});

describe('an outbox for a FIFO queue', () => {
  it('sends each aggregate as a group, and each event under its own deduplication id', async () => {
    const shop = new Shop({ destination: 'FIFO_QUEUE' });
    await shop.commit(row('a', 1), row('b', 1));
    await shop.rest();
    const sent = shop.arrived.map(({ event }) => event.Records[0].attributes).map((each) => [each.MessageGroupId, each.MessageDeduplicationId]);
    expect(sent.sort()).toEqual([['Order#a', 'a-1'], ['Order#b', 'b-1']]);
  });
});

describe.each(['FIFO_QUEUE', 'FUNCTION'] as const)('an outbox for %s', (destination) => {
  it.each([1, 2, 3, 4, 5])('keeps every aggregate in order while sends fail, are throttled or answered late (seed %i)', async (seed) => {
    const random = new RandomFaults({ throttle: 0.15, errorBefore: 0.15, errorAfter: 0.1, slow: 0.2, partial: 0.15, duplicate: 0.2 }, new Random(`order/${seed}`));
    const shop = new Shop({ destination, simulation: { seed, faults: onlyFor('Outbox/', random) } });
    for (let sequence = 1; sequence <= 12; sequence++) await shop.commit(...['a', 'b', 'c', 'd'].map((order) => row(order, sequence)));
    await shop.rest();
    expect(new Set(shop.ids).size).toBe(48);
    expect(inversions(shop.arrived)).toEqual([]);
    expect(shop.trouble).toEqual(NO_TROUBLE);
  });
});

describe('a topic', () => {
  it('takes ten events at once also when they are larger together than one request may be', async () => {
    const shop = new Shop({ destination: 'TOPIC', simulation: { latency: { 'dynamodb.stream': { median: 500, p99: 500 } } } });
    const rows = Array.from({ length: 10 }, (_, index) => row('a', index, { payload: JSON.stringify('x'.repeat(100_000)) }));
    await shop.commit(...rows);
    await shop.rest();
    expect(new Set(shop.ids).size).toBe(10);
    expect(shop.trouble).toEqual(NO_TROUBLE);
  });
});

describe('rows', () => {
  it('of two transactions on one aggregate in flight at the same time both arrive', async () => {
    const shop = new Shop();
    const runs = [shop.start(row('a', 1)), shop.start(row('a', 2))];
    await shop.rest();
    expect(runs.map(({ outcome }) => outcome?.status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(shop.ids.sort()).toEqual(['a-1', 'a-2']);
  });

  it('of two transactions that want the same place of an aggregate only the committed one arrives', async () => {
    const shop = new Shop();
    const runs = [shop.start(row('a', 1, { eventId: 'first' })), shop.start(row('a', 1, { eventId: 'second' }))];
    await shop.rest();
    expect(runs.map(({ outcome }) => outcome?.status).sort()).toEqual(['FAILED', 'SUCCEEDED']);
    expect(shop.ids).toEqual([runs[0].outcome?.status === 'SUCCEEDED' ? 'first' : 'second']);
  });

  it('that are written right after the deployment arrive: the pipe begins at the stream\'s horizon', async () => {
    const shop = new Shop();
    await shop.commit(row('a', 1));
    expect(shop.simulation.report().virtualMs).toBeLessThan(2_000);
    await shop.rest();
    expect(shop.ids).toEqual(['a-1']);
  });

  it('that are deleted before the pipe has read them arrive', async () => {
    const shop = new Shop();
    await shop.stopPipe();
    await shop.commit(row('a', 1));
    await shop.table('DeleteItem', { Key: { pk: { S: 'Order#a' }, sk: { S: row('a', 1).sk } } });
    await shop.pass(MINUTE);
    expect([shop.rows(), shop.ids]).toEqual([[], []]);
    await shop.startPipe();
    await shop.rest();
    expect(shop.ids).toEqual(['a-1']);
  });

  it('that have expired and were removed before the pipe has read them arrive, once', async () => {
    const shop = new Shop({ simulation: { seed: SEED_OF_A_SWEEP_WITHIN_HOURS } });
    await shop.stopPipe();
    await shop.commit(row('a', 1, { expiresAt: Math.floor(shop.now / 1000) + 60 }));
    await shop.pass(11 * HOUR);
    expect([shop.rows(), shop.ids]).toEqual([[], []]);
    await shop.startPipe();
    await shop.rest();
    expect(shop.ids).toEqual(['a-1']);
  });

  it('that Time to Live removes are not published again', async () => {
    for (const props of [{}, { payloadFormat: PayloadFormat.JSON }, { onPoison: PoisonPolicy.PARK_KEY }]) {
      const shop = new Shop({ props });
      await shop.commit(...rowsOf('a', 3));
      await shop.pass(10 * 24 * HOUR);
      expect(shop.rows()).toEqual([]);
      expect(shop.ids.sort()).toEqual(['a-1', 'a-2', 'a-3']);
      // Nor tried: what has no new image would be refused.
      expect(shop.trouble).toEqual(NO_TROUBLE);
    }
  });

  it('that somebody changes by hand are not published again', async () => {
    const shop = new Shop();
    await shop.commit(row('a', 1));
    await shop.table('UpdateItem', {
      Key: { pk: { S: 'Order#a' }, sk: { S: row('a', 1).sk } }, UpdateExpression: 'SET note = :note', ExpressionAttributeValues: { ':note': { S: 'looked at' } },
    });
    await shop.rest();
    expect(shop.ids).toEqual(['a-1']);
  });

  it('in a table that has other items too are told apart from these', async () => {
    const shop = new Shop({ more: addOutboxOnGivenTable });
    const TableName = shop.outputs.Given;
    const item = (fields: object) => operate(shop.simulation, 'dynamodb', 'PutItem', { TableName, Item: { pk: { S: 'Order#a' }, ...fields } });
    await item({ sk: { S: 'profile' } });
    await item({ sk: { S: '1' }, eventId: { S: 'given-1' }, type: { S: 'OrderPlaced' }, payload: { S: '1' }, occurredAt: { S: '2026-01-01T00:00:00.000Z' } });
    await shop.rest();
    const [text, ...rest] = await messagesOf(shop.simulation, 'GivenQueue');
    expect(rest).toEqual([]);
    expect(JSON.parse(text)).toMatchObject({ id: 'given-1', data: '1' });
    expect(shop.trouble.denials).toEqual([]);
    // No dead letters of the items that are no rows.
    expect(shop.report.undelivered).toEqual({ GivenQueue: 1 });
  });
});

it('a pipe that is created again begins with everything that the stream still has', async () => {
  const shop = new Shop({ library: true });
  await shop.commit(row('a', 1));
  await shop.pass(MINUTE);
  await shop.stopPipe();
  await shop.commit(row('a', 2));
  await shop.pass(HOUR);
  expect(shop.effects()).toEqual({ 'a-1': 1 });
  shop.simulation.world.service<PipesService>('pipes').recreate(shop.outputs.Pipe);
  await shop.startPipe();
  await shop.commit(row('a', 3));
  await shop.rest();
  expect(shop.effects()).toEqual({ 'a-1': 1, 'a-2': 1, 'a-3': 1 });
  expect(shop.trouble).toEqual(NO_TROUBLE);
});

it('a customer\'s key on everything', async () => {
  for (const onPoison of [PoisonPolicy.SKIP, PoisonPolicy.PARK_KEY]) {
    const shop = new Shop({ library: true, props: (stack) => ({ onPoison, encryptionKey: new Key(stack, 'Key') }) });
    await shop.commit(row('a', 1), row('b', 1, { payload: JSON.stringify('x'.repeat(300_000)) }));
    await shop.rest();
    expect(shop.report.denials).toEqual([]);
    expect(shop.effects()).toEqual({ 'a-1': 1, 'b-1': 1 });
    expect((await shop.replay({ aggregate: 'Order#a' })).output).toMatchObject({ published: 1, refused: 0 });
    await shop.rest();
    expect(shop.report.denials).toEqual([]);
  }
});

it('no log has a payload', async () => {
  const secret = JSON.stringify({ text: 'very-secret' });
  for (const [destination, props] of LOGGING) {
    const shop = new Shop({ destination, props, consume: ({ id }) => { if (id.startsWith('poison')) throw new Error('no'); } });
    await shop.commit(row('a', 1, { payload: secret }), row('poison', 1, { payload: secret, type: destination === 'EVENT_BUS' ? null : 'OrderPlaced' }), row('a', 2, { payload: secret }));
    await shop.rest();
    await shop.replay({ from: '2026-01-01T00:00:00Z' });
    await shop.rest();
    expect(shop.logLines().length).toBeGreaterThan(0);
    expect(shop.logLines().filter((line) => line.includes('very-secret'))).toEqual([]);
    expect((await messagesOf(shop.simulation, 'Outbox/DeadLetters')).filter((text) => text.includes('very-secret'))).toEqual([]);
  }
});

const LOGGING: readonly (readonly [DestinationKind, Partial<TransactionalOutboxProps>])[] = [
  ['EVENT_BUS', {}], ['EVENT_BUS', { payloadFormat: PayloadFormat.JSON }], ['EVENT_BUS', { onPoison: PoisonPolicy.PARK_KEY }],
  ['FUNCTION', {}], ['FUNCTION', { onPoison: PoisonPolicy.PARK_KEY }],
];

/** DynamoDB removes expired items within two days; with this seed it does within eleven hours. */
const SEED_OF_A_SWEEP_WITHIN_HOURS = 2;

/** A second outbox, whose rows lie among other items of a table that exists. */
function addOutboxOnGivenTable(_: TransactionalOutbox, stack: Stack) {
  const table = new Table(stack, 'Given', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
  });
  const queue = new Queue(stack, 'GivenQueue', { fifo: true });
  new TransactionalOutbox(stack, 'GivenOutbox', { destination: OutboxDestination.fifoQueue(queue), source: OutboxSource.rows({ table }) });
  new CfnOutput(stack, 'GivenTable', { key: 'Given', value: table.tableName });
}
