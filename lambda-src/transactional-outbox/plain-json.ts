import { isSafeNumber, parse } from 'lossless-json';

/** An item, or the value of an attribute, as DynamoDB types it: in a stream's record, where binary is base64 text, or from the SDK. */
export type TypedItem = Readonly<Record<string, TypedValue>>;

export interface TypedValue {
  readonly S?: string;
  readonly N?: string;
  readonly B?: string | Uint8Array;
  readonly BOOL?: boolean;
  readonly NULL?: boolean;
  readonly L?: readonly TypedValue[];
  readonly M?: TypedItem;
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly BS?: readonly (string | Uint8Array)[];
}

/** The text of an attribute; empty when it is missing or no text, as the path `<attribute>.S` of an input template finds nothing then. */
export function textOf(item: TypedItem, attribute: string): string {
  const text: unknown = item[attribute]?.S;
  return typeof text === 'string' ? text : '';
}

/**
 * An item as plain JSON: sets are arrays, binary is base64 text, and no digit of a number gets lost.
 * @throws an error that names the attribute of a type that DynamoDB does not have
 */
export function plainItem(item: TypedItem, path: string = ''): Record<string, unknown> {
  // Not by assignment: an attribute may be called `__proto__`.
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value, path + name)]));
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html */
export function plainValue(value: TypedValue, path: string): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return plainNumber(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.M !== undefined) return plainItem(value.M, `${path}.`);
  if (value.L !== undefined) return value.L.map((each, index) => plainValue(each, `${path}[${index}]`));
  if (value.SS !== undefined) return [...value.SS];
  if (value.NS !== undefined) return value.NS.map(plainNumber);
  if (value.B !== undefined) return base64(value.B);
  if (value.BS !== undefined) return value.BS.map(base64);
  throw new Error(`attribute '${path}' has type ${Object.keys(value).join(', ') || 'none'}, which DynamoDB does not have`);
}

/**
 * JSON text as values.
 * @throws a sentence without the text, which is somebody's payload
 */
export function parseJson(text: string): unknown {
  try {
    // Of equal names the last one counts, as for any other parser.
    return parse(text, undefined, { parseNumber: plainNumber, onDuplicateKey: ({ newValue }) => newValue });
  } catch {
    throw new Error('is no JSON');
  }
}

/** A number that JavaScript, and with it most of JSON's readers, cannot hold exactly becomes a string of its digits. */
function plainNumber(digits: string): number | string {
  return isSafeNumber(digits) ? Number(digits) : digits;
}

function base64(bytes: string | Uint8Array): string {
  return typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('base64');
}
