/**
 * Update expressions: SET, REMOVE, ADD and DELETE sections, each at most once.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
 */
import type { UpdateAction, UpdateOperand, ValueNode } from './ast';
import type { TokenReader } from './lexer';
import { parsePath } from './path-parser';
import { Pass, type Problems } from './problems';

const SECTIONS = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;
type Section = typeof SECTIONS[number];

const FUNCTIONS: ReadonlySet<string> = new Set(['if_not_exists', 'list_append']);

export function parseUpdate(reader: TokenReader, problems: Problems): UpdateAction[] {
  const actions: UpdateAction[] = [];
  const seen = new Set<Section>();
  do {
    const section = SECTIONS.find(each => reader.isKeyword(each));
    if (!section) throw reader.syntaxError();
    reader.take();
    if (seen.has(section)) {
      problems.add(Pass.REPEATED_SECTION, `The "${section}" section can only be used once in an update expression;`);
    }
    seen.add(section);
    do actions.push(parseAction(reader, problems, section));
    while (reader.takeSymbol(','));
  } while (reader.next.type !== 'end');
  return actions;
}

function parseAction(reader: TokenReader, problems: Problems, section: Section): UpdateAction {
  const path = parsePath(reader, problems);
  if (section === 'REMOVE') return { kind: 'REMOVE', path };
  if (section === 'SET') {
    reader.expectSymbol('=');
    return { kind: 'SET', path, value: parseValue(reader, problems) };
  }
  if (reader.next.type !== 'valuePlaceholder') throw reader.syntaxError();
  return { kind: section, path, value: { kind: 'value', placeholder: reader.take().text } };
}

/** An operand, or the sum or difference of two. */
function parseValue(reader: TokenReader, problems: Problems): UpdateOperand {
  const left = parseOperand(reader, problems);
  const operator = reader.isSymbol('+') ? '+' : reader.isSymbol('-') ? '-' : undefined;
  if (!operator) return left;
  reader.take();
  return { kind: 'arithmetic', operator, left, right: parseOperand(reader, problems) };
}

function parseOperand(reader: TokenReader, problems: Problems): UpdateOperand {
  if (reader.next.type === 'valuePlaceholder') return { kind: 'value', placeholder: reader.take().text } satisfies ValueNode;
  if (reader.takeSymbol('(')) {
    const inner = parseValue(reader, problems);
    reader.expectSymbol(')');
    return inner;
  }
  const isCall = reader.next.type === 'name' && reader.afterNext.type === 'symbol' && reader.afterNext.text === '(';
  if (!isCall) return parsePath(reader, problems);
  const name = reader.take().text;
  if (!FUNCTIONS.has(name)) problems.add(Pass.FUNCTION_NAME, `Invalid function name; function: ${name}`);
  reader.expectSymbol('(');
  const args = [parseOperand(reader, problems)];
  while (reader.takeSymbol(',')) args.push(parseOperand(reader, problems));
  reader.expectSymbol(')');
  return { kind: 'function', name, args };
}
