import { isSafeNumber, parse } from 'lossless-json';

/** A JSON value; numbers that JavaScript cannot hold exactly are strings of their digits. */
export function parseExactly(text: string): unknown {
  return parse(text, undefined, {
    parseNumber: (digits) => isSafeNumber(digits) ? Number(digits) : digits,
    // As JSON.parse does.
    onDuplicateKey: ({ newValue }) => newValue,
  });
}
