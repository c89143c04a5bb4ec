/**
 * Conditions bound to the placeholders of a request: checked once, then asked of any number of items.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
import { type Comparator, type ConditionNode, type FunctionNode, type OperandNode, type Path, showPath } from './ast';
import type { Bindings } from './bindings';
import type { ExpressionKind } from './lexer';
import { parseConditionExpression } from './parse';
import { valueAt } from './paths';
import { Pass, Problems } from './problems';
import {
  ATTRIBUTE_TYPES, type AttributeMap, type AttributeType, type AttributeValue, binaryToken, compareValues, equalValues, setElements, typeOf,
} from '../values';

/** Whether the item satisfies the condition; an item that does not exist is an empty map. */
export type Condition = (item: AttributeMap) => boolean;

export interface BoundCondition {
  readonly holds: Condition;
  /** The paths that the condition reads. */
  readonly paths: readonly Path[];
}

interface Operand {
  readonly read: (item: AttributeMap) => AttributeValue | undefined;
  /** Known before any item is read. */
  readonly type?: AttributeType;
  readonly value?: AttributeValue;
  readonly path?: Path;
}

export function bindCondition(kind: ExpressionKind, text: unknown, bindings: Bindings): BoundCondition {
  return new ConditionBinder(kind, bindings).bindAll(parseConditionExpression(kind, text));
}

const ORDERED: ReadonlySet<AttributeType> = new Set<AttributeType>(['S', 'N', 'B']);
const SIZED: ReadonlySet<AttributeType> = new Set<AttributeType>(['S', 'B', 'SS', 'NS', 'BS', 'L', 'M']);

class ConditionBinder {
  private readonly problems: Problems;
  private readonly paths: Path[] = [];

  constructor(kind: ExpressionKind, private readonly bindings: Bindings) {
    this.problems = new Problems(kind);
  }

  bindAll(node: ConditionNode): BoundCondition {
    const holds = this.bind(node);
    this.problems.throwFirst();
    return { holds, paths: this.paths };
  }

  private bind(node: ConditionNode): Condition {
    switch (node.kind) {
      case 'and': {
        const [left, right] = [this.bind(node.left), this.bind(node.right)];
        return item => left(item) && right(item);
      }
      case 'or': {
        const [left, right] = [this.bind(node.left), this.bind(node.right)];
        return item => left(item) || right(item);
      }
      case 'not': {
        const condition = this.bind(node.condition);
        return item => !condition(item);
      }
      case 'compare': return this.bindComparison(node.comparator, this.operand(node.left), this.operand(node.right));
      case 'between': return this.bindBetween(this.operand(node.operand), this.operand(node.low), this.operand(node.high));
      case 'in': {
        const operand = this.operand(node.operand);
        const candidates = node.candidates.map(each => this.operand(each));
        this.requireDistinct('IN', [operand, ...candidates]);
        return item => {
          const value = operand.read(item);
          return value !== undefined && candidates.some(candidate => {
            const other = candidate.read(item);
            return other !== undefined && equalValues(value, other);
          });
        };
      }
      case 'function': return this.bindFunction(node);
    }
  }

  private bindComparison(comparator: Comparator, left: Operand, right: Operand): Condition {
    this.requireDistinct(comparator, [left, right]);
    if (comparator === '=' || comparator === '<>') {
      const wanted = comparator === '=';
      // An attribute that is absent equals nothing, so `<>` holds.
      return item => {
        const [a, b] = [left.read(item), right.read(item)];
        return (a !== undefined && b !== undefined && equalValues(a, b)) === wanted;
      };
    }
    this.requireOrdered(comparator, [left, right]);
    // Values of different types have no order: the comparison is false.
    return item => {
      const [a, b] = [left.read(item), right.read(item)];
      const order = a && b && compareValues(a, b);
      if (order === undefined) return false;
      switch (comparator) {
        case '<': return order < 0;
        case '<=': return order <= 0;
        case '>': return order > 0;
        default: return order >= 0;
      }
    };
  }

  private bindBetween(operand: Operand, low: Operand, high: Operand): Condition {
    this.requireDistinct('BETWEEN', [operand, low, high]);
    this.requireOrdered('BETWEEN', [operand, low, high]);
    if (low.value && high.value) {
      const [lowValue, highValue] = [low.value, high.value];
      const bounds = `lower bound operand: ${showValue(lowValue)}, upper bound operand: ${showValue(highValue)}`;
      const order = compareValues(lowValue, highValue);
      if (order === undefined) {
        this.problems.add(Pass.BOUNDS, `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
      } else if (order > 0) {
        this.problems.add(Pass.BOUNDS, `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`);
      }
    }
    return item => {
      const [value, from, to] = [operand.read(item), low.read(item), high.read(item)];
      const fromOrder = value && from && compareValues(value, from);
      const toOrder = value && to && compareValues(value, to);
      return fromOrder !== undefined && toOrder !== undefined && fromOrder >= 0 && toOrder <= 0;
    };
  }

  private bindFunction({ name, args }: FunctionNode): Condition {
    const operands = args.map(arg => this.operand(arg));
    const [first, second] = operands;
    this.requireOperands(name, operands, name === 'attribute_exists' || name === 'attribute_not_exists' ? 1 : 2);
    this.requireDistinct(name, operands);
    switch (name) {
      case 'attribute_exists':
      case 'attribute_not_exists': {
        if (!first.path) this.requiresPath(name);
        const wanted = name === 'attribute_exists';
        return item => (first.read(item) !== undefined) === wanted;
      }
      case 'attribute_type': {
        if (second?.type !== 'S') this.wrongType(name, second?.type ?? `{${ATTRIBUTE_TYPES.join(',')}}`);
        const type = second?.value?.S as AttributeType;
        if (second?.value?.S !== undefined && !ATTRIBUTE_TYPES.includes(type)) {
          this.problems.add(Pass.TYPE_NAME, `Invalid attribute type name found; type: ${type}, valid types: {${ATTRIBUTE_TYPES.join(',')}}`);
        }
        return item => {
          const value = first.read(item);
          return value !== undefined && typeOf(value) === type;
        };
      }
      case 'begins_with':
        for (const operand of operands) {
          if (operand.type && operand.type !== 'S' && operand.type !== 'B') this.wrongType(name, operand.type);
        }
        return item => beginsWith(first.read(item), second.read(item));
      default:
        return item => contains(first.read(item), second.read(item));
    }
  }

  private operand(node: OperandNode): Operand {
    switch (node.kind) {
      case 'path': {
        const path = this.bindings.path(node, this.problems);
        this.paths.push(path);
        return { path, read: path.length === 1 ? item => Object.hasOwn(item, path[0]) ? item[path[0]] : undefined : item => valueAt(item, path) };
      }
      case 'value': {
        const value = this.bindings.value(node.placeholder, this.problems);
        return { value, type: typeOf(value), read: () => value };
      }
      case 'function': {
        const operands = node.args.map(arg => this.operand(arg));
        this.requireOperands('size', operands, 1);
        const [{ type, read }] = operands;
        if (type && !SIZED.has(type)) this.wrongType('size', type);
        return { type: 'N', read: item => sizeOf(read(item)) };
      }
    }
  }

  private requireOperands(name: string, operands: readonly Operand[], count: number) {
    if (operands.length === count) return;
    this.problems.add(Pass.OPERAND_COUNT, 'Incorrect number of operands for operator or function; '
      + `operator or function: ${name}, number of operands: ${operands.length}`);
  }

  private requireOrdered(operator: string, operands: readonly Operand[]) {
    for (const { type } of operands) {
      if (type && !ORDERED.has(type)) {
        this.problems.add(Pass.OPERAND_TYPE, `Incorrect operand type for operator or function; operator: ${operator}, operand type: ${type}`);
      }
    }
  }

  private requireDistinct(operator: string, [first, ...others]: readonly Operand[]) {
    const { path } = first;
    if (!path) return;
    const shown = showPath(path);
    if (others.some(other => other.path && showPath(other.path) === shown)) {
      this.problems.add(Pass.DISTINCT_OPERANDS, 'The first operand must be distinct from the remaining operands for this operator or function; '
        + `operator: ${operator}, first operand: ${shown}`);
    }
  }

  private requiresPath(name: string) {
    this.problems.add(Pass.OPERAND_TYPE, `Operator or function requires a document path; operator or function: ${name}`);
  }

  private wrongType(name: string, type: string) {
    this.problems.add(Pass.OPERAND_TYPE, `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`);
  }
}

function beginsWith(value: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  if (!value || !prefix) return false;
  if (value.S !== undefined && prefix.S !== undefined) return value.S.startsWith(prefix.S);
  return value.B !== undefined && prefix.B !== undefined && binaryToken(value.B).startsWith(binaryToken(prefix.B));
}

/** A substring, an element of a set (of the set's type), or an element of a list (of any type). */
function contains(container: AttributeValue | undefined, sought: AttributeValue | undefined): boolean {
  if (!container || !sought) return false;
  switch (typeOf(container)) {
    case 'S': return sought.S !== undefined && container.S!.includes(sought.S);
    case 'B': return sought.B !== undefined && binaryToken(container.B!).includes(binaryToken(sought.B));
    case 'SS': return sought.S !== undefined && container.SS!.includes(sought.S);
    case 'NS': return sought.N !== undefined && container.NS!.includes(sought.N);
    case 'BS': return sought.B !== undefined && setElements(container).includes(binaryToken(sought.B));
    case 'L': return container.L!.some(element => equalValues(element, sought));
    default: return false;
  }
}

function sizeOf(value: AttributeValue | undefined): AttributeValue | undefined {
  if (!value) return undefined;
  const size = value.S?.length ?? value.B?.length ?? (value.SS ?? value.NS ?? value.BS ?? value.L)?.length
    ?? (value.M && Object.keys(value.M).length);
  return size === undefined ? undefined : { N: String(size) };
}

function showValue(value: AttributeValue): string {
  const type = typeOf(value);
  const content = type === 'B' ? Buffer.from(value.B!).toString('base64') : String(value[type]);
  return `AttributeValue: {${type}:${content}}`;
}
