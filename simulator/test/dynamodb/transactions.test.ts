import { failure, Harness, N, S } from './harness';

const put = (id: string, more: object = {}, item: object = {}) => ({ Put: { TableName: 'simple', Item: { id: S(id), ...item }, ...more } });
const absent = { ConditionExpression: 'attribute_not_exists(id)' };
const write = (harness: Harness, TransactItems: any[], more: object = {}) => harness.run('TransactWriteItems', { TransactItems, ...more });

describe('write transactions', () => {
  it('do everything at once', () => {
    const harness = new Harness();
    harness.put({ id: S('old') });
    harness.put({ id: S('counter'), n: N(1) });
    harness.put({ id: S('lock') });
    write(harness, [
      put('fresh', absent),
      { Update: { TableName: 'simple', Key: { id: S('counter') }, UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': N(1) } } },
      { Delete: { TableName: 'simple', Key: { id: S('old') } } },
      { ConditionCheck: { TableName: 'simple', Key: { id: S('lock') }, ConditionExpression: 'attribute_exists(id)' } },
      { Put: { TableName: 'composite', Item: { pk: S('p'), sk: S('s') } } },
    ]);
    expect(harness.get({ id: S('fresh') })).toBeDefined();
    expect(harness.get({ id: S('counter') })).toEqual({ id: S('counter'), n: N(2) });
    expect(harness.get({ id: S('old') })).toBeUndefined();
    expect(harness.get({ pk: S('p'), sk: S('s') }, 'composite')).toBeDefined();
  });

  it('do nothing when one condition fails, and give the reason for each action in its place', () => {
    const harness = new Harness();
    harness.put({ id: S('taken'), by: S('me') });
    harness.put({ id: S('text'), t: S('x') });
    let error: any;
    try {
      write(harness, [
        put('fresh', absent),
        put('taken', { ...absent, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
        { Update: { TableName: 'simple', Key: { id: S('text') }, UpdateExpression: 'ADD t :one', ExpressionAttributeValues: { ':one': N(1) } } },
      ]);
    } catch (caught) {
      error = caught;
    }
    expect(error.name).toBe('TransactionCanceledException');
    expect(error.message)
      .toBe('Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ValidationError]');
    expect(error.CancellationReasons).toEqual([
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: { id: S('taken'), by: S('me') } },
      { Code: 'ValidationError', Message: 'An operand in the update expression has an incorrect data type' },
    ]);
    expect(harness.get({ id: S('fresh') })).toBeUndefined();
  });

  it('are cancelled by an item that does not fit its table', () => {
    const harness = new Harness();
    expect(failure(() => write(harness, [put('a'), put('')])))
      .toBe('TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [None, ValidationError]');
    expect(harness.get({ id: S('a') })).toBeUndefined();
  });

  it('answer a repeated token without doing it again, for ten minutes', () => {
    const harness = new Harness();
    const add = [{ Update: { TableName: 'simple', Key: { id: S('n') }, UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': N(1) } } }];
    const n = () => harness.get({ id: S('n') }).n.N;
    write(harness, add, { ClientRequestToken: 'token' });
    harness.now += 10 * 60_000;
    expect(write(harness, add, { ClientRequestToken: 'token', ReturnConsumedCapacity: 'TOTAL' }))
      .toEqual({ ConsumedCapacity: [{ TableName: 'simple', CapacityUnits: 2, ReadCapacityUnits: 2 }] });
    expect(n()).toBe('1');
    expect(failure(() => write(harness, [...add, put('more')], { ClientRequestToken: 'token' }))).toMatch(/^IdempotentParameterMismatchException: /);
    harness.now += 1;
    write(harness, add, { ClientRequestToken: 'token' });
    expect(n()).toBe('2');
  });

  it('remember no token of a cancelled transaction', () => {
    const harness = new Harness();
    harness.put({ id: S('a') });
    expect(failure(() => write(harness, [put('a', absent)], { ClientRequestToken: 't' }))).toMatch(/^TransactionCanceledException/);
    harness.run('DeleteItem', { TableName: 'simple', Key: { id: S('a') } });
    write(harness, [put('a', absent)], { ClientRequestToken: 't' });
    expect(harness.get({ id: S('a') })).toBeDefined();
  });

  it('are refused when they are too many, empty, too large, or touch an item twice', () => {
    const harness = new Harness();
    const refusal = (items: any[]) => failure(() => write(harness, items));
    expect(refusal(Array.from({ length: 101 }, (_, i) => put(String(i))))).toMatch(/Member must have length less than or equal to 100$/);
    expect(refusal([])).toMatch(/Member must have length greater than or equal to 1$/);
    expect(refusal(Array.from({ length: 11 }, (_, i) => put(String(i), {}, { t: S('x'.repeat(400_000)) })))).toMatch(/exceeds the maximum of 4 MB$/);
    expect(refusal([put('a'), { ConditionCheck: { TableName: 'simple', Key: { id: S('a') }, ConditionExpression: 'attribute_exists(id)' } }]))
      .toBe('ValidationException: Transaction request cannot include multiple operations on one item');
    expect(refusal([{ ...put('a'), Delete: { TableName: 'simple', Key: { id: S('b') } } }]))
      .toBe('ValidationException: TransactItems can only contain one of Check, Put, Update or Delete');
    expect(refusal([put('a', { ReturnValues: 'ALL_OLD' })])).toMatch(/the parameter ReturnValues of Put is not simulated/);
    expect(harness.changes).toEqual([]);
  });
});

describe('read transactions', () => {
  it('answer in the order of the request, at twice the units', () => {
    const harness = new Harness();
    harness.put({ id: S('a'), v: N(1) });
    const get = (id: string) => ({ Get: { TableName: 'simple', Key: { id: S(id) }, ProjectionExpression: 'v' } });
    expect(harness.run('TransactGetItems', { TransactItems: [get('none'), get('a')], ReturnConsumedCapacity: 'TOTAL' })).toEqual({
      Responses: [{}, { Item: { v: N(1) } }],
      ConsumedCapacity: [{ TableName: 'simple', CapacityUnits: 4, ReadCapacityUnits: 4 }],
    });
  });
});
