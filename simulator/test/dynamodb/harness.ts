import { Engine, type OperationName } from '../../src/services/dynamodb/engine';
import type { ItemChange, UnitsUsed } from '../../src/services/dynamodb/environment';
import { defineTable, type TableInput } from '../../src/services/dynamodb/schema';

/** An engine with a settable clock, and what it told. */
export class Harness {
  now = Date.UTC(2026, 0, 1);
  stale = false;
  readonly changes: ItemChange[] = [];
  readonly used: UnitsUsed[] = [];
  readonly engine: Engine;

  constructor(tables: readonly TableInput[] = [SIMPLE, COMPOSITE], options: { staleReads?: boolean } = {}) {
    this.engine = new Engine({
      now: () => this.now,
      isStale: options.staleReads ? () => this.stale : undefined,
      onChange: change => this.changes.push(change),
      meter: used => this.used.push(used),
    });
    for (const table of tables) {
      this.engine.createTable(defineTable(table, {
        arn: `arn:aws:dynamodb:us-east-1:123456789012:table/${table.TableName}`, id: table.TableName, createdAt: this.now,
      }));
    }
  }

  run(operation: OperationName, input: any, entryFails?: () => boolean): any {
    return this.engine.execute(operation, input, entryFails);
  }

  put(item: any, table = 'simple', more: object = {}): any {
    return this.run('PutItem', { TableName: table, Item: item, ...more });
  }

  get(key: any, table = 'simple'): any {
    return this.run('GetItem', { TableName: table, Key: key, ConsistentRead: true }).Item;
  }

  /** Puts the attributes, updates them and answers all that is there afterwards, without the key. */
  update(attributes: any, expression: string, values?: any, names?: any): any {
    this.put({ id: { S: 'x' }, ...attributes });
    const { id, ...rest } = this.run('UpdateItem', {
      TableName: 'simple',
      Key: { id: { S: 'x' } },
      UpdateExpression: expression,
      ExpressionAttributeValues: values,
      ExpressionAttributeNames: names,
      ReturnValues: 'ALL_NEW',
    }).Attributes;
    return rest;
  }

  /** Whether the condition holds of an item with these attributes. */
  holds(attributes: any, condition: string, values?: any, names?: any): boolean {
    this.put({ id: { S: 'x' }, ...attributes });
    try {
      this.run('DeleteItem', {
        TableName: 'simple', Key: { id: { S: 'x' } }, ConditionExpression: condition, ExpressionAttributeValues: values, ExpressionAttributeNames: names,
      });
      return true;
    } catch (error: any) {
      if (error.name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  }
}

/** The error that the call throws, as `Name: message`. */
export function failure(call: () => unknown): string {
  try {
    call();
  } catch (error: any) {
    return `${error.name}: ${error.message}`;
  }
  return 'no error';
}

export const SIMPLE: TableInput = {
  TableName: 'simple',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
};

export const COMPOSITE: TableInput = {
  TableName: 'composite',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'rank', AttributeType: 'N' }, { AttributeName: 'state', AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byState',
      KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }, { AttributeName: 'rank', KeyType: 'RANGE' }],
      Projection: { ProjectionType: 'ALL' },
    },
    {
      IndexName: 'stateOnly',
      KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] },
    },
  ],
  LocalSecondaryIndexes: [{
    IndexName: 'byRank',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'rank', KeyType: 'RANGE' }],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  }],
  BillingMode: 'PAY_PER_REQUEST',
};

export const S = (text: string) => ({ S: text });
export const N = (number: number | string) => ({ N: String(number) });
