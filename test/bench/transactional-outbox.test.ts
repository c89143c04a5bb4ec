import type { Design } from '../../bench/transactional-outbox/design';
import { missedDeliveries, missedInTrouble, missedOnPath } from '../../bench/transactional-outbox/goals';
import { OPERATOR } from '../../bench/transactional-outbox/operator';
import { newOrder, orderAt, DOCUMENT_BYTES } from '../../bench/transactional-outbox/orders';
import { type Outcome, outcomeOf } from '../../bench/transactional-outbox/outcome';
import { Weather } from '../../bench/transactional-outbox/weather';
import { NO_FAULTS } from '../../simulator/src';

describe('the bench of the outbox', () => {
  const committed = [['a', 1], ['a', 2], ['a', 3], ['b', 1]].map(([id, version]) => ({ order: newOrder(String(id), Number(version)), at: 1_000 }));

  it('counts what was lost, what happened twice, and what came behind a later event of its order', () => {
    const shipments = new Map([
      ['a/1', { times: 1, receivedAt: 1_500 }],
      ['a/3', { times: 2, receivedAt: 1_400 }],
      ['b/1', { times: 1, receivedAt: 1_300 }],
    ]);
    expect(outcomeOf(committed, shipments)).toEqual({ committed: 4, lost: 1, twice: 1, inversions: 1, tookMs: [500, 400, 300] });
  });

  it('takes orders that came one after the other for no inversion', () => {
    const shipments = new Map(committed.map(({ order }, index) => [`${order.orderId}/${order.version}`, { times: 1, receivedAt: 2_000 + index }]));
    expect(outcomeOf(committed, shipments)).toMatchObject({ lost: 0, twice: 0, inversions: 0 });
  });

  it('gives each order its turn, with documents of one size', () => {
    const changes = Array.from({ length: 6 }, (_, index) => orderAt(index, 3));
    expect(changes.map(({ version }) => version)).toEqual([1, 1, 1, 2, 2, 2]);
    expect(new Set(changes.map(({ orderId }) => orderId)).size).toBe(3);
    for (const { document } of changes) expect(Buffer.byteLength(document)).toBe(DOCUMENT_BYTES);
  });

  it('names each goal that is missed, and no other', () => {
    const [bus, fifo]: Design[] = (['bus', 'fifo queue'] as const).map((destination) => ({ name: destination, destination }) as Design);
    const outcome = { committed: 9, lost: 0, twice: 0, inversions: 0, tookMs: [] };
    const trouble = (design: Design, what: Partial<Outcome>) => ({ design, replayed: false, outcome: { ...outcome, ...what } });
    expect(missedOnPath({ design: bus, outcome, toDestination: { 'lambda.requests': 2 }, toEffect: {} }))
      .toEqual(['bus has invoked functions 2 times on the path, none are allowed']);
    expect(missedOnPath({ design: bus, outcome, toDestination: {}, toEffect: { 'lambda.requests': 2 } })).toEqual([]);
    expect(missedInTrouble('storm', trouble(fifo, { twice: 3, inversions: 4 }))).toEqual([
      'storm: 3 effects of fifo queue happened twice, none may', 'storm: 4 events of fifo queue came behind a later one of their order, none may',
    ]);
    expect(missedInTrouble('storm', trouble(bus, { inversions: 4 }))).toEqual([]);
    expect(missedDeliveries('poison', trouble(fifo, { lost: 2 }), 1)).toEqual(['poison: 2 events of fifo queue were never delivered, 1 are allowed']);
    expect(missedDeliveries('poison', trouble(fifo, { lost: 1 }), 1)).toEqual([]);
  });

  it('breaks what it is told to until it is mended, and never the writer', () => {
    const weather = new Weather();
    const call = { service: 'events', operation: 'PutEvents', caller: 'pipe', canCrash: false, callIndex: 0, readOnly: false };
    weather.breaks('destination', ({ operation }) => (operation === 'PutEvents' ? { kind: 'throttle' } : undefined));
    expect(weather.onCall(call)).toEqual({ kind: 'throttle' });
    expect(weather.onCall({ ...call, operation: 'PutItem' })).toBeUndefined();
    expect(weather.onCall({ ...call, caller: OPERATOR.name })).toBeUndefined();
    weather.mends('destination');
    expect(weather.onCall(call)).toBeUndefined();
    weather.turns({ ...NO_FAULTS, onCall: () => ({ kind: 'throttle' }) });
    expect([weather.onCall(call), weather.onCall({ ...call, caller: OPERATOR.name })]).toEqual([{ kind: 'throttle' }, undefined]);
  });
});
