import { isObject, type Json } from '../asl/json';

/** How a form has arrays. @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html#url-encode-request-body */
const ARRAY_FORMATS = ['INDICES', 'REPEAT', 'COMMAS', 'BRACKETS'] as const;
export type ArrayFormat = typeof ARRAY_FORMATS[number];

export function isArrayFormat(value: unknown): value is ArrayFormat {
  return ARRAY_FORMATS.includes(value as ArrayFormat);
}

/** A value as form data: `metadata%5Border%5D=1&list%5B0%5D=a`. */
export function formEncoded(value: Json, format: ArrayFormat): string {
  return fields('', value, format).map(([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`).join('&');
}

function fields(name: string, value: Json, format: ArrayFormat): Array<[string, string]> {
  if (Array.isArray(value)) {
    if (format === 'COMMAS') return [[name, value.map(scalar).join(',')]];
    const keys = { INDICES: (index: number) => `${name}[${index}]`, REPEAT: () => name, BRACKETS: () => `${name}[]` };
    return value.flatMap((item, index) => fields(keys[format](index), item, format));
  }
  if (isObject(value)) return Object.entries(value).flatMap(([key, item]) => fields(name === '' ? key : `${name}[${key}]`, item, format));
  return [[name, scalar(value)]];
}

function scalar(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
