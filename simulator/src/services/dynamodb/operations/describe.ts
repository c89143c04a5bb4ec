/** What a table says of itself. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html */
import { checkMembers, wholeNumber } from './input';
import type { Collection } from '../collection';
import type { Engine } from '../engine';
import { type IndexDefinition, keyAttributes, type KeySchema } from '../schema';
import type { Index } from '../table';

export function describeTable(engine: Engine, input: any): object {
  checkMembers('DescribeTable', input, ['TableName']);
  const table = engine.table(input.TableName, 'DescribeTable');
  const { name, arn, id, key, createdAt, billingMode, deletionProtection, stream } = table.definition;
  const indexes = [...table.indexes.values()];
  const of = (kind: IndexDefinition['kind']) => indexes.filter(index => index.definition.kind === kind).map(index => describeIndex(index, arn));
  const [global, local] = [of('GSI'), of('LSI')];
  const attributes = new Map([key, ...indexes.map(index => index.definition.key)].flatMap(keyAttributes).map(each => [each.name, each.type]));
  return {
    Table: {
      TableName: name,
      TableArn: arn,
      TableId: id,
      TableStatus: 'ACTIVE',
      CreationDateTime: new Date(createdAt),
      AttributeDefinitions: [...attributes].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
      KeySchema: showKeySchema(key),
      ...totals(table.items),
      ...(billingMode === 'PAY_PER_REQUEST' && { BillingModeSummary: { BillingMode: billingMode } }),
      ...(global.length > 0 && { GlobalSecondaryIndexes: global.map(index => ({ ...index, IndexStatus: 'ACTIVE' })) }),
      ...(local.length > 0 && { LocalSecondaryIndexes: local }),
      ...(stream && {
        StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType },
        LatestStreamLabel: stream.label,
        LatestStreamArn: stream.arn,
      }),
      DeletionProtectionEnabled: deletionProtection,
    },
  };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html */
export function describeTimeToLive(engine: Engine, input: any): object {
  checkMembers('DescribeTimeToLive', input, ['TableName']);
  const { ttlAttribute } = engine.table(input.TableName, 'DescribeTimeToLive').definition;
  return {
    TimeToLiveDescription: {
      TimeToLiveStatus: ttlAttribute ? 'ENABLED' : 'DISABLED',
      ...(ttlAttribute && { AttributeName: ttlAttribute }),
    },
  };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html */
export function listTables(engine: Engine, input: any): object {
  checkMembers('ListTables', input, ['ExclusiveStartTableName', 'Limit']);
  const limit = input.Limit === undefined ? 100 : wholeNumber(input.Limit, 'limit', 1, 100);
  const start = input.ExclusiveStartTableName as string | undefined;
  const names = engine.tableNames().filter(name => start === undefined || name > start);
  const page = names.slice(0, limit);
  return { TableNames: page, ...(names.length > limit && { LastEvaluatedTableName: page[page.length - 1] }) };
}

function describeIndex({ definition, entries }: Index, tableArn: string) {
  const { name, key, projection, nonKeyAttributes } = definition;
  return {
    IndexName: name,
    IndexArn: `${tableArn}/index/${name}`,
    KeySchema: showKeySchema(key),
    Projection: { ProjectionType: projection, ...(projection === 'INCLUDE' && { NonKeyAttributes: [...nonKeyAttributes] }) },
    ...totals(entries, 'Index'),
  };
}

function totals(entries: Collection, subject: 'Table' | 'Index' = 'Table') {
  let [count, bytes] = [0, 0];
  for (const { size } of entries.versions()) {
    count++;
    bytes += size;
  }
  return { ItemCount: count, [`${subject}SizeBytes`]: bytes };
}

function showKeySchema({ hash, range }: KeySchema) {
  const elements = [{ AttributeName: hash.name, KeyType: 'HASH' }];
  return range ? [...elements, { AttributeName: range.name, KeyType: 'RANGE' }] : elements;
}
