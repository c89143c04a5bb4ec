import * as fc from 'fast-check';
import { failure, Harness, N, S } from './harness';

function filled(count = 5): Harness {
  const harness = new Harness();
  for (let i = 0; i < count; i++) {
    harness.put({ pk: S('p'), sk: S(`s${i}`), rank: N(count - i), state: S(i % 2 ? 'odd' : 'even'), note: S('n'), extra: N(i) }, 'composite');
  }
  return harness;
}

const query = (harness: Harness, condition: string, values: any, more: object = {}) => harness.run('Query', {
  TableName: 'composite', KeyConditionExpression: condition, ExpressionAttributeValues: values, ...more,
});
const sks = (answer: any) => answer.Items.map((item: any) => item.sk.S);

describe('Query', () => {
  it.each<[string, any, string[]]>([
    ['', {}, ['s0', 's1', 's2', 's3', 's4']],
    [' AND sk = :s', { ':s': S('s2') }, ['s2']],
    [' AND sk < :s', { ':s': S('s2') }, ['s0', 's1']],
    [' AND sk <= :s', { ':s': S('s2') }, ['s0', 's1', 's2']],
    [' AND sk > :s', { ':s': S('s2') }, ['s3', 's4']],
    [' AND sk >= :s', { ':s': S('s2') }, ['s2', 's3', 's4']],
    [' AND sk BETWEEN :s AND :t', { ':s': S('s1'), ':t': S('s3') }, ['s1', 's2', 's3']],
    [' AND begins_with(sk, :s)', { ':s': S('s') }, ['s0', 's1', 's2', 's3', 's4']],
    [' AND begins_with(sk, :s)', { ':s': S('t') }, []],
  ])('finds by pk = :p%s, in both directions', (condition, values, expected) => {
    const harness = filled();
    const all = { ':p': S('p'), ...values };
    expect(sks(query(harness, `pk = :p${condition}`, all))).toEqual(expected);
    expect(sks(query(harness, `pk = :p${condition}`, all, { ScanIndexForward: false }))).toEqual([...expected].reverse());
  });

  it('goes on where the last page ended, whatever the page size and direction', () => {
    const harness = filled(23);
    fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), fc.boolean(), fc.constantFrom(undefined, 'byRank'), (Limit, ScanIndexForward, IndexName) => {
      const more = { Limit, ScanIndexForward, IndexName };
      const seen: string[] = [];
      let ExclusiveStartKey: any;
      do {
        const page = query(harness, 'pk = :p', { ':p': S('p') }, { ...more, ExclusiveStartKey });
        expect(page.Count).toBeLessThanOrEqual(Limit);
        seen.push(...sks(page));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      expect(seen).toEqual(sks(query(harness, 'pk = :p', { ':p': S('p') }, { ScanIndexForward, IndexName })));
    }));
  });

  it('filters after the limit', () => {
    const answer = query(filled(), 'pk = :p', { ':p': S('p'), ':x': N(2) }, { FilterExpression: 'extra >= :x', Limit: 3 });
    expect(answer).toMatchObject({ Count: 1, ScannedCount: 3, LastEvaluatedKey: { pk: S('p'), sk: S('s2') } });
  });

  it('counts without items', () => {
    const answer = query(filled(), 'pk = :p', { ':p': S('p') }, { Select: 'COUNT' });
    expect(answer).toEqual({ Count: 5, ScannedCount: 5 });
  });

  it('ends a page at one megabyte', () => {
    const harness = new Harness();
    for (let i = 0; i < 4; i++) harness.put({ pk: S('big'), sk: S(String(i)), load: S('x'.repeat(390_000)) }, 'composite');
    const first = query(harness, 'pk = :p', { ':p': S('big') });
    expect([first.Count, first.LastEvaluatedKey.sk]).toEqual([2, S('1')]);
    expect(query(harness, 'pk = :p', { ':p': S('big') }, { ExclusiveStartKey: first.LastEvaluatedKey })).toMatchObject({ Count: 2 });
  });

  it('orders numbers as numbers', () => {
    expect(query(filled(12), 'pk = :p AND #r > :r', { ':p': S('p'), ':r': N(9) }, { IndexName: 'byRank', ExpressionAttributeNames: { '#r': 'rank' } })
      .Items.map((item: any) => item.rank.N)).toEqual(['10', '11', '12']);
  });

  it.each<[string, object, string]>([
    ['a consistent read of a global index', { IndexName: 'byState', ConsistentRead: true }, 'Consistent reads are not supported on global secondary indexes'],
    ['an index that is not there', { IndexName: 'none' }, 'The table does not have the specified index: none'],
    ['a start key with a missing attribute', { ExclusiveStartKey: { pk: S('p') } }, 'The provided starting key is invalid'],
    ['a start key of another partition', { ExclusiveStartKey: { pk: S('q'), sk: S('s') } },
      'The provided starting key is outside query boundaries based on provided conditions'],
    ['a filter on the key', { FilterExpression: 'sk = :p' }, 'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk'],
    ['a limit of zero', { Limit: 0 }, "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"],
    ['all attributes of a partial global index', { IndexName: 'stateOnly', Select: 'ALL_ATTRIBUTES' },
      'One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index stateOnly because its projection type is not ALL'],
  ])('refuses %s', (_, more, message) => {
    const isState = /byState|stateOnly/.test(JSON.stringify(more));
    const call = () => isState
      ? query(filled(), '#s = :p', { ':p': S('p') }, { ExpressionAttributeNames: { '#s': 'state' }, ...more })
      : query(filled(), 'pk = :p', { ':p': S('p') }, more);
    expect(failure(call)).toBe(`ValidationException: ${message}`);
  });

  it('refuses a start key that the sort key condition leaves out', () => {
    expect(failure(() => query(filled(), 'pk = :p AND sk > :s', { ':p': S('p'), ':s': S('s2') }, { ExclusiveStartKey: { pk: S('p'), sk: S('s1') } })))
      .toBe('ValidationException: The provided starting key does not match the range key predicate');
  });
});

describe('indexes', () => {
  const byState = (harness: Harness, state: string, IndexName = 'byState', more: object = {}) =>
    query(harness, '#s = :s', { ':s': S(state) }, { IndexName, ExpressionAttributeNames: { '#s': 'state' }, ...more });

  it('follow the item: in, moved, out', () => {
    const harness = filled(4);
    expect(sks(byState(harness, 'even'))).toEqual(['s2', 's0']);
    harness.run('UpdateItem', {
      TableName: 'composite',
      Key: { pk: S('p'), sk: S('s0') },
      UpdateExpression: 'SET #s = :odd REMOVE note',
      ExpressionAttributeNames: { '#s': 'state' },
      ExpressionAttributeValues: { ':odd': S('odd') },
    });
    expect(sks(byState(harness, 'even'))).toEqual(['s2']);
    expect(sks(byState(harness, 'odd'))).toEqual(['s3', 's1', 's0']);
    harness.put({ pk: S('p'), sk: S('s1') }, 'composite');
    expect(sks(byState(harness, 'odd'))).toEqual(['s3', 's0']);
    harness.run('DeleteItem', { TableName: 'composite', Key: { pk: S('p'), sk: S('s3') } });
    expect(sks(byState(harness, 'odd'))).toEqual(['s0']);
  });

  it('have only what they project, and a local index fetches the rest', () => {
    const harness = filled(1);
    expect(byState(harness, 'even', 'stateOnly').Items).toEqual([{ pk: S('p'), sk: S('s0'), state: S('even'), note: S('n') }]);
    expect(query(harness, 'pk = :p', { ':p': S('p') }, { IndexName: 'byRank' }).Items).toEqual([{ pk: S('p'), sk: S('s0'), rank: N(1) }]);
    const fetched = query(harness, 'pk = :p', { ':p': S('p') }, { IndexName: 'byRank', Select: 'ALL_ATTRIBUTES', ReturnConsumedCapacity: 'INDEXES' });
    expect(fetched.Items[0].extra).toEqual(N(0));
    expect(fetched.ConsumedCapacity).toEqual({
      TableName: 'composite', CapacityUnits: 1, Table: { CapacityUnits: 0.5 }, LocalSecondaryIndexes: { byRank: { CapacityUnits: 0.5 } },
    });
    expect(failure(() => byState(harness, 'even', 'stateOnly', { ProjectionExpression: 'extra' })))
      .toBe('ValidationException: One or more parameter values were invalid: Global secondary index stateOnly does not project [extra]');
  });

  it('refuse items with a key of another type, or empty', () => {
    const harness = new Harness();
    expect(failure(() => harness.put({ pk: S('p'), sk: S('s'), rank: S('1') }, 'composite')))
      .toBe('ValidationException: One or more parameter values were invalid: Type mismatch for Index Key rank Expected: N Actual: S IndexName: byState');
    expect(failure(() => harness.put({ pk: S('p'), sk: S('s'), state: S('') }, 'composite'))).toMatch(/IndexName: byState, IndexKey: state$/);
    expect(failure(() => harness.run('UpdateItem', {
      TableName: 'composite', Key: { pk: S('p'), sk: S('s') }, UpdateExpression: 'SET #r = :r', ExpressionAttributeNames: { '#r': 'rank' }, ExpressionAttributeValues: { ':r': S('1') },
    }))).toMatch(/^ValidationException: .*Type mismatch for Index Key rank Expected: N Actual: S/);
  });
});

describe('Scan', () => {
  it('sees each item once, in pages and in segments', () => {
    const harness = new Harness();
    for (let i = 0; i < 50; i++) harness.put({ id: S(`id-${i}`) });
    const pages = (more: object) => {
      const seen: string[] = [];
      let ExclusiveStartKey: any;
      do {
        const page = harness.run('Scan', { TableName: 'simple', Limit: 7, ExclusiveStartKey, ...more });
        seen.push(...page.Items.map((item: any) => item.id.S));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return seen;
    };
    const all = pages({});
    expect(new Set(all).size).toBe(50);
    expect(all).toHaveLength(50);
    const segments = [0, 1, 2].map(Segment => pages({ Segment, TotalSegments: 3 }));
    expect(segments.flat().sort()).toEqual([...all].sort());
    expect(segments.every(segment => segment.length > 0)).toBe(true);
  });

  it('filters, projects and reads indexes', () => {
    const harness = filled(6);
    const answer = harness.run('Scan', {
      TableName: 'composite',
      IndexName: 'byState',
      FilterExpression: 'extra > :x',
      ProjectionExpression: 'sk',
      ExpressionAttributeValues: { ':x': N(3) },
    });
    expect(answer.Items.map((item: any) => item.sk.S).sort()).toEqual(['s4', 's5']);
    expect(answer).toMatchObject({ Count: 2, ScannedCount: 6 });
  });

  it('refuses a segment that is not there', () => {
    expect(failure(() => new Harness().run('Scan', { TableName: 'simple', Segment: 2, TotalSegments: 2 }))).toMatch(/Segment: 2 is not less than TotalSegments: 2$/);
    expect(failure(() => new Harness().run('Scan', { TableName: 'simple', Segment: 2 }))).toMatch(/^ValidationException: The TotalSegments parameter is required/);
  });
});
