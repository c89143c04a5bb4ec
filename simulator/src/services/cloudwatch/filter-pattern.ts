import { JsonPath } from '../events/json-path';

/** Whether a log line matches; `document` is the line as JSON, if it is some. */
export type FilterPattern = (line: string, document: unknown) => boolean;

/**
 * Compiles a filter pattern of terms, or of JSON. Patterns for space-delimited lines and regular expressions are not simulated.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function compileFilterPattern(text: string): FilterPattern {
  const pattern = text.trim();
  if (pattern === '') return () => true;
  if (pattern.startsWith('{') && pattern.endsWith('}')) return jsonPattern(pattern);
  if (pattern.startsWith('[') || /(^|\s)[?-]?%/.test(pattern)) {
    throw new Error(`filter pattern '${text}' is not simulated: only terms and JSON patterns are`);
  }
  return termPattern(pattern);
}

/** All plain terms, none with a minus, and at least one with a question mark where there are such. */
function termPattern(pattern: string): FilterPattern {
  const terms = (pattern.match(/[?-]?"[^"]*"|\S+/g) ?? []).map((term) => {
    const sign = /^[?-]/.exec(term)?.[0] ?? '';
    return { sign, text: term.slice(sign.length).replace(/^"|"$/g, '') };
  });
  const of = (sign: string) => terms.filter((term) => term.sign === sign).map((term) => term.text);
  const [all, any, none] = [of(''), of('?'), of('-')];
  return (line) => all.every((term) => line.includes(term)) && (any.length === 0 || all.length > 0 || any.some((term) => line.includes(term)))
    && !none.some((term) => line.includes(term));
}

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b, '!=': (a, b) => a !== b, '<': (a, b) => a < b, '<=': (a, b) => a <= b, '>': (a, b) => a > b, '>=': (a, b) => a >= b,
};

/** `{ $.level = "ERROR" && ($.latency > 100 || $.code NOT EXISTS) }` */
function jsonPattern(pattern: string): FilterPattern {
  const tokens = pattern.slice(1, -1).match(/"[^"]*"|&&|\|\||!=|<=|>=|[()=<>]|[^\s()=<>!&|"]+/g) ?? [];
  let position = 0;
  const fail = (): never => {
    throw new Error(`filter pattern '${pattern}' is not valid near '${tokens.slice(Math.max(0, position - 1)).join(' ')}'`);
  };
  const take = (...words: string[]) => words.every((word, index) => tokens[position + index] === word) && (position += words.length) > 0;
  const chain = (word: string, next: () => FilterPattern, every: boolean) => (): FilterPattern => {
    const parts = [next()];
    while (take(word)) parts.push(next());
    return (line, document) => (every ? parts.every((part) => part(line, document)) : parts.some((part) => part(line, document)));
  };
  const condition = (): FilterPattern => {
    if (take('(')) {
      const inner = either();
      return take(')') ? inner : fail();
    }
    const selector = tokens[position++] ?? fail();
    if (!selector.startsWith('$')) fail();
    const path = JsonPath.parse(selector);
    const test = (holds: (value: unknown) => boolean): FilterPattern => (_, document) => holds(path.evaluate(document));
    if (take('NOT', 'EXISTS')) return test((value) => value === undefined);
    if (take('IS', 'NULL')) return test((value) => value === null);
    if (take('IS', 'TRUE')) return test((value) => value === true);
    if (take('IS', 'FALSE')) return test((value) => value === false);
    const [operator, operand] = [tokens[position++] ?? fail(), tokens[position++] ?? fail()];
    if (!COMPARE[operator]) fail();
    return test(comparison(operator, operand) ?? fail());
  };
  const either: () => FilterPattern = chain('||', chain('&&', condition, true), false);
  const compiled = either();
  if (position < tokens.length) {
    position++;
    fail();
  }
  return (line, document) => document !== undefined && compiled(line, document);
}

/** Numbers compare as numbers, anything else as text with asterisks for any characters. */
function comparison(operator: string, operand: string): ((value: unknown) => boolean) | undefined {
  const number = Number(operand);
  if (!operand.startsWith('"') && Number.isFinite(number)) return (value) => typeof value === 'number' && COMPARE[operator](value, number);
  if (operator !== '=' && operator !== '!=') return undefined;
  const source = operand.replace(/^"|"$/g, '').split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&')).join('[^]*');
  const expression = new RegExp(`^${source}$`);
  return (value) => value !== undefined && expression.test(String(value)) === (operator === '=');
}
