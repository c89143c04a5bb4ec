import { Filter, Operand } from './filter';
import { isDefinite, Path, Root, Segment } from './path';
import { Json } from '../json';

/** A text that is not a path. */
export class InvalidPath extends Error {
  constructor(text: string, reason: string) {
    super(`invalid JSONPath '${text}': ${reason}`);
    this.name = 'InvalidPath';
  }
}

const FUNCTIONS = new Set(['length', 'size', 'min', 'max', 'avg', 'sum', 'stddev', 'keys', 'first', 'last']);
const WORD_OPERATORS = ['in', 'nin', 'subsetof', 'anyof', 'noneof', 'contains', 'size', 'empty'];
const SIGN_OPERATORS = ['===', '!==', '==', '!=', '<=', '>=', '=~', '<', '>'];

/** Parses the JSONPath dialect of Step Functions, which is Jayway's, plus `$$` for the context object and `$name` for variables. */
export function parsePath(text: string): Path {
  const parser = new Parser(text);
  const path = parser.path();
  if (!parser.atEnd) throw parser.error(`unexpected '${parser.rest}'`);
  return path;
}

class Parser {
  private position = 0;

  constructor(private readonly text: string) {}

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  get rest(): string {
    return this.text.slice(this.position);
  }

  error(reason: string): InvalidPath {
    return new InvalidPath(this.text, reason);
  }

  path(insideFilter = false): Path {
    const start = this.position;
    const root = this.root(insideFilter);
    const segments: Segment[] = [];
    for (;;) {
      if (this.take('..')) {
        segments.push({ kind: 'descend' });
        segments.push(this.peek('[') ? this.bracket() : this.dotted(insideFilter));
      } else if (this.take('.')) {
        segments.push(this.dotted(insideFilter));
      } else if (this.peek('[')) {
        segments.push(this.bracket());
      } else {
        break;
      }
    }
    // Several names at the end select one object.
    const definite = segments.every((segment, index) => isDefinite(segment) || (segment.kind === 'names' && index === segments.length - 1));
    return { text: this.text.slice(start, this.position), root, segments, definite };
  }

  private root(insideFilter: boolean): Root {
    if (insideFilter && this.take('@')) return { kind: 'element' };
    if (this.take('$$')) return { kind: 'context' };
    if (!this.take('$')) throw this.error("a path starts with '$'");
    const name = /^[\p{ID_Start}_][\p{ID_Continue}]*/u.exec(this.rest)?.[0];
    if (name === undefined) return { kind: 'input' };
    this.position += name.length;
    return { kind: 'variable', name };
  }

  private dotted(insideFilter: boolean): Segment {
    if (this.take('*')) return { kind: 'wildcard' };
    // Inside a filter a name also ends where an operator, a parenthesis or the filter itself can follow.
    const name = (insideFilter ? /^[^.[\]\s()=!<>&|,~]+/ : /^[^.[\]\s()]+/).exec(this.rest)?.[0];
    if (name === undefined) throw this.error(this.atEnd ? 'a path must not end with a dot' : `a property name is expected before '${this.rest}'`);
    this.position += name.length;
    if (this.take('()')) {
      if (!FUNCTIONS.has(name)) throw this.error(`unknown function '${name}()'`);
      return { kind: 'call', name };
    }
    return { kind: 'names', names: [name] };
  }

  private bracket(): Segment {
    this.expect('[');
    this.spaces();
    let segment: Segment;
    if (this.take('*')) {
      segment = { kind: 'wildcard' };
    } else if (this.take('?')) {
      this.spaces();
      this.expect('(');
      segment = { kind: 'filter', filter: this.or() };
      this.expect(')');
    } else if (this.peek("'") || this.peek('"')) {
      segment = { kind: 'names', names: this.list(() => this.quotedName()) };
    } else {
      segment = this.indexes();
    }
    this.spaces();
    this.expect(']');
    return segment;
  }

  private indexes(): Segment {
    const from = this.integer();
    this.spaces();
    if (this.take(':')) {
      this.spaces();
      return { kind: 'slice', from, to: this.integer() };
    }
    if (from === undefined) throw this.error(`an index, a slice, a name in quotes, '*' or a filter is expected at '${this.rest}'`);
    const indexes = [from];
    while (this.take(',')) {
      this.spaces();
      const next = this.integer();
      if (next === undefined) throw this.error(`an index is expected at '${this.rest}'`);
      indexes.push(next);
      this.spaces();
    }
    return { kind: 'indexes', indexes };
  }

  private integer(): number | undefined {
    const digits = /^-?\d+/.exec(this.rest)?.[0];
    if (digits === undefined) return undefined;
    this.position += digits.length;
    return Number(digits);
  }

  /** A name in brackets: only its own quote and the backslash before it are escapes, as executions recorded on AWS show. */
  private quotedName(): string {
    const quote = this.text[this.position++];
    let name = '';
    for (;;) {
      if (this.atEnd) throw this.error('a quote is not closed');
      const character = this.text[this.position++];
      if (character === quote) return name;
      if (character === '\\' && this.text[this.position] === quote) name += this.text[this.position++];
      else name += character;
    }
  }

  private or(): Filter {
    const operands = [this.and()];
    while (this.take('||')) operands.push(this.and());
    return operands.length === 1 ? operands[0] : { kind: 'or', operands };
  }

  private and(): Filter {
    const operands = [this.unary()];
    while (this.take('&&')) operands.push(this.unary());
    return operands.length === 1 ? operands[0] : { kind: 'and', operands };
  }

  private unary(): Filter {
    this.spaces();
    let filter: Filter;
    if (this.peek('!') && !this.peek('!=')) {
      this.expect('!');
      filter = { kind: 'not', operand: this.unary() };
    } else if (this.take('(')) {
      filter = this.or();
      this.spaces();
      this.expect(')');
    } else {
      filter = this.comparison();
    }
    this.spaces();
    return filter;
  }

  private comparison(): Filter {
    const left = this.operand();
    this.spaces();
    const operator = this.operator();
    if (operator === undefined) {
      if (left.kind !== 'path') throw this.error('a filter compares values or asks whether a path exists');
      return { kind: 'exists', path: left.path };
    }
    this.spaces();
    return { kind: 'compare', operator, left, right: this.operand() };
  }

  private operator(): string | undefined {
    const sign = SIGN_OPERATORS.find((candidate) => this.take(candidate));
    if (sign) return sign;
    const word = /^[a-zA-Z]+/.exec(this.rest)?.[0].toLowerCase();
    if (word === undefined || !WORD_OPERATORS.includes(word)) return undefined;
    this.position += word.length;
    return word;
  }

  private operand(): Operand {
    if (this.peek('@') || this.peek('$')) return { kind: 'path', path: this.path(true) };
    if (this.peek('/')) return this.regex();
    return { kind: 'literal', value: this.literal() };
  }

  private regex(): Operand {
    const match = /^\/((?:[^/\\]|\\.)*)\/([a-z]*)/.exec(this.rest);
    if (!match) throw this.error('a regular expression is not closed');
    this.position += match[0].length;
    try {
      return { kind: 'regex', regex: new RegExp(match[1], match[2].replace(/[^imsu]/g, '')) };
    } catch {
      throw this.error(`the regular expression ${match[0]} does not compile`);
    }
  }

  private literal(): Json {
    if (this.peek("'") || this.peek('"')) return this.quotedName();
    if (this.take('[')) {
      this.spaces();
      if (this.take(']')) return [];
      const items = this.list(() => this.literal());
      this.expect(']');
      return items;
    }
    const token = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(this.rest)?.[0];
    if (token === undefined) throw this.error(`a value is expected at '${this.rest}'`);
    this.position += token.length;
    return JSON.parse(token) as Json;
  }

  private list<T>(item: () => T): T[] {
    const items: T[] = [];
    do {
      this.spaces();
      items.push(item());
      this.spaces();
    } while (this.take(','));
    return items;
  }

  private spaces(): void {
    while (this.text[this.position] === ' ') this.position++;
  }

  private peek(token: string): boolean {
    return this.text.startsWith(token, this.position);
  }

  private take(token: string): boolean {
    if (!this.peek(token)) return false;
    this.position += token.length;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw this.error(`'${token}' is expected ${this.atEnd ? 'at the end' : `at '${this.rest}'`}`);
  }
}
