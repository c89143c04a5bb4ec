import jsonata from 'jsonata';
import { misuse } from './misuse';

/**
 * The expression inside `{% … %}`, parsed once so that a typing mistake fails at synthesis and not in production.
 * @throws a sentence with the expression and what the parser says, when it is not JSONata in `{% %}`
 */
export function parseJsonata(what: string, text: string): string {
  const match = /^\s*\{%([\s\S]*)%\}\s*$/.exec(text);
  if (!match) throw misuse(undefined, `${what} must be a JSONata expression in {% %}, received '${text}'`);
  const expression = match[1].trim();
  try {
    jsonata(expression);
  } catch (error) {
    const { message, position } = error as { message: string; position?: number };
    throw misuse(undefined, `${what} does not parse as JSONata: ${message} at position ${position ?? 0} of '${expression}'`);
  }
  return expression;
}
