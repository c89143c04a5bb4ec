import { JsonPath } from './json-path';

/** What a rule's target receives instead of the whole event; at most one of the three. */
export interface TargetInput {
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: { readonly InputPathsMap?: Readonly<Record<string, string>>; readonly InputTemplate?: string };
}

/** One event on its way through one rule. */
export interface TransformContext {
  readonly event: Readonly<Record<string, unknown>>;
  readonly ruleArn: string;
  readonly ruleName: string;
  /** When the bus received the event, ISO 8601. */
  readonly ingestionTime: string;
}

/** Makes the text that a target receives. It throws a sentence when the event cannot be transformed: that delivery fails. */
export type InputTransformation = (context: TransformContext) => string;

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html */
const MOST_INPUT_PATHS = 100;
const LONGEST_TEMPLATE = 8_192;

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-predefined */
const RESERVED: Readonly<Record<string, (context: TransformContext) => unknown>> = {
  'aws.events.rule-arn': ({ ruleArn }) => ruleArn,
  'aws.events.rule-name': ({ ruleName }) => ruleName,
  'aws.events.event.ingestion-time': ({ ingestionTime }) => ingestionTime,
  'aws.events.event': ({ event }) => Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'detail')),
  'aws.events.event.json': ({ event }) => event,
};

/**
 * Checks a target's input as PutTargets does, and returns what makes the target's payload.
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
 */
export function compileTargetInput(target: TargetInput): InputTransformation {
  const given = (['Input', 'InputPath', 'InputTransformer'] as const).filter((name) => target[name] !== undefined);
  if (given.length > 1) throw new Error(`only one of Input, InputPath and InputTransformer is allowed, not ${given.join(' and ')}`);
  if (target.Input !== undefined) return constant(target.Input);
  if (target.InputPath !== undefined) return part(target.InputPath);
  if (target.InputTransformer !== undefined) return template(target.InputTransformer);
  return ({ event }) => JSON.stringify(event);
}

function constant(input: string): InputTransformation {
  try {
    JSON.parse(input);
  } catch {
    throw new Error(`Input must be valid JSON text, not ${input}`);
  }
  return () => input;
}

function part(inputPath: string): InputTransformation {
  const path = JsonPath.parse(inputPath);
  return ({ event }) => {
    const value = path.evaluate(event);
    if (value === undefined) throw new Error(`InputPath ${inputPath} matches nothing in the event`);
    return JSON.stringify(value);
  };
}

/** A template cut at its variables; `quoted` says that the variable stands inside a string. */
type Piece = { readonly text: string } | { readonly variable: string; readonly quoted: boolean };

function template(transformer: NonNullable<TargetInput['InputTransformer']>): InputTransformation {
  const { InputPathsMap: paths = {}, InputTemplate: text } = transformer;
  if (text === undefined || text === '') throw new Error('InputTransformer must have an InputTemplate');
  if (text.length > LONGEST_TEMPLATE) throw new Error(`InputTemplate has ${text.length} characters, at most ${LONGEST_TEMPLATE} are allowed`);
  const variables = readPaths(paths);
  const pieces = cut(text, (name) => name in RESERVED || variables.has(name));
  const form = formOf(pieces, text);
  return (context) => {
    const result = pieces.map((piece) => {
      if ('text' in piece) return piece.text;
      const value = piece.variable in RESERVED ? RESERVED[piece.variable](context) : variables.get(piece.variable)!.evaluate(context.event);
      return piece.quoted ? insideString(value, form) : asJson(value);
    }).join('');
    if (form === 'json') mustBeJson(result);
    return result;
  };
}

function readPaths(paths: Readonly<Record<string, string>>): Map<string, JsonPath> {
  const entries = Object.entries(paths);
  if (entries.length > MOST_INPUT_PATHS) throw new Error(`InputPathsMap has ${entries.length} entries, at most ${MOST_INPUT_PATHS} are allowed`);
  return new Map(entries.map(([name, path]) => {
    if (/^aws/i.test(name)) throw new Error(`InputPathsMap must not define '${name}': names that start with AWS are reserved`);
    if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) throw new Error(`InputPathsMap has the name '${name}': letters, digits, _ and - are allowed`);
    return [name, JsonPath.parse(path)];
  }));
}

function cut(text: string, isKnown: (name: string) => boolean): Piece[] {
  const pieces: Piece[] = [];
  let inString = false;
  let plain = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    const variable = character === '<' ? /^<([A-Za-z0-9_.-]+)>/.exec(text.slice(i)) : null;
    if (variable) {
      if (!isKnown(variable[1])) throw new Error(`InputTemplate contains the placeholder <${variable[1]}>, which InputPathsMap does not define`);
      pieces.push({ text: plain }, { variable: variable[1], quoted: inString });
      plain = '';
      i += variable[0].length - 1;
      continue;
    }
    plain += character;
    if (character === '\\' && inString) plain += text[++i] ?? '';
    else if (character === '"') inString = !inString;
  }
  pieces.push({ text: plain });
  return pieces;
}

/** A template is one JSON object, array or lone variable, or text: one quoted string a line. */
function formOf(pieces: readonly Piece[], text: string): 'json' | 'text' {
  const sample = pieces.map((piece) => ('text' in piece ? piece.text : piece.quoted ? '' : '0')).join('');
  try {
    return typeof JSON.parse(sample) === 'string' ? 'text' : 'json';
  } catch {
    const lines = sample.split('\n').filter((line) => line.trim() !== '');
    if (lines.length > 1 && lines.every((line) => /^\s*"(?:[^"\\]|\\.)*"\s*$/.test(line))) return 'text';
    throw new Error(`InputTemplate must be JSON, or text in double quotes, not ${text}`);
  }
}

/** A variable outside a string brings its own quotes. One whose path matches nothing is empty. */
function asJson(value: unknown): string {
  return value === undefined ? '""' : JSON.stringify(value);
}

/**
 * A variable inside a string. In text, an object loses its quotes. In JSON its contents are not escaped, so the result is
 * not JSON any more: "it can only be used as the value for a JSON field as its contents are not escaped".
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-issues
 */
function insideString(value: unknown, form: 'json' | 'text'): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return JSON.stringify(value).slice(1, -1);
  const text = JSON.stringify(value);
  return form === 'text' ? text.replace(/"/g, '') : text;
}

function mustBeJson(result: string) {
  try {
    JSON.parse(result);
  } catch {
    throw new Error(`InputTemplate made invalid JSON: ${result.slice(0, 200)}`);
  }
}
