/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html */
import { checkMembers, wholeNumber } from './input';
import { answer, isAt, limitOf, startPlace } from './query';
import { bindReadExpressions, indexOf, readPage, selection } from './read';
import { type Collection, HASH_RANGE, hashOf, lowerBound, type Slot } from '../collection';
import type { Engine } from '../engine';
import { validationError } from '../errors';
import { Bindings } from '../expressions/bindings';
import type { Place } from '../keys';

const MEMBERS = [
  'TableName', 'IndexName', 'FilterExpression', 'ProjectionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues',
  'ExclusiveStartKey', 'Limit', 'Segment', 'TotalSegments', 'Select', 'ConsistentRead', 'ReturnConsumedCapacity',
];

export function scan(engine: Engine, input: any): object {
  checkMembers('Scan', input, MEMBERS);
  const limit = limitOf(input);
  const segment = segmentOf(input);
  const bindings = new Bindings(input, ['FilterExpression', 'ProjectionExpression'], ['FilterExpression']);
  const { filter, projection } = bindReadExpressions(input, bindings);
  bindings.refuseUnused();
  const table = engine.table(input.TableName);
  const index = indexOf(table, input);
  const start = startPlace(input.ExclusiveStartKey, table, index);
  if (start && !segment.has(hashOf(start.partition))) {
    throw validationError('The provided starting key is outside query boundaries based on provided conditions');
  }
  const consistency = input.ConsistentRead ? 'strong' : 'eventual';
  const collection = index ? table.indexes.get(index.name)!.entries : table.items;
  const slots = inOrder(collection, segment, start);
  const page = readPage(engine, slots, { table, index, consistency, limit, filter, select: selection(input, index, projection) });
  return answer(engine, 'Scan', input, { table, index, consistency }, page);
}

interface Segment {
  has(hash: number): boolean;
}

function segmentOf(input: any): Segment {
  if (input.Segment === undefined && input.TotalSegments === undefined) return { has: () => true };
  if (input.TotalSegments === undefined) throw validationError('The TotalSegments parameter is required but was not present in the request when Segment parameter is present');
  if (input.Segment === undefined) throw validationError('The Segment parameter is required but was not present in the request when parameter TotalSegments is present');
  const total = wholeNumber(input.TotalSegments, 'totalSegments', 1, 1_000_000);
  const segment = wholeNumber(input.Segment, 'segment', 0, 999_999);
  if (segment >= total) {
    throw validationError(`The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${total}`);
  }
  return { has: hash => Math.floor(hash / HASH_RANGE * total) === segment };
}

function* inOrder(collection: Collection, segment: Segment, start: Place | undefined): Iterable<Slot> {
  const startHash = start ? hashOf(start.partition) : -1;
  for (const { token, hash, slots } of collection.inScanOrder()) {
    if (!segment.has(hash) || hash < startHash || (start && hash === startHash && token < start.partition)) continue;
    let i = 0;
    if (start && token === start.partition) {
      i = lowerBound(slots, start.sort, start.tie);
      if (isAt(slots[i], start)) i++;
    }
    for (; i < slots.length; i++) yield slots[i];
  }
}
