import { isObject, Json, jsonEquals } from '../services/stepfunctions/asl/json';

const MARK = /<[A-Za-z][\w:.-]*>/;

/** Words that the recording put in the place of values that change with every run. */
const WORDS = new Set(['date', 'timestamp', 'snf_role_arn', 'RandomNumberGenerated', 'request_id', 'lambda_function_name']);

/** Whether a recorded value has a placeholder anywhere in it. */
export function hasPlaceholder(value: Json, key = ''): boolean {
  if (typeof value === 'string') return isPlaceholder(value, key);
  if (Array.isArray(value)) return value.some((item) => hasPlaceholder(item));
  return isObject(value) && Object.entries(value).some(([name, item]) => MARK.test(name) || hasPlaceholder(item, name));
}

/** Equal but for placeholders, which match anything; texts that are both JSON are compared as what they hold. */
export function matchesRecorded(recorded: Json, actual: Json | undefined, key = ''): boolean {
  if (actual === undefined) return false;
  if (typeof recorded === 'string') {
    if (isPlaceholder(recorded, key)) return true;
    if (typeof actual !== 'string') return false;
    return recorded === actual || sameJson(recorded, actual);
  }
  if (Array.isArray(recorded)) {
    return Array.isArray(actual) && recorded.length === actual.length && recorded.every((item, index) => matchesRecorded(item, actual[index]));
  }
  if (isObject(recorded)) {
    if (!isObject(actual)) return false;
    const keys = Object.keys(recorded);
    return keys.length === Object.keys(actual).length && keys.every((name) => matchesRecorded(recorded[name], actual[name], name));
  }
  return jsonEquals(recorded, actual);
}

/**
 * Causes carry request ids and, in AWS's own words, more than a simulator can know. They agree when they are the same JSON, or when at least
 * half of the words of one are in the other.
 */
export function causeAgrees(recorded: Json | undefined, actual: string | undefined): boolean {
  const expected = recorded ?? '';
  const found = actual ?? '';
  if (typeof expected !== 'string') return matchesRecorded(expected, parsed(found));
  if (expected === '' || found === '') return expected === found || isPlaceholder(expected);
  if (matchesRecorded(expected, found)) return true;
  const words = new Set(expected.split(/\s+/));
  const others = new Set(found.split(/\s+/));
  const shared = [...words].filter((word) => others.has(word)).length;
  return shared * 2 >= Math.max(words.size, others.size);
}

/** A replaced value is marked by angle brackets, is one of the words, or repeats its own key: `"TableName": "table-name"`. */
function isPlaceholder(text: string, key = ''): boolean {
  return MARK.test(text) || WORDS.has(text) || (key !== '' && (text === key || text === kebabCase(key)));
}

function kebabCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

function sameJson(recorded: string, actual: string): boolean {
  const left = parsed(recorded);
  return isObject(left) && matchesRecorded(left, parsed(actual));
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
