/**
 * BatchGetItem and BatchWriteItem: many single requests in one, without atomicity.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
 */
import { keyReader } from './get-item';
import { checkMembers, refuseCollectionMetrics } from './input';
import { commitWrite, deleteWrite, putWrite, type Write } from './write';
import { capacityMode, Consumption } from '../capacity';
import type { Engine } from '../engine';
import { validationError } from '../errors';
import { itemSize } from '../item-size';
import type { Place } from '../keys';
import type { Table } from '../table';
import { type AttributeMap, copyMap } from '../values';

const MAX_GETS = 100;
const MAX_WRITES = 25;
const MAX_BYTES = 16 * 1024 * 1024;
const GET_MEMBERS = ['Keys', 'ConsistentRead', 'ProjectionExpression', 'ExpressionAttributeNames'];

/** Whether an entry of a batch is left undone, as under throttling. */
export type EntryFails = () => boolean;

export function batchGetItem(engine: Engine, input: any, entryFails: EntryFails = () => false): object {
  checkMembers('BatchGetItem', input, ['RequestItems', 'ReturnConsumedCapacity']);
  const mode = capacityMode(input);
  const requests = Object.entries<any>(input.RequestItems ?? {});
  const count = requests.reduce((sum, [, request]) => sum + (request.Keys?.length ?? 0), 0);
  checkCount('BatchGetItem', count, MAX_GETS);
  const readers = requests.map(([tableName, request]) => {
    checkMembers('BatchGetItem', request, GET_MEMBERS);
    const table = engine.table(tableName);
    const read = keyReader(table, request);
    const keys = ((request.Keys ?? []) as unknown[]).map(read);
    refuseDuplicates(keys.map(({ key }) => table.place(key)));
    return { table, tableName, request, keys };
  });
  const responses: Record<string, AttributeMap[]> = {};
  const unprocessed: Record<string, any> = {};
  const consumptions: Consumption[] = [];
  let bytes = 0;
  for (const { table, tableName, request, keys } of readers) {
    const consumed = new Consumption(table.name);
    const items: AttributeMap[] = responses[tableName] = [];
    const left: AttributeMap[] = [];
    for (const { key, read } of keys) {
      if (bytes > MAX_BYTES || entryFails()) {
        left.push(key);
        continue;
      }
      const found = read(engine, request.ConsistentRead ? 'strong' : 'eventual', consumed);
      if (found) {
        bytes += found.bytes;
        items.push(found.attributes);
      }
    }
    if (left.length > 0) unprocessed[tableName] = { ...request, Keys: left.map(copyMap) };
    engine.used('BatchGetItem', consumed);
    consumptions.push(consumed);
  }
  return {
    Responses: responses,
    UnprocessedKeys: unprocessed,
    ...(mode && { ConsumedCapacity: consumptions.map(consumed => consumed.report(mode)) }),
  };
}

export function batchWriteItem(engine: Engine, input: any, entryFails: EntryFails = () => false): object {
  checkMembers('BatchWriteItem', input, ['RequestItems', 'ReturnConsumedCapacity', 'ReturnItemCollectionMetrics']);
  const mode = capacityMode(input);
  refuseCollectionMetrics(input);
  const requests = Object.entries<any[]>(input.RequestItems ?? {});
  checkCount('BatchWriteItem', requests.reduce((sum, [, entries]) => sum + entries.length, 0), MAX_WRITES);
  const planned = requests.map(([tableName, entries]) => {
    const table = engine.table(tableName);
    const writes = entries.map(entry => ({ entry, write: plan(table, entry) }));
    refuseDuplicates(writes.map(({ write }) => write.place));
    return { table, tableName, writes };
  });
  const bytes = planned.reduce((sum, { writes }) => sum + writes.reduce((part, { write }) => part + itemSize(write.key), 0), 0);
  if (bytes > MAX_BYTES) throw validationError('The batch write request size exceeds the maximum of 16 MB');
  const unprocessed: Record<string, any[]> = {};
  const consumptions = planned.map(({ table, tableName, writes }) => {
    const consumed = new Consumption(table.name);
    for (const { entry, write } of writes) {
      if (entryFails()) {
        (unprocessed[tableName] ??= []).push(entry);
        continue;
      }
      const before = table.items.get(write.place)?.current;
      commitWrite(write, before, write.outcome(before), consumed);
    }
    engine.used('BatchWriteItem', consumed);
    return consumed;
  });
  return {
    UnprocessedItems: unprocessed,
    ...(mode && { ConsumedCapacity: consumptions.map(consumed => consumed.report(mode)) }),
  };
}

function plan(table: Table, entry: any): Write {
  checkMembers('BatchWriteItem', entry, ['PutRequest', 'DeleteRequest']);
  if ((entry.PutRequest === undefined) === (entry.DeleteRequest === undefined)) {
    throw validationError('Supplied AttributeValue has more than one datatypes set, must contain exactly one of PutRequest and DeleteRequest');
  }
  if (entry.PutRequest) {
    checkMembers('PutRequest', entry.PutRequest, ['Item']);
    return putWrite(table, entry.PutRequest);
  }
  checkMembers('DeleteRequest', entry.DeleteRequest, ['Key']);
  return deleteWrite(table, entry.DeleteRequest);
}

function checkCount(operation: string, count: number, maximum: number) {
  if (count === 0) {
    throw validationError("1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1");
  }
  if (count > maximum) throw validationError(`Too many items requested for the ${operation} call`);
}

function refuseDuplicates(places: readonly Place[]) {
  const seen = new Set(places.map(({ partition, sort }) => JSON.stringify([partition, sort])));
  if (seen.size < places.length) throw validationError('Provided list of item keys contains duplicates');
}
