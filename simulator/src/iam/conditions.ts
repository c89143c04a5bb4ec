import { isFixedKey, isKnownKey, type KeyLookup, knownKeys } from './condition-keys';
import { listOf, Pattern } from './pattern';

type Test = (actual: string, expected: string, lookup: KeyLookup) => boolean;

const like = (ignoreCase: boolean): Test => (actual, expected, lookup) =>
  new Pattern(expected, ignoreCase).matches(actual, (name) => lookup(name)?.[0]);

/** Without wildcards, with variables. */
const equal = (ignoreCase: boolean): Test => (actual, expected, lookup) => {
  const text = expected.replace(/\$\{([^}]*)\}/g, (_, name) => (['*', '?', '$'].includes(name) ? name : lookup(name)?.[0] ?? '\u0000'));
  return ignoreCase ? actual.toLowerCase() === text.toLowerCase() : actual === text;
};

/** Each of the six parts of an ARN is matched on its own, so a wildcard does not run over a colon before the last part. */
const arn: Test = (actual, expected, lookup) => {
  const split = (text: string) => {
    const parts = text.split(':');
    return [...parts.slice(0, 5), parts.slice(5).join(':')];
  };
  const values = split(actual);
  return split(expected).every((part, index) => new Pattern(part).matches(values[index], (name) => lookup(name)?.[0]));
};

const numeric = (compare: (actual: number, expected: number) => boolean): Test => (actual, expected) => {
  const [a, b] = [Number(actual), Number(expected)];
  return !Number.isNaN(a) && !Number.isNaN(b) && compare(a, b);
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const OPERATORS: Readonly<Record<string, { readonly test: Test; readonly negated?: boolean }>> = {
  StringEquals: { test: equal(false) },
  StringNotEquals: { test: equal(false), negated: true },
  StringEqualsIgnoreCase: { test: equal(true) },
  StringNotEqualsIgnoreCase: { test: equal(true), negated: true },
  StringLike: { test: like(false) },
  StringNotLike: { test: like(false), negated: true },
  ArnEquals: { test: arn },
  ArnLike: { test: arn },
  ArnNotEquals: { test: arn, negated: true },
  ArnNotLike: { test: arn, negated: true },
  NumericEquals: { test: numeric((a, b) => a === b) },
  NumericNotEquals: { test: numeric((a, b) => a === b), negated: true },
  NumericLessThan: { test: numeric((a, b) => a < b) },
  NumericLessThanEquals: { test: numeric((a, b) => a <= b) },
  NumericGreaterThan: { test: numeric((a, b) => a > b) },
  NumericGreaterThanEquals: { test: numeric((a, b) => a >= b) },
  Bool: { test: (actual, expected) => actual.toLowerCase() === expected.toLowerCase() },
};

/** One operator with one key. */
interface Clause {
  readonly key: string;
  readonly holds: (lookup: KeyLookup) => boolean;
}

/** A statement's condition block: all clauses must hold. */
export class Conditions {
  private readonly clauses: Clause[] = [];

  /** `where` names the policy for messages. */
  constructor(block: Record<string, Record<string, unknown>> | undefined, where: string) {
    for (const [operator, keys] of Object.entries(block ?? {})) {
      for (const [key, values] of Object.entries(keys)) {
        if (!isKnownKey(key)) throw new Error(`${where}: condition key '${key}' is not simulated; known: ${knownKeys().join(', ')}`);
        this.clauses.push({ key, holds: clause(operator, key, listOf(values).map(String), where) });
      }
    }
  }

  /** Whether two requests of one principal for one resource can differ in the answer. */
  get dependOnRequest(): boolean {
    return this.clauses.some(({ key }) => !isFixedKey(key));
  }

  hold(lookup: KeyLookup): boolean {
    return this.clauses.every(({ holds }) => holds(lookup));
  }
}

function clause(operator: string, key: string, expected: readonly string[], where: string): (lookup: KeyLookup) => boolean {
  const [, set, base, ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  if (base === 'Null') return (lookup) => expected.includes(String(lookup(key) === undefined));
  const known = base === undefined ? undefined : OPERATORS[base];
  if (!known) throw new Error(`${where}: condition operator '${operator}' is not simulated; known: ${Object.keys(OPERATORS).join(', ')}, Null`);
  const { test, negated = false } = known;
  const one = (actual: string, lookup: KeyLookup) => expected.some((value) => test(actual, value, lookup)) !== negated;
  return (lookup) => {
    const actual = lookup(key);
    // A missing key fails, except for negated operators, `…IfExists` and `ForAllValues`.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    if (actual === undefined || actual.length === 0) return set === 'ForAllValues' || ifExists !== undefined || (negated && set === undefined);
    if (set === 'ForAllValues' || (negated && set === undefined)) return actual.every((value) => one(value, lookup));
    return actual.some((value) => one(value, lookup));
  };
}
