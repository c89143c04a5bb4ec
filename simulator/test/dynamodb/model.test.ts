import * as fc from 'fast-check';
import { Harness, N, S } from './harness';

/** The table as a plain map beside the engine, and the questions asked of both. */
type Model = Map<string, { pk: string; sk: string; state?: string; rank?: number; v: number }>;

const key = fc.record({ pk: fc.constantFrom('a', 'b'), sk: fc.constantFrom('1', '10', '2', 'x') });
const writes = fc.record({
  kind: fc.constantFrom('put', 'delete', 'update', 'create', 'transact'),
  key,
  other: key,
  state: fc.option(fc.constantFrom('open', 'closed'), { nil: undefined }),
  rank: fc.option(fc.integer({ min: -3, max: 12 }), { nil: undefined }),
  v: fc.integer({ min: 0, max: 3 }),
});
type WriteStep = { kind: string; key: { pk: string; sk: string }; other: { pk: string; sk: string }; state?: string; rank?: number; v: number };

const wireKey = ({ pk, sk }: { pk: string; sk: string }) => ({ pk: S(pk), sk: S(sk) });
const wire = ({ pk, sk, state, rank, v }: Omit<WriteStep, 'kind' | 'key' | 'other'> & { pk: string; sk: string }) => ({
  pk: S(pk), sk: S(sk), ...(state && { state: S(state) }), ...(rank !== undefined && { rank: N(rank) }), v: N(v),
});
const id = ({ pk, sk }: { pk: string; sk: string }) => `${pk}/${sk}`;

function apply(harness: Harness, model: Model, step: WriteStep) {
  const { kind, state, rank, v } = step;
  const item = { ...step.key, state, rank, v };
  const attempt = (operation: any, input: any): boolean => {
    try {
      harness.run(operation, input);
      return true;
    } catch (error: any) {
      expect(['ConditionalCheckFailedException', 'TransactionCanceledException']).toContain(error.name);
      return false;
    }
  };
  const fresh = 'attribute_not_exists(pk)';
  switch (kind) {
    case 'put':
      harness.put(wire(item), 'composite');
      model.set(id(item), item);
      break;
    case 'delete': {
      const done = attempt('DeleteItem', {
        TableName: 'composite', Key: wireKey(item), ConditionExpression: 'v >= :v', ExpressionAttributeValues: { ':v': N(v) },
      });
      const before = model.get(id(item));
      expect(done).toBe(before !== undefined && before.v >= v);
      if (done) model.delete(id(item));
      break;
    }
    case 'update': {
      const set = { ...(state && { '#s': 'state' }) };
      harness.run('UpdateItem', {
        TableName: 'composite',
        Key: wireKey(item),
        UpdateExpression: `ADD v :v ${state ? 'SET #s = :s' : ''}`,
        ExpressionAttributeValues: { ':v': N(v), ...(state && { ':s': S(state) }) },
        ...(state && { ExpressionAttributeNames: set }),
      });
      const before = model.get(id(item));
      model.set(id(item), { ...step.key, rank: before?.rank, state: state ?? before?.state, v: (before?.v ?? 0) + v });
      break;
    }
    case 'create': {
      const done = attempt('PutItem', { TableName: 'composite', Item: wire(item), ConditionExpression: fresh });
      expect(done).toBe(!model.has(id(item)));
      if (done) model.set(id(item), item);
      break;
    }
    default: {
      if (id(step.key) === id(step.other)) return;
      const other = { ...step.other, state, rank, v };
      const done = attempt('TransactWriteItems', {
        TransactItems: [
          { Put: { TableName: 'composite', Item: wire(item) } },
          { Put: { TableName: 'composite', Item: wire(other), ConditionExpression: fresh } },
        ],
      });
      expect(done).toBe(!model.has(id(other)));
      if (done) model.set(id(item), item).set(id(other), other);
    }
  }
}

describe('any sequence of writes', () => {
  it('leaves table and indexes as a plain model says', () => {
    fc.assert(fc.property(fc.array(writes, { maxLength: 40 }), steps => {
      const harness = new Harness(undefined, { staleReads: true });
      const model: Model = new Map();
      for (const step of steps) apply(harness, model, step);
      const expected = [...model.values()];

      const scanned = harness.run('Scan', { TableName: 'composite' }).Items;
      expect(scanned.map((each: any) => each.pk.S + each.sk.S).sort()).toEqual(expected.map(each => each.pk + each.sk).sort());
      for (const each of scanned) expect(each).toEqual(wire(model.get(`${each.pk.S}/${each.sk.S}`)!));

      for (const pk of ['a', 'b']) {
        const found = harness.run('Query', { TableName: 'composite', KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': S(pk) } }).Items;
        expect(found.map((each: any) => each.sk.S)).toEqual(expected.filter(each => each.pk === pk).map(each => each.sk).sort());
      }
      for (const state of ['open', 'closed']) {
        const ranks = harness.run('Query', {
          TableName: 'composite',
          IndexName: 'byState',
          KeyConditionExpression: '#s = :s',
          ExpressionAttributeNames: { '#s': 'state' },
          ExpressionAttributeValues: { ':s': S(state) },
        }).Items.map((each: any) => Number(each.rank.N));
        const modelled = expected.filter(each => each.state === state && each.rank !== undefined).map(each => each.rank!);
        expect(ranks).toEqual(modelled.sort((a, b) => a - b));
      }
      // Replaying the changes gives the table again.
      const replayed = new Map<string, any>();
      for (const { keys, newImage } of harness.changes) {
        if (newImage) replayed.set(`${keys.pk.S}/${keys.sk.S}`, newImage);
        else replayed.delete(`${keys.pk.S}/${keys.sk.S}`);
      }
      expect([...replayed.keys()].sort()).toEqual([...model.keys()].sort());
      for (const [name, image] of replayed) expect(image).toEqual(wire(model.get(name)!));
    }), { numRuns: 150 });
  });
});
