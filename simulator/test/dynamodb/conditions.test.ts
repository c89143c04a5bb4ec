import * as fc from 'fast-check';
import { Harness, N, S } from './harness';

describe('conditions', () => {
  const harness = new Harness();
  const attributes = {
    n: S('José'),
    age: N('42.0'),
    tags: { SS: ['a', 'b'] },
    scores: { NS: ['1', '2.50'] },
    bin: { B: new Uint8Array([1, 2, 3]) },
    bins: { BS: [new Uint8Array([9])] },
    doc: { M: { entries: { L: [S('x'), N(7), { M: { deep: { BOOL: true } } }] } } },
    nil: { NULL: true },
    yes: { BOOL: true },
  };
  const holds = (text: string, values?: any, names?: any) => harness.holds(attributes, text, values, names);

  it.each<[string, any]>([
    ['n = :v', S('José')], ['age = :v', N('42')], ['age = :v', N('4.2e1')], ['age > :v', N('41.9999999999999999999999999')],
    ['tags = :v', { SS: ['b', 'a'] }], ['scores = :v', { NS: ['2.5', '1.0'] }], ['bin = :v', { B: new Uint8Array([1, 2, 3]) }],
    ['doc.entries[1] = :v', N(7)], ['doc.entries[2].deep = :v', { BOOL: true }], ['n <> :v', N(1)], ['absent <> :v', N(1)],
    ['NOT absent = :v', N(1)], ['age BETWEEN :v AND :v', N(42)], ['n IN (:v, age)', S('José')], ['begins_with(n, :v)', S('Jos')],
    ['begins_with(bin, :v)', { B: new Uint8Array([1, 2]) }], ['contains(n, :v)', S('os')], ['contains(tags, :v)', S('b')],
    ['contains(scores, :v)', N('2.5')], ['contains(bins, :v)', { B: new Uint8Array([9]) }], ['contains(doc.entries, :v)', N(7)],
    ['size(n) = :v', N(4)], ['size(tags) = :v', N(2)], ['size(doc.entries) > :v', N(2)], ['size(doc) = :v', N(1)], ['size(bin) = :v', N(3)],
    ['attribute_type(nil, :v)', S('NULL')], ['attribute_type(doc, :v)', S('M')], ['nil = :v', { NULL: true }], ['n >= :v', S('Jos')], [':v = n', S('José')],
  ])('hold: %s', (text, value) => {
    expect(holds(text, { ':v': value })).toBe(true);
  });

  it.each<[string, any]>([
    ['n = :v', S('jose')], ['age = :v', S('42')], ['age > :v', S('1')], ['absent > :v', N(1)], ['absent = :v', N(1)], ['n <> :v', S('José')],
    ['age BETWEEN :v AND :v', N(41)], ['absent IN (:v)', N(1)], ['begins_with(age, :v)', S('4')], ['contains(age, :v)', N(4)], ['contains(tags, :v)', N(1)],
    ['contains(doc.entries, :v)', S('7')], ['size(age) = :v', N(2)], ['attribute_type(nil, :v)', S('BOOL')], ['doc.entries[9] = :v', N(7)], ['n.part = :v', S('x')],
    ['tags = :v', { SS: ['a'] }], ['yes < :v', N(1)],
  ])('do not hold: %s', (text, value) => {
    expect(holds(text, { ':v': value })).toBe(false);
  });

  it('see whether an attribute exists, also one called like a member of every object', () => {
    expect(holds('attribute_exists(doc.entries[0]) AND attribute_not_exists(doc.entries[3])')).toBe(true);
    expect(holds('attribute_exists(#c) OR attribute_exists(#p)', undefined, { '#c': 'constructor', '#p': '__proto__' })).toBe(false);
    expect(harness.holds({ ['__proto__']: S('x') }, 'attribute_exists(id)')).toBe(true);
  });

  it('order strings by their UTF-8 bytes', () => {
    // U+FF61 comes before U+1F600 in UTF-8, after its surrogates in UTF-16.
    expect(holds(':a < :b AND n = :n', { ':a': S('\uff61'), ':b': S('\u{1f600}'), ':n': S('José') })).toBe(true);
  });

  it('bind NOT closer than AND, AND closer than OR', () => {
    const values = { ':t': { BOOL: true } };
    // A random chain without parentheses, evaluated by splitting at OR, then AND.
    fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.constantFrom('AND', 'OR')), { minLength: 1, maxLength: 8 }), chain => {
      const expression = chain.map(([not, leaf, operator], i) => `${i ? `${operator} ` : ''}${not ? 'NOT ' : ''}${leaf ? 'yes' : 'n'} = :t`).join(' ');
      const terms: boolean[][] = [];
      chain.forEach(([not, leaf, operator], i) => {
        if (i === 0 || operator === 'OR') terms.push([]);
        terms[terms.length - 1].push(leaf !== not);
      });
      expect(holds(expression, values)).toBe(terms.some(term => term.every(Boolean)));
    }));
  });
});
