import { inversions, MINUTE, row, type RowFields, rowsOf, Shop } from './scene';
import { ScriptedFaults } from '../../simulator/src';
import { PayloadFormat } from '../../src';
import type { DestinationKind } from '../../src/transactional-outbox/contract';
import { messagesOf } from '../simulate';

const LARGE = JSON.stringify('x'.repeat(300_000));

/** What each destination refuses for good. */
const POISON: readonly (readonly [DestinationKind, string, RowFields])[] = [
  ['EVENT_BUS', 'an event without a type', { type: null }],
  ['FIFO_QUEUE', 'an aggregate that is no group id', { pk: 'Order#what a name' }],
  ['FIFO_QUEUE', 'a payload that is larger than a message', { payload: LARGE }],
  ['TOPIC', 'a payload that is larger than a message', { payload: LARGE }],
  ['STATE_MACHINE', 'a payload that is larger than an input', { payload: LARGE }],
  ['FUNCTION', 'an event that the function throws for', {}],
];

describe.each(POISON)('a poison event for %s: %s', (destination, _, fields) => {
  const consume = ({ id }: { id: string }) => {
    if (destination === 'FUNCTION' && id === 'poison') throw new Error('this event is poison');
  };
  const healthy = [...rowsOf('a', 4), ...rowsOf('b', 4)];
  const rows = [...healthy.slice(0, 4), row('poison', 1, { eventId: 'poison', ...fields }), ...healthy.slice(4)];

  it('goes to the dead-letter queue after its retries, and the rest of the batch goes on', async () => {
    const shop = new Shop({ destination, consume, batchSize: 10, props: { retryAttempts: 3 } });
    await shop.commit(...rows);
    await shop.rest();
    expect([...new Set(shop.ids)].filter((id) => id !== 'poison').sort()).toEqual(healthy.map(({ eventId }) => eventId).sort());
    expect(shop.report.lost).toEqual([]);
    const letters = await messagesOf(shop.simulation, 'Outbox/DeadLetters');
    expect(letters.map((text) => JSON.parse(text))).toEqual([expect.objectContaining({
      context: expect.objectContaining({ condition: 'RetryAttemptsExhausted' }), DDBStreamBatchInfo: expect.objectContaining({ batchSize: 1 }),
    })]);
  });

  it('is in the table still, and a replay names it', async () => {
    const shop = new Shop({ destination, consume, batchSize: 10, props: { retryAttempts: 1 } });
    await shop.commit(...rows);
    await shop.rest();
    // Longer than a FIFO queue remembers what it has taken.
    await shop.pass(10 * MINUTE);
    const before = shop.arrived.length;
    const { status, output } = await shop.replay({ from: '2026-01-01T00:00:00Z' });
    await shop.rest();
    const poison = shop.rows().find(({ sk, pk }) => pk === (fields.pk ?? 'Order#poison') && sk === row('poison', 1).sk)!;
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({ done: true, published: 8, refused: 1 });
    expect(output.refusals).toEqual([{ eventId: poison.eventId ?? '', aggregate: poison.pk, reason: expect.stringMatching(/./) }]);
    expect(output.refusals[0].reason).not.toContain('xxxx');
    const again = shop.arrived.slice(before).map(({ id }) => id);
    expect([...new Set(again)].filter((id) => id !== 'poison').sort()).toEqual(healthy.map(({ eventId }) => eventId).sort());
  });
});

it('poison in an outbox that sends JSON: a payload that is no JSON', async () => {
  const shop = new Shop({ props: { payloadFormat: PayloadFormat.JSON, retryAttempts: 1 } });
  await shop.commit(row('a', 1), row('poison', 1, { payload: '{"half":' }), row('a', 2));
  await shop.rest();
  expect(shop.ids.sort()).toEqual(['a-1', 'a-2']);
  expect(shop.deadLetters()).toBe(1);
  expect((await shop.replay({ from: '2026-01-01T00:00:00Z' })).output).toMatchObject({ published: 2, refused: 1, refusals: [{ eventId: 'poison-1' }] });
});

it('poison without an id or with a time that is none: the pipe gives it up, and the rest goes on', async () => {
  for (const [destination, fields] of [['EVENT_BUS', { occurredAt: 'yesterday' }], ['FIFO_QUEUE', { eventId: null }]] as const) {
    const shop = new Shop({ destination, props: { retryAttempts: 1 } });
    await shop.commit(row('a', 1), row('poison', 1, fields), row('a', 2));
    await shop.rest();
    expect(shop.ids.sort()).toEqual(['a-1', 'a-2']);
    expect(shop.deadLetters()).toBe(1);
  }
});

it('an event that the bus refuses by itself, inside an answer that succeeds, is not taken for delivered', async () => {
  const faults = new ScriptedFaults([{ service: 'events', operation: 'PutEvents', caller: 'Outbox/', nth: 1, times: 3, fault: { kind: 'partial', share: 0.5 } }]);
  const shop = new Shop({ simulation: { faults, latency: { 'dynamodb.stream': { median: 500, p99: 500 } } } });
  await shop.commit(...rowsOf('a', 10));
  await shop.rest();
  expect(faults.hits).toEqual([3]);
  expect(new Set(shop.ids)).toEqual(new Set(rowsOf('a', 10).map(({ eventId }) => eventId)));
});

it('poison for a FIFO queue holds its shard up for no longer than its retries take, and nothing is out of order', async () => {
  const shop = new Shop({ destination: 'FIFO_QUEUE' });
  for (let sequence = 1; sequence <= 5; sequence++) await shop.commit(...['a', 'b', 'c'].map((order) => row(order, sequence)), row('bad one', sequence));
  const start = shop.now;
  await shop.rest();
  expect(inversions(shop.arrived)).toEqual([]);
  expect(new Set(shop.ids).size).toBe(15);
  expect(shop.deadLetters()).toBe(5);
  expect(shop.now - start).toBeLessThan(10 * MINUTE);
});
