import fc from 'fast-check';
import { inserted, ORIGIN, row } from './fakes';
import { type ChangeOrigin, envelopeOfChange, envelopeOfRow, envelopeOfSnapshot, queueId } from '../../../lambda-src/transactional-outbox/envelope';
import type { TypedItem } from '../../../lambda-src/transactional-outbox/plain-json';
import { compileTemplate } from '../../../simulator/src/services/pipes/input-template';
import { ROW } from '../../../src/transactional-outbox/contract';
import { envelopeTemplate } from '../../../src/transactional-outbox/pipe/envelope-template';

const PIPE = { arn: 'arn:pipe', name: 'pipe', sourceArn: 'arn:stream', targetArn: 'arn:target' };
const JSON_ORIGIN = { ...ORIGIN, payloadFormat: 'JSON' } as const;
const CHANGES: ChangeOrigin = {
  kind: 'CHANGES', source: 'shop.books', tableName: 'books', changeTypes: { insert: 'BookAdded', remove: 'BookRemoved', snapshot: 'BookSnapshot' },
};

describe('the event of a row', () => {
  it("is, character by character, what the pipe's template makes of the same row, whatever is in it or missing", () => {
    const anything = fc.string({ unit: 'binary' });
    const optional = fc.option(fc.oneof(anything.map((S) => ({ S })), fc.integer().map((N) => ({ N: String(N) }))), { nil: undefined });
    const attributes = fc.record({
      pk: fc.string({ unit: 'binary', minLength: 1 }), eventId: fc.string({ minLength: 1 }), type: fc.string({ unit: 'binary', minLength: 1 }),
      sk: optional, payload: optional, payloadRef: optional, occurredAt: optional, traceParent: optional, expiresAt: optional,
    });
    fc.assert(fc.property(attributes, anything, ({ pk, eventId, type, ...others }, source) => {
      const image = row(pk, 1, { eventId: { S: eventId }, type: { S: type }, ...others });
      const record = JSON.parse(JSON.stringify(inserted(image)));
      const byPipe = compileTemplate(envelopeTemplate(source), true)({ raw: record, view: record }, PIPE, '');
      expect(JSON.stringify(envelopeOfRow(image, { ...ORIGIN, source }))).toBe(byPipe);
    }));
  });

  it('has its payload as a value with the format JSON, and is the same otherwise', () => {
    const image = row('Order#1', 1, { payload: { S: '{"total":12345678901234567890,"lines":[{"n":1}]}' } });
    expect(envelopeOfRow(image, JSON_ORIGIN)).toEqual({
      ...envelopeOfRow(image, ORIGIN), datacontenttype: 'application/json', data: { total: '12345678901234567890', lines: [{ n: 1 }] },
    });
  });

  it('has no data beside a claim check', () => {
    const image = row('Order#1', 1, { payload: { S: '' }, payloadRef: { S: 's3://bucket/payloads/2026-11-20/1' } });
    expect(envelopeOfRow(image, JSON_ORIGIN)).toMatchObject({ dataref: 's3://bucket/payloads/2026-11-20/1', data: '' });
  });

  it.each([ROW.EVENT_ID, ROW.TYPE])('cannot be without its %s, and the error says which row has none', (attribute) => {
    for (const value of [undefined, { S: '' }, { N: '1' }]) {
      expect(() => envelopeOfRow(row('Order#1', 7, { [attribute]: value }), ORIGIN)).toThrow(
        `row ["Order#1","00000000000000000007"] of table 'outbox' is no event: attribute '${attribute}' is missing, empty or no text`,
      );
    }
  });

  it('cannot have a payload that is no JSON where it is to be a value, and the error does not quote it', () => {
    const image = row('Order#1', 7, { payload: { S: 'card 4111' } });
    expect(() => envelopeOfRow(image, JSON_ORIGIN)).toThrow(
      /^row \["Order#1","00000000000000000007"\] of table 'outbox' is no event: attribute 'payload' is no JSON$/,
    );
  });
});

describe('the event of a change', () => {
  const change = {
    eventID: 'c1', eventName: 'INSERT' as const, dynamodb: {
      Keys: { shelf: { S: 'A' }, isbn: { N: '9780000000001' } }, NewImage: { shelf: { S: 'A' }, isbn: { N: '9780000000001' }, price: { N: '1.10' } },
      ApproximateCreationDateTime: 1_800_000_000, SequenceNumber: '4421584500000000017450439091',
    },
  };

  it('has the images as plain JSON, and the stream its id, sequence and time', () => {
    expect(JSON.stringify(envelopeOfChange(change, CHANGES))).toBe(JSON.stringify({
      specversion: '1.0', id: 'c1', source: 'shop.books', type: 'BookAdded', subject: '9780000000001#A', time: '2027-01-15T08:00:00.000Z',
      sequence: '0000000000004421584500000000017450439091', partitionkey: '9780000000001#A', traceparent: '', dataref: '', datacontenttype: 'application/json',
      data: { keys: { shelf: 'A', isbn: 9_780_000_000_001 }, old: null, new: { shelf: 'A', isbn: 9_780_000_000_001, price: 1.1 } },
    }));
  });

  it('has the old image of what was removed', () => {
    const { NewImage, ...others } = change.dynamodb;
    expect(envelopeOfChange({ ...change, eventName: 'REMOVE', dynamodb: { ...others, OldImage: NewImage } }, CHANGES))
      .toMatchObject({ type: 'BookRemoved', data: { old: { price: 1.1 }, new: null } });
  });

  it('has a partition key that SQS takes as a group, and the whole key as its subject', () => {
    const keys = { isbn: { S: 'no 1' } };
    expect(envelopeOfChange({ ...change, dynamodb: { ...change.dynamodb, Keys: keys } }, CHANGES))
      .toMatchObject({ subject: 'no 1', partitionkey: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('is none where this kind of change has no type', () => {
    expect(envelopeOfChange({ ...change, eventName: 'MODIFY' }, CHANGES)).toBeUndefined();
  });

  it('sorts by its sequence as the stream does', () => {
    const sequences = ['99', '100', '4421584500000000017450439091'].map((SequenceNumber) =>
      envelopeOfChange({ ...change, dynamodb: { ...change.dynamodb, SequenceNumber } }, CHANGES)!.sequence);
    expect([...sequences].sort()).toEqual(sequences);
  });

  it('names table and keys when it cannot be read', () => {
    const broken = { ...change, dynamodb: { ...change.dynamodb, NewImage: { price: { X: 1 } as never } } };
    expect(() => envelopeOfChange(broken, CHANGES)).toThrow(
      'item {"shelf":{"S":"A"},"isbn":{"N":"9780000000001"}} of table \'books\' cannot be published: attribute \'price\' has type X',
    );
  });
});

it('a group is the text itself where SQS takes it, and a hash of fixed length otherwise', () => {
  for (const allowed of ['a', 'Order#1', '!~'.repeat(64)]) expect(queueId(allowed)).toBe(allowed);
  for (const refused of ['', 'no 1', 'größe', '\n', '\u007f', 'x'.repeat(129)]) expect(queueId(refused)).toMatch(/^[0-9a-f]{64}$/);
});

describe('the event of an item that a replay has read', () => {
  const item: TypedItem = { isbn: { S: '1' }, tags: { SS: ['a', 'b'] }, cover: { M: { colour: { S: 'red' }, size: { N: '2' } } } };
  const snapshot = (of: TypedItem, time = new Date(0), replay = 'first') => envelopeOfSnapshot(of, ['isbn'], CHANGES, time, replay);

  it('has the type of snapshots, the item as new, and its key', () => {
    expect(snapshot(item)).toMatchObject({
      id: expect.stringMatching(/^snapshot#1#[0-9a-f]{64}$/), type: 'BookSnapshot', subject: '1', sequence: '',
      data: { keys: { isbn: '1' }, old: null, new: { tags: ['a', 'b'], cover: { colour: 'red', size: 2 } } },
    });
  });

  it('has the same id as long as the item is the same, in whatever order DynamoDB answers it', () => {
    const shuffled: TypedItem = { cover: { M: { size: { N: '2' }, colour: { S: 'red' } } }, tags: { SS: ['b', 'a'] }, isbn: { S: '1' } };
    expect(snapshot(shuffled, new Date(1)).id).toBe(snapshot(item).id);
    // An item that has changed and changed back is news to who has missed that.
    expect(snapshot(item, new Date(0), 'second').id).not.toBe(snapshot(item).id);
    const ids = [item, { ...item, tags: { L: [{ S: 'a' }, { S: 'b' }] } }, { ...item, tags: { L: [{ S: 'b' }, { S: 'a' }] } }, { ...item, cover: { S: '' } },
      { ...item, cover: { B: Uint8Array.of(1) } }, { ...item, cover: { B: Uint8Array.of(2) } }].map((each) => snapshot(each).id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
