import jsonata from 'jsonata';
import { Json, JsonObject, setKey } from '../json';

/** A `{% … %}` text: no blank may stand before or after it. */
export function isExpression(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('{%') && value.endsWith('%}') && value.length >= 4;
}

/** What is between the marks, as the error texts quote it. */
export function expressionText(marked: string): string {
  return marked.slice(2, -2).trim();
}

/**
 * AWS bounds an evaluation too: it fails one that nests deeper than 100. The time, the host's, only ends what would never end (a tail call
 * without a base case does not nest). It is long because evaluations of many executions take turns: none that ends must ever reach it.
 */
const BOUNDS: jsonata.JsonataOptions = { stack: 100, timeout: 300_000 };

export function compileExpression(marked: string): jsonata.Expression {
  return jsonata(expressionText(marked), BOUNDS);
}

/** JSONata throws plain objects with a code and a message; functions bound from outside throw errors. */
export function failureText(thrown: unknown): string {
  const { code, message } = (thrown ?? {}) as { code?: unknown; message?: unknown };
  const text = typeof message === 'string' ? message : String(thrown);
  return typeof code === 'string' ? `${code}: ${text}` : text;
}

/** A value that JSON has no form for. */
export class NotJson extends Error {}

/**
 * The result as plain JSON, or `undefined` for nothing. A part is copied only if it is not plain already: sequences carry marks that would
 * make JSONata unwrap them in a later expression, objects may have undefined members, numbers may not be finite, functions have no form.
 */
export function toPlainJson(value: unknown): Json | undefined {
  switch (typeof value) {
    case 'undefined': return undefined;
    case 'string':
    case 'boolean': return value;
    case 'number':
      if (!Number.isFinite(value)) throw new NotJson(`the number ${value}`);
      return value;
    case 'object':
      if (value === null) return null;
      return Array.isArray(value) ? plainArray(value) : plainObject(value as Record<string, unknown>);
    default: throw new NotJson(`a ${typeof value}`);
  }
}

function plainArray(array: unknown[]): Json[] {
  let copy: Json[] | undefined = Object.keys(array).length === array.length ? undefined : [];
  array.forEach((item, index) => {
    const plain = toPlainJson(item);
    if (copy === undefined && (plain !== item || plain === undefined)) copy = array.slice(0, index) as Json[];
    if (copy !== undefined && plain !== undefined) copy.push(plain);
  });
  return copy ?? (array as Json[]);
}

function plainObject(object: Record<string, unknown>): JsonObject {
  if (object._jsonata_function === true || object._jsonata_lambda === true) throw new NotJson('a function');
  const keys = Object.keys(object);
  let changed = false;
  const members = keys.map((key) => {
    const plain = toPlainJson(object[key]);
    changed ||= plain !== object[key] || plain === undefined;
    return plain;
  });
  if (!changed) return object as JsonObject;
  const copy: JsonObject = {};
  keys.forEach((key, index) => {
    const member = members[index];
    if (member !== undefined) setKey(copy, key, member);
  });
  return copy;
}
