/** Tables of a template. */
import { defineTable, type TableInput } from './schema';
import type { PropertyRule, PropertySchema, Provisioned, ResourceInstance, ResourceProvider } from '../../cloudformation/resource-provider';
import type { World } from '../../service';

export interface NewTable {
  readonly definition: ReturnType<typeof defineTable>;
  /** Construct path, readable. */
  readonly path: string;
  /** A customer managed key, by any of its names. */
  readonly kmsKey?: string;
  readonly resourcePolicy?: any;
}

const KEY_SCHEMA: PropertyRule = [{ AttributeName: true, KeyType: true }];
const INDEX: PropertySchema = {
  IndexName: true,
  KeySchema: KEY_SCHEMA,
  Projection: { ProjectionType: true, NonKeyAttributes: true },
};
const GLOBAL_INDEX: PropertySchema = {
  ...INDEX,
  ContributorInsightsSpecification: 'inert',
  ProvisionedThroughput: 'inert',
  WarmThroughput: 'inert',
};
/** What AWS::DynamoDB::Table and AWS::DynamoDB::GlobalTable have in common. */
const SHARED: PropertySchema = {
  TableName: true,
  AttributeDefinitions: [{ AttributeName: true, AttributeType: true }],
  KeySchema: KEY_SCHEMA,
  LocalSecondaryIndexes: [INDEX],
  BillingMode: true,
  TimeToLiveSpecification: { AttributeName: true, Enabled: true },
  StreamSpecification: { StreamViewType: true },
  WarmThroughput: 'inert',
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html */
export function tableProvider(world: World, create: (table: NewTable) => void): ResourceProvider {
  return {
    type: 'AWS::DynamoDB::Table',
    properties: {
      ...SHARED,
      GlobalSecondaryIndexes: [GLOBAL_INDEX],
      ContributorInsightsSpecification: 'inert',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: 'inert',
      ProvisionedThroughput: 'inert',
      ResourcePolicy: { PolicyDocument: true },
      SSESpecification: { KMSMasterKeyId: true, SSEEnabled: 'inert', SSEType: 'inert' },
      TableClass: 'inert',
      Tags: 'inert',
    },
    create: resource => {
      const { SSESpecification, ResourcePolicy } = resource.properties;
      return provision(world, create, resource, {
        deletionProtection: resource.properties.DeletionProtectionEnabled,
        kmsKey: SSESpecification?.KMSMasterKeyId,
        resourcePolicy: ResourcePolicy?.PolicyDocument,
      });
    },
  };
}

/** With one replica: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html */
export function globalTableProvider(world: World, create: (table: NewTable) => void): ResourceProvider {
  return {
    type: 'AWS::DynamoDB::GlobalTable',
    properties: {
      ...SHARED,
      GlobalSecondaryIndexes: [{ ...GLOBAL_INDEX, WriteProvisionedThroughputSettings: 'inert' }],
      Replicas: [{
        ContributorInsightsSpecification: 'inert',
        DeletionProtectionEnabled: true,
        GlobalSecondaryIndexes: 'inert',
        PointInTimeRecoverySpecification: 'inert',
        ReadProvisionedThroughputSettings: 'inert',
        Region: true,
        ResourcePolicy: { PolicyDocument: true },
        SSESpecification: { KMSMasterKeyId: true },
        TableClass: 'inert',
        Tags: 'inert',
      }],
      SSESpecification: { SSEEnabled: 'inert', SSEType: 'inert' },
      WriteProvisionedThroughputSettings: 'inert',
    },
    create: resource => {
      const replicas: any[] = resource.properties.Replicas ?? [];
      if (replicas.length !== 1 || replicas[0].Region !== world.region) {
        throw new Error(`table ${resource.path}: Replicas must be one, in ${world.region}, got ${JSON.stringify(replicas.map(each => each.Region))}`);
      }
      const [{ DeletionProtectionEnabled, SSESpecification, ResourcePolicy }] = replicas;
      return provision(world, create, resource, {
        deletionProtection: DeletionProtectionEnabled,
        kmsKey: SSESpecification?.KMSMasterKeyId,
        resourcePolicy: ResourcePolicy?.PolicyDocument,
      });
    },
  };
}

export function tableArn(world: World, name: string): string {
  return `arn:aws:dynamodb:${world.region}:${world.account}:table/${name}`;
}

interface Settings {
  readonly deletionProtection: unknown;
  readonly kmsKey?: string;
  readonly resourcePolicy?: any;
}

function provision(world: World, create: (table: NewTable) => void, resource: ResourceInstance, settings: Settings): Provisioned {
  const { properties } = resource;
  const name: string = properties.TableName ?? resource.generatedName(255);
  const arn = tableArn(world, name);
  const id = world.kernel.random.fork(`dynamodb/table/${name}`).uuid();
  const ttl = properties.TimeToLiveSpecification;
  const input: TableInput = {
    ...properties,
    TableName: name,
    DeletionProtectionEnabled: isTrue(settings.deletionProtection),
    TimeToLiveSpecification: ttl && { AttributeName: ttl.AttributeName, Enabled: isTrue(ttl.Enabled) },
  };
  let definition: NewTable['definition'];
  try {
    definition = defineTable(input, { arn, id, createdAt: world.kernel.now });
    create({
      definition,
      path: resource.path,
      kmsKey: settings.kmsKey,
      resourcePolicy: settings.resourcePolicy,
    });
  } catch (error: any) {
    throw new Error(`table ${resource.path}: ${error.message}`);
  }
  return { ref: name, attributes: { Arn: arn, TableId: id, ...(definition.stream && { StreamArn: definition.stream.arn }) } };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
