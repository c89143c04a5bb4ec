import { types } from 'util';

/**
 * Copies a value as sending it over the wire would: nothing that caller and service both hold, and `undefined` is left out.
 * Works for values of any realm, because handlers run in a vm context of their own.
 */
export function copy(value: any): any {
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (Array.isArray(value)) return value.map(copy);
  if (types.isDate(value)) return new Date(value.getTime());
  if (types.isUint8Array(value)) return new Uint8Array(value);
  if (types.isSet(value)) return new Set([...value].map(copy));
  if (types.isMap(value)) return new Map([...value].map(([key, item]) => [key, copy(item)]));
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = copy(value[key]);
    if (item !== undefined) result[key] = item;
  }
  return result;
}
