import { type Arrival, DESTINATIONS, firstOf, HOUR, inversions, MINUTE, NO_TROUBLE, once, onlyFor, row, type RowFields, rowsOf, sendingByRelay, Shop, type ShopOptions } from './scene';
import { type CloudWatchService, type DynamoDbService, Random, RandomFaults, ScriptedFaults } from '../../simulator/src';
import { PoisonPolicy } from '../../src';
import { type DestinationKind, METRIC, PARKED } from '../../src/transactional-outbox/contract';
import { itemsOf, Outage } from '../simulate';

const LARGE = JSON.stringify('x'.repeat(300_000));
const parking = (options: ShopOptions = {}) => new Shop({ ...options, props: { ...options.props, onPoison: PoisonPolicy.PARK_KEY } });
const parkedIn = (shop: Shop) => itemsOf(shop.simulation, shop.outputs.Parked);
const idsOf = (arrived: readonly Arrival[], order: string) => arrived.map(({ id }) => id).filter((id) => id.startsWith(`${order}-`));

/** What each destination refuses of an aggregate whose other events it takes, and how an operator mends the row. */
const POISON: readonly (readonly [DestinationKind, RowFields, { name: string; value: object } | undefined])[] = [
  ['EVENT_BUS', { type: null }, { name: 'type', value: { S: 'OrderPlaced' } }],
  ['FIFO_QUEUE', { payload: LARGE }, { name: 'payload', value: { S: '"short"' } }],
  ['TOPIC', { payload: LARGE }, { name: 'payload', value: { S: '"short"' } }],
  ['STATE_MACHINE', { payload: LARGE }, { name: 'payload', value: { S: '"short"' } }],
  ['FUNCTION', {}, undefined],
];

describe.each(POISON)('poison for %s', (destination, fields, mend) => {
  it('lets the later events of its aggregate wait, in order, until it is mended and unparked; others go on', async () => {
    let broken = true;
    const consume = ({ id }: { id: string }) => {
      if (destination === 'FUNCTION' && broken && id === 'a-3') throw new Error('this event is poison');
    };
    const shop = parking({ destination, consume });
    await shop.commitInTurn(row('a', 1), row('a', 2), row('a', 3, fields), row('a', 4), row('a', 5), ...rowsOf('b', 5));
    await shop.rest();
    await shop.commit(row('a', 6), row('b', 6));
    await shop.rest();

    const arrived = firstOf(shop.arrived);
    expect(idsOf(arrived, 'a').filter((id) => id !== 'a-3').sort()).toEqual(['a-1', 'a-2']);
    expect(idsOf(arrived, 'b').sort()).toEqual(rowsOf('b', 6).map(({ eventId }) => eventId));
    expect(parkedIn(shop)).toEqual([expect.objectContaining({
      [PARKED.PARTITION_KEY]: 'Order#a', [PARKED.SINCE]: row('a', 3).sk, [PARKED.EVENT_ID]: 'a-3', [PARKED.WAITING]: '3', [PARKED.REASON]: expect.stringMatching(/./),
    })]);
    expect(parkedIn(shop)[0][PARKED.REASON]).not.toContain('xxxx');
    expect(shop.deadLetters()).toBe(0);
    expect(metric(shop, METRIC.PARKED)).toBe(1);

    broken = false;
    if (mend) {
      await shop.table('UpdateItem', {
        Key: { pk: { S: 'Order#a' }, sk: { S: row('a', 3).sk } }, UpdateExpression: 'SET #name = :value',
        ExpressionAttributeNames: { '#name': mend.name }, ExpressionAttributeValues: { ':value': mend.value },
      });
    }
    const before = shop.arrived.length;
    const { status, output } = await shop.replay({ aggregate: 'Order#a', unpark: true });
    await shop.commit(row('a', 7));
    await shop.rest();
    expect({ status, output }).toMatchObject({ status: 'SUCCEEDED', output: { done: true, published: 4, refused: 0 } });
    expect(parkedIn(shop)).toEqual([]);
    const after = shop.arrived.slice(before);
    expect(new Set(idsOf(after, 'a'))).toEqual(new Set(['a-3', 'a-4', 'a-5', 'a-6', 'a-7']));
    if (['FIFO_QUEUE', 'FUNCTION'].includes(destination)) expect(inversions(firstOf([...shop.arrived.slice(0, before).filter(({ id }) => id !== 'a-3'), ...after]))).toEqual([]);
  });
});

describe('an aggregate that is parked', () => {
  it('stays parked when the destination refuses its event again, and the replay says so', async () => {
    const shop = parking();
    await shop.commitInTurn(row('a', 1, { type: null }), row('a', 2));
    await shop.rest();
    const { output } = await shop.replay({ aggregate: 'Order#a', unpark: true });
    await shop.rest();
    expect(output).toMatchObject({ done: true, published: 0, refused: 1, refusals: [{ eventId: 'a-1', aggregate: 'Order#a' }] });
    expect(parkedIn(shop)).toHaveLength(1);
    expect(shop.ids).toEqual([]);
    await shop.commit(row('a', 3));
    await shop.rest();
    expect(shop.ids).toEqual([]);
  });

  it('opens without its poison when an operator deletes the row', async () => {
    const shop = parking();
    await shop.commitInTurn(row('a', 1, { type: null }), row('a', 2));
    await shop.rest();
    await shop.table('DeleteItem', { Key: { pk: { S: 'Order#a' }, sk: { S: row('a', 1).sk } } });
    expect((await shop.replay({ aggregate: 'Order#a', unpark: true })).output).toMatchObject({ published: 1, refused: 0 });
    await shop.rest();
    expect([shop.ids, parkedIn(shop)]).toEqual([['a-2'], []]);
  });

  it('opens with all that waits, also with what sorts before its poison: clocks of two writers need not agree', async () => {
    const shop = parking();
    await shop.commitInTurn(row('a', 5, { type: null }), row('a', 6), row('a', 4), row('a', 3));
    await shop.rest();
    expect(shop.ids).toEqual([]);
    await shop.table('DeleteItem', { Key: { pk: { S: 'Order#a' }, sk: { S: row('a', 5).sk } } });
    await shop.replay({ aggregate: 'Order#a', unpark: true });
    await shop.rest();
    expect(shop.ids.sort()).toEqual(['a-3', 'a-4', 'a-6']);
  });

  it.each([1, 2, 3, 4, 5, 6])('keeps its order when events come while it is unparked (seed %i)', async (seed) => {
    const shop = parking({ destination: 'FIFO_QUEUE', simulation: { seed } });
    await shop.commitInTurn(row('a', 1, { payload: LARGE }), ...rowsOf('a', 10, 2));
    await shop.rest();
    await shop.table('DeleteItem', { Key: { pk: { S: 'Order#a' }, sk: { S: row('a', 1).sk } } });
    // Each transaction begins when the one before is committed, as a version condition would have it.
    const traffic = (async () => {
      for (let sequence = 12; sequence < 40; sequence++) {
        await shop.start(row('a', sequence)).result();
        await shop.simulation.world.kernel.sleep(100);
      }
    })();
    const replay = await shop.replay({ aggregate: 'Order#a', unpark: true, eventsPerSecond: 5 });
    await shop.rest();
    await traffic;
    expect(replay.status).toBe('SUCCEEDED');
    const first = firstOf(shop.arrived);
    expect(first.map(({ id }) => id).sort()).toEqual(rowsOf('a', 38, 2).map(({ eventId }) => eventId).sort());
    expect(inversions(first)).toEqual([]);
    expect(parkedIn(shop)).toEqual([]);
  });
});

describe('a replay', () => {
  it('parks behind poison that the stream has forgotten: neither its own later events nor the pipe\'s overtake', async () => {
    const shop = parking({ destination: 'FIFO_QUEUE' });
    const start = new Date(shop.now).toISOString();
    await shop.stopPipe();
    await shop.commitInTurn(row('a', 1), row('a', 2, { payload: LARGE }), row('a', 3), ...rowsOf('b', 3));
    await shop.pass(30 * HOUR);
    const { output } = await shop.replay({ from: start });
    await shop.startPipe();
    await shop.commitInTurn(row('a', 4), row('b', 4));
    await shop.rest();

    expect(output).toMatchObject({ published: 4, refused: 2, refusals: [{ eventId: 'a-2', reason: expect.stringMatching(/the aggregate is parked$/) }, { eventId: 'a-3' }] });
    expect([idsOf(shop.arrived, 'a'), idsOf(shop.arrived, 'b')]).toEqual([['a-1'], ['b-1', 'b-2', 'b-3', 'b-4']]);
    expect(parkedIn(shop)).toEqual([expect.objectContaining({ [PARKED.PARTITION_KEY]: 'Order#a', [PARKED.SINCE]: row('a', 2).sk, [PARKED.EVENT_ID]: 'a-2' })]);
    expect(metric(shop, METRIC.PARKED)).toBe(1);

    await mendPayload(shop, row('a', 2).sk);
    await shop.replay({ aggregate: 'Order#a', unpark: true });
    await shop.rest();
    expect(idsOf(firstOf(shop.arrived), 'a')).toEqual(['a-1', 'a-2', 'a-3', 'a-4']);
    expect(parkedIn(shop)).toEqual([]);
  });

  it('that opens an aggregate, and does not hear that it did, leaves what parks it next alone', async () => {
    const lost = [1, 2].map((nth) => ({ caller: 'Outbox/Replay/Replay', operation: 'DeleteItem', nth, fault: { kind: 'error-after' } as const }));
    const faults = new ScriptedFaults(lost);
    const shop = parking({ destination: 'FIFO_QUEUE', simulation: { faults, latency: { 'dynamodb.stream': { median: 1, p99: 1 } } } });
    await shop.commit(row('a', 1, { payload: LARGE }));
    await shop.rest();
    await mendPayload(shop, row('a', 1).sk);
    const { ref } = shop.simulation.find('Outbox/ParkedKeys', ['AWS::DynamoDB::Table']).provisioned;
    const seen: string[] = [];
    shop.simulation.world.service<DynamoDbService>('dynamodb').onChange(ref, ({ newImage }) => {
      if (seen.push(newImage ? `parked by ${newImage[PARKED.EVENT_ID].S}` : 'opened') === 1) shop.start(row('a', 2, { payload: LARGE }));
    });
    await shop.replay({ aggregate: 'Order#a', unpark: true });
    await shop.rest();
    expect(faults.hits).toEqual([1, 1]);
    expect(seen).toEqual(['opened', 'parked by a-2']);
    expect(parkedIn(shop)).toEqual([expect.objectContaining({ [PARKED.EVENT_ID]: 'a-2' })]);
  });
});

describe('what is no poison', () => {
  it.each(['throttle', 'error-before'] as const)('parks nothing: a destination that answers with %s for half an hour', async (kind) => {
    for (const destination of DESTINATIONS) {
      const outage = new Outage(sendingByRelay(destination), { kind });
      const shop = parking({ destination, library: true, simulation: { faults: outage } });
      outage.down = true;
      await shop.commit(...rowsOf('a', 5), ...rowsOf('b', 5));
      await shop.pass(30 * MINUTE);
      expect(outage.hits).toBeGreaterThan(0);
      expect(shop.effects()).toEqual({});
      outage.down = false;
      await shop.rest();
      expect(shop.effects()).toEqual(once([...rowsOf('a', 5), ...rowsOf('b', 5)].map(({ eventId }) => eventId)));
      expect(parkedIn(shop)).toEqual([]);
      expect(shop.trouble).toEqual(NO_TROUBLE);
    }
  });

  it('parks nothing: a parked table that is down', async () => {
    const outage = new Outage({ service: 'dynamodb', caller: 'Outbox/Relay' });
    const shop = parking({ simulation: { faults: outage } });
    outage.down = true;
    await shop.commit(...rowsOf('a', 3));
    await shop.pass(10 * MINUTE);
    outage.down = false;
    await shop.rest();
    expect([...new Set(shop.ids)].sort()).toEqual(['a-1', 'a-2', 'a-3']);
    expect(shop.trouble).toEqual(NO_TROUBLE);
  });

  it('a function that fails now and then gets its event again', async () => {
    let failures = 2;
    const shop = parking({ destination: 'FUNCTION', consume: () => { if (failures-- > 0) throw new Error('a moment please'); } });
    await shop.commitInTurn(...rowsOf('a', 3));
    await shop.rest();
    expect(firstOf(shop.arrived).map(({ id }) => id)).toEqual(['a-1', 'a-2', 'a-3']);
    expect(parkedIn(shop)).toEqual([]);
  });
});

describe('the relay', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('loses nothing and keeps the order when it dies at SDK call %i', async (nth) => {
    for (const kind of ['crash-before', 'crash-after'] as const) {
      const faults = new ScriptedFaults([{ caller: 'Outbox/Relay', nth, fault: { kind } }]);
      const shop = parking({ destination: 'FIFO_QUEUE', simulation: { faults } });
      for (let sequence = 1; sequence <= 4; sequence++) await shop.commit(row('a', sequence), row('b', sequence));
      await shop.rest();
      expect(faults.hits).toEqual([1]);
      expect(firstOf(shop.arrived).map(({ id }) => id).sort()).toEqual([...rowsOf('a', 4), ...rowsOf('b', 4)].map(({ eventId }) => eventId));
      expect(inversions(firstOf(shop.arrived))).toEqual([]);
      expect(parkedIn(shop)).toEqual([]);
    }
  });

  it.each([1, 2, 3, 4, 5])('keeps every aggregate of a FIFO queue in order while calls fail and poison comes (seed %i)', async (seed) => {
    const random = new RandomFaults({ throttle: 0.3, errorBefore: 0.3, errorAfter: 0.05, slow: 0.1, crashBefore: 0.02, crashAfter: 0.02, duplicate: 0.2 }, new Random(`relay/${seed}`));
    const shop = parking({ destination: 'FIFO_QUEUE', simulation: { seed, faults: onlyFor('Outbox/', random) } });
    for (let sequence = 1; sequence <= 10; sequence++) {
      await shop.commit(...['a', 'b', 'c', 'd'].map((order) => row(order, sequence, order === 'd' && sequence === 4 ? { payload: LARGE } : {})));
    }
    await shop.pass(2 * HOUR);
    const expected = ['a', 'b', 'c'].flatMap((order) => rowsOf(order, 10)).concat(rowsOf('d', 3)).map(({ eventId }) => eventId).sort();
    expect(firstOf(shop.arrived).map(({ id }) => id).sort()).toEqual(expected);
    expect(inversions(firstOf(shop.arrived))).toEqual([]);
    expect(parkedIn(shop)).toEqual([expect.objectContaining({ [PARKED.EVENT_ID]: 'd-4', [PARKED.WAITING]: expect.stringMatching(/^[1-9]/) })]);
  });

  it('is one invocation for a batch of a hundred events', async () => {
    const shop = parking({ destination: 'FIFO_QUEUE', simulation: { latency: { 'dynamodb.stream': { median: 500, p99: 500 } }, trace: { keep: true } } });
    await shop.commit(...rowsOf('a', 25), ...rowsOf('b', 25));
    await shop.rest();
    expect(shop.arrived).toHaveLength(50);
    expect(shop.simulation.world.trace.entries.filter(({ subject, event }) => subject === 'Outbox/Relay' && event === 'lambda.start').length).toBeLessThanOrEqual(4);
  });
});

async function mendPayload(shop: Shop, sk: string): Promise<void> {
  await shop.table('UpdateItem', {
    Key: { pk: { S: 'Order#a' }, sk: { S: sk } }, UpdateExpression: 'SET payload = :mended', ExpressionAttributeValues: { ':mended': { S: '"short"' } },
  });
}

function metric(shop: Shop, name: string): number | undefined {
  const { metrics } = shop.simulation.world.service<CloudWatchService>('cloudwatch');
  return metrics.total({ namespace: METRIC.NAMESPACE, name, dimensions: { [METRIC.DIMENSION]: shop.outputs.Name } });
}
