/** What an input template makes of one event. The rules and their sources: README.md beside this file. */
import { JsonPath } from '../events/json-path';

/** One event of a batch, as the enrichment or the target is to get it. */
export interface PipeEvent {
  /** As it came from the source or the enrichment. */
  readonly raw: unknown;
  /** With the implicitly parsed fields: what paths and patterns see. */
  readonly view: unknown;
}

/** What reserved variables stand for, apart from the event. */
export interface PipeIdentity {
  readonly arn: string;
  readonly name: string;
  readonly sourceArn: string;
  readonly enrichmentArn?: string;
  readonly targetArn: string;
}

export type InputTransformation = (event: PipeEvent, pipe: PipeIdentity, ingestionTime: string) => string;

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html#input-transform-reserved */
const RESERVED: Readonly<Record<string, (event: PipeEvent, pipe: PipeIdentity, ingestionTime: string) => unknown>> = {
  'aws.pipes.pipe-arn': (_, pipe) => pipe.arn,
  'aws.pipes.pipe-name': (_, pipe) => pipe.name,
  'aws.pipes.source-arn': (_, pipe) => pipe.sourceArn,
  'aws.pipes.enrichment-arn': (_, pipe) => pipe.enrichmentArn,
  'aws.pipes.target-arn': (_, pipe) => pipe.targetArn,
  'aws.pipes.event.ingestion-time': (_, __, ingestionTime) => ingestionTime,
  'aws.pipes.event': ({ raw }) => raw,
  'aws.pipes.event.json': ({ view }) => (typeof view === 'object' ? view : undefined),
};

/** https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeTargetParameters.html */
const LONGEST_TEMPLATE = 8_192;

type Variable = (event: PipeEvent, pipe: PipeIdentity, ingestionTime: string) => unknown;
/** A template cut at its variables; `quoted` says that the variable stands inside a string. */
type Piece = string | { readonly value: Variable; readonly quoted: boolean };

/** Without a template the event is passed on as it is. `mustBeJson`: the target takes JSON only. */
export function compileTemplate(template: string | undefined, mustBeJson: boolean): InputTransformation {
  if (template === undefined || template === '') return ({ raw }) => JSON.stringify(raw);
  if (template.length > LONGEST_TEMPLATE) throw new Error(`InputTemplate has ${template.length} characters, at most ${LONGEST_TEMPLATE} are allowed`);
  const pieces = cut(template);
  const write = writer(pieces, mustBeJson);
  return (event, pipe, ingestionTime) => pieces.map((piece) => (
    typeof piece === 'string' ? piece : write(piece.value(event, pipe, ingestionTime), piece.quoted)
  )).join('');
}

function cut(template: string): Piece[] {
  const pieces: Piece[] = [];
  let inString = false;
  let plain = '';
  for (let i = 0; i < template.length; i++) {
    const found = template[i] === '<' ? /^<(\$[^<>]*|aws\.pipes\.[A-Za-z.-]+)>/.exec(template.slice(i)) : null;
    if (found) {
      pieces.push(plain, { value: variable(found[1]), quoted: inString });
      plain = '';
      i += found[0].length - 1;
      continue;
    }
    plain += template[i];
    if (template[i] === '\\' && inString) plain += template[++i] ?? '';
    else if (template[i] === '"') inString = !inString;
  }
  return [...pieces, plain].filter((piece) => piece !== '');
}

function variable(name: string): Variable {
  if (name.startsWith('$')) {
    // "There is no validation when creating JSON path for your template": a path that is none finds nothing.
    const path = parsed(name);
    return ({ view }) => path?.evaluate(view);
  }
  if (!Object.hasOwn(RESERVED, name)) throw new Error(`InputTemplate has <${name}>; reserved variables are ${Object.keys(RESERVED).join(', ')}`);
  return RESERVED[name];
}

function parsed(path: string): JsonPath | undefined {
  try {
    return JsonPath.parse(path);
  } catch {
    return undefined;
  }
}

function writer(pieces: readonly Piece[], mustBeJson: boolean): (value: unknown, quoted: boolean) => string {
  const sample = pieces.map((piece) => (typeof piece === 'string' ? piece : piece.quoted ? '' : '0')).join('');
  const alone = pieces.filter((piece) => typeof piece !== 'string' || piece.trim() !== '').length === 1 && sample.trim() === '0';
  // A variable that is the whole template: objects lose their quotes; strings get some where the target wants JSON.
  if (alone) return (value) => (typeof value === 'string' && mustBeJson ? JSON.stringify(value) : asText(value));
  return (value, quoted) => (quoted || !isJson(sample) ? asText(value) : asJson(value));
}

/** Quotes are added to strings; a variable whose path finds nothing is empty. */
function asJson(value: unknown): string {
  return value === undefined ? '""' : JSON.stringify(value);
}

/** Inside a string, or in free text: nothing is escaped, and objects and arrays lose all their quotes. */
function asText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value).replace(/"/g, '');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
