import { InvalidDefinition } from '../errors';
import { Expressions } from '../expressions';
import { checkArity, isIntrinsicName } from '../intrinsics/functions';
import { IntrinsicCall, InvalidIntrinsic, isIntrinsic } from '../intrinsics/parser';
import { isObject, Json, JsonObject } from '../json';
import { expressionText, failureText, isExpression } from '../jsonata/expression';
import { ReservedPart, reservedPartsOf } from '../jsonata/reserved';
import { InvalidPath } from '../jsonpath/parser';
import { isReferencePath } from '../jsonpath/reference-path';

const PLACES: Record<ReservedPart, string> = {
  result: 'in the Output and Assign of a Task, Parallel or Map state',
  errorOutput: 'in the Output and Assign of a catcher',
};

/** Throws with what is wrong, the value received and what is allowed. `where` names the field and its state. */
export function refuse(where: string, received: unknown, allowed: string): never {
  throw new InvalidDefinition(`${where} must be ${allowed} but was ${received === undefined ? 'missing' : JSON.stringify(received)}`);
}

export function requireObject(value: unknown, where: string): JsonObject {
  if (!isObject(value)) refuse(where, value, 'a JSON object');
  return value;
}

export function requireText(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') refuse(where, value, 'a non-empty string');
  return value;
}

export function requireList(value: unknown, where: string): Json[] {
  if (!Array.isArray(value) || value.length === 0) refuse(where, value, 'a non-empty array');
  return value as Json[];
}

export function requireOneOf(value: unknown, allowed: readonly string[], where: string): string {
  if (typeof value !== 'string' || !allowed.includes(value)) refuse(where, value, `one of ${allowed.join(', ')}`);
  return value;
}

export function requireInteger(value: unknown, least: number, most: number, where: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) refuse(where, value, `an integer from ${least} to ${most}`);
  return value;
}

export function requireKnownFields(value: JsonObject, known: readonly string[], where: string): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw new InvalidDefinition(`${where} has the unknown field '${key}': it may have ${known.join(', ')}`);
  }
}

/** At most one of the fields, or exactly one. */
export function requireAtMostOne(
  value: JsonObject, fields: readonly string[], where: string, options: { required?: boolean } = {},
): string | undefined {
  const present = fields.filter((field) => value[field] !== undefined);
  if (present.length > 1) throw new InvalidDefinition(`${where} must have only one of ${fields.join(', ')} but has ${present.join(' and ')}`);
  if (present.length === 0 && options.required) throw new InvalidDefinition(`${where} must have one of ${fields.join(', ')}`);
  return present[0];
}

/** Checks and parses every path and expression ahead, so that a mistake shows when the machine is created. */
export class ExpressionChecks {
  constructor(private readonly expressions: Expressions) {}

  path(value: unknown, where: string): void {
    const text = requireText(value, where);
    try {
      this.expressions.path(text);
    } catch (thrown) {
      throw new InvalidDefinition(`${where} must be a JSONPath: ${(thrown as InvalidPath).message}`);
    }
  }

  referencePath(value: unknown, where: string): void {
    this.path(value, where);
    if (!isReferencePath(this.expressions.path(value as string))) refuse(where, value, 'a reference path (no wildcard, slice, filter or descent)');
  }

  /** A path or an intrinsic function. */
  query(value: unknown, where: string): void {
    const text = requireText(value, where);
    if (!isIntrinsic(text)) {
      this.path(text, where);
      return;
    }
    try {
      this.intrinsicCall(this.expressions.intrinsic(text));
    } catch (thrown) {
      if (thrown instanceof InvalidIntrinsic || thrown instanceof InvalidPath || thrown instanceof InvalidDefinition) {
        throw new InvalidDefinition(`${where} must be a JSONPath or an intrinsic function: ${thrown.message}`);
      }
      throw thrown;
    }
  }

  /** Every key ending in `.$` has a path or an intrinsic function. */
  template(value: Json, where: string): void {
    if (Array.isArray(value)) {
      value.forEach((item, index) => this.template(item, `${where}[${index}]`));
    } else if (isObject(value)) {
      for (const [key, member] of Object.entries(value)) {
        if (key.endsWith('.$')) this.query(member, `'${key}' in ${where}`);
        else this.template(member, where);
      }
    }
  }

  /** Every `{% … %}` compiles, and of the restricted parts of `$states` reads only the one, if any, that is there for its field. */
  jsonata(value: Json, where: string, available?: ReservedPart): void {
    if (isExpression(value)) {
      this.expression(value, where, available);
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => this.jsonata(item, `${where}[${index}]`, available));
    } else if (isObject(value)) {
      for (const [key, member] of Object.entries(value)) this.jsonata(member, `${where}/${key}`, available);
    }
  }

  private expression(marked: string, where: string, available: ReservedPart | undefined): void {
    let ast: unknown;
    try {
      ast = this.expressions.jsonata(marked).ast();
    } catch (thrown) {
      throw new InvalidDefinition(`${where} has the JSONata expression '${expressionText(marked)}', which does not compile: ${failureText(thrown)}`);
    }
    for (const part of reservedPartsOf(ast)) {
      if (part !== available) throw new InvalidDefinition(`${where} reads $states.${part}, which is there only ${PLACES[part]}`);
    }
  }

  private intrinsicCall(call: IntrinsicCall): void {
    if (!isIntrinsicName(call.name)) throw new InvalidDefinition(`unknown intrinsic function '${call.name}'`);
    const complaint = checkArity(call.name, call.arguments.length);
    if (complaint !== undefined) throw new InvalidDefinition(complaint);
    for (const argument of call.arguments) if (argument.kind === 'call') this.intrinsicCall(argument.call);
  }
}
