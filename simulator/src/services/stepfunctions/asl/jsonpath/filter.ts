import { Path } from './path';
import { hasKey, isObject, Json, jsonEquals } from '../json';

/** An operand of a filter: a literal, a regular expression, or a path from the element (`@`) or from the root (`$`). */
export type Operand =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'regex'; readonly regex: RegExp }
  | { readonly kind: 'path'; readonly path: Path };

export type Filter =
  | { readonly kind: 'or' | 'and'; readonly operands: readonly Filter[] }
  | { readonly kind: 'not'; readonly operand: Filter }
  | { readonly kind: 'exists'; readonly path: Path }
  | { readonly kind: 'compare'; readonly operator: string; readonly left: Operand; readonly right: Operand };

/** Finds the values of a path inside a filter; nothing found is an empty list. */
export type FindPath = (path: Path) => Json[] | Json | undefined;

export function filterHolds(filter: Filter, find: FindPath): boolean {
  switch (filter.kind) {
    case 'or': return filter.operands.some((operand) => filterHolds(operand, find));
    case 'and': return filter.operands.every((operand) => filterHolds(operand, find));
    case 'not': return !filterHolds(filter.operand, find);
    case 'exists': return find(filter.path) !== undefined;
    case 'compare': return compare(filter.operator, filter.left, filter.right, find);
  }
}

function compare(operator: string, leftOperand: Operand, rightOperand: Operand, find: FindPath): boolean {
  if (operator === '=~') {
    return rightOperand.kind === 'regex' && matchesRegex(valueOf(leftOperand, find), rightOperand.regex);
  }
  const left = valueOf(leftOperand, find);
  const right = valueOf(rightOperand, find);
  switch (operator) {
    case '==': return looselyEqual(left, right);
    case '!=': return !looselyEqual(left, right);
    case '===': return left !== undefined && right !== undefined && jsonEquals(left, right);
    case '!==': return !(left !== undefined && right !== undefined && jsonEquals(left, right));
    case '<': return ordered(left, right, (order) => order < 0);
    case '<=': return ordered(left, right, (order) => order <= 0);
    case '>': return ordered(left, right, (order) => order > 0);
    case '>=': return ordered(left, right, (order) => order >= 0);
    case 'in': return isIn(left, right);
    case 'nin': return !isIn(left, right);
    case 'subsetof': return Array.isArray(left) && left.every((item) => isIn(item, right));
    case 'anyof': return Array.isArray(left) && left.some((item) => isIn(item, right));
    case 'noneof': return Array.isArray(left) && !left.some((item) => isIn(item, right));
    case 'contains': return typeof left === 'string' ? left.includes(String(right)) : right !== undefined && isIn(right, left);
    case 'size': return sizeOf(left) === right;
    case 'empty': return left !== undefined && (sizeOf(left) === 0) === right;
    default: throw new Error(`unknown filter operator '${operator}'`);
  }
}

function valueOf(operand: Operand, find: FindPath): Json | undefined {
  if (operand.kind === 'literal') return operand.value;
  return operand.kind === 'path' ? find(operand.path) : undefined;
}

function matchesRegex(value: Json | undefined, regex: RegExp): boolean {
  if (Array.isArray(value)) return value.some((item) => matchesRegex(item, regex));
  return (typeof value === 'string' || typeof value === 'number') && new RegExp(`^(?:${regex.source})$`, regex.flags).test(String(value));
}

/** A number and a string are equal when the string writes that number, as Jayway's value nodes have it. */
function looselyEqual(left: Json | undefined, right: Json | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (typeof left === 'number' && typeof right === 'string') return right.trim() !== '' && Number(right) === left;
  if (typeof left === 'string' && typeof right === 'number') return left.trim() !== '' && Number(left) === right;
  return jsonEquals(left, right);
}

function ordered(left: Json | undefined, right: Json | undefined, holds: (order: number) => boolean): boolean {
  if (typeof left === 'number' && typeof right === 'number') return holds(left - right);
  if (typeof left === 'string' && typeof right === 'string') return holds(left < right ? -1 : left > right ? 1 : 0);
  return false;
}

function isIn(item: Json | undefined, list: Json | undefined): boolean {
  return item !== undefined && Array.isArray(list) && list.some((candidate) => looselyEqual(candidate, item));
}

function sizeOf(value: Json | undefined): number | undefined {
  if (Array.isArray(value) || typeof value === 'string') return value.length;
  return isObject(value) ? Object.keys(value).filter((key) => hasKey(value, key)).length : undefined;
}
