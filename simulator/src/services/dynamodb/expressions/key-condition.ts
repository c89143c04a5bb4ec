/**
 * Key conditions: equality of the partition key and at most one condition on the sort key, as a range of its tokens.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
 */
import type { ConditionNode, OperandNode } from './ast';
import type { Bindings } from './bindings';
import { bindCondition } from './evaluate';
import { parseConditionExpression } from './parse';
import { Problems } from './problems';
import { validationError } from '../errors';
import { type KeyAttribute, keyAttributes, type KeySchema } from '../schema';
import { type AttributeValue, sortToken, typeOf } from '../values';

const KIND = 'KeyConditionExpression';

/** Tokens of the sort key from `low` to `high`. */
export interface KeyRange {
  readonly partitionValue: AttributeValue;
  readonly partition: string;
  readonly low: string;
  /** Whether a sort key is beyond the end of the range, or before its start. */
  isBelow(sort: string): boolean;
  isAbove(sort: string): boolean;
}

interface KeyTest {
  readonly attribute: string;
  readonly operator: string;
  readonly values: readonly AttributeValue[];
}

export function bindKeyCondition(text: unknown, schema: KeySchema, bindings: Bindings): KeyRange {
  // Types of operands, bounds and placeholders are checked as in any condition.
  bindCondition(KIND, text, bindings);
  const problems = new Problems(KIND);
  const tests = conjuncts(parseConditionExpression(KIND, text)).map(node => keyTest(node, bindings, problems));
  problems.throwFirst();
  const names = tests.map(test => test.attribute);
  if (new Set(names).size < names.length) throw validationError('KeyConditionExpressions must only contain one condition per key');
  const { hash, range } = schema;
  const hashTest = tests.find(test => test.attribute === hash.name);
  if (!hashTest) throw validationError(`Query condition missed key schema element: ${hash.name}`);
  const rangeTest = tests.find(test => range && test.attribute === range.name);
  if (tests.length > 1 && (!rangeTest || tests.length > 2)) {
    throw validationError(range && !rangeTest ? `Query condition missed key schema element: ${range.name}` : 'Query key condition not supported');
  }
  if (hashTest.operator !== '=') throw validationError('Query key condition not supported');
  for (const attribute of keyAttributes(schema)) requireType(attribute, tests);
  const [partitionValue] = hashTest.values;
  const everything = { partitionValue, partition: sortToken(partitionValue), low: '', isBelow: () => false, isAbove: () => false };
  return rangeTest ? rangeOf(everything, rangeTest) : everything;
}

function rangeOf(everything: KeyRange, { operator, values }: KeyTest): KeyRange {
  const [first, second] = values.map(sortToken);
  switch (operator) {
    case '=': return { ...everything, low: first, isBelow: sort => sort < first, isAbove: sort => sort > first };
    case '<': return { ...everything, isAbove: sort => sort >= first };
    case '<=': return { ...everything, isAbove: sort => sort > first };
    case '>': return { ...everything, low: first, isBelow: sort => sort <= first };
    case '>=': return { ...everything, low: first, isBelow: sort => sort < first };
    case 'BETWEEN': return { ...everything, low: first, isBelow: sort => sort < first, isAbove: sort => sort > second };
    default: return { ...everything, low: first, isBelow: sort => sort < first, isAbove: sort => sort > first && !sort.startsWith(first) };
  }
}

function conjuncts(node: ConditionNode): ConditionNode[] {
  return node.kind === 'and' ? [...conjuncts(node.left), ...conjuncts(node.right)] : [node];
}

function keyTest(node: ConditionNode, bindings: Bindings, problems: Problems): KeyTest {
  const test = (operator: string, operand: OperandNode, ...values: OperandNode[]): KeyTest => {
    if (operand.kind !== 'path') throw validationError(`Invalid ${KIND}: No key attribute specified`);
    const path = bindings.path(operand, problems);
    if (path.length > 1) throw validationError(`Invalid ${KIND}: ${KIND}s cannot have conditions on nested attributes`);
    return {
      attribute: path[0] as string,
      operator,
      values: values.map(value => {
        if (value.kind !== 'value') throw validationError(`Invalid ${KIND}: Key conditions must compare with a value`);
        return bindings.value(value.placeholder, problems);
      }),
    };
  };
  switch (node.kind) {
    case 'compare':
      if (node.comparator === '<>') throw invalidOperator('<>');
      return test(node.comparator, node.left, node.right);
    case 'between': return test('BETWEEN', node.operand, node.low, node.high);
    case 'function':
      if (node.name !== 'begins_with') throw invalidOperator(node.name);
      return test('begins_with', node.args[0], node.args[1]);
    default: throw invalidOperator(node.kind.toUpperCase());
  }
}

function requireType({ name, type }: KeyAttribute, tests: readonly KeyTest[]) {
  const test = tests.find(({ attribute }) => attribute === name);
  for (const value of test?.values ?? []) {
    if (typeOf(value) !== type) {
      throw validationError('One or more parameter values were invalid: Condition parameter type does not match schema type');
    }
    if (value.S === '' || value.B?.length === 0) {
      throw validationError('One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an '
        + `empty ${value.S === '' ? 'string' : 'binary'} value. Key: ${name}`);
    }
  }
}

function invalidOperator(operator: string): Error {
  return validationError(`Invalid operator used in ${KIND}: ${operator}`);
}
