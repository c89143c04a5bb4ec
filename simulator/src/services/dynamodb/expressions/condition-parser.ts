/**
 * Conditions: comparisons, BETWEEN, IN and functions under NOT, AND, OR (in this order of precedence).
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
import type { Comparator, ConditionNode, FunctionNode, OperandNode } from './ast';
import { TokenReader } from './lexer';
import { parsePath } from './path-parser';
import { Pass, type Problems } from './problems';

const COMPARATORS: ReadonlySet<string> = new Set<Comparator>(['=', '<>', '<', '<=', '>', '>=']);
const FUNCTIONS: ReadonlySet<string> = new Set([
  'attribute_exists', 'attribute_not_exists', 'attribute_type', 'begins_with', 'contains', 'size',
]);
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const MAX_IN_OPERANDS = 100;
const MAX_OPERATORS = 300;

/** A parenthesis may hold an operand or a condition; which of them is known only after it. */
type Parsed = { readonly node: OperandNode | ConditionNode; readonly isOperand: boolean; readonly inParentheses: boolean };

export function parseCondition(reader: TokenReader, problems: Problems): ConditionNode {
  return new ConditionParser(reader, problems).parse();
}

class ConditionParser {
  private operators = 0;

  constructor(private readonly reader: TokenReader, private readonly problems: Problems) {}

  parse(): ConditionNode {
    const condition = this.asCondition(this.parseOr());
    this.reader.expectEnd();
    if (this.operators > MAX_OPERATORS) {
      this.problems.add(Pass.OPERATOR_COUNT, 'The expression contains too many operators; '
        + `operator count: ${this.operators}, maximum operator count: ${MAX_OPERATORS}`);
    }
    return condition;
  }

  private parseOr(): Parsed {
    let left = this.parseAnd();
    while (this.reader.isKeyword('OR')) left = this.parseJunction('or', left, () => this.parseAnd());
    return left;
  }

  private parseAnd(): Parsed {
    let left = this.parseNot();
    while (this.reader.isKeyword('AND')) left = this.parseJunction('and', left, () => this.parseNot());
    return left;
  }

  private parseJunction(kind: 'and' | 'or', left: Parsed, parseRight: () => Parsed): Parsed {
    const condition = this.asCondition(left);
    this.reader.take();
    this.operators++;
    return parsedCondition({ kind, left: condition, right: this.asCondition(parseRight()) });
  }

  private parseNot(): Parsed {
    if (!this.reader.takeKeyword('NOT')) return this.parseComparison();
    this.operators++;
    return parsedCondition({ kind: 'not', condition: this.asCondition(this.parseNot()) });
  }

  private parseComparison(): Parsed {
    const first = this.parsePrimary();
    if (!first.isOperand) return first;
    const { reader } = this;
    if (reader.next.type === 'symbol' && COMPARATORS.has(reader.next.text)) {
      const left = this.asArgument(first);
      const comparator = reader.take().text as Comparator;
      this.operators++;
      return parsedCondition({ kind: 'compare', comparator, left, right: this.parseArgument() });
    }
    if (reader.takeKeyword('BETWEEN')) {
      this.operators++;
      const operand = this.asArgument(first);
      const low = this.parseArgument();
      if (!reader.takeKeyword('AND')) throw reader.syntaxError();
      return parsedCondition({ kind: 'between', operand, low, high: this.parseArgument() });
    }
    if (reader.takeKeyword('IN')) {
      this.operators++;
      const operand = this.asArgument(first);
      reader.expectSymbol('(');
      const candidates = [this.parseArgument()];
      while (reader.takeSymbol(',')) candidates.push(this.parseArgument());
      reader.expectSymbol(')');
      if (candidates.length > MAX_IN_OPERANDS) {
        this.problems.add(Pass.OPERAND_COUNT, 'Incorrect number of operands for operator or function; '
          + `operator or function: IN, number of operands: ${candidates.length + 1}`);
      }
      return parsedCondition({ kind: 'in', operand, candidates });
    }
    return first;
  }

  private parsePrimary(): Parsed {
    const { reader } = this;
    if (reader.takeSymbol('(')) {
      const inner = this.parseOr();
      reader.expectSymbol(')');
      if (inner.inParentheses) this.problems.add(Pass.REDUNDANT_PARENTHESES, 'The expression has redundant parentheses;');
      return { ...inner, inParentheses: true };
    }
    return { node: this.parseOperand(), isOperand: true, inParentheses: false };
  }

  private parseOperand(): OperandNode {
    const { reader } = this;
    if (reader.next.type === 'valuePlaceholder') return { kind: 'value', placeholder: reader.take().text };
    if (reader.next.type === 'name' && reader.afterNext.type === 'symbol' && reader.afterNext.text === '(' && !isOperatorWord(reader.next.text)) {
      return this.parseFunction();
    }
    if (reader.next.type === 'name' && isOperatorWord(reader.next.text)) throw reader.syntaxError();
    return parsePath(reader, this.problems);
  }

  private parseFunction(): FunctionNode {
    const { reader } = this;
    const name = reader.take().text;
    if (!FUNCTIONS.has(name)) this.problems.add(Pass.FUNCTION_NAME, `Invalid function name; function: ${name}`);
    this.operators++;
    reader.expectSymbol('(');
    const args = [this.parseArgument()];
    while (reader.takeSymbol(',')) args.push(this.parseArgument());
    reader.expectSymbol(')');
    return { kind: 'function', name, args };
  }

  private parseArgument(): OperandNode {
    return this.asArgument(this.parsePrimary());
  }

  /** Only `size` has a value that can be compared. */
  private asArgument(parsed: Parsed): OperandNode {
    if (!parsed.isOperand) throw this.reader.syntaxError();
    const node = parsed.node as OperandNode;
    if (node.kind === 'function' && node.name !== 'size') this.misused(node);
    return node;
  }

  private asCondition(parsed: Parsed): ConditionNode {
    if (!parsed.isOperand) return parsed.node as ConditionNode;
    const node = parsed.node as OperandNode;
    if (node.kind !== 'function') throw this.reader.syntaxError();
    if (node.name === 'size') this.misused(node);
    return node;
  }

  private misused({ name }: FunctionNode) {
    this.problems.add(Pass.FUNCTION_USE, `The function is not allowed to be used this way in an expression; function: ${name}`);
  }
}

function parsedCondition(node: ConditionNode): Parsed {
  return { node, isOperand: false, inParentheses: false };
}

function isOperatorWord(word: string): boolean {
  const upper = word.toUpperCase();
  return upper === 'AND' || upper === 'OR' || upper === 'NOT' || upper === 'BETWEEN' || upper === 'IN';
}
