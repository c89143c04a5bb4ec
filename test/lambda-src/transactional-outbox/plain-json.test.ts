import fc from 'fast-check';
import { parseJson, plainItem, plainValue, type TypedValue } from '../../../lambda-src/transactional-outbox/plain-json';

describe('an item as plain JSON', () => {
  it('has each type of DynamoDB: sets are arrays, binary is base64 text', () => {
    const bytes = Uint8Array.from([1, 2, 255]);
    expect(plainItem({
      text: { S: '' }, number: { N: '-1.5' }, yes: { BOOL: true }, no: { BOOL: false }, nothing: { NULL: true },
      list: { L: [{ S: 'a' }, { M: { deep: { N: '1' } } }] }, texts: { SS: ['b', 'a'] }, numbers: { NS: ['1', '9007199254740993'] },
      binary: { B: bytes }, binaryOfStream: { B: 'AQL/' }, binaries: { BS: [bytes, 'AQL/'] }, ['__proto__']: { S: 'kept' },
    })).toEqual(JSON.parse(`{
      "text": "", "number": -1.5, "yes": true, "no": false, "nothing": null, "list": ["a", { "deep": 1 }], "texts": ["b", "a"],
      "numbers": [1, "9007199254740993"], "binary": "AQL/", "binaryOfStream": "AQL/", "binaries": ["AQL/", "AQL/"], "__proto__": "kept"
    }`));
  });

  it('keeps every digit of every number, as a number or as a string of its digits', () => {
    fc.assert(fc.property(digits(), (text) => {
      const value = plainValue({ N: text }, 'price');
      if (typeof value === 'string') expect(value).toBe(text);
      else expect(exactly(String(value))).toEqual(exactly(text));
    }));
  });

  it('names the attribute of a type that DynamoDB does not have', () => {
    expect(() => plainItem({ order: { M: { lines: { L: [{ S: 'a' }, { X: 'b' } as TypedValue] } } } }))
      .toThrow("attribute 'order.lines[1]' has type X, which DynamoDB does not have");
    expect(() => plainItem({ order: {} })).toThrow("attribute 'order' has type none, which DynamoDB does not have");
  });
});

describe('JSON text as values', () => {
  it('is what JSON.parse makes of it, wherever JavaScript holds the numbers', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(parseJson(text), inexactAsText)).toBe(JSON.stringify(JSON.parse(text), inexactAsText));
    }));
  });

  it('keeps every digit of every number', () => {
    fc.assert(fc.property(digits(), (text) => {
      const [value] = parseJson(`[${text}]`) as [unknown];
      if (typeof value === 'string') expect(value).toBe(text);
      else expect(exactly(String(value))).toEqual(exactly(text));
    }));
    expect(parseJson('{"cents":12345678901234567890.12,"id":9007199254740993}')).toEqual({ cents: '12345678901234567890.12', id: '9007199254740993' });
  });

  it('takes the last of equal names, and every name', () => {
    expect(JSON.stringify(parseJson('{"a":1,"a":2,"__proto__":{"b":3}}'))).toBe('{"a":2,"__proto__":{"b":3}}');
  });

  it.each(['', '{', 'secret', '{"a":secret}', '[1,]'])('says that %p is none, without quoting it', (text) => {
    expect(() => parseJson(text)).toThrow(/^is no JSON$/);
  });
});

/** What DynamoDB and JSON both write: up to 40 digits, with or without a point. */
function digits() {
  const run = (most: number) => fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: most }).map((each) => each.join(''));
  return fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 9 }), run(25), run(14))
    .map(([negative, first, rest, fraction]) => `${negative ? '-' : ''}${first}${rest}${fraction && `.${fraction}`}`);
}

/** A decimal number without its freedoms: point, trailing zeros, exponent. */
function exactly(text: string): [bigint, number] {
  const [, mantissa = '', exponent = '0'] = /^([^e]+)(?:e(.+))?$/.exec(text)!;
  const [whole = '', fraction = ''] = mantissa.split('.');
  let value = BigInt(whole + fraction);
  let power = Number(exponent) - fraction.length;
  while (value !== 0n && value % 10n === 0n) {
    value /= 10n;
    power++;
  }
  return [value, value === 0n ? 0 : power];
}

function inexactAsText(_: string, value: unknown) {
  return typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? String(value) : value;
}
