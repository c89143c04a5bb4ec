/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html */
import { checkMembers } from './input';
import { bindProjection, visible } from './read';
import { capacityMode, Consumption, type ReadConsistency, readUnits } from '../capacity';
import type { Engine } from '../engine';
import { Bindings } from '../expressions/bindings';
import { project } from '../expressions/paths';
import { keyOfInput } from '../keys';
import type { Table } from '../table';
import { type AttributeMap, copyMap } from '../values';

const MEMBERS = ['TableName', 'Key', 'ConsistentRead', 'ProjectionExpression', 'ExpressionAttributeNames', 'ReturnConsumedCapacity'];

export function getItem(engine: Engine, input: any): object {
  checkMembers('GetItem', input, MEMBERS);
  const mode = capacityMode(input);
  const table = engine.table(input.TableName);
  const consumed = new Consumption(table.name);
  const item = keyReader(table, input)(input.Key).read(engine, input.ConsistentRead ? 'strong' : 'eventual', consumed);
  engine.used('GetItem', consumed);
  return { ...(item && { Item: item.attributes }), ...(mode && { ConsumedCapacity: consumed.report(mode) }) };
}

export interface FoundItem {
  readonly attributes: AttributeMap;
  /** The size of the whole item. */
  readonly bytes: number;
}

/** A validated read of one item that has not looked at it yet. */
export interface ItemReader {
  readonly key: AttributeMap;
  read(engine: Engine, consistency: ReadConsistency, consumed: Consumption): FoundItem | undefined;
}

/** Reads single items with one projection. */
export function keyReader(table: Table, input: any): (key: unknown) => ItemReader {
  const bindings = new Bindings(input, ['ProjectionExpression']);
  const projection = bindProjection(input.ProjectionExpression, bindings);
  bindings.refuseUnused();
  return keyInput => {
    const key = keyOfInput(keyInput, table.definition.key);
    const read: ItemReader['read'] = (engine, consistency, consumed) => {
      const version = visible(engine, table.name, table.items.get(table.place(key)), consistency);
      consumed.add('read', readUnits(version?.size ?? 0, consistency));
      if (!version) return undefined;
      return { attributes: copyMap(projection ? project(version.image, projection) : version.image), bytes: version.size };
    };
    return { key, read };
  };
}
