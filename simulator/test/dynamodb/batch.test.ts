import { failure, Harness, N, S } from './harness';

const puts = (count: number) => Array.from({ length: count }, (_, i) => ({ PutRequest: { Item: { id: S(String(i)), v: N(i) } } }));

describe('batches', () => {
  it('write to several tables, and hand back what was left undone', () => {
    const harness = new Harness();
    harness.put({ id: S('gone') });
    let entry = 0;
    const answer = harness.run('BatchWriteItem', {
      RequestItems: {
        simple: [...puts(2), { DeleteRequest: { Key: { id: S('gone') } } }],
        composite: [{ PutRequest: { Item: { pk: S('p'), sk: S('s') } } }],
      },
    }, () => entry++ === 1);
    expect(answer).toEqual({ UnprocessedItems: { simple: [puts(2)[1]] } });
    expect(harness.get({ id: S('0') })).toEqual({ id: S('0'), v: N(0) });
    expect(harness.get({ id: S('1') })).toBeUndefined();
    expect(harness.get({ id: S('gone') })).toBeUndefined();
    expect(harness.get({ pk: S('p'), sk: S('s') }, 'composite')).toBeDefined();
  });

  it('read what is there, and hand back the keys that were left undone', () => {
    const harness = new Harness();
    harness.run('BatchWriteItem', { RequestItems: { simple: puts(3) } });
    const Keys = [{ id: S('0') }, { id: S('1') }, { id: S('none') }];
    let entry = 0;
    const answer = harness.run('BatchGetItem', {
      RequestItems: { simple: { Keys, ConsistentRead: true, ProjectionExpression: 'v' } }, ReturnConsumedCapacity: 'TOTAL',
    }, () => entry++ === 1);
    expect(answer).toEqual({
      Responses: { simple: [{ v: N(0) }] },
      UnprocessedKeys: { simple: { Keys: [{ id: S('1') }], ConsistentRead: true, ProjectionExpression: 'v' } },
      ConsumedCapacity: [{ TableName: 'simple', CapacityUnits: 2 }],
    });
  });

  it('are refused whole when they are too many, too few, twice the same, or one entry is wrong', () => {
    const harness = new Harness();
    const write = (entries: any[]) => failure(() => harness.run('BatchWriteItem', { RequestItems: { simple: entries } }));
    expect(write(puts(26))).toBe('ValidationException: Too many items requested for the BatchWriteItem call');
    expect(write([])).toMatch(/^ValidationException: 1 validation error detected/);
    expect(write([...puts(1), { DeleteRequest: { Key: { id: S('0') } } }])).toBe('ValidationException: Provided list of item keys contains duplicates');
    expect(write([...puts(1), { PutRequest: { Item: { v: N(1) } } }])).toMatch(/Missing the key id in the item$/);
    expect(write([{ PutRequest: { Item: { id: S('a') } }, DeleteRequest: { Key: { id: S('b') } } }])).toMatch(/^ValidationException/);
    expect(write([{ PutRequest: { Item: { id: S('a') }, ConditionExpression: 'attribute_not_exists(id)' } }]))
      .toBe('ValidationException: the parameter ConditionExpression of PutRequest is not simulated, only Item');
    expect(harness.changes).toEqual([]);
    const keys = Array.from({ length: 101 }, (_, i) => ({ id: S(String(i)) }));
    const read = (Keys: any[]) => failure(() => harness.run('BatchGetItem', { RequestItems: { simple: { Keys } } }));
    expect(read(keys)).toBe('ValidationException: Too many items requested for the BatchGetItem call');
    expect(read([keys[0], keys[0]])).toBe('ValidationException: Provided list of item keys contains duplicates');
    expect(read([{ wrong: S('x') }])).toBe('ValidationException: The provided key element does not match the schema');
  });
});
