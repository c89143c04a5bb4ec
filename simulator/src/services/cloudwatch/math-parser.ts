/** An expression of metric math. */
export type MathNode =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  /** The id of a metric or of another expression. */
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'negate'; readonly operand: MathNode }
  | { readonly kind: 'operation'; readonly operator: string; readonly left: MathNode; readonly right: MathNode }
  | { readonly kind: 'call'; readonly name: string; readonly parameters: readonly MathNode[] };

/** Binary operators from the loosest to the tightest. */
const PRECEDENCE: ReadonlyArray<readonly string[]> = [
  ['OR', '||'], ['AND', '&&'], ['==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/'], ['^'],
];

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax */
export function parseMath(expression: string): MathNode {
  return new Parser(expression).parse();
}

class Parser {
  private readonly tokens: string[];
  private position = 0;

  constructor(private readonly expression: string) {
    this.tokens = expression.match(/"[^"]*"|'[^']*'|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+|[A-Za-z_]\w*|<=|>=|==|!=|&&|\|\||[-+*/^()<>,[\]]|\S/g) ?? [];
  }

  parse(): MathNode {
    const node = this.binary(0);
    if (this.position < this.tokens.length) this.fail(`unexpected '${this.tokens[this.position]}'`);
    return node;
  }

  private binary(level: number): MathNode {
    if (level === PRECEDENCE.length) return this.unary();
    let left = this.binary(level + 1);
    while (PRECEDENCE[level].includes(this.tokens[this.position])) {
      const operator = this.tokens[this.position++];
      left = { kind: 'operation', operator, left, right: this.binary(level + 1) };
    }
    return left;
  }

  private unary(): MathNode {
    if (this.tokens[this.position] !== '-') return this.primary();
    this.position++;
    return { kind: 'negate', operand: this.unary() };
  }

  private primary(): MathNode {
    const token = this.tokens[this.position++] ?? this.fail('it ends too early');
    if (token === '(') {
      const node = this.binary(0);
      this.expect(')');
      return node;
    }
    if (token === '[') return { kind: 'call', name: '[]', parameters: this.list(']') };
    if (/^[\d.]/.test(token)) return { kind: 'number', value: Number(token) };
    if (/^["']/.test(token)) return { kind: 'text', value: token.slice(1, -1) };
    if (!/^[A-Za-z_]/.test(token)) this.fail(`unexpected '${token}'`);
    if (this.tokens[this.position] !== '(') return { kind: 'id', id: token };
    this.position++;
    return { kind: 'call', name: token.toUpperCase(), parameters: this.list(')') };
  }

  private list(end: string): MathNode[] {
    const parameters: MathNode[] = [];
    while (this.tokens[this.position] !== end) {
      parameters.push(this.binary(0));
      if (this.tokens[this.position] !== end) this.expect(',');
    }
    this.position++;
    return parameters;
  }

  private expect(token: string) {
    if (this.tokens[this.position++] !== token) this.fail(`'${token}' is missing`);
  }

  private fail(why: string): never {
    throw new Error(`metric math expression '${this.expression}' is not valid: ${why}`);
  }
}
