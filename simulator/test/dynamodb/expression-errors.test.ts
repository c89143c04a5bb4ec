import { failure, Harness } from './harness';

const harness = new Harness();

/** The message after `ValidationException: Invalid …Expression: `. */
function problem(input: object, operation: 'Scan' | 'UpdateItem'): string {
  const base = operation === 'Scan' ? { TableName: 'simple' } : { TableName: 'simple', Key: { id: { S: 'x' } } };
  return failure(() => harness.run(operation, { ...base, ...input })).replace(/^ValidationException: Invalid (Filter|Update)Expression: /, '');
}

const filter = (text: string, values?: any, names?: any) =>
  problem({ FilterExpression: text, ExpressionAttributeValues: values, ExpressionAttributeNames: names }, 'Scan');
const update = (text: string, values?: any, names?: any) =>
  problem({ UpdateExpression: text, ExpressionAttributeValues: values, ExpressionAttributeNames: names }, 'UpdateItem');

describe('an expression with a mistake is refused in the words of AWS', () => {
  it.each([
    'things are not gonna be ok', 'a > 4', 'attribute_exists(Pictures-RearView)', 'attribute_exists("Pictures.RearView")',
    'attribute_exists(Pictures..RearView)', 'attribute_exists(Pi#ctures.RearView)', 'attribute_exists(asdf[a])', 'a.:a < b.:b',
    'a > between', 'a in b, c', 'a in b', 'a in (b,c,)', '(a)between(b.c.d)and((c)', '#$.b > a', 'a > :things.stuff', 'b[:a] > a',
    'b[#_] > a', 'ü > a', '(a)between(b.c[4.5].#d)and(:a)', 'size(a).b > a', 'size(a)[0] > a', '(a = b) = c', 'a AND b = c', 'a = b c = d',
  ])('syntax of a filter: %s', text => {
    expect(filter(text)).toMatch(/^Syntax error; token: "/);
  });

  it('quotes the wrong token and what is around it', () => {
    expect(filter('a > 4')).toBe('Syntax error; token: "4", near: "> 4"');
    expect(update('set a')).toBe('Syntax error; token: "<EOF>", near: "a"');
  });

  it.each([
    'whatever', 'set a', 'add a', 'delete a', 'set a=set', 'remove a = b', 'add a = b', 'delete a = b', 'delete a b', 'add abort b',
    'remove a b', 'set a b', 'set :a = b', 'add :a b', 'remove :a', 'set a = b / c', 'set a = b * c', 'set a[1] = "eight"', 'set a[1] = 1',
    'SET a = if_not_exist(a, 100)', 'SET if_not_exist(a, b) = a', 'set (a = (b + c))', 'set a = (b.c).d + e', 'set a = b + c + d', 'set a = c,',
  ])('syntax of an update: %s', text => {
    expect(update(text)).toMatch(/^Syntax error; token: "/);
  });

  it.each(['a=a and a > ((views))', 'a=a AND ((a=a AND a=a)) AND a=a', 'a=a OR ((a=a OR (a=a OR a=a)))'])('redundant parentheses: %s', text => {
    expect(filter(text)).toBe('The expression has redundant parentheses;');
  });

  it('an empty expression', () => {
    expect(filter(' ')).toBe('The expression can not be empty;');
  });

  it('an expression of more than 4 KB', () => {
    expect(filter(`a = :${'v'.repeat(4096)}`)).toMatch(/^Expression size has exceeded the maximum allowed size/);
  });

  it('an unknown function, before anything else that is wrong', () => {
    expect(filter('a=a and whatever((:things)) > a')).toBe('Invalid function name; function: whatever');
    expect(filter('attRIbute_exIsts((views), #a)')).toBe('Invalid function name; function: attRIbute_exIsts');
    expect(update('set #c = if_not_exist(:c)')).toBe('Invalid function name; function: if_not_exist');
  });

  it.each([
    ['a=a and attribute_exists((views), (#a)) > b', 'attribute_exists'], ['contains(:things, c) > b', 'contains'],
    ['size(contains(a, b)) > a', 'contains'], ['size(things)', 'size'], ['a between b and attribute_exists(things)', 'attribute_exists'],
    ['a in (b, attribute_exists(things))', 'attribute_exists'],
  ])('a function in the wrong place: %s', (text, name) => {
    expect(filter(text)).toBe(`The function is not allowed to be used this way in an expression; function: ${name}`);
  });

  it('a reserved word, in any case of letters', () => {
    expect(filter(':a < abOrT')).toBe('Attribute name is a reserved keyword; reserved keyword: abOrT');
    expect(update('remove ttl')).toBe('Attribute name is a reserved keyword; reserved keyword: ttl');
    expect(update('set status = :s')).toBe('Attribute name is a reserved keyword; reserved keyword: status');
  });

  it('an undefined placeholder', () => {
    expect(filter('(a)between(b.c[45].#d)and(:a)'))
      .toBe('An expression attribute name used in the document path is not defined; attribute name: #d');
    expect(filter(':a < :b')).toBe('An expression attribute value used in expression is not defined; attribute value: :a');
    expect(update('SET a = if_not_exists(:c)')).toBe('An expression attribute value used in expression is not defined; attribute value: :c');
  });

  it('an unused placeholder', () => {
    expect(filter('attribute_exists(a)', { ':v': { S: 'a' } }))
      .toBe('ValidationException: Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}');
    expect(filter('attribute_exists(a)', undefined, { '#a': 'a', '#b': 'b' }))
      .toBe('ValidationException: Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}');
  });

  it('placeholders without an expression, or of a wrong form', () => {
    expect(problem({ ExpressionAttributeNames: { '#a': 'a' } }, 'Scan'))
      .toBe('ValidationException: ExpressionAttributeNames can only be specified when using expressions');
    expect(problem({ ExpressionAttributeValues: { ':a': { S: 'a' } } }, 'UpdateItem')).toBe('ValidationException: '
      + 'ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null');
    expect(filter('a = :a', {})).toBe('ValidationException: ExpressionAttributeValues must not be empty');
    expect(filter('a = :a', { a: { S: 'b' } })).toBe('ValidationException: ExpressionAttributeValues contains invalid key: Syntax error; key: "a"');
    expect(filter('a = :a', { ':a': { S: 'a', N: '1' } })).toBe('ValidationException: ExpressionAttributeValues contains invalid value: '
      + 'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes for key :a');
  });

  it.each([
    ['attribute_exists(things, a) and a=a', 'attribute_exists', 2], ['attribute_type(things)', 'attribute_type', 1],
    ['begins_with(things, size(a), b)', 'begins_with', 3], ['size(things, a) > b', 'size', 2],
  ])('a wrong number of operands: %s', (text, name, count) => {
    expect(filter(text)).toBe(`Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${count}`);
  });

  it.each([
    ['begins_with(a, :a)', 'begins_with', { N: '1' }], ['begins_with(a, :a)', 'begins_with', { SS: ['1'] }],
    ['attribute_type(a, :a)', 'attribute_type', { N: '1' }], ['size(:a) > a', 'size', { BOOL: true }], ['size(:a) > a', 'size', { N: '1' }],
  ])('a function of a value of the wrong type: %s %s %j', (text, name, value) => {
    expect(filter(text, { ':a': value }))
      .toBe(`Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${Object.keys(value)[0]}`);
  });

  it('an order of what has none', () => {
    expect(filter('a < :a', { ':a': { BOOL: true } })).toBe('Incorrect operand type for operator or function; operator: <, operand type: BOOL');
  });

  it('bounds of BETWEEN that are of two types or reversed', () => {
    expect(filter('a BETWEEN :a AND :b', { ':a': { N: '1' }, ':b': { S: 'x' } })).toMatch(/^The BETWEEN operator requires same data type/);
    expect(filter('a BETWEEN :a AND :b', { ':a': { N: '2' }, ':b': { N: '1' } })).toBe('The BETWEEN operator requires upper bound to be greater '
      + 'than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}');
  });

  it('an attribute type that does not exist', () => {
    expect(filter('attribute_type(a, :a)', { ':a': { S: '1' } })).toMatch(/^Invalid attribute type name found; type: 1, valid types: {/);
  });

  it('a value where a path is needed', () => {
    expect(filter('attribute_exists(:a)', { ':a': { S: '1' } }))
      .toBe('Operator or function requires a document path; operator or function: attribute_exists');
    expect(update('set a = if_not_exists(:a, c)', { ':a': { S: '1' } }))
      .toBe('Operator or function requires a document path; operator or function: if_not_exists');
  });

  it.each([
    ['#a <> a', '<>', '[a]'], ['a > #a', '>', '[a]'], ['contains(ab.bc[1].a, ab.bc[1].#a)', 'contains', '[ab, bc, [1], a]'],
  ])('an attribute compared with itself: %s', (text, operator, path) => {
    expect(filter(text, undefined, { '#a': 'a' })).toBe('The first operand must be distinct from the remaining operands for this operator or '
      + `function; operator: ${operator}, first operand: ${path}`);
  });

  it.each([
    ['set a = #c set c = :d', 'SET'], ['remove #d set a = b remove e', 'REMOVE'], ['add #d :e set a = b add e :f', 'ADD'],
  ])('a section twice: %s', (text, section) => {
    expect(update(text)).toBe(`The "${section}" section can only be used once in an update expression;`);
  });

  it.each([
    ['set d[1] = a, d.b = a, c[1].a = a, #c = if_not_exists(a, a)', 'overlap', '[c, [1], a]', '[c]'],
    ['set c.b.#c = a, c = a, #d = a', 'overlap', '[c, b, c]', '[c]'],
    ['remove c, #c.a, #d', 'overlap', '[c]', '[c, a]'],
    ['set #c[3].#d = a, #c.#d[3] = a', 'conflict', '[c, [3], [3]]', '[c, [3], [3]]'],
  ])('paths that meet: %s', (text, verb, one, two) => {
    expect(update(text, undefined, { '#c': 'c', '#d': '[3]' }))
      .toBe(`Two document paths ${verb} with each other; must remove or rewrite one of these paths; path one: ${one}, path two: ${two}`);
  });

  it.each([
    ['add a.b :a', { S: 'a' }, 'operator: ADD, operand type: STRING'], ['delete a.b :a', { N: '1' }, 'operator: DELETE, operand type: NUMBER'],
    ['set a = list_append(:a, a)', { S: 'a' }, 'operator or function: list_append, operand type: S'],
    ['set a = a + :a', { L: [] }, 'operator or function: +, operand type: L'], ['set a = :a - a', { B: new Uint8Array([1]) }, 'operator or function: -, operand type: B'],
  ])('an update with a value of the wrong type: %s', (text, value, detail) => {
    expect(update(text, { ':a': value })).toBe(`Incorrect operand type for operator or function; ${detail}`);
  });

  it('more than 100 candidates of IN', () => {
    const candidates = Array.from({ length: 101 }, () => ':v').join(', ');
    expect(filter(`a IN (${candidates})`, { ':v': { S: 'a' } })).toMatch(/^Incorrect number of operands.*IN/);
  });

  it('a key condition that no index can serve', () => {
    const query = (text: string, values: any) => failure(() => harness.run('Query', {
      TableName: 'composite', KeyConditionExpression: text, ExpressionAttributeValues: values,
    }));
    const [a, b] = [{ ':a': { S: 'a' } }, { ':a': { S: 'a' }, ':b': { S: 'b' } }];
    expect(query('pk = :a OR sk = :b', b)).toBe('ValidationException: Invalid operator used in KeyConditionExpression: OR');
    expect(query('pk = :a AND sk <> :b', b)).toBe('ValidationException: Invalid operator used in KeyConditionExpression: <>');
    expect(query('pk > :a', a)).toBe('ValidationException: Query key condition not supported');
    expect(query('sk = :a', a)).toBe('ValidationException: Query condition missed key schema element: pk');
    expect(query('pk = :a AND another = :b', b)).toBe('ValidationException: Query condition missed key schema element: sk');
    expect(query('pk = :a AND pk = :b', b)).toBe('ValidationException: KeyConditionExpressions must only contain one condition per key');
    expect(query('pk = :a', { ':a': { N: '1' } }))
      .toBe('ValidationException: One or more parameter values were invalid: Condition parameter type does not match schema type');
  });
});
