import { mkdtempSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { policiesAt, policiesOf } from './policies';
import { templatesAt } from './template';

const statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' };
const document = { Version: '2012-10-17', Statement: [statement] };

describe('a policy is found, and told by what it is attached to', () => {
  it.each<[string, string, object, Array<[string, string]>]>([
    ['who may act as a role', 'AWS::IAM::Role', { AssumeRolePolicyDocument: document }, [['trust', 'AssumeRolePolicyDocument']]],
    ['what a role may do', 'AWS::IAM::Role', { Policies: [{ PolicyName: 'a', PolicyDocument: document }] }, [['identity', 'Policies.0.PolicyDocument']]],
    ['what some roles may do', 'AWS::IAM::Policy', { PolicyDocument: document }, [['identity', 'PolicyDocument']]],
    ['who may use a key', 'AWS::KMS::Key', { KeyPolicy: document }, [['resource', 'KeyPolicy']]],
    ['who may read a table and its stream', 'AWS::DynamoDB::Table', { ResourcePolicy: { PolicyDocument: document }, StreamSpecification: { ResourcePolicy: { PolicyDocument: document } } }, [
      ['resource', 'ResourcePolicy.PolicyDocument'], ['resource', 'StreamSpecification.ResourcePolicy.PolicyDocument'],
    ]],
    ['a statement on its own', 'AWS::Events::EventBusPolicy', { StatementId: 'a', Statement: statement }, [['resource', '']]],
    ['who may invoke a function', 'AWS::Lambda::Permission', { Action: 'lambda:InvokeFunction', FunctionName: 'f', Principal: 'sns.amazonaws.com' }, [['resource', '']]],
    ['nothing', 'AWS::SQS::Queue', { Tags: [{ Key: 'Statement', Value: 'Allow' }] }, []],
    ['no properties', 'AWS::SNS::Topic', undefined as any, []],
  ])('%s', (_, type, properties, found) => {
    expect(policiesOf({ type, path: 'There', properties, provisioned: { ref: 'there' } }).map(({ kind, property }) => [kind, property])).toEqual(found);
  });
});

it('the permission of a function is a statement with the conditions that Lambda makes of it', () => {
  const properties = { Action: 'lambda:InvokeFunction', FunctionName: 'f', Principal: 'sns.amazonaws.com', SourceArn: 'arn:t', SourceAccount: '123456789012' };
  const [policy] = policiesOf({ type: 'AWS::Lambda::Permission', path: 'There', properties, provisioned: { ref: 'there' } });
  expect(policy.document.Statement).toEqual([{
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: 'f',
    Condition: { ArnLike: { 'aws:SourceArn': 'arn:t' }, StringEquals: { 'aws:SourceAccount': '123456789012' } },
  }]);
});

describe('in a deployed template', () => {
  it('ARNs are written out, and a key stands for itself in its policy', () => {
    const [ofRole, ofKey] = policiesIn({
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust(), Policies: [{ PolicyName: 'a', PolicyDocument: onQueue() }] } },
      Queue: { Type: 'AWS::SQS::Queue' },
      Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:Decrypt', Resource: '*' }] } } },
    }).filter(({ kind }) => kind !== 'trust').map(({ document: { Statement } }: any) => Statement[0].Resource);
    expect(ofRole).toMatch(/^arn:aws:sqs:us-east-1:123456789012:Template-Queue-/i);
    expect(ofKey).toMatch(/^arn:aws:kms:us-east-1:123456789012:key\//);
  });

  it('the label of a stream has no colons', () => {
    const policies = policiesIn({
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }], KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
        },
      },
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust() } },
      Policy: {
        Type: 'AWS::IAM::Policy',
        Properties: { PolicyName: 'a', Roles: [{ Ref: 'Role' }], PolicyDocument: { Statement: [{ ...statement, Resource: { 'Fn::GetAtt': ['Table', 'StreamArn'] } }] } },
      },
    });
    expect((policies[1].document.Statement as any)[0].Resource).toMatch(/:table\/[^/]+\/stream\/label$/);
  });

  it('a policy that is not deployed is not passed over', () => {
    const role = { Type: 'AWS::IAM::Role', Condition: 'Never', Properties: { AssumeRolePolicyDocument: trust() } };
    expect(() => policiesIn({ Role: role }, { Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } } })).toThrow('test: Role has 1 policies, and 0 when it is deployed');
  });
});

function policiesIn(resources: object, rest: object = {}) {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'policies-')), 'template.json');
  writeFileSync(file, JSON.stringify({ Resources: resources, ...rest }));
  const templates = templatesAt(file, 'test');
  return policiesAt(file, templates).get(templates[0])!;
}

function trust() {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }] };
}

function onQueue() {
  return { Version: '2012-10-17', Statement: [{ ...statement, Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] } }] };
}
