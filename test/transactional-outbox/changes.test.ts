import { createHash } from 'crypto';
import { booksTable, CHANGE_TYPES, EVENT_SOURCE, HOUR, inversions, MINUTE, NO_TROUBLE, onlyFor, Shop, type ShopOptions } from './scene';
import { Random, RandomFaults } from '../../simulator/src';
import { type ChangesSourceOptions, OutboxSource } from '../../src';
import { duplicating, itemsOf, operate } from '../simulate';

/** A shop whose table of books becomes events. */
class BookShop extends Shop {
  constructor(options: ShopOptions & { types?: ChangesSourceOptions } = {}) {
    super({ ...options, props: (stack) => ({ ...options.props, source: OutboxSource.changes(booksTable(stack), options.types ?? CHANGE_TYPES) }) });
  }

  async put(isbn: string, edition: string, fields: object = {}) {
    await this.table('PutItem', { Item: { isbn: { S: isbn }, edition: { N: edition }, ...fields } });
  }

  async remove(isbn: string, edition: string) {
    await this.table('DeleteItem', { Key: { isbn: { S: isbn }, edition: { N: edition } } });
  }
}

describe('changes of a table', () => {
  it('arrive with old and new images as plain JSON', async () => {
    const shop = new BookShop();
    await shop.put('978-1', '1', { title: { S: 'Émile' } });
    await shop.put('978-1', '1', { title: { S: 'Émile, ou De l’éducation' } });
    await shop.remove('978-1', '1');
    await shop.rest();
    const keys = { isbn: '978-1', edition: 1 };
    const [before, after] = [{ ...keys, title: 'Émile' }, { ...keys, title: 'Émile, ou De l’éducation' }];
    const bySequence = shop.arrived.map(({ envelope }) => envelope).sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
    expect(bySequence.map(({ type, data }) => ({ type, data }))).toEqual([
      { type: 'BookAdded', data: { keys, old: null, new: before } },
      { type: 'BookChanged', data: { keys, old: before, new: after } },
      { type: 'BookRemoved', data: { keys, old: after, new: null } },
    ]);
    for (const envelope of bySequence) {
      expect(envelope).toMatchObject({ specversion: '1.0', source: EVENT_SOURCE, subject: '1#978-1', partitionkey: '1#978-1', dataref: '', datacontenttype: 'application/json' });
      expect(Math.abs(Date.parse(envelope.time) - Date.UTC(2026, 0, 1))).toBeLessThan(10_000);
    }
    expect(new Set(shop.ids).size).toBe(3);
    expect(shop.arrived[0].event['detail-type']).toBe(shop.arrived[0].envelope.type);
  });

  it('carry each type of attribute, and no number loses a digit', async () => {
    const shop = new BookShop();
    await shop.put('978-2', '12345678901234567890', {
      price: { N: '0.1000000000000000055511151231257827' }, pages: { N: '320' }, big: { N: '9007199254740993' },
      nested: { M: { list: { L: [{ N: '1.5' }, { NULL: true }, { BOOL: false }, { M: {} }] } } },
      tags: { SS: ['b', 'a'] }, cover: { B: new Uint8Array([1, 2, 255]) }, text: { S: '🚚 "quoted" \\ \n <$.eventID>' },
    });
    await shop.rest();
    expect(shop.arrived[0].envelope.data.new).toEqual({
      isbn: '978-2', edition: '12345678901234567890', price: '0.1000000000000000055511151231257827', pages: 320, big: '9007199254740993',
      nested: { list: [1.5, null, false, {}] }, tags: expect.arrayContaining(['a', 'b']), cover: 'AQL/', text: '🚚 "quoted" \\ \n <$.eventID>',
    });
    expect(shop.arrived[0].envelope.subject).toBe('12345678901234567890#978-2');
  });

  it('are published only as far as they have a type', async () => {
    const shop = new BookShop({ types: { remove: 'BookRemoved' } });
    await shop.put('978-3', '1');
    await shop.put('978-3', '1', { title: { S: 'x' } });
    await shop.remove('978-3', '1');
    await shop.rest();
    expect(shop.arrived.map(({ envelope }) => envelope.type)).toEqual(['BookRemoved']);
  });

  it('of a transaction that was rolled back do not arrive', async () => {
    const shop = new BookShop();
    const put = { Put: { TableName: shop.outputs.Table, Item: { isbn: { S: '978-4' }, edition: { N: '1' } } } };
    const fails = { ConditionCheck: { TableName: shop.outputs.Orders, Key: { id: { S: 'x' } }, ConditionExpression: 'attribute_exists(id)' } };
    await expect(operate(shop.simulation, 'dynamodb', 'TransactWriteItems', { TransactItems: [put, fails] })).rejects.toThrow();
    await shop.rest();
    expect(shop.ids).toEqual([]);
  });

  it('by Time to Live are removals like others', async () => {
    const shop = new BookShop();
    await shop.put('978-5', '1', { expires: { N: String(Math.floor(shop.now / 1000) + 60) } });
    await shop.pass(72 * HOUR);
    expect(shop.arrived.map(({ envelope }) => envelope.type)).toEqual(['BookAdded', 'BookRemoved']);
  });

  it('have the same text each time that the stream delivers them', async () => {
    const shop = new BookShop({ simulation: { faults: duplicating('event', 'Outbox/Pipe') } });
    await shop.put('978-6', '1');
    await shop.put('978-7', '1');
    await shop.rest();
    expect(shop.arrived).toHaveLength(4);
    expect(new Set(shop.arrived.map(({ text }) => text)).size).toBe(2);
  });

  it.each([1, 2, 3])('arrive in order, for each item of the table, in a FIFO queue, whatever fails (seed %i)', async (seed) => {
    const random = new RandomFaults({ throttle: 0.15, errorBefore: 0.15, errorAfter: 0.1, slow: 0.2, partial: 0.1, crashBefore: 0.05, duplicate: 0.2 }, new Random(`changes/${seed}`));
    const shop = new BookShop({ destination: 'FIFO_QUEUE', simulation: { seed, faults: onlyFor('Outbox/', random) } });
    for (let version = 0; version < 12; version++) {
      for (const isbn of ['a', 'b', 'a b with spaces', 'x'.repeat(200)]) await shop.put(isbn, '1', { version: { N: String(version) } });
    }
    await shop.rest();
    expect(new Set(shop.ids).size).toBe(48);
    expect(inversions(shop.arrived)).toEqual([]);
    expect(shop.deadLetters()).toBe(0);
  });

  it('with keys that are no message group are grouped by their hash', async () => {
    const shop = new BookShop({ destination: 'FIFO_QUEUE' });
    await shop.put('with space', '1');
    await shop.put('x'.repeat(200), '1');
    await shop.rest();
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    const expected = ['1#with space', `1#${'x'.repeat(200)}`].map(hash).sort();
    expect(shop.arrived.map(({ envelope }) => envelope.partitionkey).sort()).toEqual(expected);
    expect(shop.arrived.map(({ event }) => event.Records[0].attributes.MessageGroupId).sort()).toEqual(expected);
  });

  it('that are too large for an event go to S3, and the reader has them', async () => {
    const bare = new BookShop();
    const shop = new BookShop({ library: true });
    for (const each of [bare, shop]) {
      await each.put('978-8', '1', { text: { S: 'é"'.repeat(100_000) } });
      await each.rest();
    }
    expect(bare.arrived[0].envelope).toMatchObject({ data: '', dataref: expect.stringMatching(/^s3:\/\/.+\/payloads\/2026-01-01\/.+$/) });
    const [{ times, payloadHash }] = itemsOf(shop.simulation, 'Shipments');
    const data = { keys: { isbn: '978-8', edition: 1 }, old: null, new: { isbn: '978-8', edition: 1, text: 'é"'.repeat(100_000) } };
    expect(times).toBe('1');
    expect([JSON.stringify(data), JSON.stringify({ ...data, new: { text: data.new.text, ...data.keys } })].map((text) => createHash('sha256').update(text).digest('hex'))).toContain(payloadHash);
    expect(shop.trouble).toEqual(NO_TROUBLE);
  });
});

describe('a replay of a table\'s changes', () => {
  const types = { ...CHANGE_TYPES, snapshot: 'BookSnapshot' };

  it('publishes the items as they are now, each replay with ids of its own', async () => {
    const shop = new BookShop({ types });
    await shop.put('978-1', '1', { title: { S: 'old' } });
    await shop.put('978-1', '1', { title: { S: 'new' } });
    await shop.put('978-2', '1');
    await shop.remove('978-2', '1');
    await shop.rest();
    shop.arrived.length = 0;
    for (let time = 0; time < 2; time++) expect((await shop.replay({})).output).toMatchObject({ done: true, published: 1, refused: 0 });
    await shop.rest();
    expect(shop.arrived).toHaveLength(2);
    const [first, second] = shop.arrived.map(({ envelope }) => envelope);
    expect(second).toEqual({ ...first, time: second.time, id: second.id });
    // A consumer that saw this state before, and missed that it came back, must not take it for handled.
    expect(second.id).not.toBe(first.id);
    expect(shop.arrived[0].envelope).toMatchObject({
      type: 'BookSnapshot', id: expect.stringMatching(/^snapshot#1#978-1#[0-9a-f]{64}$/), subject: '1#978-1',
      data: { keys: { isbn: '978-1', edition: 1 }, old: null, new: { isbn: '978-1', edition: 1, title: 'new' } },
    });
  });

  it('brings what the stream forgot during 30 hours, as far as it is still there', async () => {
    const shop = new BookShop({ types, library: true });
    await shop.stopPipe();
    for (let hour = 0; hour < 30; hour++) {
      await shop.put(`978-${hour}`, '1');
      await shop.pass(HOUR);
    }
    await shop.startPipe();
    await shop.rest();
    const arrived = Object.keys(shop.effects()).length;
    expect(arrived).toBeLessThan(30);
    expect((await shop.replay({})).output).toMatchObject({ published: 30 });
    await shop.pass(MINUTE);
    expect(Object.keys(shop.effects()).length).toBe(arrived + 30);
    expect(new Set(Object.values(shop.effects()))).toEqual(new Set([1]));
  });

  it('does not exist without a type for it', () => {
    expect(new BookShop().outputs.Replay).toBeUndefined();
  });
});
