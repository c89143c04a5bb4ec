/**
 * ExpressionAttributeNames and ExpressionAttributeValues of one request, and which of them its expressions use.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeNames.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeValues.html
 */
import type { Path, PathNode } from './ast';
import { Pass, type Problems } from './problems';
import { validationError } from '../errors';
import { type AttributeValue, normalizeValue } from '../values';

interface PlaceholderInput {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

const NAME_PLACEHOLDER = /^#[A-Za-z0-9_]+$/;
const VALUE_PLACEHOLDER = /^:[A-Za-z0-9_]+$/;

export class Bindings {
  private readonly names = new Map<string, string>();
  private readonly values = new Map<string, AttributeValue>();
  private readonly unusedNames = new Set<string>();
  private readonly unusedValues = new Set<string>();

  /** `expressions`: the expression parameters of the operation that take placeholders; those that take values first. */
  constructor(input: PlaceholderInput & { readonly [parameter: string]: any }, expressions: readonly string[], takingValues = expressions) {
    const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
    if (names !== undefined) {
      if (expressions.every(name => input[name] === undefined)) {
        throw validationError('ExpressionAttributeNames can only be specified when using expressions');
      }
      this.bindNames(names);
    }
    if (values !== undefined) {
      if (takingValues.every(name => input[name] === undefined)) {
        const are = takingValues.length > 1 ? 'are' : 'is';
        throw validationError(`ExpressionAttributeValues can only be specified when using expressions: ${takingValues.join(' and ')} ${are} null`);
      }
      this.bindValues(values);
    }
  }

  path(node: PathNode, problems: Problems): Path {
    if (node.literal) return node.literal;
    return node.parts.map(part => {
      if (part.kind === 'name') return part.name;
      if (part.kind === 'index') return part.index;
      const name = this.names.get(part.placeholder);
      if (name === undefined) {
        problems.add(
          Pass.NAME_UNDEFINED,
          `An expression attribute name used in the document path is not defined; attribute name: ${part.placeholder}`,
        );
      }
      this.unusedNames.delete(part.placeholder);
      return name ?? part.placeholder;
    });
  }

  value(placeholder: string, problems: Problems): AttributeValue {
    const value = this.values.get(placeholder);
    if (value === undefined) {
      problems.add(
        Pass.VALUE_UNDEFINED,
        `An expression attribute value used in expression is not defined; attribute value: ${placeholder}`,
      );
      return { NULL: true };
    }
    this.unusedValues.delete(placeholder);
    return value;
  }

  /** To be called when all expressions of the request are bound. */
  refuseUnused(): void {
    refuseUnused('ExpressionAttributeNames', this.unusedNames);
    refuseUnused('ExpressionAttributeValues', this.unusedValues);
  }

  private bindNames(names: Readonly<Record<string, string>>) {
    const placeholders = Object.keys(names);
    if (placeholders.length === 0) throw validationError('ExpressionAttributeNames must not be empty');
    for (const placeholder of placeholders) {
      if (!NAME_PLACEHOLDER.test(placeholder)) {
        throw validationError(`ExpressionAttributeNames contains invalid key: Syntax error; key: "${placeholder}"`);
      }
      const name = names[placeholder];
      if (typeof name !== 'string' || name === '') {
        throw validationError(`ExpressionAttributeNames contains invalid value: The attribute name must be a non-empty string; key: ${placeholder}`);
      }
      this.names.set(placeholder, name);
      this.unusedNames.add(placeholder);
    }
  }

  private bindValues(values: Readonly<Record<string, unknown>>) {
    const placeholders = Object.keys(values);
    if (placeholders.length === 0) throw validationError('ExpressionAttributeValues must not be empty');
    for (const placeholder of placeholders) {
      if (!VALUE_PLACEHOLDER.test(placeholder)) {
        throw validationError(`ExpressionAttributeValues contains invalid key: Syntax error; key: "${placeholder}"`);
      }
      try {
        this.values.set(placeholder, normalizeValue(values[placeholder]));
      } catch (error: any) {
        throw validationError(`ExpressionAttributeValues contains invalid value: ${error.message} for key ${placeholder}`);
      }
      this.unusedValues.add(placeholder);
    }
  }
}

function refuseUnused(parameter: string, unused: ReadonlySet<string>) {
  if (unused.size > 0) throw validationError(`Value provided in ${parameter} unused in expressions: keys: {${[...unused].join(', ')}}`);
}
