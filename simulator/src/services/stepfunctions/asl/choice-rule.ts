import { ChoiceRule } from './definition';
import { Json } from './json';
import { StateRun } from './state-run';
import { compareInstants, parseTimestamp } from './timestamp';

type Test = (value: Json, operand: Json) => boolean;

interface Kind {
  readonly accepts: (operand: unknown) => boolean;
  readonly order: (value: Json, operand: Json) => number | undefined;
  readonly expects: string;
}

/** What an operator compares; a value of any other type makes the comparison false, not an error. */
const KINDS: Record<string, Kind> = {
  String: { accepts: (operand) => typeof operand === 'string', order: orderStrings, expects: 'a string' },
  Numeric: { accepts: (operand) => typeof operand === 'number', order: orderNumbers, expects: 'a number' },
  Timestamp: { accepts: (operand) => parseTimestamp(operand) !== undefined, order: orderTimestamps, expects: 'an RFC 3339 timestamp' },
  Boolean: {
    accepts: (operand) => typeof operand === 'boolean',
    order: (value, operand) => (typeof value === 'boolean' && typeof operand === 'boolean' ? Number(value) - Number(operand) : undefined),
    expects: 'true or false',
  },
};

const RELATIONS: Record<string, (order: number) => boolean> = {
  Equals: (order) => order === 0,
  LessThan: (order) => order < 0,
  GreaterThan: (order) => order > 0,
  LessThanEquals: (order) => order <= 0,
  GreaterThanEquals: (order) => order >= 0,
};

/** The tests of a type; they compare with whether it is to be so. `IsPresent` is not among them: it needs no value. */
const TYPE_TESTS: Record<string, (value: Json) => boolean> = {
  IsNull: (value) => value === null,
  IsString: (value) => typeof value === 'string',
  IsNumeric: (value) => typeof value === 'number',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => parseTimestamp(value) !== undefined,
};

export interface ComparisonOperator {
  readonly test: Test;
  readonly accepts: (operand: unknown) => boolean;
  readonly expects: string;
}

/** Every comparison with a fixed operand: `StringEquals`, `NumericLessThan`, `StringMatches`, … Each but the tests of types has a `…Path` form too. */
export const COMPARISONS: ReadonlyMap<string, ComparisonOperator> = new Map([
  ...Object.entries(KINDS).flatMap(([kind, { accepts, order, expects }]) => Object.entries(RELATIONS)
    .filter(([relation]) => kind !== 'Boolean' || relation === 'Equals')
    .map(([relation, holds]): [string, ComparisonOperator] => [`${kind}${relation}`, {
      test: (value, operand) => {
        const found = order(value, operand);
        return found !== undefined && holds(found);
      },
      accepts,
      expects,
    }])),
  ['StringMatches', { test: matchesWildcards, accepts: (operand: unknown) => typeof operand === 'string', expects: 'a string' }],
]);

export const TYPE_TEST_NAMES: readonly string[] = ['IsPresent', ...Object.keys(TYPE_TESTS)];

/** Whether `name` has a form that takes its operand from a path. */
export function pathComparison(name: string): ComparisonOperator | undefined {
  return name.endsWith('Path') && name !== 'StringMatchesPath' ? COMPARISONS.get(name.slice(0, -'Path'.length)) : undefined;
}

/** @see https://states-language.net/spec.html#choice-state */
export function ruleHolds(run: StateRun, rule: ChoiceRule, input: Json): boolean {
  if (rule.And) return rule.And.every((operand) => ruleHolds(run, operand, input));
  if (rule.Or) return rule.Or.some((operand) => ruleHolds(run, operand, input));
  if (rule.Not) return !ruleHolds(run, rule.Not, input);
  const variable = rule.Variable!;
  const value = run.find(variable, input);
  if (rule.IsPresent !== undefined) return (value !== undefined) === rule.IsPresent;
  if (value === undefined) throw invalid(run, variable);
  for (const name of Object.keys(rule)) {
    if (name in TYPE_TESTS) return TYPE_TESTS[name](value) === rule[name];
    const comparison = COMPARISONS.get(name);
    if (comparison) return comparison.test(value, rule[name] as Json);
    const fromPath = pathComparison(name);
    if (fromPath) {
      const operand = run.find(rule[name] as string, input);
      if (operand === undefined) throw invalid(run, rule[name] as string);
      return fromPath.test(value, operand);
    }
  }
  throw new Error(`a rule of Choice state '${run.name}' has no operator: ${JSON.stringify(rule)}`);
}

function invalid(run: StateRun, path: string) {
  return run.failure(`Invalid path '${path}': The choice state's condition path references an invalid value.`);
}

function orderStrings(value: Json, operand: Json): number | undefined {
  if (typeof value !== 'string' || typeof operand !== 'string') return undefined;
  return value < operand ? -1 : value > operand ? 1 : 0;
}

function orderNumbers(value: Json, operand: Json): number | undefined {
  return typeof value === 'number' && typeof operand === 'number' ? value - operand : undefined;
}

function orderTimestamps(value: Json, operand: Json): number | undefined {
  const left = parseTimestamp(value);
  const right = parseTimestamp(operand);
  return left && right ? compareInstants(left, right) : undefined;
}

/** `*` stands for any characters; `\*` for itself and `\\` for a backslash. */
function matchesWildcards(value: Json, pattern: Json): boolean {
  if (typeof value !== 'string' || typeof pattern !== 'string') return false;
  const source = pattern.replace(/\\([*\\])|\*|[^]/gu, (match, escaped: string | undefined) => {
    if (match === '*') return '[^]*';
    return (escaped ?? match).replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  });
  return new RegExp(`^${source}$`).test(value);
}
