/** DynamoDB without an account around it: tables, and the data operations on them, each at one instant. */
import type { Consumption } from './capacity';
import type { Environment } from './environment';
import { tableNotFound, validationError } from './errors';
import { batchGetItem, batchWriteItem, type EntryFails } from './operations/batch';
import { describeTable, describeTimeToLive, listTables } from './operations/describe';
import { getItem } from './operations/get-item';
import { query } from './operations/query';
import { scan } from './operations/scan';
import { deleteItem, putItem, updateItem } from './operations/single-write';
import { transactGetItems, transactWriteItems } from './operations/transactions';
import { RequestTokens } from './request-tokens';
import type { TableDefinition } from './schema';
import { Table } from './table';
import { removeExpired } from './ttl';

type Handler = (engine: Engine, input: any, entryFails?: EntryFails) => object;

export const HANDLERS = {
  BatchGetItem: batchGetItem,
  BatchWriteItem: batchWriteItem,
  DeleteItem: deleteItem,
  DescribeTable: describeTable,
  DescribeTimeToLive: describeTimeToLive,
  GetItem: getItem,
  ListTables: listTables,
  PutItem: putItem,
  Query: query,
  Scan: scan,
  TransactGetItems: transactGetItems,
  TransactWriteItems: transactWriteItems,
  UpdateItem: updateItem,
} satisfies Record<string, Handler>;

export type OperationName = keyof typeof HANDLERS;

export class Engine {
  readonly tokens: RequestTokens;
  private readonly tables = new Map<string, Table>();

  constructor(readonly environment: Environment) {
    this.tokens = new RequestTokens(() => environment.now());
  }

  createTable(definition: TableDefinition): Table {
    if (this.tables.has(definition.name)) throw validationError(`Table already exists: ${definition.name}`);
    const table = new Table(definition, this.environment);
    this.tables.set(definition.name, table);
    return table;
  }

  /** `entryFails` says of each entry of a batch whether it is left undone. */
  execute(operation: OperationName, input: any, entryFails?: EntryFails): any {
    const handler: Handler = HANDLERS[operation];
    return handler(this, input ?? {}, entryFails);
  }

  /** By name or ARN. */
  table(nameOrArn: unknown, operation?: string): Table {
    if (typeof nameOrArn !== 'string' || nameOrArn === '') {
      throw validationError("1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null");
    }
    const table = this.tables.get(nameOrArn) ?? this.tables.get(tableNameOf(nameOrArn));
    if (!table) throw tableNotFound(nameOrArn, operation);
    return table;
  }

  hasTable(name: string): boolean {
    return this.tables.has(name);
  }

  tableNames(): string[] {
    return [...this.tables.keys()].sort();
  }

  /** Removes the items of a table whose time to live is over. Answers how many. */
  removeExpired(tableName: string): number {
    return removeExpired(this.table(tableName), this.environment.now());
  }

  /** Tells the meter. */
  used(operation: string, consumed: Consumption): void {
    this.environment.meter?.({ tableName: consumed.tableName, operation, readUnits: consumed.read, writeUnits: consumed.write });
  }
}

export function tableNameOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf('/') + 1) : nameOrArn;
}
