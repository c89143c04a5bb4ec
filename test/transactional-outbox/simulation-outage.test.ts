import { DESTINATIONS, firstOf, HOUR, inversions, MINUTE, once, row, SENDING, Shop } from './scene';
import { Outage } from '../simulate';

const OUTAGE_HOURS = 30;

/** An event of each of two orders every hour, from an hour before the outage till an hour after it. */
async function live(shop: Shop, begin: () => Promise<void>, end: () => Promise<void>): Promise<string[]> {
  const ids: string[] = [];
  for (let hour = 0; hour < OUTAGE_HOURS + 2; hour++) {
    if (hour === 1) await begin();
    if (hour === 1 + OUTAGE_HOURS) await end();
    const rows = ['a', 'b'].map((order) => row(order, hour));
    await shop.commit(...rows);
    ids.push(...rows.map(({ eventId }) => eventId));
    await shop.pass(HOUR);
  }
  await shop.rest();
  return ids;
}

describe.each(DESTINATIONS)('30 hours without %s', (destination) => {
  it('lose what the pipe gave up, and a replay brings all of it; nothing takes effect twice', async () => {
    const outage = new Outage(SENDING[destination]);
    const shop = new Shop({ destination, library: true, simulation: { faults: outage } });
    const start = new Date(shop.now).toISOString();
    const ids = await live(shop, async () => { outage.down = true; }, async () => { outage.down = false; });

    const missing = ids.filter((id) => shop.effects()[id] === undefined);
    // What was younger than maximumAge (12 hours) when the destination came back has arrived by itself.
    expect(missing.length).toBeGreaterThanOrEqual(2 * 17);
    expect(missing.length).toBeLessThanOrEqual(2 * 19);
    expect(shop.deadLetters()).toBe(missing.length);
    expect(shop.report.lost).toEqual([]);

    const { output } = await shop.replay({ from: start });
    await shop.rest();
    expect(output).toMatchObject({ done: true, published: ids.length, refused: 0 });
    expect(shop.effects()).toEqual(once(ids));
  });
});

describe('30 hours of a stopped pipe', () => {
  it('lose what the stream forgets, without a dead letter, and a replay brings all of it', async () => {
    const shop = new Shop({ library: true });
    const ids = await live(shop, () => shop.stopPipe(), () => shop.startPipe());
    const missing = ids.filter((id) => shop.effects()[id] === undefined);
    expect(missing.length).toBeGreaterThan(0);
    expect(shop.report.lost.length).toBeGreaterThan(0);
    await shop.replay({ from: '2026-01-01T00:00:00Z' });
    await shop.rest();
    expect(shop.effects()).toEqual(once(ids));
  });

  it('keep a FIFO queue\'s order when the replay comes before the pipe is started again', async () => {
    const shop = new Shop({ destination: 'FIFO_QUEUE' });
    await shop.commit(row('a', 0), row('b', 0));
    await shop.stopPipe();
    for (let sequence = 1; sequence <= OUTAGE_HOURS; sequence++) {
      await shop.commit(row('a', sequence), row('b', sequence));
      await shop.pass(HOUR);
    }
    const { output } = await shop.replay({ from: '2026-01-01T00:00:00Z' });
    expect(output).toMatchObject({ published: 2 * (OUTAGE_HOURS + 1), refused: 0 });
    await shop.startPipe();
    await shop.pass(MINUTE);
    await shop.commit(row('a', OUTAGE_HOURS + 1));
    await shop.rest();
    const first = firstOf(shop.arrived);
    expect(first).toHaveLength(2 * (OUTAGE_HOURS + 1) + 1);
    expect(inversions(first)).toEqual([]);
  });
});
