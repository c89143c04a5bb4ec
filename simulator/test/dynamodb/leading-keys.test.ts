import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, QueryCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { PolicyEngine } from '../../src/iam/policies';
import { type FaultPlan, NO_FAULTS } from '../../src/kernel/faults';
import { connect } from '../../src/sdk';
import { type DynamoDbService, dynamodbService } from '../../src/services/dynamodb';
import { SimulatedWorld } from '../../src/world';

const ROLE = 'arn:aws:iam::123456789012:role/Worker';
const TableName = 'Pool';
const ALL = ['GetItem', 'BatchGetItem', 'Query', 'UpdateItem', 'PutItem', 'ConditionCheckItem', 'DeleteItem'].map((action) => `dynamodb:${action}`);

/** A table of many partitions, and a role for some of them. */
function bench(faults: FaultPlan = NO_FAULTS) {
  const iam = new PolicyEngine({ account: '123456789012', region: 'us-east-1' });
  const world = new SimulatedWorld(iam, [dynamodbService], { faults });
  const { attributes } = world.service<DynamoDbService>('dynamodb').resources.find(({ type }) => type === 'AWS::DynamoDB::Table')!.create({
    logicalId: 'Pool',
    type: 'AWS::DynamoDB::Table',
    properties: {
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }, { AttributeName: 'entry', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }, { AttributeName: 'entry', KeyType: 'RANGE' }],
      BillingMode: 'PAY_PER_REQUEST',
    },
    stackName: 'Test',
    path: 'Test/Pool/Resource',
    generatedName: () => TableName,
    assetPath: () => '',
  });
  iam.addRole(ROLE);
  iam.addRolePolicy(ROLE, 'p', {
    Statement: [{
      Effect: 'Allow',
      Action: ALL,
      Resource: attributes!.Arn,
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['task#*', 'group#gpu'] } },
    }],
  });
  const client = DynamoDBDocumentClient.from(connect(world, new DynamoDBClient({}), { principal: { kind: 'role', arn: ROLE }, name: 'worker' }));
  return async (command: any): Promise<any> => {
    const answer = client.send(command).then((value: any) => ({ value }), (error: any) => ({ error }));
    await world.kernel.run();
    const { value, error } = (await answer) as any;
    if (error) throw error;
    return value;
  };
}

const key = (id: string, entry = 'task') => ({ id, entry });
const claim = (id: string) => ({
  TableName, Key: key(id), UpdateExpression: 'SET fence = if_not_exists(fence, :none) + :one', ExpressionAttributeValues: { ':none': 0, ':one': 1 },
});

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html (dynamodb:LeadingKeys) */
describe('a role for some partitions of a table', () => {
  it.each([
    ['GetItem', (id: string) => new GetCommand({ TableName, Key: key(id), ConsistentRead: true })],
    ['UpdateItem', (id: string) => new UpdateCommand(claim(id))],
    ['Query', (id: string) => new QueryCommand({ TableName, KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': id } })],
    ['BatchGetItem', (id: string) => new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [key('task#1'), key(id)], ConsistentRead: true } } })],
    ['UpdateItem', (id: string) => new TransactWriteCommand({ TransactItems: [{ Update: claim('task#1') }, { Update: claim(id) }] })],
    ['ConditionCheckItem', (id: string) => new TransactWriteCommand({
      TransactItems: [{ Update: claim('task#1') }, { ConditionCheck: { TableName, Key: key(id), ConditionExpression: 'attribute_not_exists(id)' } }],
    })],
  ])('may %s there, and nowhere else', async (action, command) => {
    const send = bench();
    await expect(send(command('task#2'))).resolves.toBeDefined();
    await expect(send(command('group#gpu'))).resolves.toBeDefined();
    for (const id of ['group#gpu2', 'leader', 'a task#1']) {
      await expect(send(command(id))).rejects.toMatchObject({ name: 'AccessDeniedException', message: expect.stringContaining(`dynamodb:${action}`) });
    }
  });
});

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html (ReturnValuesOnConditionCheckFailure)
it('an update that is refused tells the item that it met, unless there is none', async () => {
  const send = bench();
  await send(new UpdateCommand(claim('task#1')));
  const conditional = (id: string, more: object = {}) => send(new UpdateCommand({
    ...claim(id), ConditionExpression: 'fence = :mine', ExpressionAttributeValues: { ':none': 0, ':one': 1, ':mine': 7 }, ...more,
  }));
  const name = 'ConditionalCheckFailedException';
  // The document client leaves the item in an exception as it came.
  await expect(conditional('task#1', { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })).rejects
    .toMatchObject({ name, Item: { id: { S: 'task#1' }, entry: { S: 'task' }, fence: { N: '1' } } });
  await expect(conditional('task#1').catch((error) => error.Item)).resolves.toBeUndefined();
  await expect(conditional('task#2', { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }).catch((error) => error.Item)).resolves.toBeUndefined();
});

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html (ConsistentRead)
it('a consistent BatchGetItem sees what was written last, whatever the fault plan does to other reads', async () => {
  const send = bench({ ...NO_FAULTS, onEventuallyConsistentRead: () => true });
  await send(new UpdateCommand(claim('task#1')));
  await send(new UpdateCommand(claim('task#1')));
  const read = async (ConsistentRead: boolean) =>
    (await send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [key('task#1'), key('task#2')], ConsistentRead } } }))).Responses[TableName];
  expect(await read(true)).toEqual([{ ...key('task#1'), fence: 2 }]);
  expect(await read(false)).toEqual([{ ...key('task#1'), fence: 1 }]);
});
