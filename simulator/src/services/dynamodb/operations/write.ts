/**
 * Writing one item, in two steps: planned on the item as it is, then committed. A transaction plans all its writes first.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html
 */
import { oneOf } from './input';
import type { Consumption } from '../capacity';
import type { Version } from '../collection';
import { ItemRefusal, validationError } from '../errors';
import { Bindings } from '../expressions/bindings';
import { bindCondition } from '../expressions/evaluate';
import { type BoundUpdate, bindUpdate } from '../expressions/update';
import { itemSize, MAX_ITEM_BYTES } from '../item-size';
import { checkItemKey, keyOfInput, type Place } from '../keys';
import { keyAttributes } from '../schema';
import type { Table } from '../table';
import { type AttributeMap, normalizeMap } from '../values';

const NO_ITEM: AttributeMap = {};

/** A validated write that has not looked at the item yet. */
export interface Write {
  readonly table: Table;
  readonly place: Place;
  readonly key: AttributeMap;
  readonly returnOldOnFailure: boolean;
  /** The update's paths, for UPDATED_OLD and UPDATED_NEW. */
  readonly update?: BoundUpdate;
  conditionHolds(item: AttributeMap): boolean;
  /** The item afterwards; undefined for none. Throws where it cannot be. */
  outcome(before: Version | undefined): Version | undefined;
}

export function putWrite(table: Table, input: any): Write {
  const item = normalizeMap(input.Item ?? {});
  const condition = boundCondition(input);
  checkItemKey(item, table.definition.key);
  table.checkIndexKeys(item);
  const version = { image: item, size: itemSize(item) };
  if (version.size > MAX_ITEM_BYTES) throw new ItemRefusal('Item size has exceeded the maximum allowed size');
  return { ...common(table, item, input), conditionHolds: condition, outcome: () => version };
}

export function deleteWrite(table: Table, input: any): Write {
  const condition = boundCondition(input);
  const key = keyOfInput(input.Key, table.definition.key);
  return { ...common(table, key, input), conditionHolds: condition, outcome: () => undefined };
}

/** ConditionCheck of a transaction: the item stays as it is. */
export function checkWrite(table: Table, input: any): Write {
  const condition = boundCondition(input);
  const key = keyOfInput(input.Key, table.definition.key);
  return { ...common(table, key, input), conditionHolds: condition, outcome: before => before };
}

export function updateWrite(table: Table, input: any): Write {
  const bindings = new Bindings(input, ['UpdateExpression', 'ConditionExpression']);
  const update = input.UpdateExpression === undefined ? undefined : bindUpdate(input.UpdateExpression, bindings);
  const condition = input.ConditionExpression === undefined
    ? () => true
    : bindCondition('ConditionExpression', input.ConditionExpression, bindings).holds;
  bindings.refuseUnused();
  const keys = keyAttributes(table.definition.key);
  for (const path of update?.paths ?? []) {
    if (keys.some(({ name }) => name === path[0])) {
      throw validationError(`One or more parameter values were invalid: Cannot update attribute ${path[0]}. This attribute is part of the key`);
    }
  }
  const key = keyOfInput(input.Key, table.definition.key);
  return {
    ...common(table, key, input),
    update,
    conditionHolds: condition,
    outcome: before => {
      // An item that does not exist is created with its key.
      const image = update ? update.apply(before?.image ?? key) : before?.image ?? key;
      if (image === before?.image) return before;
      table.checkIndexKeys(image);
      const size = itemSize(image);
      if (size > MAX_ITEM_BYTES) throw validationError('Item size to update has exceeded the maximum allowed size');
      return { image, size };
    },
  };
}

/** Whether the item as it is lets the write happen. */
export function permits(write: Write, before: Version | undefined): boolean {
  return write.conditionHolds(before?.image ?? NO_ITEM);
}

export function commitWrite(write: Write, before: Version | undefined, after: Version | undefined, consumed: Consumption, factor = 1): void {
  write.table.commit(write.place, before, after, consumed, factor);
}

function common(table: Table, key: AttributeMap, input: any) {
  const onFailure = oneOf(input.ReturnValuesOnConditionCheckFailure, 'returnValuesOnConditionCheckFailure', ['ALL_OLD', 'NONE'], 'NONE');
  return { table, key, place: table.place(key), returnOldOnFailure: onFailure === 'ALL_OLD' };
}

function boundCondition(input: any): (item: AttributeMap) => boolean {
  const bindings = new Bindings(input, ['ConditionExpression']);
  if (input.ConditionExpression === undefined) return () => true;
  const { holds } = bindCondition('ConditionExpression', input.ConditionExpression, bindings);
  bindings.refuseUnused();
  return holds;
}
