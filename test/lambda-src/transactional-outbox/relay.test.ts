import { awsError, FakeDestination, FakeParkedKeys, inserted, ORIGIN, PARKED_AT, row } from './fakes';
import { relay } from '../../../lambda-src/transactional-outbox/relay';

const orders = (...events: [order: number, n: number][]) => events.map(([order, n]) => inserted(row(`Order#${order}`, n)));

describe('a batch of rows', () => {
  it('is published, each aggregate in order', async () => {
    const { destination, outcome } = await run({ records: orders([1, 1], [2, 1], [1, 2], [2, 2]) });
    expect(destination.published.filter((id) => id.startsWith('Order#1'))).toEqual(['Order#1/1', 'Order#1/2']);
    expect(destination.published.filter((id) => id.startsWith('Order#2'))).toEqual(['Order#2/1', 'Order#2/2']);
    expect(outcome).toMatchObject({ published: 4, waiting: 0, parked: [], unfinished: [] });
  });

  it('parks an aggregate behind an event that is refused for good; its later ones wait, the others go', async () => {
    const { destination, parkedKeys, outcome } = await run({
      records: orders([1, 1], [1, 2], [2, 1], [1, 3], [1, 4]), answers: { 'Order#1/2': 'MalformedDetail' },
    });
    expect(destination.published.sort()).toEqual(['Order#1/1', 'Order#2/1']);
    expect(outcome).toMatchObject({ published: 2, waiting: 2, parked: [{ aggregate: 'Order#1', eventId: 'Order#1/2', reason: 'MalformedDetail' }], unfinished: [] });
    expect(parkedKeys.items.get('Order#1')).toEqual({ since: '00000000000000000002', eventId: 'Order#1/2', reason: 'MalformedDetail', waiting: 2, parkedAt: PARKED_AT });
  });

  it('parks an aggregate behind a row that is no event', async () => {
    const { outcome } = await run({ records: [inserted(row('Order#1', 1, { type: undefined })), ...orders([1, 2])] });
    expect(outcome).toMatchObject({ published: 0, waiting: 1, parked: [{ reason: expect.stringContaining("attribute 'type' is missing") }] });
  });

  it('comes again from the first event of each aggregate that may be taken later, and no later event overtakes it', async () => {
    const { destination, parkedKeys, outcome } = await run({
      records: orders([1, 1], [2, 1], [1, 2], [2, 2], [1, 3]), answers: { 'Order#1/2': awsError('ThrottlingException') },
    });
    expect(destination.published).not.toContain('Order#1/3');
    expect(outcome.unfinished.map(({ item }) => item.eventID)).toEqual(['stream:Order#1/00000000000000000002', 'stream:Order#1/00000000000000000003']);
    expect(parkedKeys.items.size).toBe(0);
  });

  it('comes again from where an aggregate could not be looked up or parked', async () => {
    for (const call of ['mustWait', 'park'] as const) {
      const parkedKeys = new FakeParkedKeys();
      parkedKeys.before = (each, aggregate) => {
        if (each === call && aggregate === 'Order#1') throw awsError('ThrottlingException');
      };
      const { destination, outcome } = await run({ records: orders([1, 1], [1, 2], [2, 1]), parkedKeys, answers: { 'Order#1/1': 'MalformedDetail' } });
      expect(destination.published).toEqual(['Order#2/1']);
      expect(outcome.unfinished).toHaveLength(2);
    }
  });

  it('comes again from where the time was over', async () => {
    const { outcome } = await run({ records: orders([1, 1], [1, 2]), hasTime: () => false });
    expect(outcome).toMatchObject({ published: 0, unfinished: [{ index: 0 }, { index: 1 }] });
  });

  it('publishes behind an aggregate that somebody opens', async () => {
    const parkedKeys = new FakeParkedKeys();
    parkedKeys.items.set('Order#1', { since: '0', waiting: 0, parkedAt: PARKED_AT });
    parkedKeys.before = () => parkedKeys.items.delete('Order#1');
    expect((await run({ records: orders([1, 1]), parkedKeys })).destination.published).toEqual(['Order#1/1']);
  });
});

async function run({ records, answers = {}, parkedKeys = new FakeParkedKeys(), hasTime = () => true }: {
  records: ReturnType<typeof orders>; answers?: Record<string, string | Error>; parkedKeys?: FakeParkedKeys; hasTime?: () => boolean;
}) {
  const destination = new FakeDestination(answers);
  const outcome = await relay(records, { origin: ORIGIN, publisher: destination, parkedKeys: parkedKeys.asParkedKeys(), hasTime });
  return { destination, parkedKeys, outcome };
}
