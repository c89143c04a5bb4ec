/**
 * The words of an expression.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html#Expressions.OperatorsAndFunctions.Syntax
 */
import { validationError } from '../errors';

export type ExpressionKind = 'ConditionExpression' | 'FilterExpression' | 'KeyConditionExpression' | 'UpdateExpression' | 'ProjectionExpression';

export interface Token {
  readonly type: 'name' | 'namePlaceholder' | 'valuePlaceholder' | 'integer' | 'symbol' | 'unknown' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html: 4 KB per expression. */
const MAX_EXPRESSION_BYTES = 4096;

const TOKEN = /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|(\d+)|(<>|<=|>=|[-+=<>()[\],.])|(\S))/y;

export function tokenize(kind: ExpressionKind, text: string): Token[] {
  if (text.trim() === '') throw validationError(`Invalid ${kind}: The expression can not be empty;`);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_EXPRESSION_BYTES) {
    throw validationError(`Invalid ${kind}: Expression size has exceeded the maximum allowed size; expression size: ${bytes}`);
  }
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const [, name, namePlaceholder, valuePlaceholder, integer, symbol, unknown] = match;
    const word = (name ?? namePlaceholder ?? valuePlaceholder ?? integer ?? symbol ?? unknown)!;
    const type = name !== undefined ? 'name'
      : namePlaceholder !== undefined ? 'namePlaceholder'
        : valuePlaceholder !== undefined ? 'valuePlaceholder'
          : integer !== undefined ? 'integer'
            : symbol !== undefined ? 'symbol' : 'unknown';
    tokens.push({ type, text: word, start: TOKEN.lastIndex - word.length, end: TOKEN.lastIndex });
  }
  tokens.push({ type: 'end', text: '<EOF>', start: text.length, end: text.length });
  return tokens;
}

/** What the parsers read from: one token ahead. */
export class TokenReader {
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(readonly kind: ExpressionKind, private readonly text: string) {
    this.tokens = tokenize(kind, text);
  }

  get next(): Token {
    return this.tokens[this.position];
  }

  get afterNext(): Token {
    return this.tokens[Math.min(this.position + 1, this.tokens.length - 1)];
  }

  take(): Token {
    const token = this.next;
    if (token.type !== 'end') this.position++;
    return token;
  }

  isSymbol(text: string): boolean {
    return this.next.type === 'symbol' && this.next.text === text;
  }

  takeSymbol(text: string): boolean {
    if (!this.isSymbol(text)) return false;
    this.position++;
    return true;
  }

  expectSymbol(text: string): void {
    if (!this.takeSymbol(text)) throw this.syntaxError();
  }

  isKeyword(word: string): boolean {
    return this.next.type === 'name' && this.next.text.toUpperCase() === word;
  }

  takeKeyword(word: string): boolean {
    if (!this.isKeyword(word)) return false;
    this.position++;
    return true;
  }

  expectEnd(): void {
    if (this.next.type !== 'end') throw this.syntaxError();
  }

  /** Names the next token, with its neighbours. */
  syntaxError(): Error {
    const before = this.tokens[Math.max(this.position - 1, 0)];
    const near = this.text.slice(before.start, this.afterNext.end).trim();
    return validationError(`Invalid ${this.kind}: Syntax error; token: "${this.next.text}", near: "${near}"`);
  }
}
