import { awsError, FakeClock, FakeDestination, FakeParkedKeys, FakeTable, NOON, ORIGIN, PARKED_AT, row } from './fakes';
import { ClaimChecks } from '../../../lambda-src/transactional-outbox/claim-check';
import type { ChangeOrigin } from '../../../lambda-src/transactional-outbox/envelope';
import { pace } from '../../../lambda-src/transactional-outbox/pace';
import type { Refusal } from '../../../lambda-src/transactional-outbox/parked-keys';
import type { TypedItem } from '../../../lambda-src/transactional-outbox/plain-json';
import { replayStep } from '../../../lambda-src/transactional-outbox/replay-step';
import type { ReplayProgress } from '../../../src/transactional-outbox/contract';

const minute = (n: number) => new Date(NOON + n * 60_000).toISOString();
const rows = (...events: [order: number, n: number][]) => events.map(([order, n]) => row(`Order#${order}`, n));
const seven = rows([1, 1], [1, 2], [1, 3], [1, 4], [2, 1], [2, 2], [2, 3]);
const idsOf = (items: readonly TypedItem[]) => items.map(({ eventId }) => eventId!.S);

describe('a replay', () => {
  it('publishes what occurred in its range, its start included, its end not, however the time is written', async () => {
    const others = [row('Order#3', 1, { occurredAt: { S: '2026-11-20T12:02:00Z' } }), row('Order#3', 2, { occurredAt: { S: '2026-11-20T14:03:00+02:00' } }),
      row('Order#3', 3, { occurredAt: { S: '2026-11-20T14:02:00+00:00' } })];
    const scene = new Scene([...seven, ...others]);
    expect(await scene.run({ from: minute(2), to: minute(4) })).toMatchObject({ done: true, cursor: null, scanned: 10, published: 6, refused: 0 });
    expect(scene.destination.published.sort()).toEqual(['Order#1/2', 'Order#1/3', 'Order#2/2', 'Order#2/3', 'Order#3/1', 'Order#3/2']);
  });

  it('publishes a row whose time cannot be read, for one too few would be lost', async () => {
    const scene = new Scene([row('Order#1', 1, { occurredAt: undefined }), row('Order#1', 2, { occurredAt: { S: 'at noon' } })]);
    expect(await scene.run({ from: minute(100) })).toMatchObject({ published: 2 });
  });

  it('publishes one aggregate in order by a consistent query', async () => {
    const scene = new Scene(seven);
    await scene.run({ aggregate: 'Order#1' });
    expect(scene.destination.published).toEqual(['Order#1/1', 'Order#1/2', 'Order#1/3', 'Order#1/4']);
    expect(scene.table.calls[0]).toMatchObject({ TableName: 'outbox', KeyConditionExpression: '#pk = :pk', ConsistentRead: true });
  });

  it('publishes only the types that it names', async () => {
    const scene = new Scene([...seven, row('Order#3', 1, { type: { S: 'OrderPaid' } })]);
    await scene.run({ from: minute(0), types: ['OrderPaid', 'OrderSent'] });
    expect(scene.destination.published).toEqual(['Order#3/1']);
  });

  it('leaves out what has expired, and items of others in a table that the outbox shares', async () => {
    const scene = new Scene([
      row('Order#1', 1, { expiresAt: { N: String(NOON / 1000) } }), row('Order#1', 2, { expiresAt: { N: String(NOON / 1000 + 1) } }),
      row('Order#1', 3, { expiresAt: undefined }), { pk: { S: 'Order#1' }, sk: { S: 'STATE' } },
    ]);
    expect(await scene.run({ from: minute(0) })).toMatchObject({ scanned: 4, published: 2, refused: 0 });
    expect(scene.destination.published).toEqual(['Order#1/2', 'Order#1/3']);
  });

  it('counts and names what is refused, rows that are no events too, and goes on', async () => {
    const scene = new Scene([...seven, row('Order#3', 1, { type: undefined })], { answers: { 'Order#1/2': 'MalformedDetail' }, parks: false });
    expect(await scene.run({ from: minute(0) })).toMatchObject({
      done: true, published: 6, refused: 2, refusals: [
        { eventId: 'Order#1/2', aggregate: 'Order#1', reason: 'MalformedDetail' },
        { eventId: 'Order#3/1', aggregate: 'Order#3', reason: expect.stringContaining("attribute 'type' is missing") },
      ],
    });
  });

  it('names the first twenty refusals, cut to a length that a workflow can carry', async () => {
    const many = Array.from({ length: 30 }, (_, n) => row(`Order#${'x'.repeat(1000)}`, n));
    const scene = new Scene(many, { answers: Object.fromEntries(idsOf(many).map((id) => [id!, 'r'.repeat(1000)])), parks: false });
    const progress = await scene.run({ from: minute(-1) });
    expect(progress).toMatchObject({ refused: 30 });
    expect(progress.refusals).toHaveLength(20);
    expect(JSON.stringify(progress).length).toBeLessThan(40_000);
  });

  it('does not overtake a parked aggregate: what waits is for unpark', async () => {
    const scene = new Scene(seven);
    scene.parkedKeys.items.set('Order#1', { since: '00000000000000000003', waiting: 1, parkedAt: PARKED_AT });
    expect(await scene.run({ from: minute(0) })).toMatchObject({
      published: 5, refused: 2, refusals: [{ eventId: 'Order#1/3', reason: 'the aggregate is parked: replay it with unpark' }, { eventId: 'Order#1/4' }],
    });
    expect(scene.destination.published).not.toContain('Order#1/3');
  });

  it('parks behind what is refused, where poison parks: the relay may never see it', async () => {
    const scene = new Scene(seven, { answers: { 'Order#1/2': 'MalformedDetail' } });
    expect(await scene.run({ from: minute(0) })).toMatchObject({
      done: true, published: 4, refused: 3, refusals: [
        { eventId: 'Order#1/2', reason: 'MalformedDetail; the aggregate is parked' },
        { eventId: 'Order#1/3', reason: 'the aggregate is parked: replay it with unpark' },
        { eventId: 'Order#1/4' },
      ],
    });
    const since = '00000000000000000002';
    expect(scene.parkedKeys.items.get('Order#1')).toMatchObject({ since, eventId: 'Order#1/2', reason: 'MalformedDetail', waiting: 0 });
    expect(scene.parked).toEqual([{ aggregate: 'Order#1', since, eventId: 'Order#1/2', reason: 'MalformedDetail' }]);
  });

  it('lets what is refused wait with the others when its aggregate is parked already', async () => {
    const scene = new Scene(seven, { answers: { 'Order#1/2': 'MalformedDetail' } });
    scene.parkedKeys.items.set('Order#1', { since: '00000000000000000003', waiting: 1, parkedAt: PARKED_AT });
    await scene.run({ from: minute(0) });
    expect(scene.parkedKeys.items.get('Order#1')).toMatchObject({ since: '00000000000000000002', waiting: 2 });
    expect([scene.destination.published.filter((id) => id.startsWith('Order#1')), scene.parked]).toEqual([['Order#1/1'], []]);
  });

  it('tries a refused event again when its aggregate could not be parked', async () => {
    const scene = new Scene(seven.slice(0, 4), { answers: { 'Order#1/2': 'MalformedDetail' }, pageSize: 1 });
    scene.parkedKeys.before = (call) => {
      if (call === 'park') throw awsError('ThrottlingException');
    };
    const progress = await scene.run({ aggregate: 'Order#1' });
    expect(progress).toMatchObject({ done: false, published: 1, refused: 0 });
    expect(scene.parked).toEqual([]);
    scene.parkedKeys.before = () => {};
    expect(await scene.run({ aggregate: 'Order#1' }, progress)).toMatchObject({ done: true, published: 1 });
    expect(scene.parkedKeys.items.has('Order#1')).toBe(true);
  });

  it('sees that an aggregate was parked while it worked', async () => {
    const scene = new Scene(seven, { pageSize: 2 });
    scene.destination.before = ({ id }) => {
      if (id === 'Order#1/2') scene.parkedKeys.items.set('Order#1', { since: '00000000000000000003', waiting: 0, parkedAt: PARKED_AT });
    };
    expect(await scene.run({ aggregate: 'Order#1' })).toMatchObject({ published: 2, refused: 2 });
  });

  it('does what its request says, or nothing', async () => {
    await expect(new Scene(seven).run({})).rejects.toMatchObject({ name: 'InvalidReplayRequest' });
  });

  it('keeps its pace', async () => {
    const clock = new FakeClock();
    const scene = new Scene(seven, { clock });
    await scene.run({ from: minute(0), eventsPerSecond: 2 });
    expect(clock.now() - NOON).toBe(6 * 500);
  });
});

describe('a replay in steps', () => {
  it('goes on where the time was over, leaves nothing out and keeps the order', async () => {
    for (let turns = 1; turns <= seven.length; turns++) {
      const scene = new Scene(seven, { turnsPerStep: turns, pageSize: 4 });
      const progress = await scene.runToEnd({ from: minute(0) });
      expect(new Set(scene.destination.published)).toEqual(new Set(idsOf(seven)));
      expect(progress.scanned).toBe(7);
      for (const order of ['Order#1', 'Order#2']) {
        const firsts = [...new Set(scene.destination.published.filter((id) => id.startsWith(order)))];
        expect(firsts).toEqual([...firsts].sort());
      }
    }
  });

  it('adds up what the steps did', async () => {
    const scene = new Scene(seven, { turnsPerStep: 2, answers: { 'Order#2/3': 'MalformedDetail' }, pageSize: 1 });
    expect(await scene.runToEnd({ from: minute(0) })).toMatchObject({ scanned: 7, published: 6, refused: 1, refusals: [{ eventId: 'Order#2/3' }] });
    expect(scene.steps).toBeGreaterThan(2);
  });

  it('answers what is done before a failure as progress, and throws a failure that comes first: then the workflow waits', async () => {
    const answers: Record<string, string | Error> = { 'Order#1/3': awsError('ThrottlingException') };
    const scene = new Scene(seven, { answers });
    const progress = await scene.run({ aggregate: 'Order#1' });
    expect(progress).toMatchObject({ done: false, scanned: 2, published: 2, cursor: expect.any(String) });
    await expect(scene.run({ aggregate: 'Order#1' }, progress)).rejects.toMatchObject({ name: 'ThrottlingException' });
    delete answers['Order#1/3'];
    expect(await scene.run({ aggregate: 'Order#1' }, progress)).toMatchObject({ done: true, scanned: 4, published: 4 });
    expect(scene.destination.published).toEqual(['Order#1/1', 'Order#1/2', 'Order#1/3', 'Order#1/4']);
  });

  it('may be started again by hand with the cursor of one that failed', async () => {
    const answers: Record<string, string | Error> = { 'Order#2/1': awsError('AccessDenied') };
    const { cursor } = await new Scene(seven, { answers }).run({ from: minute(0), eventsPerSecond: 1 });
    const scene = new Scene(seven);
    await scene.run({ from: minute(0), cursor });
    expect(scene.destination.published).toContain('Order#2/1');
    expect(scene.destination.published).not.toContain('Order#1/1');
  });

  it('that has no time for a single event says so, instead of doing nothing for ever', async () => {
    await expect(new Scene(seven, { turnsPerStep: 0 }).run({ from: minute(0) })).rejects.toThrow('there was no time to publish an event');
  });
});

describe('a replay of the items of a table', () => {
  const origin: ChangeOrigin = { kind: 'CHANGES', source: 'shop.books', tableName: 'books', changeTypes: { insert: 'BookAdded', snapshot: 'BookSnapshot' } };
  const book = (isbn: number): TypedItem => ({ shelf: { S: 'A' }, isbn: { N: String(isbn) }, title: { S: `Book ${isbn}` } });
  const books = [1, 2, 3, 4, 5].map(book);

  it('publishes each as it is now, in as many steps as it takes', async () => {
    const scene = new Scene(books, { turnsPerStep: 2, keyNames: ['shelf', 'isbn'], origin });
    await scene.runToEnd({});
    const events = new Map(scene.destination.envelopes.map((event) => [event.id, event]));
    expect([...events.values()].map(({ type, subject, time, data }) => ({ type, subject, time, data }))).toEqual(books.map((_, index) => ({
      type: 'BookSnapshot', subject: `${index + 1}#A`, time: new Date(NOON).toISOString(),
      data: { keys: { isbn: index + 1, shelf: 'A' }, old: null, new: { shelf: 'A', isbn: index + 1, title: `Book ${index + 1}` } },
    })));
  });

  it('puts what is too large into the bucket, and publishes where it is', async () => {
    const scene = new Scene([{ ...book(1), text: { S: 'x'.repeat(1_000) } }], { keyNames: ['shelf', 'isbn'], origin });
    await scene.run({});
    expect(scene.destination.envelopes).toEqual([expect.objectContaining({ dataref: `s3://checks/${scene.objects[0]}`, data: '' })]);
  });

  it('names an item that is refused by its key', async () => {
    const scene = new Scene([{ ...book(1), broken: {} }], { keyNames: ['shelf', 'isbn'], origin });
    expect(await scene.run({})).toMatchObject({ done: true, refused: 1, refusals: [{ eventId: '', aggregate: '{"isbn":{"N":"1"},"shelf":{"S":"A"}}' }] });
  });

  it('is done at once when there are none', async () => {
    expect(await new Scene([], { origin }).run({})).toMatchObject({ done: true, scanned: 0 });
  });
});

it('a pace lets at most so many go in any second, and never makes up for time that nobody used', async () => {
  const clock = new FakeClock(0);
  const turn = pace(4, clock.now, clock.sleep);
  const times: number[] = [];
  for (let n = 0; n < 4; n++) {
    await turn();
    times.push(clock.now());
  }
  await clock.sleep(10_000);
  for (let n = 0; n < 3; n++) {
    await turn();
    times.push(clock.now());
  }
  expect(times).toEqual([0, 250, 500, 750, 10_750, 11_000, 11_250]);
});

class Scene {
  readonly table: FakeTable;
  readonly destination: FakeDestination;
  readonly parkedKeys = new FakeParkedKeys();
  readonly parked: Refusal[] = [];
  readonly objects: string[] = [];
  steps = 0;
  private readonly clock: FakeClock;

  constructor(items: TypedItem[], private readonly options: {
    answers?: Record<string, string | Error>; clock?: FakeClock; turnsPerStep?: number; pageSize?: number; keyNames?: string[];
    origin?: ChangeOrigin; parks?: boolean;
  } = {}) {
    this.table = new FakeTable(items, options.pageSize, options.keyNames);
    this.destination = new FakeDestination(options.answers);
    this.clock = options.clock ?? new FakeClock();
  }

  async run(request: unknown, progress: ReplayProgress | null = null): Promise<ReplayProgress> {
    const { origin, turnsPerStep = Infinity, parks = true } = this.options;
    const outbox = {
      origin: ORIGIN, parkedKeys: parks ? this.parkedKeys.asParkedKeys() : undefined, onParked: (refusal: Refusal) => this.parked.push(refusal),
    };
    const bucket = { send: async ({ input }: { input: { Key: string } }) => void this.objects.push(input.Key) };
    let turns = 0;
    this.steps++;
    return replayStep({ request, progress }, {
      ...(origin ? { origin, claimChecks: new ClaimChecks(bucket as never, 'checks', 1_000) } : outbox),
      client: this.table.client(), publisher: this.destination, now: this.options.clock ? this.clock.now : () => NOON, sleep: this.clock.sleep,
      hasTime: () => turns++ < turnsPerStep,
    });
  }

  async runToEnd(request: unknown): Promise<ReplayProgress> {
    let progress = await this.run(request);
    while (!progress.done) progress = await this.run(request, JSON.parse(JSON.stringify(progress)));
    return progress;
  }
}
