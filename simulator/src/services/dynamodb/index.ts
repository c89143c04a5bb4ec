import { accessFor, type AccessRules, keyAccess } from './access';
import { Engine, HANDLERS, type OperationName } from './engine';
import type { ItemChange } from './environment';
import { ExpirySweeps } from './expiry-sweeps';
import { globalTableProvider, type NewTable, tableArn, tableProvider } from './resources';
import { streamOperations } from './streams/operations';
import type { Stream } from './streams/stream';
import { Streams } from './streams/streams';
import { type AttributeMap, copyMap } from './values';
import { readableName } from '../../cloudformation/readable-name';
import { type Operation, type Service, ServiceError, type World } from '../../service';
import type { KmsService } from '../kms';

export type { ItemChange } from './environment';
export type { ApiRecord } from './streams/record';
export { type StreamEvent, streamEvent } from './streams/event';
export type { Stream, StreamReader } from './streams/stream';
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
  /** A stream, for readers that AWS runs: they are told when there is something to read. Throws when there is none. */
  stream(streamArn: string): Stream;
  /** All items of a table as they are now: for invariants, free of charge. */
  items(tableNameOrArn: string): AttributeMap[];
}

const READS: readonly OperationName[] = [
  'BatchGetItem', 'DescribeTable', 'DescribeTimeToLive', 'GetItem', 'ListTables', 'Query', 'Scan', 'TransactGetItems',
];
const PARTIQL: readonly string[] = ['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction'];

/** Amazon DynamoDB and DynamoDB Streams. */
export function dynamodbService(world: World): DynamoDbService {
  const listeners = new Map<string, ((change: ItemChange) => void)[]>();
  const created = new Map<string, NewTable>();
  const streams = new Streams(world);
  const sweeps = new ExpirySweeps(world, () => engine);
  const engine: Engine = new Engine({
    now: () => world.kernel.now,
    isStale: subject => world.faults.onEventuallyConsistentRead(subject),
    meter: ({ readUnits, writeUnits }) => {
      if (readUnits > 0) world.meter.add('dynamodb.readUnits', readUnits);
      if (writeUnits > 0) world.meter.add('dynamodb.writeUnits', writeUnits);
    },
    onChange: change => {
      streams.record(change);
      listeners.get(change.tableName)?.forEach(listener => listener(change));
    },
    onExpiry: (tableName, at) => sweeps.expect(tableName, at),
  });
  const rules: AccessRules = {
    engine,
    tableArn: tableName => tableArn(world, tableName),
    keyArn: tableName => {
      const key = created.get(tableName)?.kmsKey;
      return key === undefined ? undefined : world.service<KmsService>('kms').keyArn(key);
    },
    viaService: `dynamodb.${world.region}.amazonaws.com`,
    account: world.account,
  };
  const create = (table: NewTable) => {
    const { name, arn, stream, key, createdAt } = table.definition;
    engine.createTable(table.definition);
    created.set(name, table);
    if (stream) streams.create({ ...stream, tableName: name, key, createdAt });
    if (table.resourcePolicy) world.iam.addResourcePolicy(arn, table.resourcePolicy);
  };
  return {
    name: 'dynamodb',
    operations: {
      ...operations(rules),
      ...streamOperations(world, streams, tableName => keyAccess([tableName], rules)),
      ...refusals(),
    },
    resources: [tableProvider(world, create), globalTableProvider(world, create)],
    onChange: (tableName, listener) => {
      const { name } = engine.table(tableName);
      listeners.set(name, [...listeners.get(name) ?? [], listener]);
    },
    stream: streamArn => streams.get(streamArn),
    tables: () => [...created.values()].map(({ definition: { name, arn }, path }) => ({
      name: readableName(path), tableName: name, arn, items: [...engine.table(name).items.versions()].length,
    })),
    items: tableName => [...engine.table(tableName).items.versions()].map(({ image }) => copyMap(image)),
  };
}

function operations(rules: AccessRules): Record<string, Operation> {
  const named = (Object.keys(HANDLERS) as OperationName[]).map((name): [string, Operation] => [name, {
    access: accessFor(name, rules),
    readOnly: READS.includes(name),
    handle: (input, { entryFails }) => rules.engine.execute(name, input, entryFails),
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
