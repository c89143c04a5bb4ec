import fc from 'fast-check';
import { decodeCursor, encodeCursor } from '../../../lambda-src/transactional-outbox/cursor';
import { parseReplayRequest } from '../../../lambda-src/transactional-outbox/replay-request';

const ROWS = { sourceKind: 'ROWS', parks: true } as const;

describe('a replay request', () => {
  it('says what is published, and how fast', () => {
    const cursor = encodeCursor({ after: { pk: { S: 'Order#1' }, sk: { S: '7' } } });
    expect(parseReplayRequest({ from: '2026-11-20', to: '2026-11-20T08:00:00.5+02:00', types: ['A', 'B'], eventsPerSecond: 20, cursor }, ROWS)).toEqual({
      from: Date.UTC(2026, 10, 20), to: Date.UTC(2026, 10, 20, 6, 0, 0, 500), aggregate: undefined, types: new Set(['A', 'B']), eventsPerSecond: 20,
      unpark: false, cursor: { after: { pk: { S: 'Order#1' }, sk: { S: '7' } } },
    });
  });

  it('has defaults for all but from when, or which aggregate', () => {
    expect(parseReplayRequest({ aggregate: 'Order#1', from: null }, ROWS)).toEqual({
      from: -Infinity, to: Infinity, aggregate: 'Order#1', types: undefined, eventsPerSecond: 100, unpark: false, cursor: undefined,
    });
  });

  const MOMENT = "a moment in ISO 8601, such as '2026-11-20T06:00:00Z'";
  it.each<[unknown, string]>([
    [{}, 'the request must say from when, or which aggregate: name from or aggregate'],
    [{ to: '2026-11-20T06:00:00Z', types: ['A'] }, 'the request must say from when, or which aggregate: name from or aggregate'],
    [null, 'a request is an object with some of the fields from, to, aggregate, types, eventsPerSecond, unpark, cursor, received null'],
    [['from'], 'a request is an object with some of the fields from, to, aggregate, types, eventsPerSecond, unpark, cursor, received ["from"]'],
    [{ from: '2026-11-20', since: 1 }, 'the request has "since"; a request has from, to, aggregate, types, eventsPerSecond, unpark, cursor'],
    [{ from: 'yesterday' }, `from must be ${MOMENT}, received "yesterday"`],
    [{ from: 1_800_000_000 }, `from must be ${MOMENT}, received 1800000000`],
    [{ from: '2026-11-20T06:00:00' }, `from must be ${MOMENT}, received "2026-11-20T06:00:00"`],
    [{ from: '2026-13-20' }, `from must be ${MOMENT}, received "2026-13-20"`],
    [{ from: '2026-11-20', to: 'now' }, `to must be ${MOMENT}, received "now"`],
    [{ from: '2026-11-21', to: '2026-11-21' }, 'from is "2026-11-21", which is not before to, "2026-11-21"'],
    [{ aggregate: '' }, "aggregate must be an aggregate's pk, such as 'Order#42', received \"\""],
    [{ from: '2026-11-20', types: [] }, 'types must be a list of at least one event type, received []'],
    [{ from: '2026-11-20', types: 'A' }, 'types must be a list of at least one event type, received "A"'],
    [{ from: '2026-11-20', types: ['A', ''] }, 'types must be a list of at least one event type, received ["A",""]'],
    [{ from: '2026-11-20', eventsPerSecond: 0 }, 'eventsPerSecond must be a number from 1 to 1000, received 0'],
    [{ from: '2026-11-20', eventsPerSecond: 1001 }, 'eventsPerSecond must be a number from 1 to 1000, received 1001'],
    [{ from: '2026-11-20', eventsPerSecond: '10' }, 'eventsPerSecond must be a number from 1 to 1000, received "10"'],
    [{ from: '2026-11-20', cursor: 'page 2' }, 'cursor must be the cursor of an earlier replay, received "page 2"'],
    [{ from: '2026-11-20', unpark: 'yes' }, 'unpark must be true or false, received "yes"'],
    [{ from: '2026-11-20', unpark: true }, 'unpark is true: name the aggregate that is to be opened'],
    [{ aggregate: 'Order#1', from: '2026-11-20', unpark: true }, 'unpark publishes all that waits, in order: leave from out'],
    [{ aggregate: 'Order#1', types: ['A'], unpark: true }, 'unpark publishes all that waits, in order: leave types out'],
  ])('%j is refused by a sentence', (request, sentence) => {
    expect(() => parseReplayRequest(request, ROWS)).toThrow(expect.objectContaining({ name: 'InvalidReplayRequest', message: sentence }));
  });

  it('cannot unpark where nothing is parked', () => {
    expect(() => parseReplayRequest({ aggregate: 'Order#1', unpark: true }, { sourceKind: 'ROWS', parks: false }))
      .toThrow('unpark is true, and this outbox parks no aggregates: its onPoison is not PARK_KEY');
  });

  it('of the changes of a table takes all items, and no choice of them', () => {
    const changes = { sourceKind: 'CHANGES', parks: false } as const;
    expect(parseReplayRequest({ to: '2026-11-20T06:00:00Z', eventsPerSecond: 5 }, changes)).toMatchObject({ eventsPerSecond: 5 });
    expect(() => parseReplayRequest({ from: '2026-11-20', aggregate: '1' }, changes))
      .toThrow('this outbox publishes the changes of a table, and a replay all of its items as they are now: leave from, aggregate out');
  });
});

it('a cursor comes back as it was, with keys of each type', () => {
  const bytes = fc.uint8Array({ maxLength: 20 }).map((B) => ({ B }));
  const value = fc.oneof(fc.string({ unit: 'binary' }).map((S) => ({ S })), fc.integer().map((N) => ({ N: String(N) })), bytes);
  const names = fc.string({ minLength: 1 }).filter((name) => name !== '__proto__' && name !== 'B');
  const seen = fc.record({ waiting: fc.nat(), parkedAt: fc.string() });
  fc.assert(fc.property(fc.dictionary(names, value, { maxKeys: 2 }), seen, (after, parked) => {
    expect(decodeCursor(encodeCursor({ after: { ...after }, parked }))).toEqual({ after: { ...after }, parked });
  }));
});
