import type jsonata from 'jsonata';
import { misuse } from './misuse';

/** Loaded with the first expression: most apps write none, and should not wait for it. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadParser = (): typeof jsonata => require('jsonata');

/** Strings, quoted names, comments, and the groups of regular expressions. */
const LITERALS = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\/\*[\s\S]*?\*\/|\(\?:/g;

/**
 * The expression inside `{% … %}`, parsed once so that a typing mistake fails at synthesis and not in production. The parser is
 * newer than the language that Step Functions has, so what came later is refused, wherever the expression is evaluated.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 * @throws a sentence with the expression and what the parser says, when it is not JSONata in `{% %}`
 */
export function parseJsonata(what: string, text: string): string {
  const match = /^\s*\{%([\s\S]*)%\}\s*$/.exec(text);
  if (!match) throw misuse(undefined, `${what} must be a JSONata expression in {% %}, received '${text}'`);
  const expression = match[1].trim();
  try {
    loadParser()(expression);
  } catch (error) {
    const { message, position } = error as { message: string; position?: number };
    throw misuse(undefined, `${what} does not parse as JSONata: ${message} at position ${position ?? 0} of '${expression}'`);
  }
  const unknown = /\$eval\b|\?\?|\?:/.exec(expression.replace(LITERALS, ''));
  if (unknown) throw misuse(undefined, `${what} uses '${unknown[0]}', which Step Functions' JSONata (2.0.6) does not have: '${expression}'`);
  return expression;
}
