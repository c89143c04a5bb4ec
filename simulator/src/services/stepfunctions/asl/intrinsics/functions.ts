import { createHash } from 'crypto';
import { isObject, Json, jsonEquals, toJavaString, typeName } from '../json';
import { Randomness, seededRandom } from '../randomness';

/** "You can specify up to 1000 elements"; an input for encoding, decoding and hashing is at most 10,000 characters. */
const MAX_RANGE = 1000;
const MAX_CHARACTERS = 10_000;

const HASH_ALGORITHMS: Record<string, string> = { 'MD5': 'md5', 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };

interface IntrinsicFunction {
  readonly least: number;
  readonly most: number;
  readonly apply: (args: readonly Json[], randomness: Randomness) => Json;
}

/** An argument that the function cannot work with. */
export class IntrinsicError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'IntrinsicError';
  }
}

/**
 * Every intrinsic function but `States.Format`, whose first argument is a template.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */
const FUNCTIONS: Record<string, IntrinsicFunction> = {
  'States.Array': { least: 0, most: Infinity, apply: (args) => [...args] },
  'States.ArrayPartition': { least: 2, most: 2, apply: ([array, size]) => partition(arrayOf(array), size) },
  'States.ArrayContains': { least: 2, most: 2, apply: ([array, value]) => arrayOf(array).some((item) => jsonEquals(item, value)) },
  'States.ArrayRange': { least: 3, most: 3, apply: ([first, last, step]) => range(first, last, step) },
  'States.ArrayGetItem': { least: 2, most: 2, apply: ([array, index]) => itemOf(arrayOf(array), integerOf(index, 'index')) },
  'States.ArrayLength': { least: 1, most: 1, apply: ([array]) => arrayOf(array).length },
  'States.ArrayUnique': { least: 1, most: 1, apply: ([array]) => unique(arrayOf(array)) },
  'States.Base64Encode': { least: 1, most: 1, apply: ([text]) => Buffer.from(limited(textOf(text)), 'utf8').toString('base64') },
  'States.Base64Decode': { least: 1, most: 1, apply: ([text]) => decodeBase64(limited(textOf(text))) },
  'States.Hash': { least: 2, most: 2, apply: ([data, algorithm]) => hash(data, algorithm) },
  'States.JsonMerge': { least: 3, most: 3, apply: ([left, right, deep]) => merge(left, right, deep) },
  'States.StringToJson': { least: 1, most: 1, apply: ([text]) => parseJson(textOf(text)) },
  'States.JsonToString': { least: 1, most: 1, apply: ([value]) => JSON.stringify(value) },
  'States.MathRandom': { least: 2, most: 3, apply: ([start, end, seed], randomness) => randomInteger(start, end, seed, randomness) },
  'States.MathAdd': { least: 2, most: 2, apply: ([left, right]) => integerOf(left, 'first number') + integerOf(right, 'second number') },
  'States.StringSplit': { least: 2, most: 2, apply: ([text, delimiters]) => split(textOf(text), textOf(delimiters)) },
  'States.UUID': { least: 0, most: 0, apply: (_, randomness) => randomness.uuid() },
};

export function isIntrinsicName(name: string): boolean {
  return name === 'States.Format' || name in FUNCTIONS;
}

/** One clear sentence when the number of arguments is wrong, which needs no evaluation to see. */
export function checkArity(name: string, count: number): string | undefined {
  if (name === 'States.Format') return count < 1 ? 'States.Format takes at least 1 argument but got 0' : undefined;
  const { least, most } = FUNCTIONS[name];
  if (count >= least && count <= most) return undefined;
  const allowed = least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
  return `${name} takes ${allowed} argument${least === 1 && most === 1 ? '' : 's'} but got ${count}`;
}

export function applyIntrinsic(name: string, args: readonly Json[], randomness: Randomness): Json {
  return FUNCTIONS[name].apply(args, randomness);
}

/** The template has its escapes still: `{}` is a placeholder, `\{` and `\}` are braces. */
export function format(template: string, args: readonly Json[]): string {
  let used = 0;
  const text = template.replace(/\\(['{}\\])|\{\}/g, (_, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    if (used >= args.length) throw new IntrinsicError(mismatch(template, args.length));
    const value = args[used++];
    return toJavaString(value);
  });
  if (used !== args.length) throw new IntrinsicError(mismatch(template, args.length));
  return text;
}

function mismatch(template: string, count: number): string {
  const placeholders = template.match(/\\.|\{\}/g)?.filter((token) => token === '{}').length ?? 0;
  return `The number of arguments do not match the occurrences of {} in '${template}': ${placeholders} placeholders but ${count} arguments`;
}

function arrayOf(value: Json): Json[] {
  if (!Array.isArray(value)) throw new IntrinsicError(`The argument must be an array but was ${typeName(value)}: ${JSON.stringify(value)}`);
  return value;
}

function textOf(value: Json): string {
  if (typeof value !== 'string') throw new IntrinsicError(`The argument must be a string but was ${typeName(value)}: ${JSON.stringify(value)}`);
  return value;
}

function limited(text: string): string {
  if (text.length > MAX_CHARACTERS) throw new IntrinsicError(`The input exceeds the maximum of ${MAX_CHARACTERS} characters: ${text.length}`);
  return text;
}

/** "If you specify a non-integer value, Step Functions will round it off to the nearest integer"; recorded on AWS: halves go up. */
function integerOf(value: Json, what: string): number {
  if (typeof value !== 'number') throw new IntrinsicError(`The ${what} must be a number but was ${typeName(value)}: ${JSON.stringify(value)}`);
  const rounded = Math.round(value);
  return rounded === 0 ? 0 : rounded;
}

function partition(array: Json[], sizeValue: Json): Json[] {
  const size = integerOf(sizeValue, 'chunk size');
  if (size <= 0) throw new IntrinsicError(`The chunk size must be a positive integer but was ${size}`);
  const chunks: Json[] = [];
  for (let start = 0; start < array.length; start += size) chunks.push(array.slice(start, start + size));
  return chunks;
}

function range(firstValue: Json, lastValue: Json, stepValue: Json): Json[] {
  const first = integerOf(firstValue, 'first element');
  const last = integerOf(lastValue, 'last element');
  const step = integerOf(stepValue, 'increment');
  if (step === 0) throw new IntrinsicError('The increment must not be 0');
  const count = Math.floor((last - first) / step) + 1;
  if (count > MAX_RANGE) throw new IntrinsicError(`The range has ${count} elements, more than the ${MAX_RANGE} that are allowed`);
  return Array.from({ length: Math.max(count, 0) }, (_, index) => first + index * step);
}

function itemOf(array: Json[], index: number): Json {
  if (index < 0 || index >= array.length) throw new IntrinsicError(`The index ${index} is out of the bounds of an array of ${array.length}`);
  return array[index];
}

function unique(array: Json[]): Json[] {
  const kept: Json[] = [];
  for (const item of array) if (!kept.some((other) => jsonEquals(other, item))) kept.push(item);
  return kept;
}

function decodeBase64(text: string): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new IntrinsicError(`The input is not valid Base64: ${text}`);
  return Buffer.from(text, 'base64').toString('utf8');
}

export function hash(data: Json, algorithm: Json): string {
  const name = HASH_ALGORITHMS[textOf(algorithm)];
  if (!name) throw new IntrinsicError(`The algorithm must be one of ${Object.keys(HASH_ALGORITHMS).join(', ')} but was ${JSON.stringify(algorithm)}`);
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return createHash(name).update(limited(text), 'utf8').digest('hex');
}

/** "Currently, Step Functions only supports the shallow merging mode; therefore, you must specify the boolean value as false." */
function merge(left: Json, right: Json, deep: Json): Json {
  if (deep !== false) throw new IntrinsicError(`Only shallow merging is supported: the third argument must be false but was ${JSON.stringify(deep)}`);
  if (!isObject(left) || !isObject(right)) throw new IntrinsicError('Both values to merge must be JSON objects');
  return { ...left, ...right };
}

/** Recorded on AWS: blank text is null. */
function parseJson(text: string): Json {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new IntrinsicError(`The argument is not valid JSON: ${text}`);
  }
}

function randomInteger(startValue: Json, endValue: Json, seed: Json | undefined, randomness: Randomness): number {
  const start = integerOf(startValue, 'start number');
  const end = integerOf(endValue, 'end number');
  if (start >= end) throw new IntrinsicError(`The start number must be less than the end number but they were ${start} and ${end}`);
  const random = seed === undefined ? randomness.random() : seededRandom(integerOf(seed, 'seed'));
  return start + Math.floor(random * (end - start));
}

/** Each character of the delimiters separates, and empty parts are left out, as recorded on AWS: ",,,," gives none. */
function split(text: string, delimiters: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (const character of text) {
    if (!delimiters.includes(character)) {
      part += character;
    } else if (part !== '') {
      parts.push(part);
      part = '';
    }
  }
  if (part !== '') parts.push(part);
  return parts;
}
