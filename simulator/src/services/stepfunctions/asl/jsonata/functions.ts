import jsonata from 'jsonata';
import { hash } from '../intrinsics/functions';
import { Json } from '../json';
import { Randomness, seededRandom } from '../randomness';

/** What the functions of an expression need from outside: chance, and the instant of the evaluation. */
export interface FunctionSources extends Randomness {
  now(): number;
}

/** It carries none of JSONata's own codes, for which the library would put its own text in place of the message. */
class FunctionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FunctionError';
  }
}

let formatMillis: jsonata.Expression | undefined;

/**
 * The functions that Step Functions adds to JSONata, the built-in ones that would ask the host for the time or for chance, and no `$eval`.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export function stepFunctionsLibrary(sources: FunctionSources): Record<string, unknown> {
  return {
    partition,
    range,
    hash: (data: Json | undefined, algorithm: Json | undefined) => (data === undefined ? undefined : hashOf(data, algorithm)),
    random: (seed?: number) => (seed === undefined ? sources.random() : seededRandom(seed)),
    uuid: () => sources.uuid(),
    parse,
    // "The $eval function isn't available; use $parse instead."
    eval: undefined,
    now: (picture?: string, timezone?: string) => {
      if (picture === undefined) return new Date(sources.now()).toISOString();
      formatMillis ??= jsonata('$fromMillis($millis, $picture, $timezone)');
      return formatMillis.evaluate(undefined, { millis: sources.now(), picture, timezone });
    },
    millis: () => sources.now(),
    shuffle: (items: Json[] | undefined) => (Array.isArray(items) ? shuffled(items, sources) : items),
  };
}

export const LIBRARY_NAMES = ['partition', 'range', 'hash', 'random', 'uuid', 'parse', 'eval', 'now', 'millis', 'shuffle'];

function partition(array: Json[] | Json | undefined, size: number | undefined): Json[] | undefined {
  if (array === undefined) return undefined;
  const items = Array.isArray(array) ? array : [array];
  const length = Math.round(Number(size));
  if (!(length > 0)) throw new FunctionError(`The second argument of function "partition" must be a positive number but was ${size}`);
  const chunks: Json[][] = [];
  for (let start = 0; start < items.length; start += length) chunks.push(items.slice(start, start + length));
  return chunks;
}

/** Recorded on AWS: a range of one element is that element, as a JSONata sequence of one is. */
function range(first: number | undefined, last: number | undefined, step: number | undefined): number[] | number | undefined {
  if (first === undefined || last === undefined || step === undefined) return undefined;
  const [start, end, increment] = [first, last, step].map((value) => {
    if (typeof value !== 'number') throw new FunctionError(`The arguments of function "range" must be numbers but one was ${JSON.stringify(value)}`);
    return Math.round(value);
  });
  if (increment === 0) throw new FunctionError('The third argument of function "range" must not be 0');
  const count = Math.max(Math.floor((end - start) / increment) + 1, 0);
  if (count > 1000) throw new FunctionError(`Function "range" gives at most 1000 elements but ${count} are asked for`);
  const items = Array.from({ length: count }, (_, index) => start + index * increment);
  return items.length === 1 ? items[0] : items;
}

function hashOf(data: Json, algorithm: Json | undefined): string {
  return hash(data, algorithm ?? 'SHA-256');
}

function parse(text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== 'string') throw new FunctionError('Argument 1 of function "parse" does not match function signature');
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new FunctionError(`Function "parse" was given text that is not JSON: ${text}`);
  }
}

function shuffled(items: readonly Json[], randomness: Randomness): Json[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(randomness.random() * (last + 1));
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}
