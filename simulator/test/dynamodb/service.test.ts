import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { N, S } from './harness';
import type { Iam } from '../../src/iam/iam';
import type { AccessRequest, Principal } from '../../src/iam/principal';
import { type FaultPlan, NO_FAULTS } from '../../src/kernel/faults';
import { connect } from '../../src/sdk';
import { type DynamoDbService, dynamodbService, type ItemChange } from '../../src/services/dynamodb';
import { kmsService } from '../../src/services/kms';
import { SimulatedWorld } from '../../src/world';

const TABLE = {
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'by', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [{ IndexName: 'index', KeySchema: [{ AttributeName: 'by', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } }],
  BillingMode: 'PAY_PER_REQUEST',
  TimeToLiveSpecification: { AttributeName: 'expires', Enabled: 'true' },
};

class Bench {
  readonly requests: AccessRequest[] = [];
  readonly policies: [string, any][] = [];
  readonly world: SimulatedWorld;

  constructor(faults: FaultPlan = NO_FAULTS) {
    const iam = {
      authorize: (_: Principal, request: AccessRequest) => { this.requests.push(request); },
      addResourcePolicy: (arn: string, policy: any) => { this.policies.push([arn, policy]); },
    } as unknown as Iam;
    this.world = new SimulatedWorld(iam, [dynamodbService, kmsService], { faults, latency: { 'dynamodb.call': { median: 0, p99: 0 } } });
  }

  get service(): DynamoDbService {
    return this.world.service<DynamoDbService>('dynamodb');
  }

  create(properties: any = TABLE, type = 'AWS::DynamoDB::Table') {
    return this.service.resources.find(provider => provider.type === type)!.create({
      logicalId: 'Orders', type, properties, stackName: 'Test', path: 'Test/Orders/Resource', generatedName: () => 'Test-Orders-1', assetPath: () => '',
    });
  }

  async call(operation: string, input: any): Promise<any> {
    const pending = this.world.call<any>({ service: 'dynamodb', operation, input, caller: { principal: { kind: 'operator' }, name: 'test' } })
      .then(value => ({ value }), error => ({ error }) as any);
    await this.world.kernel.run();
    const { value, error } = await pending;
    if (error) throw error;
    return value;
  }
}

const ARN = 'arn:aws:dynamodb:us-east-1:123456789012:table/Test-Orders-1';

describe('the dynamodb service', () => {
  it('makes tables of a template, under a name of its own, and answers Ref and GetAtt', async () => {
    const bench = new Bench();
    expect(bench.create()).toEqual({ ref: 'Test-Orders-1', attributes: { Arn: ARN, TableId: expect.stringMatching(/^[0-9a-f-]{36}$/) } });
    await bench.call('PutItem', { TableName: 'Test-Orders-1', Item: { pk: S('a') } });
    expect((await bench.call('GetItem', { TableName: ARN, Key: { pk: S('a') } })).Item).toEqual({ pk: S('a') });
    expect(bench.service.tables()).toEqual([{ name: 'Orders', tableName: 'Test-Orders-1', arn: ARN, items: 1 }]);
    expect(bench.service.items(ARN)).toEqual([{ pk: S('a') }]);
    expect(bench.world.meter.totals()).toEqual({ 'dynamodb.readUnits': 0.5, 'dynamodb.writeUnits': 1 });
  });

  it('makes a global table with one replica, and no other', () => {
    const bench = new Bench();
    const { GlobalSecondaryIndexes, ...properties } = TABLE;
    expect(GlobalSecondaryIndexes).toHaveLength(1);
    const global = { ...properties, AttributeDefinitions: [TABLE.AttributeDefinitions[0]], Replicas: [{ Region: 'us-east-1' }] };
    expect(bench.create(global, 'AWS::DynamoDB::GlobalTable').ref).toBe('Test-Orders-1');
    expect(() => bench.create({ ...global, Replicas: [{ Region: 'us-east-1' }, { Region: 'eu-west-1' }] }, 'AWS::DynamoDB::GlobalTable'))
      .toThrow('table Test/Orders/Resource: Replicas must be one, in us-east-1, got ["us-east-1","eu-west-1"]');
  });

  it('refuses a table whose key is not defined, naming the table', () => {
    expect(() => new Bench().create({ ...TABLE, KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] }))
      .toThrow(/^table Test\/Orders\/Resource: One or more parameter values were invalid: Some index key attributes are not defined/);
  });

  it.each<[string, any, string[]]>([
    ['PutItem', { TableName: 'T', Item: { pk: S('a') } }, ['dynamodb:PutItem table/T']],
    ['Query', { TableName: 'T' }, ['dynamodb:Query table/T']],
    ['Query', { TableName: 'T', IndexName: 'index' }, ['dynamodb:Query table/T/index/index']],
    ['BatchGetItem', { RequestItems: { T: { Keys: [] }, U: { Keys: [] } } }, ['dynamodb:BatchGetItem table/T', 'dynamodb:BatchGetItem table/U']],
    ['TransactWriteItems', {
      TransactItems: [{ Put: { TableName: 'T', Item: {} } }, { ConditionCheck: { TableName: 'T', Key: {} } }, { Delete: { TableName: 'U', Key: {} } }],
    }, ['dynamodb:PutItem table/T', 'dynamodb:ConditionCheckItem table/T', 'dynamodb:DeleteItem table/U']],
    ['TransactGetItems', { TransactItems: [{ Get: { TableName: ARN, Key: {} } }] }, ['dynamodb:GetItem table/Test-Orders-1']],
    ['ListTables', {}, ['dynamodb:ListTables *']],
  ])('asks IAM for what %s does: %j', (operation, input, expected) => {
    const asked = new Bench().service.operations[operation].access(input);
    expect(asked.map(({ action, resource }) => `${action} ${resource.split(':').pop()}`)).toEqual(expected);
  });

  it('tells IAM the partition keys and the transaction around an action', () => {
    const bench = new Bench();
    bench.create();
    const [asked] = bench.service.operations.TransactWriteItems.access({ TransactItems: [{ Put: { TableName: 'Test-Orders-1', Item: { pk: S('me') } } }] });
    expect(asked.context).toEqual({ 'dynamodb:LeadingKeys': ['me'], 'dynamodb:EnclosingOperation': 'TransactWriteItems' });
    const [query] = bench.service.operations.Query.access({
      TableName: 'Test-Orders-1', KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': S('you') }, Select: 'COUNT',
    });
    expect(query.context).toEqual({ 'dynamodb:LeadingKeys': ['you'], 'dynamodb:Select': 'COUNT' });
  });

  it('needs kms:Decrypt on a table\'s own key, and registers a table\'s resource policy', () => {
    const bench = new Bench();
    const key = 'arn:aws:kms:us-east-1:123456789012:key/k';
    bench.create({ ...TABLE, SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key }, ResourcePolicy: { PolicyDocument: { a: 1 } } });
    const asked = bench.service.operations.GetItem.access({ TableName: 'Test-Orders-1', Key: { pk: S('a') } });
    expect(asked[1]).toEqual({
      action: 'kms:Decrypt', resource: key, context: { 'kms:ViaService': 'dynamodb.us-east-1.amazonaws.com', 'kms:CallerAccount': '123456789012' },
    });
    expect(bench.service.operations.DescribeTable.access({ TableName: 'Test-Orders-1' })).toHaveLength(1);
    expect(bench.policies).toEqual([[ARN, { a: 1 }]]);
  });

  it('serves the document client of the AWS SDK', async () => {
    const bench = new Bench();
    bench.create();
    const client = DynamoDBDocumentClient.from(connect(bench.world, new DynamoDBClient({ region: 'us-east-1' })));
    const send = async (command: any): Promise<any> => {
      const outcome = client.send(command).then((value: any) => ({ value }), (error: any) => ({ error }) as any);
      await bench.world.kernel.run();
      const { value, error } = await outcome;
      if (error) throw error;
      return value;
    };
    const Item = { pk: 'a', by: 'me', tags: new Set(['x', 'y']), bytes: new Uint8Array([1, 2]), deep: [{ yes: true, no: null }] };
    await send(new PutCommand({ TableName: ARN, Item }));
    expect((await send(new GetCommand({ TableName: ARN, Key: { pk: 'a' } }))).Item).toEqual(Item);
    expect((await send(new UpdateCommand({
      TableName: ARN,
      Key: { pk: 'a' },
      UpdateExpression: 'ADD tags :t SET deep[0].yes = :n',
      ExpressionAttributeValues: { ':t': new Set(['z']), ':n': 1.5 },
      ReturnValues: 'UPDATED_NEW',
    }))).Attributes).toEqual({ tags: new Set(['x', 'y', 'z']), deep: [{ yes: 1.5 }] });
    await expect(send(new PutCommand({
      TableName: ARN, Item: { pk: 'a' }, ConditionExpression: 'attribute_not_exists(pk)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }))).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: { by: { S: 'me' } } });
    expect((await send(new QueryCommand({
      TableName: ARN, IndexName: 'index', KeyConditionExpression: '#by = :me', ExpressionAttributeNames: { '#by': 'by' }, ExpressionAttributeValues: { ':me': 'me' },
    }))).Items).toHaveLength(1);
  });

  it('refuses PartiQL by name', async () => {
    await expect(new Bench().call('ExecuteStatement', { Statement: 'SELECT' })).rejects.toMatchObject({
      name: 'ValidationException', message: expect.stringMatching(/^ExecuteStatement: PartiQL is not simulated/),
    });
  });

  it('lets the fault plan make reads stale and leave batch entries undone', async () => {
    const bench = new Bench({
      ...NO_FAULTS,
      onEventuallyConsistentRead: subject => subject === 'Test-Orders-1',
      onCall: call => call.operation === 'BatchWriteItem' ? { kind: 'partial', share: 1 } : undefined,
    });
    bench.create();
    await bench.call('PutItem', { TableName: 'Test-Orders-1', Item: { pk: S('a') } });
    const get = (ConsistentRead: boolean) => bench.call('GetItem', { TableName: 'Test-Orders-1', Key: { pk: S('a') }, ConsistentRead });
    expect([await get(false), await get(true)]).toEqual([{}, { Item: { pk: S('a') } }]);
    const entries = [{ PutRequest: { Item: { pk: S('b') } } }];
    expect(await bench.call('BatchWriteItem', { RequestItems: { 'Test-Orders-1': entries } }))
      .toEqual({ UnprocessedItems: { 'Test-Orders-1': entries } });
  });

  it('removes expired items in the background within two days, and tells who listens', async () => {
    const bench = new Bench();
    bench.create();
    const changes: ItemChange[] = [];
    bench.service.onChange(ARN, change => changes.push(change));
    const start = bench.world.kernel.now;
    const hour = 3_600_000;
    await bench.call('PutItem', { TableName: ARN, Item: { pk: S('far'), expires: N((start + 1000 * hour) / 1000) } });
    await bench.call('PutItem', { TableName: ARN, Item: { pk: S('near'), expires: N((start + hour) / 1000) } });
    expect(await bench.world.kernel.run()).toBe('quiet');
    const left = () => bench.service.items(ARN).map(item => item.pk.S);
    await bench.world.kernel.run({ deadline: start + hour });
    expect(left()).toEqual(['far', 'near']);
    await bench.world.kernel.run({ deadline: start + 50 * hour });
    expect(left()).toEqual(['far']);
    await bench.world.kernel.run({ deadline: start + 1049 * hour });
    expect(left()).toEqual([]);
    expect(changes.map(({ keys, userIdentity }) => [keys.pk.S, userIdentity?.principalId])).toEqual([
      ['far', undefined], ['near', undefined], ['near', 'dynamodb.amazonaws.com'], ['far', 'dynamodb.amazonaws.com'],
    ]);
  });
});
