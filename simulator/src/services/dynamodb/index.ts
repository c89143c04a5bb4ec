import { accessFor } from './access';
import { Engine, HANDLERS, type OperationName } from './engine';
import type { ItemChange } from './environment';
import { ExpirySweeps } from './expiry-sweeps';
import { globalTableProvider, type NewTable, tableArn, tableProvider } from './resources';
import { type AttributeMap, copyMap } from './values';
import { readableName } from '../../cloudformation/readable-name';
import { type Operation, type Service, ServiceError, type World } from '../../service';
import type { KmsService } from '../kms';

export type { ItemChange } from './environment';
export type { AttributeMap, AttributeValue } from './values';

export interface TableReport {
  /** Readable name. */
  readonly name: string;
  readonly tableName: string;
  readonly arn: string;
  readonly items: number;
}

export interface DynamoDbService extends Service {
  /** Calls back after each change of an item of the table, in order: what a stream of the table would carry. */
  onChange(tableName: string, listener: (change: ItemChange) => void): void;
  tables(): TableReport[];
  /** All items of a table as they are now: for invariants, free of charge. */
  items(tableNameOrArn: string): AttributeMap[];
}

const READS: readonly OperationName[] = [
  'BatchGetItem', 'DescribeTable', 'DescribeTimeToLive', 'GetItem', 'ListTables', 'Query', 'Scan', 'TransactGetItems',
];
const PARTIQL: readonly string[] = ['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction'];

/** Amazon DynamoDB, without streams. */
export function dynamodbService(world: World): DynamoDbService {
  const listeners = new Map<string, ((change: ItemChange) => void)[]>();
  const created = new Map<string, NewTable>();
  const sweeps = new ExpirySweeps(world, () => engine);
  const engine: Engine = new Engine({
    now: () => world.kernel.now,
    isStale: subject => world.faults.onEventuallyConsistentRead(subject),
    meter: ({ readUnits, writeUnits }) => {
      if (readUnits > 0) world.meter.add('dynamodb.readUnits', readUnits);
      if (writeUnits > 0) world.meter.add('dynamodb.writeUnits', writeUnits);
    },
    onChange: change => listeners.get(change.tableName)?.forEach(listener => listener(change)),
    onExpiry: (tableName, at) => sweeps.expect(tableName, at),
  });
  const create = (table: NewTable) => {
    const { name, arn } = table.definition;
    engine.createTable(table.definition);
    created.set(name, table);
    if (table.resourcePolicy) world.iam.addResourcePolicy(arn, table.resourcePolicy);
  };
  return {
    name: 'dynamodb',
    operations: { ...operations(world, engine, created), ...refusals() },
    resources: [tableProvider(world, create), globalTableProvider(world, create)],
    onChange: (tableName, listener) => {
      const { name } = engine.table(tableName);
      listeners.set(name, [...listeners.get(name) ?? [], listener]);
    },
    tables: () => [...created.values()].map(({ definition: { name, arn }, path }) => ({
      name: readableName(path), tableName: name, arn, items: [...engine.table(name).items.versions()].length,
    })),
    items: tableName => [...engine.table(tableName).items.versions()].map(({ image }) => copyMap(image)),
  };
}

function operations(world: World, engine: Engine, created: ReadonlyMap<string, NewTable>): Record<string, Operation> {
  const rules = {
    engine,
    tableArn: (tableName: string) => tableArn(world, tableName),
    keyArn: (tableName: string) => {
      const key = created.get(tableName)?.kmsKey;
      return key === undefined ? undefined : world.service<KmsService>('kms').keyArn(key);
    },
    viaService: `dynamodb.${world.region}.amazonaws.com`,
    account: world.account,
  };
  const named = (Object.keys(HANDLERS) as OperationName[]).map((name): [string, Operation] => [name, {
    access: accessFor(name, rules),
    readOnly: READS.includes(name),
    handle: (input, { entryFails }) => engine.execute(name, input, entryFails),
  }]);
  return Object.fromEntries(named);
}

/** PartiQL is known, and refused by name. */
function refusals(): Record<string, Operation> {
  return Object.fromEntries(PARTIQL.map(name => [name, {
    access: () => [],
    handle: () => {
      throw new ServiceError('ValidationException', `${name}: PartiQL is not simulated, use GetItem, Query, PutItem, UpdateItem, DeleteItem or TransactWriteItems`);
    },
  }]));
}
