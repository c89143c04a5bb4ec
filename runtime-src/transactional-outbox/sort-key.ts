import { randomBytes } from 'crypto';
import { InvalidOutboxEvent } from './invalid-outbox-event';

/** As wide as a 64-bit number, so that sequences sort as text in the order of their numbers. */
const SEQUENCE_WIDTH = 20;

/**
 * A sequence as a sort key: whole, not negative, at most 20 digits.
 * @throws a sentence when it is no such number
 */
export function sequenceKey(sequence: number | bigint | string): string {
  const text = String(sequence);
  if (!/^\d{1,20}$/.test(text) || (typeof sequence === 'number' && !Number.isSafeInteger(sequence))) {
    throw new InvalidOutboxEvent(
      `sequence must be a whole number from 0 to 20 digits, received ${typeof sequence === 'string' ? `'${text}'` : text}; give numbers above 2^53 as text`,
    );
  }
  return text.padStart(SEQUENCE_WIDTH, '0');
}

/** Crockford's base 32. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 26;
const RANDOM_BYTES = 10;
const MILLISECOND = 2n ** 80n;

let last = -1n;

/**
 * A ULID: 48 bits of milliseconds and 80 of randomness. Within a process each is larger than the one before, also within a millisecond and
 * when the clock goes back; between processes they are in the order of their clocks.
 * @see https://github.com/ulid/spec
 */
export function ulid(now: Date): string {
  const millis = BigInt(now.getTime());
  last = millis > last / MILLISECOND ? millis * MILLISECOND + random() : last + 1n;
  return [...last.toString(32).padStart(LENGTH, '0')].map((digit) => ALPHABET[parseInt(digit, 32)]).join('');
}

/** The highest bit stays 0: there is always room to count up within the millisecond. */
function random(): bigint {
  return BigInt(`0x${randomBytes(RANDOM_BYTES).toString('hex')}`) % (MILLISECOND / 2n);
}
