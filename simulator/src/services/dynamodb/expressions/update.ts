/**
 * Updates bound to the placeholders of a request, applied to an item without changing it in place.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
 */
import type { Path, UpdateAction, UpdateOperand } from './ast';
import type { Bindings } from './bindings';
import { parseUpdateExpression } from './parse';
import { checkDistinctPaths, valueAt } from './paths';
import { Pass, Problems } from './problems';
import { removeAt, setAt } from './write-paths';
import { validationError } from '../errors';
import { addNumbers, subtractNumbers } from '../numbers';
import { type AttributeMap, type AttributeType, type AttributeValue, setElements, typeOf } from '../values';

export interface BoundUpdate {
  /** The paths that it writes. */
  readonly paths: readonly Path[];
  /** The item after the update; it shares what is unchanged with the item before. */
  apply(item: AttributeMap): AttributeMap;
}

type Read = (item: AttributeMap) => AttributeValue;

interface Operand {
  readonly read: Read;
  readonly type?: AttributeType;
  readonly path?: Path;
}

/** What an action does to its path, decided on the item before the update. */
type Write = { readonly path: Path; readonly value: AttributeValue | undefined };
type BoundAction = (before: AttributeMap) => Write | undefined;

const LONG_TYPE_NAMES: Partial<Record<AttributeType, string>> = {
  S: 'STRING', N: 'NUMBER', B: 'BINARY', BOOL: 'BOOLEAN', NULL: 'NULL', M: 'MAP', L: 'LIST',
};

export function bindUpdate(text: unknown, bindings: Bindings): BoundUpdate {
  const actions = parseUpdateExpression('UpdateExpression', text);
  const problems = new Problems('UpdateExpression');
  const binder = new UpdateBinder(bindings, problems);
  const paths: Path[] = [];
  const bound = actions.map(action => {
    const path = bindings.path(action.path, problems);
    paths.push(path);
    return binder.bind(action, path);
  });
  checkDistinctPaths(paths, problems);
  problems.throwFirst();
  return { paths, apply: item => applyWrites(item, bound) };
}

/** All values are computed from the item as it was; then lists grow, then elements go, the last first. */
function applyWrites(before: AttributeMap, actions: readonly BoundAction[]): AttributeMap {
  const writes: Write[] = [];
  for (const action of actions) {
    const write = action(before);
    if (write) writes.push(write);
  }
  let after = before;
  const sets = writes.filter(write => write.value !== undefined).sort(byLastIndex);
  for (const { path, value } of sets) after = setAt(after, path, value!);
  const removals = writes.filter(write => write.value === undefined).sort((a, b) => byLastIndex(b, a));
  for (const { path } of removals) after = removeAt(after, path);
  return after;
}

/** By list index where both end in one, so that positions stay true; otherwise as written. */
function byLastIndex(a: Write, b: Write): number {
  const [i, j] = [a.path[a.path.length - 1], b.path[b.path.length - 1]];
  return typeof i === 'number' && typeof j === 'number' ? i - j : Number(typeof i === 'number') - Number(typeof j === 'number');
}

class UpdateBinder {
  constructor(private readonly bindings: Bindings, private readonly problems: Problems) {}

  bind(action: UpdateAction, path: Path): BoundAction {
    switch (action.kind) {
      case 'SET': {
        const { read } = this.operand(action.value);
        return before => ({ path, value: read(before) });
      }
      case 'REMOVE':
        return () => ({ path, value: undefined });
      case 'ADD': {
        const value = this.bindings.value(action.value.placeholder, this.problems);
        this.requireType('ADD', typeOf(value), ['N', 'SS', 'NS', 'BS']);
        return before => ({ path, value: added(valueAt(before, path), value) });
      }
      case 'DELETE': {
        const value = this.bindings.value(action.value.placeholder, this.problems);
        this.requireType('DELETE', typeOf(value), ['SS', 'NS', 'BS']);
        return before => {
          const current = valueAt(before, path);
          return current && { path, value: withoutElements(current, value) };
        };
      }
    }
  }

  private operand(node: UpdateOperand): Operand {
    switch (node.kind) {
      case 'path': {
        const path = this.bindings.path(node, this.problems);
        return { path, read: item => existing(item, path) };
      }
      case 'value': {
        const value = this.bindings.value(node.placeholder, this.problems);
        return { type: typeOf(value), read: () => value };
      }
      case 'arithmetic': {
        const [left, right] = [this.operand(node.left), this.operand(node.right)];
        for (const { type } of [left, right]) {
          if (type && type !== 'N') this.wrongType(node.operator, type);
        }
        const compute = node.operator === '+' ? addNumbers : subtractNumbers;
        return { type: 'N', read: item => ({ N: compute(numberOf(left.read(item)), numberOf(right.read(item))) }) };
      }
      case 'function': return this.call(node.name, node.args.map(arg => this.operand(arg)));
    }
  }

  private call(name: string, operands: readonly Operand[]): Operand {
    const [first, second] = operands;
    if (operands.length !== 2) {
      this.problems.add(Pass.OPERAND_COUNT, 'Incorrect number of operands for operator or function; '
        + `operator or function: ${name}, number of operands: ${operands.length}`);
      return first;
    }
    if (name === 'if_not_exists') {
      const { path } = first;
      if (!path) {
        this.problems.add(Pass.OPERAND_TYPE, `Operator or function requires a document path; operator or function: ${name}`);
        return second;
      }
      return { read: item => valueAt(item, path) ?? second.read(item) };
    }
    for (const { type } of operands) {
      if (type && type !== 'L') this.wrongType(name, type);
    }
    return { type: 'L', read: item => ({ L: [...listOf(first.read(item)), ...listOf(second.read(item))] }) };
  }

  private requireType(operator: string, type: AttributeType, allowed: readonly AttributeType[]) {
    if (allowed.includes(type)) return;
    this.problems.add(Pass.OPERAND_TYPE, 'Incorrect operand type for operator or function; '
      + `operator: ${operator}, operand type: ${LONG_TYPE_NAMES[type] ?? type}`);
  }

  private wrongType(name: string, type: string) {
    this.problems.add(Pass.OPERAND_TYPE, `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`);
  }
}

function existing(item: AttributeMap, path: Path): AttributeValue {
  const value = valueAt(item, path);
  if (value === undefined) throw validationError('The provided expression refers to an attribute that does not exist in the item');
  return value;
}

function numberOf(value: AttributeValue): string {
  if (value.N === undefined) throw wrongOperand();
  return value.N;
}

function listOf(value: AttributeValue): AttributeValue[] {
  if (value.L === undefined) throw wrongOperand();
  return value.L;
}

/** ADD: a number counts from zero, a set from empty. */
function added(current: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (current === undefined) return value;
  if (current.N !== undefined && value.N !== undefined) return { N: addNumbers(current.N, value.N) };
  const type = typeOf(current);
  if (type !== typeOf(value) || type === 'N') throw wrongOperand();
  const known = new Set(setElements(current));
  return withElements(current, value, element => !known.has(element), true);
}

/** DELETE: undefined when nothing is left, for a set cannot be empty. */
function withoutElements(current: AttributeValue, value: AttributeValue): AttributeValue | undefined {
  if (typeOf(current) !== typeOf(value)) throw wrongOperand();
  const gone = new Set(setElements(value));
  const rest = withElements(current, current, element => !gone.has(element), false);
  return setElements(rest).length > 0 ? rest : undefined;
}

/** The elements of `source` that pass, in a set of their own or after those of `base`. */
function withElements(base: AttributeValue, source: AttributeValue, keep: (element: string) => boolean, append: boolean): AttributeValue {
  const tokens = setElements(source);
  const chosen = <T>(from: T[], of: T[]): T[] => [...(append ? from : []), ...of.filter((_, i) => keep(tokens[i]))];
  if (base.SS) return { SS: chosen(base.SS, source.SS!) };
  if (base.NS) return { NS: chosen(base.NS, source.NS!) };
  return { BS: chosen(base.BS!, source.BS!) };
}

function wrongOperand(): Error {
  return validationError('An operand in the update expression has an incorrect data type');
}
