import { Json, JsonObject } from '../json';
import { StateRun } from '../state-run';

/** One item of a Map: what it is, and what its iteration is given. */
export interface MapItem {
  readonly index: number;
  /** In a Map over the members of an object. */
  readonly key?: string;
  readonly value: Json;
  readonly input: Json;
}

/** The `Map` part of the context object. */
export function mapContext(item: Omit<MapItem, 'input'>): JsonObject {
  return { Item: { Index: item.index, ...(item.key === undefined ? {} : { Key: item.key }), Value: item.value } };
}

/** What an iteration is given: the item, or what `ItemSelector` (once called `Parameters`) makes of it. */
export async function selectItem(run: StateRun, item: Omit<MapItem, 'input'>, input: Json): Promise<Json> {
  const selector = run.state.ItemSelector ?? run.state.Parameters;
  if (selector === undefined) return item.key === undefined ? item.value : { Key: item.key, Value: item.value };
  run.mapContext = mapContext(item);
  try {
    return run.withinLimit(run.usesJsonata ? await run.evaluate(selector, 'ItemSelector') : run.template(selector, input));
  } finally {
    run.mapContext = undefined;
  }
}

export type MapNumberField = 'MaxConcurrency' | 'ToleratedFailureCount' | 'ToleratedFailurePercentage';

/** A number that a Map is given as such, by an expression or by a path. */
export async function mapNumber(run: StateRun, field: MapNumberField, input: Json): Promise<number | undefined> {
  const fixed = run.state[field];
  const path = run.state[`${field}Path`];
  if (fixed !== undefined) {
    const value = run.usesJsonata ? (await run.evaluateAs('number', fixed, field)) as number : Number(fixed);
    const complaint = mapNumberComplaint(field, value);
    if (complaint !== undefined) throw run.evaluationFailed(field, complaint);
    return value;
  }
  if (path === undefined) return undefined;
  const found = run.path(path, input);
  const isPercentage = field === 'ToleratedFailurePercentage';
  const value = typeof found === 'string' && found.trim() !== '' ? Number(found) : found;
  if (typeof value !== 'number' || Number.isNaN(value) || (!isPercentage && !Number.isInteger(value))) {
    const text = typeof found === 'string' ? found : JSON.stringify(found);
    throw run.failure(`The ${field}Path field refers to value "${text}" which is not a valid ${isPercentage ? 'float' : 'integer'}: ${path}`);
  }
  const complaint = mapNumberComplaint(field, value);
  if (complaint !== undefined) throw run.failure(complaint);
  return value;
}

export function mapNumberComplaint(field: MapNumberField, value: number): string | undefined {
  if (field === 'ToleratedFailurePercentage') {
    return value >= 0 && value <= 100 ? undefined : 'ToleratedFailurePercentage must be between 0 and 100.';
  }
  if (!Number.isInteger(value)) return `${field} must be an integer but was ${value}.`;
  return value >= 0 ? undefined : `${field} cannot be negative.`;
}

/** Runs the work for each item, no more than `limit` at a time, starting in order. */
export async function inPool<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
