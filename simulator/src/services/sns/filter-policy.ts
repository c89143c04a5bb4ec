import type { Notification, NotificationAttribute } from './message';
import { EventPattern } from '../events/pattern';

export type FilterPolicyScope = 'MessageAttributes' | 'MessageBody';

/** What a subscription's filter says about a message; the reasons are parts of metric names. */
export type FilterDecision = 'accepted' | 'MessageAttributes' | 'MessageBody' | 'InvalidAttributes' | 'NoMessageAttributes' | 'InvalidMessageBody';

/** https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MOST_KEYS = 5;
const MOST_COMBINATIONS = 150;
const LARGEST_POLICY = 262_144;
const LARGEST_NUMBER = 1e9;

/** https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html, which has fewer operators than EventBridge. */
const OPERATORS = ['anything-but', 'cidr', 'equals-ignore-case', 'exists', 'numeric', 'prefix', 'suffix'];
/** https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html#string-anything-but-matching-prefix */
const ANYTHING_BUT_OPERATORS = ['prefix'];

/** A subscription's filter policy: EventBridge's language with SNS's operators and limits, over attributes or over the body. */
export class FilterPolicy {
  static compile(policy: unknown, scope: FilterPolicyScope): FilterPolicy {
    const value = typeof policy === 'string' ? parse(policy) : policy;
    if (!isObject(value)) throw new Error(`filter policy must be an object, not ${JSON.stringify(value)}`);
    if (Buffer.byteLength(JSON.stringify(value)) > LARGEST_POLICY) throw new Error(`filter policy is larger than ${LARGEST_POLICY} bytes`);
    const fields = leaves(value, 1, scope);
    fields.forEach(({ values, key }) => values.forEach((element) => checkElement(element, key)));
    const keys = new Set(fields.map(({ key }) => key)).size;
    if (keys > MOST_KEYS) throw new Error(`filter policy has ${keys} keys, at most ${MOST_KEYS} are allowed`);
    const combinations = fields.reduce((product, { values, depth }) => product * values.length * depth, 1);
    if (combinations > MOST_COMBINATIONS) throw new Error(`filter policy has ${combinations} combinations of values, at most ${MOST_COMBINATIONS} are allowed`);
    return new FilterPolicy(EventPattern.compile(value), scope);
  }

  private constructor(private readonly pattern: EventPattern, readonly scope: FilterPolicyScope) {}

  decide(notification: Notification, text: string): FilterDecision {
    return this.scope === 'MessageBody' ? this.decideByBody(text) : this.decideByAttributes(notification);
  }

  /** Without any attribute nothing matches, not even `exists: false`: https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html */
  private decideByAttributes({ attributes }: Notification): FilterDecision {
    const entries = Object.entries(attributes);
    if (entries.length === 0) return 'NoMessageAttributes';
    const values: Record<string, unknown> = {};
    for (const [name, attribute] of entries) {
      const value = comparable(attribute);
      if (value === INVALID) return 'InvalidAttributes';
      if (value !== undefined) values[name] = value;
    }
    return this.pattern.matches(values) ? 'accepted' : 'MessageAttributes';
  }

  private decideByBody(text: string): FilterDecision {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return 'InvalidMessageBody';
    }
    if (!isObject(body)) return 'InvalidMessageBody';
    return this.pattern.matches(body) ? 'accepted' : 'MessageBody';
  }
}

const INVALID = Symbol('invalid attribute');

/**
 * Only String, String.Array and Number count; of an array each element is a value of its own.
 * https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
 */
function comparable({ DataType, StringValue }: NotificationAttribute): unknown {
  const [base, label] = DataType.split('.');
  if (base === 'Number') return Number(StringValue);
  if (base !== 'String') return undefined;
  if (label !== 'Array') return StringValue;
  try {
    const elements: unknown = JSON.parse(StringValue!);
    const fits = Array.isArray(elements) && elements.every((element) => element === null || typeof element !== 'object');
    return fits ? elements : INVALID;
  } catch {
    return INVALID;
  }
}

interface Field {
  readonly key: string;
  readonly values: readonly unknown[];
  readonly depth: number;
}

/** The keys that have values; keys that hold other keys do not count, nor does `$or`. */
function leaves(policy: Record<string, unknown>, depth: number, scope: FilterPolicyScope, prefix: string = ''): Field[] {
  return Object.entries(policy).flatMap(([key, value]) => {
    if (key === '$or' && Array.isArray(value)) return value.filter(isObject).flatMap((option) => leaves(option, depth, scope, prefix));
    const path = `${prefix}${key}`;
    if (Array.isArray(value)) return [{ key: path, values: value, depth }];
    if (!isObject(value)) return [];
    if (scope === 'MessageAttributes') throw new Error(`filter policy: '${path}' is nested, which only the scope MessageBody allows`);
    return leaves(value, depth + 1, scope, `${path}.`);
  });
}

function checkElement(element: unknown, key: string) {
  if (typeof element === 'number') checkNumber(element, key);
  if (!isObject(element)) return;
  for (const [operator, operand] of Object.entries(element)) {
    if (!OPERATORS.includes(operator)) {
      throw new Error(`filter policy: operator '${operator}' of '${key}' is none of SNS's; allowed: ${OPERATORS.join(', ')}`);
    }
    if (operator === 'anything-but' && isObject(operand)) {
      const inner = Object.keys(operand).find((name) => !ANYTHING_BUT_OPERATORS.includes(name));
      if (inner !== undefined) {
        throw new Error(`filter policy: 'anything-but' of '${key}' cannot hold '${inner}'; allowed: ${ANYTHING_BUT_OPERATORS.join(', ')}`);
      }
    }
    if ((operator === 'prefix' || operator === 'suffix') && typeof operand !== 'string') {
      throw new Error(`filter policy: '${operator}' of '${key}' must be a string, not ${JSON.stringify(operand)}`);
    }
    for (const number of Array.isArray(operand) ? operand : [operand]) if (typeof number === 'number') checkNumber(number, key);
  }
}

function checkNumber(value: number, key: string) {
  if (Math.abs(value) > LARGEST_NUMBER) throw new Error(`filter policy: number of '${key}' must be from -1e9 to 1e9, not ${value}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`filter policy is not valid JSON: ${(error as Error).message}`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
