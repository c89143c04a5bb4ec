import type { Random } from '../../../simulator/src';

/** XML 1.0 does not have it, so SQS refuses a body with it, and EventBridge does not. */
const REFUSED_BY_SQS = '\uffff';

/** What an operator makes of a payload that SQS refuses. */
export function mended(payload: string): string {
  return payload.replace(REFUSED_BY_SQS, '');
}

/** JSON texts that do not survive a parser and a printer unchanged, or that are hard to carry. */
const ODD_TEXTS: readonly string[] = [
  '{"total": 12345678901234567890.10, "items": []}',
  '{ "b" : 1.0 , "a" : 1e2 , "b2" : -0 }',
  '{"name":"Zoë 🦆 \\u0007 \\"quoted\\" <$.x> \\\\","lines":"a\\nb","wide":"漢字\u2028"}',
  '[]',
  '"text"',
  'null',
  '{"__proto__":{"x":1},"deep":[[[[{"k":[null,true,0.1]}]]]]}',
];

/** More than a destination takes, with the room that the envelope needs, and less than an item may have. */
const LARGE = 300_000;

/** A payload as JSON text. `large` ones take a claim check. */
export function payloadText(random: Random, what: 'plain' | 'odd' | 'large' | 'refused', mark: string): string {
  switch (what) {
    case 'odd': return random.pick(ODD_TEXTS);
    case 'large': return JSON.stringify({ mark, blob: random.pick(['x', 'ü', '"', '漢']).repeat(LARGE / 3) + 'y'.repeat(LARGE * 2 / 3) });
    case 'refused': return JSON.stringify({ mark, text: `before${REFUSED_BY_SQS}after` });
    case 'plain': return JSON.stringify({ mark, amount: random.integer(1, 1_000_000) });
  }
}
