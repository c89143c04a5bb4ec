/**
 * What a caller must be allowed to do for each operation.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
import { type Engine, type OperationName, tableNameOf } from './engine';
import { Bindings } from './expressions/bindings';
import { bindKeyCondition } from './expressions/key-condition';
import type { KeyType } from './schema';
import type { AccessRequest } from '../../iam/principal';

interface Target {
  readonly action: string;
  readonly table: unknown;
  readonly index?: unknown;
  /** Items or keys, for `dynamodb:LeadingKeys`. */
  readonly keys?: readonly unknown[];
  readonly input?: any;
  readonly enclosing?: string;
}

export interface AccessRules {
  readonly engine: Engine;
  readonly viaService: string;
  readonly account: string;
  tableArn(tableName: string): string;
  /** The customer managed key of a table. */
  keyArn(tableName: string): string | undefined;
}

/** A transaction needs the permission of each of its actions; no permission has the transaction's own name. */
const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem', ConditionCheck: 'ConditionCheckItem', Get: 'GetItem',
};

const CONTROL: readonly OperationName[] = ['DescribeTable', 'DescribeTimeToLive', 'ListTables'];

export function accessFor(operation: OperationName, rules: AccessRules): (input: any) => AccessRequest[] {
  return input => {
    if (operation === 'ListTables') return [{ action: 'dynamodb:ListTables', resource: '*' }];
    const targets = targetsOf(operation, input ?? {}).filter(target => typeof target.table === 'string');
    const requests = targets.map(target => tableRequest(target, rules));
    if (!CONTROL.includes(operation)) requests.push(...keyRequests(targets, rules));
    return requests;
  };
}

function targetsOf(operation: OperationName, input: any): Target[] {
  switch (operation) {
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.entries<any>(input.RequestItems ?? {}).map(([table, request]) => ({
        action: operation, table, keys: batchKeys(request),
      }));
    case 'TransactGetItems':
    case 'TransactWriteItems':
      return asList(input.TransactItems).flatMap(action => Object.entries<any>(action ?? {})
        .filter(([kind, each]) => kind in TRANSACTION_ACTIONS && each)
        .map(([kind, each]) => ({
          action: TRANSACTION_ACTIONS[kind], table: each.TableName, keys: [each.Item ?? each.Key], input: each, enclosing: operation,
        })));
    default:
      return [{ action: operation, table: input.TableName, index: input.IndexName, keys: [input.Item ?? input.Key], input }];
  }
}

function tableRequest({ action, table, index, keys = [], input = {}, enclosing }: Target, rules: AccessRules): AccessRequest {
  const name = tableNameOf(table as string);
  const arn = rules.tableArn(name);
  const leading = action === 'Query' ? queriedKeys(rules.engine, name, input) : leadingKeys(rules.engine, name, keys);
  return {
    action: `dynamodb:${action}`,
    resource: typeof index === 'string' ? `${arn}/index/${index}` : arn,
    context: {
      ...(leading.length > 0 && { 'dynamodb:LeadingKeys': leading }),
      ...(enclosing && { 'dynamodb:EnclosingOperation': enclosing }),
      ...(typeof input.ReturnValues === 'string' && { 'dynamodb:ReturnValues': input.ReturnValues }),
      ...(typeof input.Select === 'string' && { 'dynamodb:Select': input.Select }),
    },
  };
}

/**
 * A customer managed key is used on behalf of the caller: without kms:Decrypt the table cannot be read or written.
 * https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html
 */
function keyRequests(targets: readonly Target[], rules: AccessRules): AccessRequest[] {
  return keyAccess(targets.map(({ table }) => tableNameOf(table as string)), rules);
}

/** What the customer managed keys of the tables ask for. */
export function keyAccess(tableNames: readonly string[], rules: Pick<AccessRules, 'keyArn' | 'viaService' | 'account'>): AccessRequest[] {
  const keys = new Set(tableNames.map(rules.keyArn));
  keys.delete(undefined);
  return [...keys].map(key => ({
    action: 'kms:Decrypt', resource: key!, context: { 'kms:ViaService': rules.viaService, 'kms:CallerAccount': rules.account },
  }));
}

/** The partition that a query asks for; what is wrong with the query is said by its execution. */
function queriedKeys(engine: Engine, tableName: string, { IndexName, ...input }: any): string[] {
  if (!engine.hasTable(tableName)) return [];
  const table = engine.table(tableName);
  const key = table.indexes.get(IndexName)?.definition.key ?? table.definition.key;
  try {
    const bindings = new Bindings(input, ['KeyConditionExpression', 'FilterExpression', 'ProjectionExpression']);
    return [keyText(bindKeyCondition(input.KeyConditionExpression, key, bindings).partitionValue, key.hash.type)];
  } catch {
    return [];
  }
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html */
function leadingKeys(engine: Engine, tableName: string, keys: readonly unknown[]): string[] {
  if (!engine.hasTable(tableName)) return [];
  const { hash } = engine.table(tableName).definition.key;
  return keys.flatMap((key: any) => {
    const value = key?.[hash.name];
    return value?.[hash.type] === undefined ? [] : [keyText(value, hash.type)];
  });
}

function keyText(value: any, type: KeyType): string {
  return typeof value[type] === 'string' ? value[type] : Buffer.from(value[type]).toString('base64');
}

function batchKeys(request: any): unknown[] {
  const entries = Array.isArray(request) ? request : asList(request?.Keys);
  return entries.map(entry => entry?.PutRequest?.Item ?? entry?.DeleteRequest?.Key ?? entry);
}

function asList(value: unknown): any[] {
  return Array.isArray(value) ? value : [];
}
