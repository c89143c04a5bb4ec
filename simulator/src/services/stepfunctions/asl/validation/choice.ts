import { refuse, requireList, requireObject, requireText } from './check';
import { Validation } from './machine';
import { COMPARISONS, pathComparison, TYPE_TEST_NAMES } from '../choice-rule';
import { InvalidDefinition } from '../errors';
import { Json, JsonObject } from '../json';
import { isExpression } from '../jsonata/expression';

const NOT_OPERATORS = ['Next', 'Comment', 'Assign', 'Output', 'Variable'];

/** Checks a Choice state; the result is the names of the states it can lead to. */
export function validateChoice(state: JsonObject, where: string, jsonata: boolean, validation: Validation): string[] {
  const targets = requireList(state.Choices, `the Choices of ${where}`).map((value, index) => {
    const place = `choice ${index} of ${where}`;
    const rule = requireObject(value, place);
    const next = requireText(rule.Next, `the Next of ${place}`);
    if (jsonata) validateCondition(rule, place, validation);
    else validateRule(rule, place, validation, true);
    return next;
  });
  return state.Default === undefined ? targets : [...targets, requireText(state.Default, `the Default of ${where}`)];
}

function validateCondition(rule: JsonObject, where: string, { checks }: Validation): void {
  for (const key of Object.keys(rule)) {
    if (!['Condition', 'Next', 'Assign', 'Output', 'Comment'].includes(key)) {
      throw new InvalidDefinition(`${where} uses JSONata, which has no field '${key}'`);
    }
  }
  if (typeof rule.Condition !== 'boolean' && !isExpression(rule.Condition)) {
    refuse(`the Condition of ${where}`, rule.Condition, "true, false or a JSONata expression such as '{% $states.input.ready %}'");
  }
  for (const field of ['Condition', 'Assign', 'Output']) if (rule[field] !== undefined) checks.jsonata(rule[field], `the ${field} of ${where}`);
}

function validateRule(rule: JsonObject, where: string, validation: Validation, isTop: boolean): void {
  if (!isTop && rule.Next !== undefined) throw new InvalidDefinition(`${where} is inside another rule, where Next is not allowed`);
  const operators = Object.keys(rule).filter((key) => !NOT_OPERATORS.includes(key));
  if (operators.length !== 1) {
    throw new InvalidDefinition(`${where} must have exactly one operator but has ${operators.length === 0 ? 'none' : operators.join(' and ')}`);
  }
  const [operator] = operators;
  const operand: Json = rule[operator];
  if (rule.Assign !== undefined) validation.checks.template(requireObject(rule.Assign, `the Assign of ${where}`), `the Assign of ${where}`);
  if (operator === 'And' || operator === 'Or') {
    requireList(operand, `the ${operator} of ${where}`).forEach((value, index) => {
      const place = `${operator}[${index}] of ${where}`;
      validateRule(requireObject(value, place), place, validation, false);
    });
    return;
  }
  if (operator === 'Not') {
    validateRule(requireObject(operand, `the Not of ${where}`), `the Not of ${where}`, validation, false);
    return;
  }
  validation.checks.path(rule.Variable, `the Variable of ${where}`);
  validateOperand(operator, operand, where, validation);
}

function validateOperand(operator: string, operand: Json, where: string, { checks }: Validation): void {
  const place = `the ${operator} of ${where}`;
  const comparison = COMPARISONS.get(operator);
  if (TYPE_TEST_NAMES.includes(operator)) {
    if (typeof operand !== 'boolean') refuse(place, operand, 'true or false');
  } else if (comparison) {
    if (!comparison.accepts(operand)) refuse(place, operand, comparison.expects);
  } else if (pathComparison(operator)) {
    checks.path(operand, place);
  } else {
    throw new InvalidDefinition(`${where} has the unknown operator '${operator}'`);
  }
}
