import { parsePath } from '../jsonpath/parser';
import { Path } from '../jsonpath/path';

export type Argument =
  | { readonly kind: 'path'; readonly path: Path }
  /** `raw` keeps the backslashes: for `States.Format` an escaped brace is not a placeholder. */
  | { readonly kind: 'text'; readonly raw: string }
  | { readonly kind: 'value'; readonly value: number | boolean | null }
  | { readonly kind: 'call'; readonly call: IntrinsicCall };

export interface IntrinsicCall {
  readonly text: string;
  readonly name: string;
  readonly arguments: readonly Argument[];
}

export class InvalidIntrinsic extends Error {
  constructor(text: string, reason: string) {
    super(`invalid intrinsic function '${text}': ${reason}`);
    this.name = 'InvalidIntrinsic';
  }
}

export function isIntrinsic(text: string): boolean {
  return text.startsWith('States.');
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html */
export function parseIntrinsic(text: string): IntrinsicCall {
  const parser = new Parser(text);
  const call = parser.call();
  if (parser.rest.trim() !== '') throw new InvalidIntrinsic(text, `unexpected '${parser.rest}'`);
  return call;
}

/** Takes the backslash from before quotes, braces and backslashes; any other one is an ordinary character. */
export function unescapeText(raw: string): string {
  return raw.replace(/\\(['{}\\])/g, '$1');
}

class Parser {
  private position = 0;

  constructor(private readonly text: string) {}

  get rest(): string {
    return this.text.slice(this.position);
  }

  call(): IntrinsicCall {
    const start = this.position;
    const head = /^(States\.[A-Za-z0-9]+)\s*\(/.exec(this.rest);
    if (!head) throw this.error(`a function call such as States.Format('{}', $.name) is expected at '${this.rest}'`);
    this.position += head[0].length;
    const args: Argument[] = [];
    this.spaces();
    if (!this.take(')')) {
      do {
        this.spaces();
        args.push(this.argument());
        this.spaces();
      } while (this.take(','));
      if (!this.take(')')) throw this.error(`')' is expected ${this.rest === '' ? 'at the end' : `at '${this.rest}'`}`);
    }
    return { text: this.text.slice(start, this.position), name: head[1], arguments: args };
  }

  private argument(): Argument {
    if (this.take("'")) return { kind: 'text', raw: this.quoted() };
    if (this.rest.startsWith('States.')) return { kind: 'call', call: this.call() };
    if (this.rest.startsWith('$')) return { kind: 'path', path: parsePath(this.pathText()) };
    const token = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=\s*[,)])/.exec(this.rest)?.[0];
    if (token === undefined) throw this.error(`an argument is expected at '${this.rest}': a path, a text in single quotes, a number, true, false, null or a call`);
    this.position += token.length;
    return { kind: 'value', value: JSON.parse(token) as number | boolean | null };
  }

  private quoted(): string {
    const start = this.position;
    while (this.position < this.text.length) {
      if (this.text[this.position] === '\\') this.position += 2;
      else if (this.text[this.position] === "'") return this.text.slice(start, this.position++);
      else this.position++;
    }
    throw this.error('a quote is not closed');
  }

  /** A path ends at the comma or parenthesis that is not inside its own brackets, parentheses or quotes. */
  private pathText(): string {
    const start = this.position;
    let depth = 0;
    let quote: string | undefined;
    for (; this.position < this.text.length; this.position++) {
      const character = this.text[this.position];
      if (quote !== undefined) {
        if (character === '\\') this.position++;
        else if (character === quote) quote = undefined;
      } else if (depth > 0 && (character === "'" || character === '"')) {
        quote = character;
      } else if (character === '[' || character === '(') {
        depth++;
      } else if (depth > 0 && (character === ']' || character === ')')) {
        depth--;
      } else if (depth === 0 && (character === ',' || character === ')')) {
        break;
      }
    }
    return this.text.slice(start, this.position).trimEnd();
  }

  private error(reason: string): InvalidIntrinsic {
    return new InvalidIntrinsic(this.text, reason);
  }

  private spaces(): void {
    while (/\s/.test(this.text[this.position] ?? '')) this.position++;
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.position)) return false;
    this.position += token.length;
    return true;
  }
}
