import { awsError, FakeClock, FakeDestination, FakeParkedKeys, FakeTable, NOON, ORIGIN, PARKED_AT, row } from './fakes';
import { replayStep } from '../../../lambda-src/transactional-outbox/replay-step';
import type { ReplayProgress } from '../../../src/transactional-outbox/contract';

const sk = (n: number) => String(n).padStart(20, '0');

describe('unpark', () => {
  it('publishes what waits, in order, and opens the aggregate', async () => {
    const scene = new Scene(6, { since: 2 });
    expect(await scene.run()).toMatchObject({ done: true, scanned: 5, published: 5, refused: 0 });
    expect(scene.order()).toEqual([2, 3, 4, 5, 6]);
    expect(scene.parkedKeys.items.size).toBe(0);
    expect(scene.table.calls[0]).toMatchObject({ ConsistentRead: true, KeyConditionExpression: '#pk = :pk AND #sk >= :since' });
  });

  it('publishes what has expired too: it was never published', async () => {
    const scene = new Scene(0, { since: 1 });
    scene.table.items.push(row('Order#1', 1, { expiresAt: { N: '1' } }), { pk: { S: 'Order#1' }, sk: { S: 'STATE' } });
    expect(await scene.run()).toMatchObject({ done: true, published: 1, refused: 0 });
  });

  it('publishes what comes while it works, also what sorts before, each once, and only then opens the aggregate', async () => {
    const scene = new Scene(3, { since: 1, missing: 2 });
    const late = [2, 4];
    scene.parkedKeys.before = () => {
      const n = late.shift();
      if (n === undefined) return;
      scene.table.items.push(row('Order#1', n));
      scene.parkedKeys.count('Order#1');
    };
    expect(await scene.run()).toMatchObject({ done: true, published: 4 });
    expect(scene.order()).toEqual([1, 3, 2, 4]);
    expect(scene.parkedKeys.items.size).toBe(0);
  });

  it('leaves the aggregate parked, and all behind waiting, when an event is refused again, and says so', async () => {
    const scene = new Scene(4, { since: 2, answers: { 'Order#1/3': 'MalformedDetail' } });
    expect(await scene.run()).toMatchObject({
      done: true, published: 1, refused: 1, refusals: [{ eventId: 'Order#1/3', aggregate: 'Order#1', reason: 'MalformedDetail; the aggregate stays parked' }],
    });
    expect(scene.order()).toEqual([2]);
    expect(scene.parkedKeys.items.get('Order#1')).toMatchObject({ since: sk(2) });
  });

  it('does nothing to an aggregate that is not parked, as when its last step is repeated', async () => {
    const scene = new Scene(3, { since: 1 });
    await scene.run();
    expect(await scene.run()).toMatchObject({ done: true, published: 0 });
    expect(scene.order()).toEqual([1, 2, 3]);
  });

  it('goes on in the next step, and still sees what came during the first', async () => {
    const scene = new Scene(5, { since: 1, turnsPerStep: 2 });
    let progress = await scene.run();
    expect(progress).toMatchObject({ done: false, published: 2 });
    scene.table.items.push(row('Order#1', 0, { sk: { S: `${sk(1)}a` } }));
    scene.parkedKeys.count('Order#1');
    for (let n = 0; n < 20 && !progress.done; n++) progress = await scene.run(progress);
    expect(progress.done).toBe(true);
    expect(scene.parkedKeys.items.size).toBe(0);
    expect(new Set(scene.order())).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });

  it('begins anew when the aggregate was opened, and parked by another event, since the step before', async () => {
    const scene = new Scene(4, { since: 1, turnsPerStep: 3 });
    const progress = await scene.run();
    expect(progress).toMatchObject({ done: false, published: 3 });
    scene.parkedKeys.items.set('Order#1', { since: sk(2), waiting: 0, parkedAt: new Date(NOON + 1).toISOString() });
    expect(await scene.run(progress)).toMatchObject({ done: true });
    expect(scene.order()).toEqual([1, 2, 3, 2, 3, 4]);
  });

  it('leaves an aggregate parked that was opened, and parked by another event, while it worked', async () => {
    const scene = new Scene(2, { since: 1, answers: { 'Order#1/3': 'MalformedDetail' } });
    scene.parkedKeys.before = () => {
      scene.table.items.push(row('Order#1', 3));
      scene.parkedKeys.items.set('Order#1', { since: sk(3), waiting: 0, parkedAt: new Date(NOON + 1).toISOString() });
      scene.parkedKeys.before = () => {};
    };
    expect(await scene.run()).toMatchObject({ done: true, published: 2, refused: 1 });
    expect(scene.parkedKeys.items.get('Order#1')).toMatchObject({ since: sk(3) });
  });

  it('answers what is done before a failure as progress, and throws a failure that comes first', async () => {
    const answers: Record<string, string | Error> = { 'Order#1/2': awsError('ThrottlingException') };
    const scene = new Scene(3, { since: 1, answers });
    const progress = await scene.run();
    expect(progress).toMatchObject({ done: false, published: 1 });
    await expect(scene.run(progress)).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(scene.parkedKeys.items.size).toBe(1);
    delete answers['Order#1/2'];
    expect(await scene.run(progress)).toMatchObject({ done: true, published: 3 });
  });

  it('keeps its pace', async () => {
    const scene = new Scene(5, { since: 1 });
    await scene.run(null, { eventsPerSecond: 10 });
    expect(scene.clock.now() - NOON).toBe(400);
  });
});

class Scene {
  readonly table: FakeTable;
  readonly destination: FakeDestination;
  readonly parkedKeys = new FakeParkedKeys();
  readonly clock = new FakeClock();

  constructor(rows: number, private readonly options: {
    since: number; missing?: number; turnsPerStep?: number; answers?: Record<string, string | Error>;
  }) {
    const numbers = Array.from({ length: rows }, (_, index) => index + 1).filter((n) => n !== options.missing);
    this.table = new FakeTable(numbers.map((n) => row('Order#1', n)), 2);
    this.destination = new FakeDestination(options.answers);
    this.parkedKeys.items.set('Order#1', { since: sk(options.since), waiting: 0, parkedAt: PARKED_AT });
  }

  order(): number[] {
    return this.destination.published.map((id) => Number(id.split('/')[1]));
  }

  async run(progress: ReplayProgress | null = null, request: Record<string, unknown> = {}): Promise<ReplayProgress> {
    let turns = 0;
    return replayStep({ request: { aggregate: 'Order#1', unpark: true, ...request }, progress }, {
      origin: ORIGIN, parkedKeys: this.parkedKeys.asParkedKeys(), onParked: () => {}, client: this.table.client(), publisher: this.destination,
      now: this.clock.now, sleep: this.clock.sleep, hasTime: () => turns++ < (this.options.turnsPerStep ?? Infinity),
    });
  }
}
