import { PAYLOADS } from './payloads';
import { envelopeOf, firstOf, HOUR, inversions, MINUTE, once, row, type RowFields, rowsOf, SENDING, Shop } from './scene';
import { ScriptedFaults } from '../../simulator/src';
import { PayloadFormat, PoisonPolicy } from '../../src';
import { operate, Outage } from '../simulate';

const START = '2026-01-01T00:00:00Z';
const idsOf = (rows: readonly { eventId: string }[]) => rows.map(({ eventId }) => eventId).sort();

/** Rows that the live path has delivered already; what comes after them comes from a replay. */
async function shopWith(rows: readonly (RowFields & { eventId: string })[], options: ConstructorParameters<typeof Shop>[0] = {}): Promise<Shop> {
  const shop = new Shop(options);
  for (let index = 0; index < rows.length; index += 50) await shop.commit(...rows.slice(index, index + 50));
  await shop.rest();
  shop.arrived.length = 0;
  return shop;
}

describe('a replay', () => {
  it('publishes again what happened in a range of time', async () => {
    const shop = new Shop();
    const moments: string[] = [];
    for (let index = 0; index < 5; index++) {
      moments.push(new Date(shop.now).toISOString());
      await shop.commit(row('a', index, { occurredAt: moments[index] }));
      await shop.pass(HOUR);
    }
    shop.arrived.length = 0;
    const { output } = await shop.replay({ from: moments[1], to: moments[3] });
    await shop.rest();
    expect(shop.ids.sort()).toEqual(['a-1', 'a-2']);
    expect(output).toEqual({ done: true, cursor: null, scanned: expect.any(Number), published: 2, refused: 0, refusals: [] });
  });

  it('publishes one aggregate again, in order', async () => {
    const shop = await shopWith([...rowsOf('a', 5), ...rowsOf('b', 5)], { destination: 'FIFO_QUEUE' });
    await shop.pass(10 * MINUTE);
    expect((await shop.replay({ aggregate: 'Order#b' })).output).toMatchObject({ published: 5 });
    await shop.rest();
    expect(shop.ids).toEqual(['b-1', 'b-2', 'b-3', 'b-4', 'b-5']);
  });

  it('publishes the types that are asked for', async () => {
    const shop = await shopWith([row('a', 1), row('a', 2, { type: 'OrderPaid' }), row('a', 3, { type: 'OrderShipped' })]);
    expect((await shop.replay({ from: START, types: ['OrderPaid', 'OrderShipped'] })).output).toMatchObject({ published: 2 });
    await shop.rest();
    expect(shop.ids.sort()).toEqual(['a-2', 'a-3']);
  });

  it('leaves out rows that have expired and are still there', async () => {
    const shop = await shopWith([row('a', 1), row('a', 2, { expiresAt: Date.UTC(2026, 0, 1) / 1000 + 5 })], { simulation: { seed: 1 } });
    await shop.pass(MINUTE);
    expect(shop.rows()).toHaveLength(2);
    expect((await shop.replay({ from: START })).output).toMatchObject({ published: 1 });
    await shop.rest();
    expect(shop.ids).toEqual(['a-1']);
  });

  it('is as slow as it is told to be', async () => {
    const shop = await shopWith(rowsOf('a', 100));
    const start = shop.now;
    await shop.replay({ from: START, eventsPerSecond: 5 });
    expect(shop.now - start).toBeGreaterThan(18_000);
    expect(shop.now - start).toBeLessThan(25_000);
    await shop.rest();
    for (const { at } of shop.arrived) {
      expect(shop.arrived.filter((other) => other.at >= at && other.at < at + 10_000).length).toBeLessThanOrEqual(60);
    }
  });

  it('that takes longer than a function may run goes on where it was, step by step', async () => {
    const rows = Array.from({ length: 250 }, (_, order) => rowsOf(`o${order}`, 4)).flat();
    const shop = await shopWith(rows, { simulation: { trace: { keep: true } } });
    const before = stepsOf(shop);
    const { output } = await shop.replay({ from: START, eventsPerSecond: 1 });
    await shop.rest();
    expect(output).toMatchObject({ done: true, refused: 0 });
    // Aggregates that were under way at the end of a step are begun again.
    expect(output.published).toBeGreaterThanOrEqual(1000);
    expect(output.published).toBeLessThan(1050);
    expect(stepsOf(shop) - before).toBe(2);
    expect(firstOf(shop.arrived).map(({ id }) => id).sort()).toEqual(idsOf(rows));
  });

  it('may run twice: nothing takes effect again', async () => {
    const rows = rowsOf('a', 20);
    const shop = await shopWith(rows, { library: true });
    for (let time = 0; time < 2; time++) expect((await shop.replay({ from: START })).output).toMatchObject({ published: 20 });
    await shop.rest();
    expect(shop.effects()).toEqual(once(idsOf(rows)));
  });

  it('that was stopped half-way may be started again from the beginning', async () => {
    const rows = rowsOf('a', 60);
    const shop = await shopWith(rows);
    const run = shop.simulation.start(shop.outputs.Replay, { from: START, eventsPerSecond: 1 });
    await shop.until(() => shop.arrived.length >= 20);
    await operate(shop.simulation, 'states', 'StopExecution', { executionArn: run.executionArn });
    await shop.rest();
    expect(run.outcome).toMatchObject({ status: 'ABORTED' });
    expect((await shop.replay({ from: START })).output).toMatchObject({ done: true, published: 60 });
    await shop.rest();
    expect(firstOf(shop.arrived).map(({ id }) => id).sort()).toEqual(idsOf(rows));
  });

  it('that has failed may be started again from its cursor', async () => {
    const outage = new Outage(SENDING.EVENT_BUS);
    const rows = Array.from({ length: 250 }, (_, order) => rowsOf(`o${order}`, 4)).flat();
    const shop = await shopWith(rows, { simulation: { faults: outage } });
    const run = shop.simulation.start(shop.outputs.Replay, { from: START, to: '2026-01-01T06:00:00Z', eventsPerSecond: 1 });
    await shop.pass(16 * MINUTE);
    outage.down = true;
    await shop.until(() => run.outcome !== undefined);
    outage.down = false;
    expect(run.outcome).toMatchObject({ status: 'FAILED' });
    const cursor = /cursor (.+)$/.exec(run.outcome!.cause!)![1];
    const { output } = await shop.replay({ from: START, to: '2026-01-01T06:00:00Z', cursor });
    await shop.rest();
    expect(output.done).toBe(true);
    expect(output.published).toBeLessThan(300);
    expect(firstOf(shop.arrived).map(({ id }) => id).sort()).toEqual(idsOf(rows));
  });

  it('during live traffic ends, publishes what was there when it began, and nothing takes effect twice', async () => {
    for (const destination of ['EVENT_BUS', 'FIFO_QUEUE'] as const) {
      // Three pages of the table, so that most of it is read while more is written.
      const old = Array.from({ length: 100 }, (_, index) => row(`old${index}`, 1, { payload: JSON.stringify('x'.repeat(25_000)) }));
      const shop = await shopWith(old, { destination, library: true });
      const live = Array.from({ length: 60 }, (_, index) => row(`live${index}`, 1));
      live.forEach((each, index) => shop.startAfter(500 + index * 500, each));
      const { output } = await shop.replay({ from: START, eventsPerSecond: 2 });
      await shop.rest();
      expect(output.published).toBe(100);
      expect(shop.effects()).toEqual(once(idsOf([...old, ...live])));
    }
  });

  it.each([1, 2, 3, 4, 5, 6])('goes on when its function dies at SDK call %i', async (nth) => {
    for (const kind of ['crash-before', 'crash-after'] as const) {
      const faults = new ScriptedFaults([{ caller: 'Outbox/Replay', nth, fault: { kind } }]);
      const rows = rowsOf('a', 40);
      const shop = await shopWith(rows, { simulation: { faults } });
      const { status } = await shop.replay({ from: START });
      await shop.rest();
      expect([status, ...faults.hits]).toEqual(['SUCCEEDED', 1]);
      expect(firstOf(shop.arrived).map(({ id }) => id).sort()).toEqual(idsOf(rows));
    }
  });

  it('publishes what the bus refused inside an answer that succeeds', async () => {
    const faults = new ScriptedFaults([{ service: 'events', operation: 'PutEvents', caller: 'Outbox/Replay', nth: 1, times: 5, fault: { kind: 'partial', share: 0.6 } }]);
    const rows = rowsOf('a', 40);
    const shop = await shopWith(rows, { simulation: { faults } });
    expect((await shop.replay({ from: START })).output).toMatchObject({ published: 40, refused: 0 });
    await shop.rest();
    expect(faults.hits).toEqual([5]);
    expect(firstOf(shop.arrived).map(({ id }) => id).sort()).toEqual(idsOf(rows));
  });

  it('waits for a destination that is down, and keeps the order of each aggregate', async () => {
    const outage = new Outage({ service: 'sqs', caller: 'Outbox/Replay' });
    const rows = [...rowsOf('a', 30), ...rowsOf('b', 30)];
    const shop = await shopWith(rows, { destination: 'FIFO_QUEUE', simulation: { faults: outage } });
    await shop.pass(10 * MINUTE);
    const run = shop.simulation.start(shop.outputs.Replay, { from: START });
    await shop.until(() => shop.arrived.length > 10);
    outage.down = true;
    await shop.pass(10 * MINUTE);
    expect(run.outcome).toBeUndefined();
    outage.down = false;
    await shop.rest();
    expect(run.outcome).toMatchObject({ status: 'SUCCEEDED' });
    const first = firstOf(shop.arrived);
    expect(first.map(({ id }) => id).sort()).toEqual(idsOf(rows));
    expect(inversions(first)).toEqual([]);
  });

  it('names rows that are no events, and goes on', async () => {
    const shop = new Shop();
    await shop.stopPipe();
    await shop.table('PutItem', { Item: { pk: { S: 'Order#a' }, sk: { S: '0' }, eventId: { S: 'no-event' }, occurredAt: { S: START } } });
    await shop.commit(row('a', 1));
    const { output } = await shop.replay({ from: START });
    await shop.rest();
    expect(shop.ids).toEqual(['a-1']);
    expect(output).toMatchObject({ published: 1, refused: 1, refusals: [{ eventId: 'no-event', aggregate: 'Order#a', reason: expect.stringMatching(/attribute 'type' is missing/) }] });
  });
});

describe('a replay request is refused with one clear sentence', () => {
  it.each([
    ['nothing', {}],
    ['no object', 'everything'],
    ['an unknown field', { from: START, form: START }],
    ['a date that is none', { from: 'yesterday' }],
    ['a range that ends before it begins', { from: '2026-01-02T00:00:00Z', to: START }],
    ['a rate of nothing', { from: START, eventsPerSecond: 0 }],
    ['a rate beyond the limit', { from: START, eventsPerSecond: 1001 }],
    ['types that are no list', { from: START, types: 'OrderPlaced' }],
    ['a cursor that is none', { from: START, cursor: 'here' }],
    ['unpark of nobody', { from: START, unpark: true }],
  ])('%s', async (_, request) => {
    const shop = new Shop();
    const { status, error, cause } = await shop.simulation.complete(shop.outputs.Replay, request);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'InvalidReplayRequest' });
    expect(cause).toMatch(/^[a-zA-Z'"][^\n]{20,}[^.]$/);
    expect(shop.now - Date.UTC(2026, 0, 1)).toBeLessThan(10_000);
  });
});

describe('the envelope of a row is the same text, whichever way it comes', () => {
  const rows = [
    ...Object.entries(PAYLOADS).map(([name, payload], index) => row(name, index, { payload, type: `Tÿpe "${name}"`, traceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })),
    row('minimal', 1, { payloadRef: null, traceParent: null, expiresAt: null }),
    row('by reference', 1, { payload: '', payloadRef: 's3://bucket/payloads/2026-01-01/x' }),
  ].map((each) => ({ ...each, occurredAt: '2026-01-01T00:00:00.123Z' }));
  /** The texts that a topic's subscriber gets, by event id. */
  const texts = async (props: ConstructorParameters<typeof Shop>[0], replays: boolean) => {
    const shop = new Shop({ destination: 'TOPIC', ...props });
    if (replays) await shop.stopPipe();
    await shop.commit(...rows);
    if (replays) expect((await shop.replay({ from: START })).output).toMatchObject({ published: rows.length, refused: 0 });
    await shop.rest();
    expect(shop.ids.sort()).toEqual(idsOf(rows));
    return { shop, byId: Object.fromEntries(shop.arrived.map(({ id, text }) => [id, text])) };
  };

  it('with text payloads: pipe, relay, replay', async () => {
    const { shop, byId } = await texts({}, false);
    for (const stored of shop.rows()) expect(byId[stored.eventId]).toBe(JSON.stringify(envelopeOf(stored)));
    expect((await texts({}, true)).byId).toEqual(byId);
    expect((await texts({ props: { onPoison: PoisonPolicy.PARK_KEY } }, false)).byId).toEqual(byId);
    expect((await texts({ props: { onPoison: PoisonPolicy.PARK_KEY } }, true)).byId).toEqual(byId);
  });

  it('with JSON payloads: enrichment, relay, replay', async () => {
    const payloadFormat = PayloadFormat.JSON;
    const { byId } = await texts({ props: { payloadFormat } }, false);
    expect(JSON.parse(byId['numbers-2'])).toMatchObject({
      datacontenttype: 'application/json', data: { id: '12345678901234567890', rate: '0.1000000000000000055511151231257827', e: 100, one: 1 },
    });
    expect((await texts({ props: { payloadFormat } }, true)).byId).toEqual(byId);
    expect((await texts({ props: { payloadFormat, onPoison: PoisonPolicy.PARK_KEY } }, false)).byId).toEqual(byId);
  });
});

function stepsOf(shop: Shop): number {
  return shop.simulation.world.trace.entries.filter(({ subject, event }) => subject === 'Outbox/Replay/Replay' && event === 'lambda.start').length;
}
