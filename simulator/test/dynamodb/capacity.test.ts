import { failure, Harness, N, S } from './harness';
import { itemSize } from '../../src/services/dynamodb/item-size';

describe('sizes and units', () => {
  it.each<[string, any, number]>([
    ['a string in UTF-8', { ab: S('é') }, 4], ['a number', { n: N('12345') }, 5], ['a number without its zeros', { n: N('1200000') }, 3],
    ['a small number', { n: N('0.0012') }, 3], ['zero', { n: N(0) }, 2], ['binary', { b: { B: new Uint8Array(7) } }, 8], ['null', { x: { NULL: true } }, 2],
    ['a boolean', { x: { BOOL: false } }, 2], ['a set', { s: { SS: ['ab', 'c'] } }, 4], ['an empty list', { l: { L: [] } }, 4],
    ['a list', { l: { L: [S('ab'), S('c')] } }, 9], ['a map', { m: { M: { k: S('v') } } }, 7],
  ])('measure %s', (_, item, bytes) => {
    expect(itemSize(item)).toBe(bytes);
  });

  const consumed = (harness: Harness, operation: any, input: any) =>
    harness.run(operation, { ReturnConsumedCapacity: 'INDEXES', ...input }).ConsumedCapacity;

  it('a read costs a unit per 4 KB, half when it is eventually consistent', () => {
    const harness = new Harness();
    harness.put({ id: S('a'), t: S('x'.repeat(4100)) });
    const read = (id: string, ConsistentRead: boolean) => consumed(harness, 'GetItem', { TableName: 'simple', Key: { id: S(id) }, ConsistentRead }).CapacityUnits;
    expect([read('a', true), read('a', false), read('none', true), read('none', false)]).toEqual([2, 1, 1, 0.5]);
  });

  it('a query adds up sizes before it rounds', () => {
    const harness = new Harness();
    for (let i = 0; i < 4; i++) harness.put({ pk: S('p'), sk: S(String(i)), t: S('x'.repeat(1000)) }, 'composite');
    const answer = harness.run('Query', {
      TableName: 'composite', KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': S('p') }, ReturnConsumedCapacity: 'TOTAL',
    });
    expect(answer.ConsumedCapacity).toEqual({ TableName: 'composite', CapacityUnits: 0.5 });
  });

  it('a write costs a unit per KB of the larger image, twice in a transaction, also when its condition fails', () => {
    const harness = new Harness();
    harness.put({ id: S('a'), t: S('x'.repeat(2000)) });
    harness.put({ id: S('a') });
    harness.run('TransactWriteItems', { TransactItems: [{ Put: { TableName: 'simple', Item: { id: S('b') } } }] });
    failure(() => harness.put({ id: S('a') }, 'simple', { ConditionExpression: 'attribute_not_exists(id)' }));
    harness.run('DeleteItem', { TableName: 'simple', Key: { id: S('none') } });
    expect(harness.used.map(each => [each.operation, each.writeUnits]))
      .toEqual([['PutItem', 2], ['PutItem', 2], ['TransactWriteItems', 2], ['PutItem', 1], ['DeleteItem', 1]]);
  });

  it('an index costs a write when an entry comes, changes or goes, two when its key changes, none when nothing projected changes', () => {
    const harness = new Harness();
    const put = (attributes: any) => consumed(harness, 'PutItem', { TableName: 'composite', Item: { pk: S('p'), sk: S('s'), ...attributes } });
    expect(put({})).toEqual({ TableName: 'composite', CapacityUnits: 1, Table: { CapacityUnits: 1 } });
    expect(put({ state: S('a') }).GlobalSecondaryIndexes).toEqual({ stateOnly: { CapacityUnits: 1 } });
    expect(put({ state: S('a'), rank: N(1) })).toMatchObject({
      CapacityUnits: 3, GlobalSecondaryIndexes: { byState: { CapacityUnits: 1 } }, LocalSecondaryIndexes: { byRank: { CapacityUnits: 1 } },
    });
    expect(put({ state: S('a'), rank: N(1), unprojected: N(1) })).toMatchObject({ CapacityUnits: 2, GlobalSecondaryIndexes: { byState: { CapacityUnits: 1 } } });
    expect(put({ state: S('a'), rank: N(1), unprojected: S('x'.repeat(2000)) }).GlobalSecondaryIndexes).toEqual({ byState: { CapacityUnits: 2 } });
    expect(put({ state: S('a'), rank: N(1), unprojected: N(1) }).GlobalSecondaryIndexes).toEqual({ byState: { CapacityUnits: 2 } });
    expect(put({ state: S('b'), rank: N(1), unprojected: N(1) }).GlobalSecondaryIndexes)
      .toEqual({ byState: { CapacityUnits: 2 }, stateOnly: { CapacityUnits: 2 } });
    expect(consumed(harness, 'DeleteItem', { TableName: 'composite', Key: { pk: S('p'), sk: S('s') } }).CapacityUnits).toBe(4);
  });
});
