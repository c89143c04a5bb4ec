/**
 * Document paths: `a`, `#a.b[2].#c`.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.Attributes.html
 */
import type { PathNode, PathPart } from './ast';
import type { TokenReader } from './lexer';
import { Pass, type Problems } from './problems';
import { isReservedWord } from '../reserved-words';

const SECTION_WORD = /^(?:set|remove|add|delete)$/i;

export function parsePath(reader: TokenReader, problems: Problems): PathNode {
  const parts: PathPart[] = [parseName(reader, problems)];
  for (;;) {
    if (reader.takeSymbol('.')) {
      parts.push(parseName(reader, problems));
    } else if (reader.isSymbol('[')) {
      reader.take();
      if (reader.next.type !== 'integer') throw reader.syntaxError();
      parts.push({ kind: 'index', index: Number(reader.take().text) });
      reader.expectSymbol(']');
    } else {
      return pathNode(parts);
    }
  }
}

function pathNode(parts: readonly PathPart[]): PathNode {
  const literal: (string | number)[] = [];
  for (const part of parts) {
    if (part.kind === 'placeholder') return { kind: 'path', parts };
    literal.push(part.kind === 'name' ? part.name : part.index);
  }
  return { kind: 'path', parts, literal };
}

function parseName(reader: TokenReader, problems: Problems): PathPart {
  const { type, text } = reader.next;
  if (type === 'namePlaceholder') {
    reader.take();
    return { kind: 'placeholder', placeholder: text };
  }
  if (type !== 'name' || (reader.kind === 'UpdateExpression' && SECTION_WORD.test(text))) throw reader.syntaxError();
  reader.take();
  if (isReservedWord(text)) problems.add(Pass.RESERVED_WORD, `Attribute name is a reserved keyword; reserved keyword: ${text}`);
  return { kind: 'name', name: text };
}

/** ProjectionExpression: paths, separated by commas. */
export function parsePathList(reader: TokenReader, problems: Problems): PathNode[] {
  const paths = [parsePath(reader, problems)];
  while (reader.takeSymbol(',')) paths.push(parsePath(reader, problems));
  reader.expectEnd();
  return paths;
}

/** Two overlapping or conflicting document paths in one expression are refused. */
export function overlapMessage(one: string, two: string, verb: 'overlap' | 'conflict'): string {
  return `Two document paths ${verb} with each other; must remove or rewrite one of these paths; path one: ${one}, path two: ${two}`;
}

