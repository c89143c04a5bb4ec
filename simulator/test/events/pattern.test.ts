import { matchesFilterPattern, matchesPattern, validateFilterPattern, validatePattern } from '../../src/services/events/pattern';

const one = (test: unknown) => ({ field: [test] });
const matches = (test: unknown, value: unknown) => matchesPattern(one(test), { field: value });

describe('matching', () => {
  it.each<[string, unknown, unknown, boolean]>([
    ['text by equality', 'a', 'a', true],
    ['text with its case', 'a', 'A', false],
    ['no number by text', '1', 1, false],
    ['no text by number', 1, '1', false],
    ['numbers however they are written', 300, 3.0e2, true],
    ['null by null', null, null, true],
    ['no text by null', null, 'null', false],
    ['IP addresses however they are written', '2001:db8::1', '2001:0DB8:0:0:0:0:0:1', true],
    ['a prefix', { prefix: 'ab' }, 'abc', true],
    ['everything textual by an empty prefix', { prefix: '' }, 'abc', true],
    ['no number by a prefix', { prefix: '' }, 1, false],
    ['a prefix in any case', { prefix: { 'equals-ignore-case': 'AB' } }, 'aBc', true],
    ['a suffix', { suffix: 'bc' }, 'abc', true],
    ['no other suffix', { suffix: 'b' }, 'abc', false],
    ['a suffix in any case', { suffix: { 'equals-ignore-case': 'BC' } }, 'abc', true],
    ['text in any case', { 'equals-ignore-case': 'ABC' }, 'aBc', true],
    ['anything but one text', { 'anything-but': 'a' }, 'a', false],
    ['anything but a number, text included', { 'anything-but': 1 }, '1', true],
    ['anything but listed numbers', { 'anything-but': [1, 2] }, 2, false],
    ['anything but a prefix, null included', { 'anything-but': { prefix: 'a' } }, null, true],
    ['anything but listed suffixes', { 'anything-but': { suffix: ['.a', '.b'] } }, 'x.b', false],
    ['anything but a wildcard', { 'anything-but': { wildcard: '*/lib/*' } }, 'a/lib/b', false],
    ['numbers in an open range', { numeric: ['>', 0, '<', 5] }, 5, false],
    ['numbers in a closed range', { numeric: ['>=', 0, '<=', 5] }, 5, true],
    ['negative numbers', { numeric: ['<', -1] }, -1.5, true],
    ['equal numbers', { numeric: ['=', 3.018e2] }, 301.8, true],
    ['no text in a range', { numeric: ['>', 0] }, '1', false],
    ['addresses in a block', { cidr: '10.0.0.0/23' }, '10.0.1.255', true],
    ['no addresses outside a block', { cidr: '10.0.0.0/23' }, '10.0.2.0', false],
    ['IPv6 addresses in a block', { cidr: '2001:db8::/33' }, '2001:db8:7fff::1', true],
    ['no IPv6 addresses outside a block', { cidr: '2001:db8::/33' }, '2001:db8:8000::', false],
    ['no IPv4 address in an IPv6 block', { cidr: '::/0' }, '10.0.0.1', false],
    ['any run of characters', { wildcard: 'a*c*e' }, 'abcde', true],
    ['an empty run of characters', { wildcard: 'a*b' }, 'ab', true],
    ['an escaped asterisk', { wildcard: 'a\\*b' }, 'axb', false],
    ['characters that regular expressions treat specially', { wildcard: 'a.b(*)' }, 'a.b(c)', true],
    ['a dot as a dot', { wildcard: 'a.b*' }, 'axb', false],
    ['what exists, even null', { exists: true }, null, true],
    ['no object as an existing leaf', { exists: true }, { inner: 1 }, false],
    ['an object as an absent leaf', { exists: false }, { inner: 1 }, true],
    ['no empty array as existing', { exists: true }, [], false],
    ['one element of an array', 'b', ['a', 'b'], true],
    ['an element that is anything but', { 'anything-but': 'a' }, ['a', 'b'], true],
    ['elements of nested arrays', 'b', [['a'], ['b']], true],
  ])('matches %s', (_, test, value, expected) => {
    expect(matches(test, value)).toBe(expected);
  });

  it('needs every field, and any one test of each', () => {
    const pattern = { a: ['1', '2'], b: [{ exists: false }, 'x'] };
    expect(matchesPattern(pattern, { a: '2' })).toBe(true);
    expect(matchesPattern(pattern, { a: '2', b: 'x' })).toBe(true);
    expect(matchesPattern(pattern, { a: '2', b: 'y' })).toBe(false);
    expect(matchesPattern(pattern, { b: 'x' })).toBe(false);
  });

  it('multiplies $or with what stands beside it, also nested', () => {
    const pattern = { a: [1], $or: [{ b: [1] }, { c: { $or: [{ d: [1] }, { e: [1] }] } }] };
    expect(matchesPattern(pattern, { a: 1, b: 1 })).toBe(true);
    expect(matchesPattern(pattern, { a: 1, c: { e: 1 } })).toBe(true);
    expect(matchesPattern(pattern, { a: 1, c: { f: 1 } })).toBe(false);
    expect(matchesPattern(pattern, { a: 2, b: 1 })).toBe(false);
  });

  it('takes the fields of one array element together, never those of two', () => {
    const pattern = { list: { name: ['a'], size: [1] } };
    expect(matchesPattern(pattern, { list: [{ name: 'a', size: 2 }, { name: 'a', size: 1 }] })).toBe(true);
    expect(matchesPattern(pattern, { list: [{ name: 'a', size: 2 }, { name: 'b', size: 1 }] })).toBe(false);
  });

  it('keeps the elements of deeper arrays together as well', () => {
    const pattern = { outer: { id: [1], inner: { x: [1], y: [1] } } };
    expect(matchesPattern(pattern, { outer: [{ id: 2, inner: [{ x: 1, y: 1 }] }, { id: 1, inner: [{ x: 1, y: 2 }, { x: 1, y: 1 }] }] })).toBe(true);
    expect(matchesPattern(pattern, { outer: [{ id: 2, inner: [{ x: 1, y: 1 }] }, { id: 1, inner: [{ x: 1, y: 2 }, { x: 2, y: 1 }] }] })).toBe(false);
  });

  it('reads a pattern given as JSON text', () => {
    expect(matchesPattern('{"a":["\\u0062\\"c"]}', { a: 'b"c' })).toBe(true);
  });

  it('reads the last of two patterns for one path', () => {
    expect(matchesPattern('{"a":["1"],"a":["2"]}', { a: '2' })).toBe(true);
  });
});

describe('refusing', () => {
  it.each<[string, unknown, RegExp]>([
    ['text that is no JSON', '{"a"', /not valid JSON/],
    ['an array', [], /must be an object/],
    ['an empty object', {}, /empty objects/],
    ['a nested empty object', { a: {} }, /empty objects .*'a'/],
    ['an empty array', { a: [] }, /empty arrays/],
    ['a bare value', { a: 'b' }, /'a' must be an object or an array/],
    ['an array in an array', one(['a']), /must be a string, number/],
    ['an empty operator', one({}), /exactly one operator/],
    ['two operators in one', one({ prefix: 'a', suffix: 'b' }), /exactly one operator/],
    ['an unknown operator', one({ EXISTS: true }), /unrecognized match type 'EXISTS'/],
    ['a prefix that is no text', one({ prefix: 1 }), /'prefix' .* must be a string, not 1/],
    ['another operator in a prefix', one({ prefix: { suffix: 'a' } }), /unsupported prefix pattern/],
    ['a list in a prefix that ignores case', one({ prefix: { 'equals-ignore-case': ['a'] } }), /must be a string/],
    ['a list in equals-ignore-case', one({ 'equals-ignore-case': ['a'] }), /must be a string/],
    ['exists with text', one({ exists: 'true' }), /true or false/],
    ['consecutive wildcards', one({ wildcard: 'a**b' }), /consecutive wildcard/],
    ['an unknown escape', one({ wildcard: 'a\\b' }), /invalid escape/],
    ['an escape at the end', one({ wildcard: 'a\\' }), /invalid escape/],
    ['wildcards that match in too many ways', one({ wildcard: '*a*a*a*a*a*a*a*a*' }), /too complex/],
    ['wildcards that are too complex together', { a: ['*a1*a2*', '*a*a*', '*aa*a*', '*a*aa*', '*a*a*a*'].map((wildcard) => ({ wildcard })) }, /too complex/],
    ['a number for numeric', one({ numeric: 1 }), /must be an array/],
    ['numeric without an operator', one({ numeric: [] }), /unrecognized numeric operator/],
    ['an unknown numeric operator', one({ numeric: ['==', 1] }), /unrecognized numeric operator "=="/],
    ['a numeric bound that is text', one({ numeric: ['>', '1'] }), /must be a number/],
    ['an upper bound before a lower one', one({ numeric: ['<', 5, '>', 1] }), /too many elements/],
    ['two lower bounds', one({ numeric: ['>', 1, '>', 5] }), /bad numeric range operator/],
    ['an empty range', one({ numeric: ['>', 5, '<', 5] }), /bottom must be less than top/],
    ['a range without its top', one({ numeric: ['>', 5, '<'] }), /must be a number/],
    ['a third bound', one({ numeric: ['>', 1, '<', 5, '<', 6] }), /too many elements/],
    ['equality in a range', one({ numeric: ['=', 1, '<', 5] }), /too many elements/],
    ['a bound beyond five billion', one({ numeric: ['<', 5.1e9] }), /between -5.0e9 and \+5.0e9/],
    ['anything but null', one({ 'anything-but': null }), /must be a string, a number/],
    ['anything but a boolean', one({ 'anything-but': [true] }), /must be a string, a number/],
    ['anything but nothing', one({ 'anything-but': [] }), /must be a string, a number/],
    ['anything but texts and numbers', one({ 'anything-but': ['a', 1] }), /only strings or only numbers/],
    ['anything but a range', one({ 'anything-but': { numeric: ['>', 1] } }), /unsupported anything-but pattern/],
    ['anything but an empty suffix', one({ 'anything-but': { suffix: '' } }), /must not be empty/],
    ['anything but a list with an empty prefix', one({ 'anything-but': { prefix: ['a', ''] } }), /must not be empty/],
    ['anything but a numeric wildcard', one({ 'anything-but': { wildcard: 1 } }), /must be a string/],
    ['anything but consecutive wildcards', one({ 'anything-but': { wildcard: ['a', '**'] } }), /consecutive/],
    ['a block without its mask', one({ cidr: '10.0.0.0' }), /one '\/' is required/],
    ['a block with too long a mask', one({ cidr: '10.0.0.0/33' }), /at most 31/],
    ['a block with a negative mask', one({ cidr: '10.0.0.0/-1' }), /must be an integer/],
    ['a block with an impossible address', one({ cidr: '10.0.0.256/8' }), /is no IP address/],
    ['$or that is no array', { $or: { a: [1] } }, /\$or must be an array/],
    ['$or with one object', { $or: [{ a: [1] }] }, /at least 2/],
    ['$or with a text', { $or: [{ a: [1] }, 'b'] }, /only objects/],
    ['$or with an empty object', { $or: [{ a: [1] }, {}] }, /empty objects/],
    ['an operator as a field in $or', { $or: [{ a: [1] }, { prefix: ['b'] }] }, /reserved field name/],
    ['more than 1,000 combinations', Object.fromEntries(['a', 'b', 'c', 'd'].map((field) => [field, {
      $or: [1, 2, 3, 4, 5, 6].map((n) => ({ [`f${n}`]: [n] })),
    }])), /more than 1000 combinations/],
    ['more than 4,096 characters', one('x'.repeat(5_000)), /at most 4096/],
  ])('refuses %s', (_, pattern, message) => {
    expect(() => validatePattern(pattern)).toThrow(message);
  });

  it('takes operator names as plain fields outside $or', () => {
    expect(matchesPattern({ prefix: ['a'] }, { prefix: 'a' })).toBe(true);
  });
});

describe('filters of pipes and event source mappings', () => {
  it.each([
    'a', null, 1, { prefix: 'a' }, { suffix: 'a' }, { 'equals-ignore-case': 'a' }, { exists: false }, { 'anything-but': ['a'] },
    { numeric: ['>', 1] },
  ])('have %j', (test) => {
    expect(() => validateFilterPattern(one(test))).not.toThrow();
  });

  it.each([{ wildcard: 'a*' }, { cidr: '10.0.0.0/8' }, { 'anything-but': { prefix: 'a' } }])('lack %j', (test) => {
    expect(() => validateFilterPattern(one(test))).toThrow(/work.* on event buses only/);
    expect(() => validatePattern(one(test))).not.toThrow();
  });

  it('match like event buses', () => {
    expect(matchesFilterPattern({ body: { kind: ['reply'] } }, { body: { kind: 'reply' } })).toBe(true);
    expect(matchesFilterPattern({ body: { kind: ['reply'] } }, { body: { kind: 'request' } })).toBe(false);
  });
});
