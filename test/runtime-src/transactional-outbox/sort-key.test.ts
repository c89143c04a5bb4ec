import fc from 'fast-check';
import { sequenceKey, ulid } from '../../../runtime-src/transactional-outbox/sort-key';

const LATER = Date.UTC(2100, 0, 1);

describe('a sequence as a sort key', () => {
  it('sorts as text in the order of the numbers', () => {
    const sequence = fc.bigInt({ min: 0n, max: 10n ** 20n - 1n });
    fc.assert(fc.property(sequence, sequence, (a, b) => {
      expect(sequenceKey(a) < sequenceKey(String(b))).toBe(a < b);
    }));
    expect(sequenceKey(7)).toBe('00000000000000000007');
    expect(sequenceKey('0')).toBe('00000000000000000000');
  });

  it.each([-1, 1.5, NaN, Infinity, 2 ** 53, '', '-1', '1e3', ' 1', '1'.repeat(21), 10n ** 20n, -1n])('refuses %p', (sequence) => {
    expect(() => sequenceKey(sequence)).toThrow(/^sequence must be a whole number from 0 to 20 digits, received .+; give numbers above 2\^53 as text$/);
  });
});

describe('a ULID', () => {
  it('is of the alphabet and length that its specification asks for, with the time in front', () => {
    const key = ulid(new Date(1469918176385));
    expect(key).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
    // The example of the reference implementation. https://github.com/ulid/javascript#seed-time
    expect(key.slice(0, 10)).toBe('01ARYZ6S41');
  });

  it('grows within a millisecond, from one to the next, and when the clock goes back', () => {
    const jumps = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 200 });
    let now = LATER + 1_000;
    fc.assert(fc.property(jumps, (steps) => {
      const keys = steps.map((step) => ulid(new Date(now += step)));
      expect([...keys].sort()).toEqual(keys);
      expect(new Set(keys).size).toBe(keys.length);
    }));
  });

  it('is random behind the time', () => {
    const [first, second] = [1, 2].map((step) => ulid(new Date(LATER + 10_000_000 + step)).slice(10));
    expect(first).not.toBe(second);
  });
});
