import { Simulation } from '../../src';
import { shopFile } from '../simulation/fixtures';
import { item, TABLE } from '../streams/stream-world';

const arn = (id: string, attribute: string = 'Arn') => ({ 'Fn::GetAtt': [id, attribute] });
const READ = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];

/** A table whose changes a pipe sends to a queue, and what cannot be sent to another. */
function relay(grants: readonly { Action: string | string[]; Resource: unknown }[], InputTemplate: string = '{"id": <$.dynamodb.Keys.sk.N>}') {
  const at = (name: string) => ({ Metadata: { 'aws:cdk:path': `Shop/${name}/Resource` } });
  return {
    Resources: {
      Table: { Type: 'AWS::DynamoDB::Table', Properties: TABLE, ...at('Items') },
      Orders: { Type: 'AWS::SQS::Queue', ...at('Orders') },
      Dead: { Type: 'AWS::SQS::Queue', ...at('Dead') },
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'pipes.amazonaws.com' } }] },
          Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: grants.map((grant) => ({ Effect: 'Allow', ...grant })) } }],
        },
        ...at('Role'),
      },
      Pipe: {
        Type: 'AWS::Pipes::Pipe',
        Properties: {
          RoleArn: arn('Role'),
          Source: arn('Table', 'StreamArn'),
          SourceParameters: {
            DynamoDBStreamParameters: { StartingPosition: 'TRIM_HORIZON', MaximumRetryAttempts: 0, DeadLetterConfig: { Arn: arn('Dead') } },
          },
          Target: arn('Orders'),
          TargetParameters: { InputTemplate },
        },
        ...at('Relay'),
      },
    },
  };
}

const ALL = [
  { Action: READ, Resource: arn('Table', 'StreamArn') },
  { Action: 'dynamodb:ListStreams', Resource: '*' },
  { Action: 'sqs:SendMessage', Resource: arn('Orders') },
];
const DEAD = { Action: 'sqs:SendMessage', Resource: arn('Dead') };

async function play(template: object) {
  const simulation = Simulation.load(shopFile(template));
  const caller = { principal: { kind: 'operator' as const }, name: 'operator' };
  void simulation.world.call({ service: 'dynamodb', operation: 'PutItem', input: { TableName: 'Items', Item: item('a', 1) }, caller });
  await simulation.run();
  return simulation.report();
}

describe('the role of a pipe', () => {
  it('is enough with what the source and the target need, and all of it is used', async () => {
    const report = await play(relay(ALL));
    expect(report).toMatchObject({ undelivered: { Orders: 1 }, denials: [], lost: [], billable: { 'pipes.requests': 1 } });
    expect(report.unusedGrants).toEqual([]);
  });

  it('is not enough without the target: the record goes to the dead-letter queue, if the role may send there', async () => {
    const [read, list] = ALL;
    const parked = await play(relay([read, list, DEAD]));
    expect(parked.denials).toEqual([expect.objectContaining({ action: 'sqs:SendMessage', name: 'Role' })]);
    expect(parked).toMatchObject({ undelivered: { Dead: 1 }, lost: [] });
    const lost = await play(relay([read, list]));
    expect(lost.lost).toEqual([expect.objectContaining({ subject: 'Relay', event: 'pipes.lost' })]);
  });

  it('is not enough without the stream: what cannot be read is lost after 24 hours', async () => {
    const report = await play(relay(ALL.slice(1)));
    expect(report.denials).toContainEqual(expect.objectContaining({ action: 'dynamodb:DescribeStream' }));
    expect(report.undelivered).toEqual({});
    expect(report.lost).toHaveLength(1);
  });
});
