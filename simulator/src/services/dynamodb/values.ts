/**
 * Attribute values in the wire shape. What is stored is normalized (one member, canonical numbers, own copies)
 * and never changed in place, so that images can share structure; what leaves is copied.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
 */
import { validationError } from './errors';
import { canonicalNumber, compareNumbers, numberSortToken } from './numbers';

export type AttributeType = 'S' | 'N' | 'B' | 'SS' | 'NS' | 'BS' | 'M' | 'L' | 'NULL' | 'BOOL';

export interface AttributeValue {
  S?: string;
  N?: string;
  B?: Uint8Array;
  SS?: string[];
  NS?: string[];
  BS?: Uint8Array[];
  M?: AttributeMap;
  L?: AttributeValue[];
  NULL?: boolean;
  BOOL?: boolean;
}

export interface AttributeMap {
  [name: string]: AttributeValue;
}

export const ATTRIBUTE_TYPES: readonly AttributeType[] = ['S', 'N', 'B', 'SS', 'NS', 'BS', 'M', 'L', 'NULL', 'BOOL'];

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html: 32 levels of nesting. */
const MAX_NESTING = 32;

/** The type of a normalized value, which has exactly one member. */
export function typeOf(value: AttributeValue): AttributeType {
  for (const type in value) return type as AttributeType;
  throw validationError('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
}

/** An own member only: attributes may be called `constructor`. */
export function member(map: AttributeMap, name: string): AttributeValue | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

export function setMember(map: AttributeMap, name: string, value: AttributeValue): void {
  if (name === '__proto__') {
    Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    map[name] = value;
  }
}

/** A validated deep copy of what a client sent, with canonical numbers. */
export function normalizeValue(value: unknown, depth = 0): AttributeValue {
  if (typeof value !== 'object' || value === null) {
    throw validationError('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
  let type: string | undefined;
  for (const name in value) {
    if ((value as Record<string, unknown>)[name] === undefined) continue;
    if (type !== undefined) {
      throw validationError('Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes');
    }
    type = name;
  }
  const content = type === undefined ? undefined : (value as Record<string, unknown>)[type];
  switch (type) {
    case 'S':
      if (typeof content !== 'string') throw unexpected('S', 'a string', content);
      return { S: content };
    case 'N':
      return { N: canonicalNumber(content) };
    case 'B':
      return { B: bytesOf(content) };
    case 'BOOL':
      if (typeof content !== 'boolean') throw unexpected('BOOL', 'a boolean', content);
      return { BOOL: content };
    case 'NULL':
      if (content !== true) throw validationError('One or more parameter values were invalid: Null attribute value types must have the value of true');
      return { NULL: true };
    case 'SS':
      return { SS: normalizeSet('SS', content, 'string', textOf) };
    case 'NS':
      return { NS: normalizeSet('NS', content, 'number', canonicalNumber) };
    case 'BS':
      return { BS: normalizeSet('BS', content, 'binary', bytesOf) };
    case 'L': {
      if (!Array.isArray(content)) throw unexpected('L', 'a list', content);
      if (depth >= MAX_NESTING) throw validationError('Nesting Levels have exceeded supported limits');
      return { L: content.map(element => normalizeValue(element, depth + 1)) };
    }
    case 'M':
      if (typeof content !== 'object' || content === null) throw unexpected('M', 'a map', content);
      if (depth >= MAX_NESTING) throw validationError('Nesting Levels have exceeded supported limits');
      return { M: normalizeMap(content, depth + 1) };
    default:
      throw validationError('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
}

export function normalizeMap(map: object, depth = 0): AttributeMap {
  const copy: AttributeMap = {};
  for (const name of Object.keys(map)) {
    const value = (map as Record<string, unknown>)[name];
    // The SDK leaves undefined members out of the request.
    if (value !== undefined) setMember(copy, name, normalizeValue(value, depth));
  }
  return copy;
}

/** A copy for the outside; `value` is normalized. */
export function copyValue(value: AttributeValue): AttributeValue {
  switch (typeOf(value)) {
    case 'S': return { S: value.S };
    case 'N': return { N: value.N };
    case 'B': return { B: new Uint8Array(value.B!) };
    case 'SS': return { SS: [...value.SS!] };
    case 'NS': return { NS: [...value.NS!] };
    case 'BS': return { BS: value.BS!.map(bytes => new Uint8Array(bytes)) };
    case 'L': return { L: value.L!.map(copyValue) };
    case 'M': return { M: copyMap(value.M!) };
    case 'BOOL': return { BOOL: value.BOOL };
    case 'NULL': return { NULL: true };
  }
}

export function copyMap(map: AttributeMap): AttributeMap {
  const copy: AttributeMap = {};
  for (const name of Object.keys(map)) setMember(copy, name, copyValue(map[name]));
  return copy;
}

/** Equality as `=` sees it: of one type, sets regardless of order. */
export function equalValues(a: AttributeValue, b: AttributeValue): boolean {
  if (a === b) return true;
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  switch (type) {
    case 'S': return a.S === b.S;
    case 'N': return a.N === b.N;
    case 'BOOL': return a.BOOL === b.BOOL;
    case 'NULL': return true;
    case 'B': return compareBytes(a.B!, b.B!) === 0;
    case 'L': return a.L!.length === b.L!.length && a.L!.every((element, i) => equalValues(element, b.L![i]));
    case 'M': return equalMaps(a.M!, b.M!);
    default: {
      const left = setElements(a);
      const right = new Set(setElements(b));
      return left.length === right.size && left.every(element => right.has(element));
    }
  }
}

export function equalMaps(a: AttributeMap, b: AttributeMap): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every(name => Object.hasOwn(b, name) && equalValues(a[name], b[name]));
}

/** The order of two values of one of the types S, N, B; undefined where there is none. */
export function compareValues(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.S !== undefined && b.S !== undefined) return compareStrings(a.S, b.S);
  if (a.N !== undefined && b.N !== undefined) return compareNumbers(a.N, b.N);
  if (a.B !== undefined && b.B !== undefined) return compareBytes(a.B, b.B);
  return undefined;
}

/** Set elements as strings whose equality is that of the elements. */
export function setElements(value: AttributeValue): string[] {
  return value.SS ?? value.NS ?? value.BS!.map(binaryToken);
}

/**
 * A text for a key value whose code unit order is DynamoDB's: UTF-8 bytes for strings, numeric for numbers,
 * unsigned bytes for binary. A string prefix has a token that is a prefix.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
 */
export function sortToken(value: AttributeValue): string {
  if (value.S !== undefined) return utf8Order(value.S);
  if (value.N !== undefined) return numberSortToken(value.N);
  return binaryToken(value.B!);
}

export function binaryToken(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return a.length - b.length;
}

const BEYOND_SURROGATES = /[\ud800-\uffff]/;

/** UTF-16 sorts surrogates before U+E000–U+FFFF, UTF-8 after: exchange them where either occurs. */
function utf8Order(text: string): string {
  if (!BEYOND_SURROGATES.test(text)) return text;
  let ordered = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    ordered += unit < 0xd800 ? text[i] : String.fromCharCode(unit < 0xe000 ? unit + 0x2000 : unit - 0x800);
  }
  return ordered;
}

function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  return utf8Order(a) < utf8Order(b) ? -1 : 1;
}

function textOf(content: unknown): string {
  if (typeof content !== 'string') throw unexpected('SS', 'strings', content);
  return content;
}

/** Bytes, or base64 text as the JSON protocol writes them. */
function bytesOf(content: unknown): Uint8Array {
  if (typeof content === 'string') return new Uint8Array(Buffer.from(content, 'base64'));
  if (ArrayBuffer.isView(content)) {
    return Uint8Array.from(new Uint8Array(content.buffer, content.byteOffset, content.byteLength));
  }
  throw unexpected('B', 'bytes', content);
}

function normalizeSet<T extends string | Uint8Array>(type: string, content: unknown, noun: string, element: (each: unknown) => T): T[] {
  const list = Array.isArray(content) ? content : undefined;
  if (!list) throw unexpected(type, 'a list', content);
  if (list.length === 0) {
    throw validationError(`One or more parameter values were invalid: An ${noun} set  may not be empty`);
  }
  const elements = list.map(element);
  const distinct = new Set(elements.map(each => typeof each === 'string' ? each : binaryToken(each)));
  if (distinct.size < elements.length) {
    if (type === 'NS') throw validationError('Input collection contains duplicates');
    const shown = elements.map(each => typeof each === 'string' ? each : Buffer.from(each).toString('base64'));
    const gap = type === 'BS' ? 'of type BS ' : '';
    throw validationError(`One or more parameter values were invalid: Input collection [${shown.join(', ')}]${gap || ' '}contains duplicates.`);
  }
  return elements;
}

function unexpected(type: string, expected: string, content: unknown): Error {
  return validationError(`The attribute value of type ${type} must be ${expected}, received ${typeof content}`);
}
