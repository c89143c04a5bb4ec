import { ipToHex, isInRange, parseCidr } from './ip-range';
import { parseWildcard, wildcardToRegExp, type WildcardToken } from './wildcard';

/** A leaf of an event. */
export type Leaf = string | number | boolean | null;

/** One element of a pattern's array, ready to be asked. */
export interface ValueTest {
  /** Whether the test holds where the event has no such field: only `exists: false`. */
  readonly absent: boolean;
  readonly matches: (leaf: Leaf) => boolean;
  /** The wildcard pattern, for the complexity check. */
  readonly wildcard?: readonly WildcardToken[];
}

/**
 * Which operators a pattern may use. Event buses have all; pipes and Lambda event source mappings lack wildcard, cidr and
 * the nested forms of anything-but.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
 */
export type PatternDialect = 'event-bus' | 'filter';

/**
 * Numeric operators take numbers from -5.0e9 to +5.0e9.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#filtering-numeric-matching
 */
const LARGEST_NUMBER = 5e9;

const NUMBER_OPERATORS: Record<string, (value: number, bound: number) => boolean> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** Compiles one element of a pattern's array, or throws one sentence that says what is wrong with it. */
export function compileValueTest(element: unknown, path: string, dialect: PatternDialect): ValueTest {
  if (element === null || typeof element === 'boolean' || typeof element === 'number') return present((leaf) => leaf === element);
  if (typeof element === 'string') return exactText(element);
  if (typeof element !== 'object' || Array.isArray(element)) {
    throw new Error(`match value of '${path}' must be a string, number, true, false, null or an operator, not ${JSON.stringify(element)}`);
  }
  const entries = Object.entries(element);
  if (entries.length !== 1) throw new Error(`a match expression of '${path}' must have exactly one operator, not ${entries.length}`);
  const [operator, operand] = entries[0];
  const compile = OPERATORS[operator];
  if (!compile) throw new Error(`unrecognized match type '${operator}' at '${path}'; allowed: ${Object.keys(OPERATORS).join(', ')}`);
  if (dialect === 'filter' && EVENT_BUS_ONLY.has(operator)) {
    throw new Error(`match type '${operator}' at '${path}' works on event buses only, not in pipes or event source mappings`);
  }
  return compile(operand, path, dialect);
}

const EVENT_BUS_ONLY = new Set(['wildcard', 'cidr']);

const OPERATORS: Record<string, (operand: unknown, path: string, dialect: PatternDialect) => ValueTest> = {
  'exactly': (operand, path) => exactText(text(operand, 'exactly', path)),
  'prefix': (operand, path) => affix(operand, 'prefix', path),
  'suffix': (operand, path) => affix(operand, 'suffix', path),
  'equals-ignore-case': (operand, path) => {
    const wanted = text(operand, 'equals-ignore-case', path);
    return present((leaf) => typeof leaf === 'string' && equalsIgnoringCase(leaf, wanted));
  },
  'wildcard': (operand, path) => {
    const wildcard = parseWildcard(text(operand, 'wildcard', path));
    const expression = wildcardToRegExp(wildcard);
    return { absent: false, wildcard, matches: (leaf) => typeof leaf === 'string' && expression.test(leaf) };
  },
  'cidr': (operand, path) => {
    const range = parseCidr(text(operand, 'cidr', path));
    return present((leaf) => typeof leaf === 'string' && isInRange(range, leaf));
  },
  'exists': (operand, path) => {
    if (typeof operand !== 'boolean') throw new Error(`'exists' at '${path}' must be true or false, not ${JSON.stringify(operand)}`);
    return { absent: !operand, matches: () => operand };
  },
  'numeric': numeric,
  'anything-but': anythingBut,
};

function present(matches: (leaf: Leaf) => boolean): ValueTest {
  return { absent: false, matches };
}

/** IP addresses are equal however they are written: Event Ruler turns both sides into their binary form. */
function exactText(wanted: string): ValueTest {
  const address = ipToHex(wanted);
  if (address === undefined) return present((leaf) => leaf === wanted);
  return present((leaf) => leaf === wanted || (typeof leaf === 'string' && ipToHex(leaf) === address));
}

function text(operand: unknown, operator: string, path: string): string {
  if (typeof operand === 'string') return operand;
  throw new Error(`'${operator}' at '${path}' must be a string, not ${JSON.stringify(operand)}`);
}

function equalsIgnoringCase(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase() || a.toUpperCase() === b.toUpperCase();
}

/** `{ "prefix": "a" }` or `{ "prefix": { "equals-ignore-case": "a" } }`, and likewise for suffix. */
function affix(operand: unknown, operator: 'prefix' | 'suffix', path: string): ValueTest {
  const has = (value: Leaf, part: string) => typeof value === 'string' && (operator === 'prefix' ? value.startsWith(part) : value.endsWith(part));
  if (operand === null || typeof operand !== 'object' || Array.isArray(operand)) {
    const part = text(operand, operator, path);
    return present((leaf) => has(leaf, part));
  }
  const [inner, part] = onlyEntry(operand, operator, path);
  if (inner !== 'equals-ignore-case') {
    throw new Error(`unsupported ${operator} pattern '${inner}' at '${path}'; allowed: equals-ignore-case`);
  }
  const wanted = text(part, 'equals-ignore-case', path);
  return present((leaf) => typeof leaf === 'string'
    && (has(leaf.toLowerCase(), wanted.toLowerCase()) || has(leaf.toUpperCase(), wanted.toUpperCase())));
}

function onlyEntry(operand: object, operator: string, path: string): [string, unknown] {
  const entries = Object.entries(operand);
  if (entries.length !== 1) throw new Error(`'${operator}' at '${path}' must have exactly one operator inside, not ${entries.length}`);
  return entries[0];
}

/** `["=", n]`, one bound, or a lower and then an upper bound. */
function numeric(operand: unknown, path: string): ValueTest {
  if (!Array.isArray(operand)) throw new Error(`'numeric' at '${path}' must be an array, not ${JSON.stringify(operand)}`);
  const [operator, bound, upperOperator, upper] = operand as unknown[];
  const first = NUMBER_OPERATORS[typeof operator === 'string' ? operator : ''];
  if (!first) {
    throw new Error(`unrecognized numeric operator ${JSON.stringify(operator)} at '${path}'; allowed: ${Object.keys(NUMBER_OPERATORS).join(', ')}`);
  }
  const low = bounded(bound, operator as string, path);
  if (operand.length === 2) return present((leaf) => typeof leaf === 'number' && inNumericRange(leaf) && first(leaf, low));
  if (operator !== '>' && operator !== '>=') throw new Error(`too many elements in the numeric expression at '${path}': ${JSON.stringify(operand)}`);
  if (upperOperator !== '<' && upperOperator !== '<=') {
    throw new Error(`bad numeric range operator ${JSON.stringify(upperOperator)} at '${path}': after a lower bound, < or <= is allowed`);
  }
  const high = bounded(upper, upperOperator, path);
  if (operand.length > 4) throw new Error(`too many elements in the numeric range at '${path}': ${JSON.stringify(operand)}`);
  if (low >= high) throw new Error(`bottom must be less than top in the numeric range at '${path}', but ${low} is not less than ${high}`);
  const second = NUMBER_OPERATORS[upperOperator];
  return present((leaf) => typeof leaf === 'number' && first(leaf, low) && second(leaf, high));
}

function bounded(value: unknown, operator: string, path: string): number {
  if (typeof value !== 'number') throw new Error(`value of ${operator} at '${path}' must be a number, not ${JSON.stringify(value)}`);
  if (!inNumericRange(value)) {
    throw new Error(`value of ${operator} at '${path}' must be between -5.0e9 and +5.0e9, not ${value}`);
  }
  return value;
}

function inNumericRange(value: number): boolean {
  return Math.abs(value) <= LARGEST_NUMBER;
}

/** A string or number, a list of only strings or only numbers, or one text operator with a string or a list of strings. */
function anythingBut(operand: unknown, path: string, dialect: PatternDialect): ValueTest {
  if (operand !== null && typeof operand === 'object' && !Array.isArray(operand)) {
    if (dialect === 'filter') {
      throw new Error(`'anything-but' with an operator inside at '${path}' works on event buses only, not in pipes or event source mappings`);
    }
    return anythingButOperator(operand, path);
  }
  const values: unknown[] = Array.isArray(operand) ? operand : [operand];
  const uniform = values.every((value) => typeof value === 'string') || values.every((value) => typeof value === 'number');
  if (values.length === 0 || !uniform) {
    throw new Error(`'anything-but' at '${path}' must be a string, a number, or a list of only strings or only numbers, not ${JSON.stringify(operand)}`);
  }
  if (typeof values[0] === 'number') values.forEach((value) => bounded(value, 'anything-but', path));
  const refused = new Set<unknown>(values);
  return present((leaf) => !refused.has(leaf));
}

const REFUSABLE = ['equals-ignore-case', 'prefix', 'suffix', 'wildcard'];

function anythingButOperator(operand: object, path: string): ValueTest {
  const [operator, argument] = onlyEntry(operand, 'anything-but', path);
  if (!REFUSABLE.includes(operator)) {
    throw new Error(`unsupported anything-but pattern '${operator}' at '${path}'; allowed: ${REFUSABLE.join(', ')}`);
  }
  const parts: unknown[] = Array.isArray(argument) ? argument : [argument];
  if (parts.length === 0) throw new Error(`'anything-but' '${operator}' at '${path}' must name at least one value`);
  const tests = parts.map((part) => {
    const wanted = text(part, `anything-but ${operator}`, path);
    if (wanted === '' && (operator === 'prefix' || operator === 'suffix')) {
      throw new Error(`'anything-but' '${operator}' at '${path}' must not be empty`);
    }
    return OPERATORS[operator](wanted, path, 'event-bus');
  });
  // Values that are no strings cannot begin, end or read like one, so they always pass.
  return present((leaf) => !tests.some((test) => test.matches(leaf)));
}
