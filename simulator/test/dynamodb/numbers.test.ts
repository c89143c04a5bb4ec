import * as fc from 'fast-check';
import { addNumbers, canonicalNumber, compareNumbers, numberSortToken, subtractNumbers } from '../../src/services/dynamodb/numbers';

/** A decimal as an integer and a power of ten, beside its text in one of the forms a client may send. */
const decimals = fc.record({
  digits: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
  scale: fc.integer({ min: 0, max: 15 }),
  form: fc.constantFrom('plain', 'exponent', 'zeros'),
}).map(({ digits, scale, form }) => ({ value: digits * 10n ** BigInt(15 - scale), text: write(digits, scale, form) }));

function write(digits: bigint, scale: number, form: string): string {
  if (form === 'exponent') return `${digits}e-${scale}`;
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const plain = `${digits < 0n ? '-' : ''}${text.slice(0, text.length - scale)}.${text.slice(text.length - scale)}`;
  return form === 'zeros' ? plain.replace(/(-?)/, '$100') + '00' : plain;
}

/** The model: fixed point with 15 places. */
const fixed = (canonical: string): bigint => {
  const [whole, fraction = ''] = canonical.replace('-', '').split('.');
  const magnitude = BigInt(whole + fraction.padEnd(15, '0'));
  return canonical.startsWith('-') ? -magnitude : magnitude;
};

describe('numbers', () => {
  it('mean the same after normalization, and equal numbers are equal texts', () => {
    fc.assert(fc.property(decimals, ({ value, text }) => {
      const canonical = canonicalNumber(text);
      expect(fixed(canonical)).toBe(value);
      expect(canonical).toMatch(/^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/);
      expect(canonicalNumber(canonical)).toBe(canonical);
    }));
  });

  it('add, subtract and compare exactly', () => {
    fc.assert(fc.property(decimals, decimals, (a, b) => {
      const [x, y] = [canonicalNumber(a.text), canonicalNumber(b.text)];
      expect(fixed(addNumbers(x, y))).toBe(a.value + b.value);
      expect(fixed(subtractNumbers(x, y))).toBe(a.value - b.value);
      const order = a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
      expect(Math.sign(compareNumbers(x, y))).toBe(order);
      const [s, t] = [numberSortToken(x), numberSortToken(y)];
      expect(s < t ? -1 : s > t ? 1 : 0).toBe(order);
    }), { numRuns: 500 });
  });

  it.each([
    ['1e125', `1${'0'.repeat(125)}`], ['-1E-130', `-0.${'0'.repeat(129)}1`], ['-0', '0'], ['+7', '7'], ['.5', '0.5'], ['5.', '5'], ['0e500', '0'], ['1.50', '1.5'],
  ])('are normalized: %s', (text, canonical) => {
    expect(canonicalNumber(text)).toBe(canonical);
  });

  it('are ordered by their tokens also where the digits of one begin those of the other', () => {
    const ascending = ['-12', '-1.25', '-1.2', '-1', '-0.12', '-0.1', '0', '0.1', '0.12', '1', '1.2', '1.25', '12'];
    expect([...ascending].sort((a, b) => numberSortToken(a) < numberSortToken(b) ? -1 : 1)).toEqual(ascending);
    expect(ascending.map(numberSortToken)).toEqual(ascending.map(numberSortToken).sort());
  });

  it.each(['', '.', 'e5', '1e', '0x10', 'NaN', 'Infinity', '1 ', '--1', undefined, 5])('refuse %j', text => {
    expect(() => canonicalNumber(text)).toThrow('The parameter cannot be converted to a numeric value');
  });
});
