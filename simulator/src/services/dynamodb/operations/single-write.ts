/**
 * PutItem, UpdateItem and DeleteItem.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
 */
import { checkMembers, oneOf, refuseCollectionMetrics } from './input';
import { commitWrite, deleteWrite, permits, putWrite, updateWrite, type Write } from './write';
import { capacityMode, Consumption, writeUnits } from '../capacity';
import type { Version } from '../collection';
import type { Engine } from '../engine';
import { conditionalCheckFailed, validationError } from '../errors';
import { project } from '../expressions/paths';
import { type AttributeMap, copyMap } from '../values';

type ReturnValues = 'NONE' | 'ALL_OLD' | 'UPDATED_OLD' | 'ALL_NEW' | 'UPDATED_NEW';

const RETURN_VALUES: readonly ReturnValues[] = ['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW'];
const MEMBERS = [
  'TableName', 'ConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues', 'ReturnValues',
  'ReturnConsumedCapacity', 'ReturnItemCollectionMetrics', 'ReturnValuesOnConditionCheckFailure',
];
const PUT_MEMBERS = [...MEMBERS, 'Item'];
const DELETE_MEMBERS = [...MEMBERS, 'Key'];
const UPDATE_MEMBERS = [...MEMBERS, 'Key', 'UpdateExpression'];

export function putItem(engine: Engine, input: any): object {
  checkMembers('PutItem', input, PUT_MEMBERS);
  const returnValues = onlyOld(input);
  return write(engine, 'PutItem', input, returnValues, putWrite(engine.table(input.TableName), input));
}

export function deleteItem(engine: Engine, input: any): object {
  checkMembers('DeleteItem', input, DELETE_MEMBERS);
  const returnValues = onlyOld(input);
  return write(engine, 'DeleteItem', input, returnValues, deleteWrite(engine.table(input.TableName), input));
}

export function updateItem(engine: Engine, input: any): object {
  checkMembers('UpdateItem', input, UPDATE_MEMBERS);
  const returnValues = oneOf(input.ReturnValues, 'returnValues', RETURN_VALUES, 'NONE');
  return write(engine, 'UpdateItem', input, returnValues, updateWrite(engine.table(input.TableName), input));
}

function onlyOld(input: any): ReturnValues {
  const returnValues = oneOf(input.ReturnValues, 'returnValues', RETURN_VALUES, 'NONE');
  if (returnValues !== 'NONE' && returnValues !== 'ALL_OLD') throw validationError('Return values set to invalid value');
  return returnValues;
}

function write(engine: Engine, operation: string, input: any, returnValues: ReturnValues, planned: Write): object {
  const mode = capacityMode(input);
  refuseCollectionMetrics(input);
  const { table } = planned;
  const before = table.items.get(planned.place)?.current;
  const consumed = new Consumption(table.name);
  if (!permits(planned, before)) {
    // A refused write consumes the units of the item as it is.
    consumed.add('write', writeUnits(before?.size ?? 0, 0));
    engine.used(operation, consumed);
    throw conditionalCheckFailed(planned.returnOldOnFailure && before ? copyMap(before.image) : undefined);
  }
  const after = planned.outcome(before);
  commitWrite(planned, before, after, consumed);
  engine.used(operation, consumed);
  const attributes = returned(returnValues, planned, before, after);
  return {
    ...(attributes && { Attributes: copyMap(attributes) }),
    ...(mode && { ConsumedCapacity: consumed.report(mode) }),
  };
}

function returned(wanted: ReturnValues, { update }: Write, before: Version | undefined, after: Version | undefined): AttributeMap | undefined {
  switch (wanted) {
    case 'NONE': return undefined;
    case 'ALL_OLD': return before?.image;
    case 'ALL_NEW': return after?.image;
    default: {
      const version = wanted === 'UPDATED_OLD' ? before : after;
      const attributes = version && update ? project(version.image, update.paths) : {};
      return Object.keys(attributes).length > 0 ? attributes : undefined;
    }
  }
}
