export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The name of a JSON type, as Step Functions writes it in its error texts. */
export function typeName(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

export function jsonEquals(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, index) => jsonEquals(item, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => key in right && jsonEquals(left[key], right[key]));
}

/** Payload quotas count the bytes of the value written as JSON in UTF-8. */
export function byteLength(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value), 'utf8');
}

/** How a Java map, list or scalar prints itself; `States.Format` writes nested values so: `{Arg1=1, Arg2=[]}`. */
export function toJavaString(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(toJavaString).join(', ')}]`;
  if (isObject(value)) return `{${Object.entries(value).map(([key, item]) => `${key}=${toJavaString(item)}`).join(', ')}}`;
  return String(value);
}

/** Sets an own property also when the key is `__proto__`, which a plain assignment would take for the prototype. */
export function setKey(target: JsonObject, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

export function hasKey(target: JsonObject, key: string): boolean {
  return Object.prototype.hasOwnProperty.call(target, key);
}
