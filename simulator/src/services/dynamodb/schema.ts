/**
 * What a table is: its key, its indexes and what the indexes project.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
 */
import { validationError } from './errors';
import { STREAM_VIEW_TYPES, type StreamViewType } from './streams/record';
import type { AttributeMap } from './values';

export type KeyType = 'S' | 'N' | 'B';

export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

export interface KeySchema {
  readonly hash: KeyAttribute;
  readonly range?: KeyAttribute;
}

export interface IndexDefinition {
  readonly name: string;
  readonly kind: 'GSI' | 'LSI';
  readonly key: KeySchema;
  readonly projection: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  /** The attributes that an entry has, keys included; undefined for all. */
  readonly projected?: ReadonlySet<string>;
  readonly nonKeyAttributes: readonly string[];
}

export interface TableDefinition {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly key: KeySchema;
  readonly indexes: ReadonlyMap<string, IndexDefinition>;
  /** Epoch seconds in this attribute say when an item expires. */
  readonly ttlAttribute?: string;
  readonly billingMode: 'PAY_PER_REQUEST' | 'PROVISIONED';
  readonly deletionProtection: boolean;
  readonly stream?: { readonly arn: string; readonly label: string; readonly viewType: StreamViewType };
  readonly createdAt: number;
}

interface KeySchemaElement { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }
interface IndexInput {
  readonly IndexName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly Projection?: { readonly ProjectionType?: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'; readonly NonKeyAttributes?: readonly string[] };
}

/** The part of CreateTable's input that the template's properties share. */
export interface TableInput {
  readonly TableName: string;
  readonly AttributeDefinitions?: readonly { readonly AttributeName: string; readonly AttributeType: KeyType }[];
  readonly KeySchema: readonly KeySchemaElement[];
  readonly GlobalSecondaryIndexes?: readonly IndexInput[];
  readonly LocalSecondaryIndexes?: readonly IndexInput[];
  readonly BillingMode?: 'PAY_PER_REQUEST' | 'PROVISIONED';
  readonly DeletionProtectionEnabled?: boolean;
  readonly TimeToLiveSpecification?: { readonly AttributeName?: string; readonly Enabled: boolean };
  readonly StreamSpecification?: { readonly StreamViewType?: string };
}

export function defineTable(input: TableInput, identity: { arn: string; id: string; createdAt: number }): TableDefinition {
  const types = new Map((input.AttributeDefinitions ?? []).map(each => [each.AttributeName, each.AttributeType]));
  const key = keySchema(input.KeySchema, types);
  const indexes = new Map<string, IndexDefinition>();
  const add = (kind: 'GSI' | 'LSI', each: IndexInput) => {
    if (indexes.has(each.IndexName)) throw validationError(`One or more parameter values were invalid: Duplicate index name: ${each.IndexName}`);
    indexes.set(each.IndexName, indexDefinition(kind, each, key, types));
  };
  for (const each of input.GlobalSecondaryIndexes ?? []) add('GSI', each);
  for (const each of input.LocalSecondaryIndexes ?? []) add('LSI', each);
  refuseUnusedDefinitions(types, key, indexes);
  const ttl = input.TimeToLiveSpecification;
  if (ttl?.Enabled && !ttl.AttributeName) throw validationError('TimeToLiveSpecification needs an AttributeName when it is enabled');
  return {
    name: input.TableName,
    ...identity,
    key,
    indexes,
    ttlAttribute: ttl?.Enabled ? ttl.AttributeName : undefined,
    billingMode: input.BillingMode ?? 'PROVISIONED',
    deletionProtection: input.DeletionProtectionEnabled ?? false,
    ...streamOf(input, identity),
  };
}

/** A stream's label is the time of its creation, and a part of its ARN. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Stream.html */
function streamOf({ StreamSpecification: specification }: TableInput, { arn, createdAt }: { arn: string; createdAt: number }) {
  if (!specification) return {};
  const viewType = STREAM_VIEW_TYPES.find(each => each === specification.StreamViewType);
  if (!viewType) {
    throw validationError(`StreamSpecification.StreamViewType is '${specification.StreamViewType}'; allowed: ${STREAM_VIEW_TYPES.join(', ')}`);
  }
  const label = new Date(createdAt).toISOString().slice(0, -1);
  return { stream: { arn: `${arn}/stream/${label}`, label, viewType } };
}

/** The item's attributes that an index entry has. */
export function projectEntry(item: AttributeMap, index: IndexDefinition): AttributeMap {
  if (!index.projected) return item;
  const entry: AttributeMap = {};
  for (const name of index.projected) {
    if (Object.hasOwn(item, name)) entry[name] = item[name];
  }
  return entry;
}

export function keyAttributes({ hash, range }: KeySchema): KeyAttribute[] {
  return range ? [hash, range] : [hash];
}

function indexDefinition(kind: 'GSI' | 'LSI', input: IndexInput, tableKey: KeySchema, types: ReadonlyMap<string, KeyType>): IndexDefinition {
  const key = keySchema(input.KeySchema, types);
  if (kind === 'LSI' && (key.hash.name !== tableKey.hash.name || !key.range)) {
    throw validationError('One or more parameter values were invalid: Table KeySchema and the local secondary index '
      + `${input.IndexName} must have the same hash key, and the index a range key`);
  }
  const projection = input.Projection?.ProjectionType ?? 'ALL';
  const keys = [...keyAttributes(tableKey), ...keyAttributes(key)].map(each => each.name);
  const nonKeyAttributes = projection === 'INCLUDE' ? input.Projection?.NonKeyAttributes ?? [] : [];
  const projected = projection === 'ALL' ? undefined : new Set([...keys, ...nonKeyAttributes]);
  return { name: input.IndexName, kind, key, projection, projected, nonKeyAttributes };
}

function keySchema(elements: readonly KeySchemaElement[] | undefined, types: ReadonlyMap<string, KeyType>): KeySchema {
  const of = (type: 'HASH' | 'RANGE'): KeyAttribute | undefined => {
    const matching = (elements ?? []).filter(each => each.KeyType === type);
    if (matching.length > 1) throw validationError(`a key schema with ${matching.length} ${type} attributes is not simulated, at most one is`);
    if (matching.length === 0) return undefined;
    const name = matching[0].AttributeName;
    const attributeType = types.get(name);
    if (!attributeType) {
      throw validationError('One or more parameter values were invalid: Some index key attributes are not defined in '
        + `AttributeDefinitions. Keys: [${name}], AttributeDefinitions: [${[...types.keys()].join(', ')}]`);
    }
    return { name, type: attributeType };
  };
  const hash = of('HASH');
  if (!hash) throw validationError('Invalid KeySchema: Some index key attribute have no HASH key');
  return { hash, range: of('RANGE') };
}

function refuseUnusedDefinitions(types: ReadonlyMap<string, KeyType>, key: KeySchema, indexes: ReadonlyMap<string, IndexDefinition>) {
  const used = new Set([key, ...[...indexes.values()].map(index => index.key)].flatMap(keyAttributes).map(each => each.name));
  const unused = [...types.keys()].filter(name => !used.has(name));
  if (unused.length > 0) {
    throw validationError('One or more parameter values were invalid: Some AttributeDefinitions are not used. '
      + `AttributeDefinitions: [${[...types.keys()].join(', ')}], keys used: [${[...used].join(', ')}]`);
  }
}
