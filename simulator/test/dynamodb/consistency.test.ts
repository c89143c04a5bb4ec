import { Harness, N, S, SIMPLE, COMPOSITE } from './harness';

describe('eventually consistent reads', () => {
  const read = (harness: Harness, ConsistentRead?: boolean) => harness.run('GetItem', { TableName: 'simple', Key: { id: S('a') }, ConsistentRead }).Item?.v;

  it('may see the version before, for a second; consistent ones never', () => {
    const harness = new Harness(undefined, { staleReads: true });
    harness.put({ id: S('a'), v: N(1) });
    harness.now += 5000;
    harness.put({ id: S('a'), v: N(2) });
    harness.stale = true;
    expect([read(harness), read(harness, true)]).toEqual([N(1), N(2)]);
    harness.now += 1001;
    expect(read(harness)).toEqual(N(2));
    harness.stale = false;
    harness.put({ id: S('a'), v: N(3) });
    expect(read(harness)).toEqual(N(3));
  });

  it('may miss a new item and still see a deleted one', () => {
    const harness = new Harness(undefined, { staleReads: true });
    harness.stale = true;
    harness.put({ id: S('a'), v: N(1) });
    expect(read(harness)).toBeUndefined();
    harness.now += 2000;
    expect(read(harness)).toEqual(N(1));
    harness.run('DeleteItem', { TableName: 'simple', Key: { id: S('a') } });
    expect([read(harness), read(harness, true)]).toEqual([N(1), undefined]);
    harness.now += 2000;
    expect(read(harness)).toBeUndefined();
  });

  it('of an index may lag behind the table', () => {
    const harness = new Harness(undefined, { staleReads: true });
    const find = (state: string) => harness.run('Query', {
      TableName: 'composite',
      IndexName: 'stateOnly',
      KeyConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'state' },
      ExpressionAttributeValues: { ':s': S(state) },
    }).Count;
    harness.put({ pk: S('p'), sk: S('s'), state: S('open') }, 'composite');
    harness.now += 2000;
    harness.put({ pk: S('p'), sk: S('s'), state: S('closed') }, 'composite');
    harness.stale = true;
    expect([find('open'), find('closed')]).toEqual([1, 0]);
    harness.now += 2000;
    expect([find('open'), find('closed')]).toEqual([0, 1]);
  });

  it('forgets old versions, so that memory does not grow with writes', () => {
    const harness = new Harness(undefined, { staleReads: true });
    for (let i = 0; i < 5000; i++) {
      harness.now += 10;
      harness.put({ id: S(String(i)) });
      harness.run('DeleteItem', { TableName: 'simple', Key: { id: S(String(i)) } });
    }
    expect(harness.engine.table('simple').items.inScanOrder().length).toBeLessThan(110);
  });
});

describe('Time to Live', () => {
  it('removes what has expired when the sweep comes, not before, and says who did it', () => {
    const harness = new Harness([{ ...SIMPLE, TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } }, COMPOSITE]);
    const seconds = harness.now / 1000;
    const items = { over: N(seconds - 1), coming: N(seconds + 60), ancient: N(seconds - 6 * 365 * 86_400), text: S(String(seconds - 1)) };
    for (const [id, expires] of Object.entries(items)) harness.put({ id: S(id), expires });
    harness.put({ id: S('never') });
    expect(harness.get({ id: S('over') })).toBeDefined();
    const billed = harness.used.length;
    expect(harness.engine.removeExpired('simple')).toBe(1);
    expect(harness.get({ id: S('over') })).toBeUndefined();
    expect(harness.changes[harness.changes.length - 1]).toMatchObject({
      keys: { id: S('over') }, oldImage: { id: S('over') }, userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
    });
    expect(harness.used.length).toBe(billed + 1);
    harness.now += 61_000;
    expect(harness.engine.removeExpired('simple')).toBe(1);
    expect(harness.engine.removeExpired('composite')).toBe(0);
  });
});

describe('descriptions', () => {
  it('of tables have their keys, indexes and counts', () => {
    const harness = new Harness();
    harness.put({ pk: S('p'), sk: S('s'), state: S('x') }, 'composite');
    const { Table } = harness.run('DescribeTable', { TableName: 'composite' });
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE', ItemCount: 1, TableSizeBytes: 12, KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
    });
    expect(Table.GlobalSecondaryIndexes.map((index: any) => [index.IndexName, index.ItemCount, index.Projection])).toEqual([
      ['byState', 0, { ProjectionType: 'ALL' }], ['stateOnly', 1, { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] }],
    ]);
    expect(harness.run('ListTables', { Limit: 1 })).toEqual({ TableNames: ['composite'], LastEvaluatedTableName: 'composite' });
    expect(harness.run('ListTables', { ExclusiveStartTableName: 'composite' })).toEqual({ TableNames: ['simple'] });
    expect(harness.run('DescribeTimeToLive', { TableName: 'simple' })).toEqual({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } });
  });
});
