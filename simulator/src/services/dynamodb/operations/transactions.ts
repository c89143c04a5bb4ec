/**
 * TransactWriteItems and TransactGetItems: all or nothing, at one instant.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */
import { keyReader } from './get-item';
import { checkMembers, refuseCollectionMetrics } from './input';
import { checkWrite, commitWrite, deleteWrite, permits, putWrite, updateWrite, type Write } from './write';
import { capacityMode, Consumption, readUnits, writeUnits } from '../capacity';
import type { Version } from '../collection';
import type { Engine } from '../engine';
import { type CancellationReason, ItemRefusal, transactionCanceled, validationError } from '../errors';
import type { Table } from '../table';
import { copyMap } from '../values';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const MAX_ACTIONS = 100;
const MAX_BYTES = 4 * 1024 * 1024;
/** A transaction takes two underlying operations for every item: one to prepare it, one to commit it. */
const TRANSACTION_FACTOR = 2;

const ACTION_MEMBERS = [
  'TableName', 'Key', 'ConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues', 'ReturnValuesOnConditionCheckFailure',
];
const ACTIONS: Readonly<Record<string, { members: readonly string[]; plan: (table: Table, input: any) => Write }>> = {
  Put: { members: [...ACTION_MEMBERS.filter(name => name !== 'Key'), 'Item'], plan: putWrite },
  Update: { members: [...ACTION_MEMBERS, 'UpdateExpression'], plan: updateWrite },
  Delete: { members: ACTION_MEMBERS, plan: deleteWrite },
  ConditionCheck: { members: ACTION_MEMBERS, plan: checkWrite },
};

/** An action: what it would write, or why it cannot be done at all. */
type Planned = { readonly write: Write } | { readonly table: Table; readonly refusal: CancellationReason };

interface Step {
  readonly table: Table;
  readonly write?: Write;
  readonly before?: Version;
  readonly after?: Version;
  readonly reason: CancellationReason;
}

export function transactWriteItems(engine: Engine, input: any): object {
  checkMembers('TransactWriteItems', input, ['TransactItems', 'ClientRequestToken', 'ReturnConsumedCapacity', 'ReturnItemCollectionMetrics']);
  const mode = capacityMode(input);
  refuseCollectionMetrics(input);
  const planned = actionsOf('TransactWriteItems', input).map(action => planAction(engine, action));
  const writes = planned.flatMap(each => 'write' in each ? [each.write] : []);
  refuseSameItem(writes);
  const repeated = engine.tokens.isRepeated(input.ClientRequestToken, input.TransactItems);
  const consumptions = new Map<Table, Consumption>();
  const consumedOf = (table: Table) => {
    if (!consumptions.has(table)) consumptions.set(table, new Consumption(table.name));
    return consumptions.get(table)!;
  };
  if (repeated) {
    // The answer of the first request again; it costs reading the items.
    for (const { table, place } of writes) {
      consumedOf(table).add('read', readUnits(table.items.get(place)?.current?.size ?? 0, 'transactional'));
    }
  } else {
    const steps = planned.map(evaluate);
    if (steps.some(step => step.reason.Code !== 'None')) {
      // A cancelled transaction consumes its units too.
      for (const { table, before } of steps) consumedOf(table).add('write', TRANSACTION_FACTOR * writeUnits(before?.size ?? 0, 0));
      bill(engine, 'TransactWriteItems', consumptions);
      throw transactionCanceled(steps.map(step => step.reason));
    }
    const bytes = steps.reduce((sum, { after }) => sum + (after?.size ?? 0), 0);
    if (bytes > MAX_BYTES) throw validationError('Collection size of transaction items exceeds the maximum of 4 MB');
    for (const { write, before, after } of steps) commitWrite(write!, before, after, consumedOf(write!.table), TRANSACTION_FACTOR);
    engine.tokens.remember(input.ClientRequestToken, input.TransactItems);
  }
  bill(engine, 'TransactWriteItems', consumptions);
  return mode ? { ConsumedCapacity: [...consumptions.values()].map(consumed => consumed.report(mode, repeated ? 'read' : 'write')) } : {};
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html */
export function transactGetItems(engine: Engine, input: any): object {
  checkMembers('TransactGetItems', input, ['TransactItems', 'ReturnConsumedCapacity']);
  const mode = capacityMode(input);
  const readers = actionsOf('TransactGetItems', input).map(action => {
    checkMembers('TransactGetItems', action, ['Get']);
    checkMembers('Get', action.Get, ['TableName', 'Key', 'ProjectionExpression', 'ExpressionAttributeNames']);
    const table = engine.table(action.Get.TableName);
    return { table, ...keyReader(table, action.Get)(action.Get.Key) };
  });
  const consumptions = new Map<Table, Consumption>();
  let bytes = 0;
  const responses = readers.map(({ table, read }) => {
    const consumed = consumptions.get(table) ?? new Consumption(table.name);
    consumptions.set(table, consumed);
    const found = read(engine, 'transactional', consumed);
    bytes += found?.bytes ?? 0;
    return found ? { Item: found.attributes } : {};
  });
  if (bytes > MAX_BYTES) throw validationError('Collection size of transaction items exceeds the maximum of 4 MB');
  bill(engine, 'TransactGetItems', consumptions);
  return { Responses: responses, ...(mode && { ConsumedCapacity: [...consumptions.values()].map(consumed => consumed.report(mode, 'read')) }) };
}

function actionsOf(operation: string, input: any): any[] {
  const actions = Array.isArray(input.TransactItems) ? input.TransactItems : [];
  if (actions.length >= 1 && actions.length <= MAX_ACTIONS) return actions;
  const bound = actions.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${MAX_ACTIONS}`;
  throw validationError(`1 validation error detected: Value at 'transactItems' of ${operation} failed to satisfy constraint: Member must have length ${bound}`);
}

function planAction(engine: Engine, action: any): Planned {
  checkMembers('TransactWriteItems', action, Object.keys(ACTIONS));
  const kinds = Object.keys(ACTIONS).filter(kind => action[kind] !== undefined);
  if (kinds.length !== 1) {
    throw validationError('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  const { members, plan } = ACTIONS[kinds[0]];
  const input = action[kinds[0]];
  checkMembers(kinds[0], input, members);
  if (kinds[0] === 'ConditionCheck' && input.ConditionExpression === undefined) {
    throw validationError("1 validation error detected: Value null at 'conditionExpression' failed to satisfy constraint: Member must not be null");
  }
  const table = engine.table(input.TableName);
  try {
    return { write: plan(table, input) };
  } catch (error) {
    if (!(error instanceof ItemRefusal)) throw error;
    return { table, refusal: { Code: 'ValidationError', Message: error.message } };
  }
}

/** What the action would do to the item as it is, or why it cannot. */
function evaluate(planned: Planned): Step {
  if (!('write' in planned)) return { table: planned.table, reason: planned.refusal };
  const { write } = planned;
  const { table } = write;
  const before = table.items.get(write.place)?.current;
  if (!permits(write, before)) {
    const item = write.returnOldOnFailure && before ? { Item: copyMap(before.image) } : {};
    return { table, write, before, reason: { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', ...item } };
  }
  try {
    return { table, write, before, after: write.outcome(before), reason: { Code: 'None' } };
  } catch (error: any) {
    if (error?.name !== 'ValidationException') throw error;
    return { table, write, before, reason: { Code: 'ValidationError', Message: error.message } };
  }
}

function refuseSameItem(writes: readonly Write[]) {
  const seen = new Set(writes.map(({ table, place }) => JSON.stringify([table.name, place.partition, place.sort])));
  if (seen.size < writes.length) throw validationError('Transaction request cannot include multiple operations on one item');
}

function bill(engine: Engine, operation: string, consumptions: ReadonlyMap<Table, Consumption>) {
  for (const consumed of consumptions.values()) engine.used(operation, consumed);
}
