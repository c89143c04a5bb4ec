import { failure, Harness, N, S } from './harness';

describe('single items', () => {
  it('are stored normalized and apart from the objects of the caller', () => {
    const harness = new Harness();
    const bytes = new Uint8Array([1, 2]);
    const item = { id: S('a'), n: N('1.500e3'), list: { L: [S('x')] }, b: { B: bytes }, gone: undefined };
    harness.put(item);
    item.list.L.push(S('later'));
    bytes[0] = 99;
    const read = harness.get({ id: S('a') });
    expect(read).toEqual({ id: S('a'), n: N('1500'), list: { L: [S('x')] }, b: { B: new Uint8Array([1, 2]) } });
    read.list.L.push(S('mine'));
    expect(harness.get({ id: S('a') }).list).toEqual({ L: [S('x')] });
  });

  it('are written only when the condition holds, and the refusal shows the item when asked to', () => {
    const harness = new Harness();
    const create = (more = {}) => harness.put({ id: S('a'), v: N(2) }, 'simple', { ConditionExpression: 'attribute_not_exists(id)', ...more });
    create();
    let refusal: any;
    try {
      create({ ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({
      name: 'ConditionalCheckFailedException', message: 'The conditional request failed', $fault: 'client', Item: { id: S('a'), v: N(2) },
    });
    expect(failure(create)).toBe('ConditionalCheckFailedException: The conditional request failed');
  });

  it('answer the old item when replaced or deleted, and nothing when there was none', () => {
    const harness = new Harness();
    expect(harness.put({ id: S('a'), v: N(1) }, 'simple', { ReturnValues: 'ALL_OLD' })).toEqual({});
    expect(harness.put({ id: S('a'), v: N(2) }, 'simple', { ReturnValues: 'ALL_OLD' })).toEqual({ Attributes: { id: S('a'), v: N(1) } });
    const remove = () => harness.run('DeleteItem', { TableName: 'simple', Key: { id: S('a') }, ReturnValues: 'ALL_OLD' });
    expect(remove()).toEqual({ Attributes: { id: S('a'), v: N(2) } });
    expect(remove()).toEqual({});
    expect(failure(() => harness.put({ id: S('a') }, 'simple', { ReturnValues: 'ALL_NEW' }))).toMatch(/^ValidationException: Return values set to invalid value/);
    expect(failure(() => harness.put({ id: S('a') }, 'simple', { ReturnValues: 'SOME' }))).toMatch(/at 'returnValues' failed to satisfy constraint/);
  });

  it('are found by ARN as by name, and a table that is not there is named as such', () => {
    const harness = new Harness();
    harness.put({ id: S('a') }, 'arn:aws:dynamodb:us-east-1:123456789012:table/simple');
    expect(harness.get({ id: S('a') })).toEqual({ id: S('a') });
    expect(failure(() => harness.get({ id: S('a') }, 'nowhere'))).toBe('ResourceNotFoundException: Requested resource not found');
  });

  it('can be read in part', () => {
    const harness = new Harness();
    harness.put({ id: S('a'), doc: { M: { x: N(1), list: { L: [N(0), N(1), N(2)] } } }, other: N(1) });
    const read = (expression: string, names?: any) => harness.run('GetItem', {
      TableName: 'simple', Key: { id: S('a') }, ProjectionExpression: expression, ExpressionAttributeNames: names,
    });
    expect(read('doc.#l[2], doc.#l[0], nothing', { '#l': 'list' })).toEqual({ Item: { doc: { M: { list: { L: [N(0), N(2)] } } } } });
    expect(read('nothing')).toEqual({ Item: {} });
    expect(failure(() => read('doc, doc.x'))).toMatch(/^ValidationException: Invalid ProjectionExpression: Two document paths overlap/);
  });

  it.each<[string, any, string]>([
    ['no key', { a: N(1) }, 'One or more parameter values were invalid: Missing the key id in the item'],
    ['a key of another type', { id: N(1) }, 'One or more parameter values were invalid: Type mismatch for key id expected: S actual: N'],
    ['an empty key', { id: S('') }, 'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id'],
    ['a key of over 2048 bytes', { id: S('k'.repeat(2049)) }, 'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes'],
    ['over 400 KB', { id: S('a'), t: S('x'.repeat(400 * 1024)) }, 'Item size has exceeded the maximum allowed size'],
    ['no number', { id: S('a'), n: N('b') }, 'The parameter cannot be converted to a numeric value: b'],
    ['39 digits', { id: S('a'), n: N('1'.repeat(39)) }, 'Attempting to store more than 38 significant digits in a Number'],
    ['too large a number', { id: S('a'), n: N('1e126') }, 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
    ['too small a number', { id: S('a'), n: N('1e-131') }, 'Number underflow. Attempting to store a number with magnitude smaller than supported range'],
    ['an empty set', { id: S('a'), s: { SS: [] } }, 'One or more parameter values were invalid: An string set  may not be empty'],
    ['a set with duplicates', { id: S('a'), s: { SS: ['a', 'a'] } }, 'One or more parameter values were invalid: Input collection [a, a] contains duplicates.'],
    ['equal numbers in a set', { id: S('a'), s: { NS: ['1', '1.0'] } }, 'Input collection contains duplicates'],
    ['no type', { id: S('a'), s: {} }, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
    ['a plain value', { id: S('a'), s: 'x' }, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
  ])('with %s are refused', (_, item, message) => {
    expect(failure(() => new Harness().put(item))).toBe(`ValidationException: ${message}`);
  });

  it('may have up to 32 levels of nesting', () => {
    const nested = (levels: number): any => levels === 0 ? N(1) : { L: [nested(levels - 1)] };
    expect(failure(() => new Harness().put({ id: S('a'), d: nested(32) }))).toBe('no error');
    expect(failure(() => new Harness().put({ id: S('a'), d: nested(33) }))).toBe('ValidationException: Nesting Levels have exceeded supported limits');
  });

  it.each([{}, { other: S('a') }, { id: S('a'), more: S('b') }, { id: N(1) }])('are not found by a wrong key: %j', key => {
    expect(failure(() => new Harness().get(key))).toBe('ValidationException: The provided key element does not match the schema');
  });

  it('cannot grow over 400 KB by an update', () => {
    const harness = new Harness();
    harness.put({ id: S('a'), t: { L: [S('x'.repeat(300 * 1024))] } });
    const grow = () => harness.run('UpdateItem', {
      TableName: 'simple',
      Key: { id: S('a') },
      UpdateExpression: 'SET t = list_append(t, :v)',
      ExpressionAttributeValues: { ':v': { L: [S('y'.repeat(200 * 1024))] } },
    });
    expect(failure(grow)).toBe('ValidationException: Item size to update has exceeded the maximum allowed size');
  });

  it('refuse parameters that are not simulated, by name', () => {
    expect(failure(() => new Harness().put({ id: S('a') }, 'simple', { Expected: {} }))).toMatch(/^ValidationException: the parameter Expected of PutItem is not simulated/);
  });

  it('tell each change with its images, but not a write that changes nothing', () => {
    const harness = new Harness();
    harness.put({ id: S('a'), v: N(1) });
    harness.put({ id: S('a'), v: N('1.0') });
    harness.put({ id: S('a'), v: N(2) });
    harness.run('DeleteItem', { TableName: 'simple', Key: { id: S('a') } });
    harness.run('DeleteItem', { TableName: 'simple', Key: { id: S('a') } });
    expect(harness.changes.map(({ keys, oldImage, newImage }) => [keys, oldImage?.v, newImage?.v]))
      .toEqual([[{ id: S('a') }, undefined, N(1)], [{ id: S('a') }, N(1), N(2)], [{ id: S('a') }, N(2), undefined]]);
  });
});
