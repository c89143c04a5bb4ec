import { failure, Harness, N, S } from './harness';

describe('updates', () => {
  const harness = new Harness();
  const update = harness.update.bind(harness);

  it('set attributes, sums, defaults and lists, all from the item as it was', () => {
    expect(update({ a: N(1), b: N(2) }, 'SET a = b, b = a')).toEqual({ a: N(2), b: N(1) });
    expect(update({ a: N(1) }, 'SET a = a + :one, c = if_not_exists(c, :zero) + :one', { ':one': N(1), ':zero': N(0) })).toEqual({ a: N(2), c: N(1) });
    expect(update({ l: { L: [N(1)] } }, 'SET l = list_append(:x, l), m = list_append(if_not_exists(m, :e), :x)', { ':x': { L: [N(0)] }, ':e': { L: [] } }))
      .toEqual({ l: { L: [N(0), N(1)] }, m: { L: [N(0)] } });
    expect(update({ a: N(5) }, 'SET a = (a - :x)', { ':x': N(7) })).toEqual({ a: N(-2) });
  });

  it('reach into documents and leave what is beside', () => {
    const doc = { M: { list: { L: [N(1), { M: { x: S('old'), y: S('same') } }] }, other: S('same') } };
    expect(update({ doc }, 'SET doc.#l[1].x = :v, doc.fresh = :v', { ':v': S('new') }, { '#l': 'list' }))
      .toEqual({ doc: { M: { list: { L: [N(1), { M: { x: S('new'), y: S('same') } }] }, other: S('same'), fresh: S('new') } } });
  });

  it('append when a list index is beyond the end', () => {
    expect(update({ l: { L: [N(1)] } }, 'SET l[9] = :b, l[5] = :a', { ':a': N(5), ':b': N(9) })).toEqual({ l: { L: [N(1), N(5), N(9)] } });
  });

  it('remove attributes, and list elements by their positions before', () => {
    expect(update({ a: N(1), l: { L: [N(0), N(1), N(2), N(3)] } }, 'REMOVE a, l[0], l[2], absent, l[9]')).toEqual({ l: { L: [N(1), N(3)] } });
    expect(update({ l: { L: [N(0), N(1), N(2)] } }, 'REMOVE l[0] SET l[1] = :v', { ':v': N(7) })).toEqual({ l: { L: [N(7), N(2)] } });
  });

  it('add to numbers and sets, starting from nothing', () => {
    expect(update({ s: { SS: ['a'] } }, 'ADD n :one, s :more, fresh :more', { ':one': N(1), ':more': { SS: ['a', 'b'] } }))
      .toEqual({ n: N(1), s: { SS: ['a', 'b'] }, fresh: { SS: ['a', 'b'] } });
  });

  it('delete set elements, and the attribute with the last of them', () => {
    expect(update({ s: { NS: ['1', '2'] }, t: { SS: ['a'] } }, 'DELETE s :n, t :a, absent :a', { ':n': { NS: ['2.0', '3'] }, ':a': { SS: ['a'] } }))
      .toEqual({ s: { NS: ['1'] } });
  });

  it('keep 38 digits exactly', () => {
    expect(update({ a: N('12345678901234567890123456789012345678') }, 'SET a = a - :one', { ':one': N(1) }))
      .toEqual({ a: N('12345678901234567890123456789012345677') });
    expect(update({ a: N('0.1') }, 'ADD a :b', { ':b': N('0.2') })).toEqual({ a: N('0.3') });
  });

  it.each<[string, any, string]>([
    ['SET a = absent', undefined, 'The provided expression refers to an attribute that does not exist in the item'],
    ['SET absent.b = :v', N(1), 'The document path provided in the update expression is invalid for update'],
    ['SET text.b = :v', N(1), 'The document path provided in the update expression is invalid for update'],
    ['SET doc[0] = :v', N(1), 'The document path provided in the update expression is invalid for update'],
    ['REMOVE absent.b', undefined, 'The document path provided in the update expression is invalid for update'],
    ['SET a = s + :v', N(1), 'An operand in the update expression has an incorrect data type'],
    ['SET a = list_append(s, :v)', { L: [] }, 'An operand in the update expression has an incorrect data type'],
    ['ADD s :v', N(1), 'An operand in the update expression has an incorrect data type'],
    ['DELETE s :v', { NS: ['1'] }, 'An operand in the update expression has an incorrect data type'],
    ['SET id = :v', S('y'), 'One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key'],
    ['REMOVE id', undefined, 'One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key'],
    ['SET n = n + :v', N('1e-30'), 'Attempting to store more than 38 significant digits in a Number'],
    ['SET n = :v', { NULL: false }, 'ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: Null attribute value types must have the value of true for key :v'],
  ])('refuse %s', (text, value, message) => {
    const attributes = { s: { SS: ['a'] }, doc: { M: {} }, n: N('1e20') };
    const names = text.includes('text') ? { '#t': 's' } : undefined;
    const expression = text.replace('text', '#t');
    expect(failure(() => update(attributes, expression, value && { ':v': value }, names))).toBe(`ValidationException: ${message}`);
    expect(harness.get({ id: S('x') })).toEqual({ id: S('x'), s: { SS: ['a'] }, doc: { M: {} }, n: N('100000000000000000000') });
  });

  it('create an item that does not exist, with its key', () => {
    harness.run('UpdateItem', { TableName: 'simple', Key: { id: S('new') }, UpdateExpression: 'SET a = :v', ExpressionAttributeValues: { ':v': N(1) } });
    harness.run('UpdateItem', { TableName: 'simple', Key: { id: S('bare') } });
    expect(harness.get({ id: S('new') })).toEqual({ id: S('new'), a: N(1) });
    expect(harness.get({ id: S('bare') })).toEqual({ id: S('bare') });
  });

  it.each<[string, any]>([
    ['NONE', undefined],
    ['ALL_OLD', { id: S('r'), a: N(1), m: { M: { x: N(1), y: N(2) } }, keep: N(9) }],
    ['ALL_NEW', { id: S('r'), a: N(2), m: { M: { x: N(5), y: N(2) } }, keep: N(9), fresh: N(3) }],
    ['UPDATED_OLD', { a: N(1), m: { M: { x: N(1) } } }],
    ['UPDATED_NEW', { a: N(2), m: { M: { x: N(5) } }, fresh: N(3) }],
  ])('return %s', (returnValues, expected) => {
    harness.put({ id: S('r'), a: N(1), m: { M: { x: N(1), y: N(2) } }, keep: N(9) });
    const answer = harness.run('UpdateItem', {
      TableName: 'simple',
      Key: { id: S('r') },
      UpdateExpression: 'SET a = :a, m.x = :x, fresh = :f',
      ExpressionAttributeValues: { ':a': N(2), ':x': N(5), ':f': N(3) },
      ReturnValues: returnValues,
    });
    expect(answer.Attributes).toEqual(expected);
  });
});
