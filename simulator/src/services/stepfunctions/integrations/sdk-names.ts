import { isObject, type Json, type JsonObject } from '../asl/json';

/** `MD5OfBody` becomes `Md5OfBody`, `executionArn` becomes `ExecutionArn`: the names of the AWS SDK for Java 2 in Pascal case. */
export function pascalCase(name: string): string {
  return name
    .replace(/^[a-z]/, (letter) => letter.toUpperCase())
    .replace(/([A-Z])([A-Z0-9]+)(?=[A-Z][a-z]|$)/g, (_, first: string, rest: string) => first + rest.toLowerCase());
}

export function camelCase(name: string): string {
  return name.replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}

/** Renames the keys of a value all the way down; only for answers without maps of the user's own. */
export function pascalKeys(value: Json): Json {
  return renameKeys(value, pascalCase);
}

export function camelKeys(value: Json): Json {
  return renameKeys(value, camelCase);
}

/** Renames the keys at the top and in lists below it, and leaves maps alone. */
export function pascalListKeys(value: JsonObject): JsonObject {
  const renamed: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    renamed[pascalCase(key)] = Array.isArray(item) ? item.map((entry) => (isObject(entry) ? pascalListKeys(entry) : entry)) : item;
  }
  return renamed;
}

const TO_SDK: Readonly<Record<string, string>> = { BOOL: 'Bool', NULL: 'Nul', SS: 'Ss', NS: 'Ns', BS: 'Bs' };
const FROM_SDK: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(TO_SDK).map(([wire, sdk]) => [sdk, wire]));

/** The type names of attribute values differ between DynamoDB (`BOOL`) and the SDK for Java 2 (`Bool`); everything else is the same. */
export function attributesToSdk(value: Json): Json {
  return renameAttributes(value, TO_SDK);
}

export function attributesFromSdk(value: Json): Json {
  return renameAttributes(value, FROM_SDK);
}

function renameAttributes(value: Json, names: Readonly<Record<string, string>>): Json {
  if (Array.isArray(value)) return value.map((item) => renameAttributes(item, names));
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  // Only an attribute value has one of these names over a scalar or a list of texts; an attribute of that name holds an object.
  if (keys.length === 1 && keys[0] in names && !isObject(value[keys[0]])) return { [names[keys[0]]]: value[keys[0]] };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renameAttributes(item, names)]));
}

function renameKeys(value: Json, rename: (name: string) => string): Json {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), renameKeys(item, rename)]));
}
