import type { ResourceInstance } from '../../src/cloudformation/resource-provider';
import type { Iam } from '../../src/iam/iam';
import type { ServiceFactory } from '../../src/service';
import { type DynamoDbService, dynamodbService } from '../../src/services/dynamodb';
import { kmsService } from '../../src/services/kms';
import { SimulatedWorld, type WorldOptions } from '../../src/world';
import { OPERATOR, TestIam } from '../lambda/lambda-world';

export const TABLE_ARN = 'arn:aws:dynamodb:us-east-1:123456789012:table/Items';
export const STREAM_ARN = `${TABLE_ARN}/stream/2026-01-01T00:00:00.000`;
export const HOUR = 3600_000;

export const TABLE = {
  TableName: 'Items',
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'sk', AttributeType: 'N' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
  BillingMode: 'PAY_PER_REQUEST',
  TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
  StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
};

/** A world with a table that has a stream. */
export class StreamWorld {
  readonly iam = new TestIam();
  readonly world: SimulatedWorld;
  streamArn = STREAM_ARN;

  constructor(table: object = {}, options: WorldOptions = {}, services: readonly ServiceFactory[] = []) {
    this.world = new SimulatedWorld(this.iam as unknown as Iam, [dynamodbService, kmsService, ...services], { ...options, trace: { keep: true } });
    this.create('AWS::DynamoDB::Table', { ...TABLE, ...table }, 'Stack/Items');
  }

  get dynamodb(): DynamoDbService {
    return this.world.service<DynamoDbService>('dynamodb');
  }

  create(type: string, properties: any, path: string = 'Stack/Thing') {
    const provider = this.world.allServices().flatMap(({ resources }) => resources).find((each) => each.type === type)!;
    const resource: ResourceInstance = {
      logicalId: path.replace(/\W/g, ''),
      type,
      properties,
      stackName: 'Stack',
      path: `${path}/Resource`,
      generatedName: () => path.replace(/\W/g, '-'),
      assetPath: () => '',
    };
    return provider.create(resource);
  }

  /** Makes calls one after the other, and lets the world run until it is quiet. */
  async call(operation: string, input: any, service: string = 'dynamodb'): Promise<any> {
    let outcome: { value?: any; error?: any } | undefined;
    this.world.call({ service, operation, input, caller: OPERATOR }).then((value) => { outcome = { value }; }, (error) => { outcome = { error }; });
    await this.world.kernel.run({ until: () => outcome !== undefined });
    if (outcome!.error) throw outcome!.error;
    return outcome!.value;
  }

  put(pk: string, sk: number, more: object = {}): Promise<any> {
    return this.call('PutItem', { TableName: 'Items', Item: item(pk, sk, more) });
  }

  transact(...items: any[]): Promise<any> {
    return this.call('TransactWriteItems', { TransactItems: items.map((Item) => ({ Put: { TableName: 'Items', Item } })) });
  }

  /** Lets time pass, in milliseconds. */
  async pass(ms: number) {
    await this.world.kernel.run({ deadline: this.world.kernel.now + ms });
  }

  async shardIds(): Promise<string[]> {
    const { StreamDescription } = await this.call('DescribeStream', { StreamArn: this.streamArn });
    return StreamDescription.Shards.map(({ ShardId }: any) => ShardId);
  }

  async iterator(ShardId: string, type: string = 'TRIM_HORIZON', SequenceNumber?: string): Promise<string> {
    const answer = await this.call('GetShardIterator', { StreamArn: this.streamArn, ShardId, ShardIteratorType: type, SequenceNumber });
    return answer.ShardIterator;
  }

  /** What is in each shard that has anything. */
  async shards(): Promise<Record<string, any[]>> {
    const result: Record<string, any[]> = {};
    for (const id of await this.shardIds()) {
      const { Records } = await this.call('GetRecords', { ShardIterator: await this.iterator(id) });
      if (Records.length > 0) result[id] = Records;
    }
    return result;
  }

  async records(): Promise<any[]> {
    return Object.values(await this.shards()).flat();
  }

  events(event: string) {
    return this.world.trace.entries.filter((entry) => entry.event === event);
  }
}

export function item(pk: string, sk: number, more: object = {}) {
  return { pk: { S: pk }, sk: { N: String(sk) }, ...more };
}
