/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.html */
import { checkMembers, wholeNumber } from './input';
import { bindReadExpressions, indexOf, type Page, pageKeyAttributes, readPage, selection } from './read';
import { capacityMode, Consumption, type ReadConsistency, readUnits } from '../capacity';
import { type Collection, lowerBound, type Slot } from '../collection';
import type { Engine } from '../engine';
import { validationError } from '../errors';
import { Bindings } from '../expressions/bindings';
import { bindKeyCondition, type KeyRange } from '../expressions/key-condition';
import { indexPlace, type Place } from '../keys';
import { type IndexDefinition, keyAttributes } from '../schema';
import type { Table } from '../table';
import { normalizeMap, typeOf } from '../values';

const MEMBERS = [
  'TableName', 'IndexName', 'KeyConditionExpression', 'FilterExpression', 'ProjectionExpression', 'ExpressionAttributeNames',
  'ExpressionAttributeValues', 'ExclusiveStartKey', 'Limit', 'ScanIndexForward', 'Select', 'ConsistentRead', 'ReturnConsumedCapacity',
];

export function query(engine: Engine, input: any): object {
  checkMembers('Query', input, MEMBERS);
  const limit = limitOf(input);
  const table = engine.table(input.TableName);
  const index = indexOf(table, input);
  const schema = index?.key ?? table.definition.key;
  const bindings = new Bindings(
    input, ['FilterExpression', 'ProjectionExpression', 'KeyConditionExpression'], ['FilterExpression', 'KeyConditionExpression'],
  );
  if (input.KeyConditionExpression === undefined) {
    throw validationError('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.');
  }
  const { filter, filterPaths, projection } = bindReadExpressions(input, bindings);
  const range = bindKeyCondition(input.KeyConditionExpression, schema, bindings);
  bindings.refuseUnused();
  for (const [name] of filterPaths) {
    if (keyAttributes(schema).some(key => key.name === name)) {
      throw validationError(`Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`);
    }
  }
  const start = startPlace(input.ExclusiveStartKey, table, index);
  if (start && start.partition !== range.partition) {
    throw validationError('The provided starting key is outside query boundaries based on provided conditions');
  }
  if (start && (range.isBelow(start.sort) || range.isAbove(start.sort))) {
    throw validationError('The provided starting key does not match the range key predicate');
  }
  const consistency = input.ConsistentRead ? 'strong' : 'eventual';
  const collection = index ? table.indexes.get(index.name)!.entries : table.items;
  const slots = input.ScanIndexForward === false ? backward(collection, range, start) : forward(collection, range, start);
  const page = readPage(engine, slots, { table, index, consistency, limit, filter, select: selection(input, index, projection) });
  return answer(engine, 'Query', input, { table, index, consistency }, page);
}

export function limitOf(input: any): number {
  return input.Limit === undefined ? Infinity : wholeNumber(input.Limit, 'limit', 1, 2 ** 31 - 1);
}

/** Where a page goes on: the key must have the right attributes, though the item itself may be gone. */
export function startPlace(input: unknown, table: Table, index: IndexDefinition | undefined): Place | undefined {
  if (input === undefined) return undefined;
  const key = normalizeMap(input as object);
  const attributes = pageKeyAttributes(table, index);
  const fits = Object.keys(key).length === attributes.length
    && attributes.every(({ name, type }) => Object.hasOwn(key, name) && typeOf(key[name]) === type);
  if (!fits) throw validationError('The provided starting key is invalid');
  const place = table.place(key);
  return index ? indexPlace(key, index, place) : place;
}

/** Counts, bills and shapes a page of Query or Scan. */
export function answer(
  engine: Engine, operation: string, input: any,
  { table, index, consistency }: { table: Table; index?: IndexDefinition; consistency: ReadConsistency }, page: Page,
): object {
  const mode = capacityMode(input);
  const consumed = new Consumption(table.name);
  // The sizes of all items read are added up, then rounded.
  consumed.add('read', readUnits(page.bytes, consistency), index);
  for (const bytes of page.fetched) consumed.add('read', readUnits(bytes, consistency));
  engine.used(operation, consumed);
  return {
    ...(input.Select === 'COUNT' ? {} : { Items: page.items }),
    Count: page.matched,
    ScannedCount: page.scanned,
    ...(page.lastKey && { LastEvaluatedKey: page.lastKey }),
    ...(mode && { ConsumedCapacity: consumed.report(mode) }),
  };
}

function* forward(collection: Collection, range: KeyRange, start: Place | undefined): Iterable<Slot> {
  const slots = collection.partition(range.partition);
  let i = start ? lowerBound(slots, start.sort, start.tie) : lowerBound(slots, range.low, '');
  if (start && isAt(slots[i], start)) i++;
  for (; i < slots.length && !range.isAbove(slots[i].sort); i++) {
    if (!range.isBelow(slots[i].sort)) yield slots[i];
  }
}

function* backward(collection: Collection, range: KeyRange, start: Place | undefined): Iterable<Slot> {
  const slots = collection.partition(range.partition);
  let i = start ? lowerBound(slots, start.sort, start.tie) - 1 : slots.length - 1;
  while (i >= 0 && range.isAbove(slots[i].sort)) i--;
  for (; i >= 0 && !range.isBelow(slots[i].sort); i--) yield slots[i];
}

export function isAt(slot: Slot | undefined, place: Place): boolean {
  return slot !== undefined && slot.sort === place.sort && slot.tie === place.tie;
}
