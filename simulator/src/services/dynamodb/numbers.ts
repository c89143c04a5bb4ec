/**
 * DynamoDB numbers: exact decimals of up to 38 significant digits, kept as canonical plain text
 * (no exponent, no leading or trailing zeros), so that equal numbers are equal strings.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
 */
import { validationError } from './errors';

/** The value is ±0.DIGITS × 10^exponent; zero has no digits. */
interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const MAX_SIGNIFICANT_DIGITS = 38;
/** 9.99…E+125 is the largest magnitude, 1E-130 the smallest. */
const MAX_EXPONENT = 126;
const MIN_EXPONENT = -129;

const SMALL_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** The canonical text of a number as a client sent it; refuses what DynamoDB cannot store. */
export function canonicalNumber(text: unknown): string {
  if (typeof text === 'string' && SMALL_INTEGER.test(text)) return text;
  return format(checked(parse(text)));
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`; both canonical. */
export function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length <= 15 && b.length <= 15) return Number(a) - Number(b);
  return numberSortToken(a) < numberSortToken(b) ? -1 : 1;
}

export function addNumbers(a: string, b: string): string {
  if (SMALL_INTEGER.test(a) && SMALL_INTEGER.test(b)) return String(Number(a) + Number(b));
  const left = parse(a);
  const right = parse(b);
  const scale = Math.max(0, left.digits.length - left.exponent, right.digits.length - right.exponent);
  return format(checked(fromScaled(scaled(left, scale) + scaled(right, scale), scale)));
}

export function subtractNumbers(a: string, b: string): string {
  return addNumbers(a, b === '0' ? b : b.startsWith('-') ? b.slice(1) : `-${b}`);
}

/** A text whose code unit order is the numeric order; of a canonical number. */
export function numberSortToken(canonical: string): string {
  const { negative, digits, exponent } = parse(canonical);
  if (digits === '') return '1';
  const biased = String(exponent + 500);
  if (!negative) return `2${biased}${digits}`;
  // The nines' complement reverses the order; the tilde puts the shorter (less negative) number after its extensions.
  return `0${nines(biased)}${nines(digits)}~`;
}

/** How many significant digits the item size rules count. */
export function significantDigits(canonical: string): number {
  return parse(canonical).digits.length;
}

function nines(digits: string): string {
  let complement = '';
  for (const digit of digits) complement += String(9 - Number(digit));
  return complement;
}

function parse(text: unknown): Decimal {
  const match = typeof text === 'string' ? NUMBER.exec(text) : null;
  const [, sign, whole, fraction = '', exponentText] = match ?? [];
  if (!match || (whole === '' && fraction === '')) {
    throw validationError(`The parameter cannot be converted to a numeric value${text === '' || text === undefined ? '' : `: ${String(text)}`}`);
  }
  const all = whole + fraction;
  let start = 0;
  while (start < all.length && all[start] === '0') start++;
  let end = all.length;
  while (end > start && all[end - 1] === '0') end--;
  if (start === end) return { negative: false, digits: '', exponent: 0 };
  return { negative: sign === '-', digits: all.slice(start, end), exponent: whole.length - start + Number(exponentText ?? 0) };
}

function checked(decimal: Decimal): Decimal {
  if (decimal.digits === '') return decimal;
  if (decimal.exponent > MAX_EXPONENT) {
    throw validationError('Number overflow. Attempting to store a number with magnitude larger than supported range');
  }
  if (decimal.exponent < MIN_EXPONENT) {
    throw validationError('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  }
  if (decimal.digits.length > MAX_SIGNIFICANT_DIGITS) {
    throw validationError('Attempting to store more than 38 significant digits in a Number');
  }
  return decimal;
}

function format({ negative, digits, exponent }: Decimal): string {
  if (digits === '') return '0';
  const sign = negative ? '-' : '';
  if (exponent <= 0) return `${sign}0.${'0'.repeat(-exponent)}${digits}`;
  if (exponent >= digits.length) return `${sign}${digits}${'0'.repeat(exponent - digits.length)}`;
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

/** The decimal times 10^scale, exactly. */
function scaled({ negative, digits, exponent }: Decimal, scale: number): bigint {
  if (digits === '') return 0n;
  const magnitude = BigInt(digits + '0'.repeat(scale + exponent - digits.length));
  return negative ? -magnitude : magnitude;
}

function fromScaled(value: bigint, scale: number): Decimal {
  const negative = value < 0n;
  const text = String(negative ? -value : value);
  const { digits, exponent } = parse(text);
  return digits === '' ? { negative: false, digits, exponent } : { negative, digits, exponent: exponent - scale };
}
