/** A resource with one fault, and the rule or check that must find it. */
export interface Fault {
  readonly rule: string;
  readonly says?: RegExp;
  readonly resource: object;
}

export type Faults = Readonly<Record<string, Fault>>;

const keep = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const allow = (action: string | string[], resource: unknown, others: object = {}) => ({ Effect: 'Allow', Action: action, Resource: resource, ...others });
const send = (others: object = {}) => allow('sqs:SendMessage', arnOf('Queue'), others);
const document = (statement: object) => ({ Version: '2012-10-17', Statement: [statement] });
const byService = (service: string) => ({ Principal: { Service: service } });

const queue = (properties: object) => ({ Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 345600, ...properties }, ...keep });
const policy = (statement: object) => ({
  Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'policy', Roles: [{ Ref: 'Role' }], PolicyDocument: document(statement) },
});
const role = (principal: object, properties: object = {}) => ({
  Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: document({ Effect: 'Allow', ...principal, Action: 'sts:AssumeRole' }), ...properties },
});

/** What the faults are about, without any. */
export const SOUND = {
  Queue: queue({}),
  Topic: { Type: 'AWS::SNS::Topic' },
  Bucket: { Type: 'AWS::S3::Bucket', ...keep },
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    },
    ...keep,
  },
  Role: role(byService('lambda.amazonaws.com')),
  Function: {
    Type: 'AWS::Lambda::Function',
    Properties: { Runtime: 'nodejs22.x', Handler: 'index.handler', Role: arnOf('Role'), Code: { ZipFile: 'exports.handler = async () => ({});' } },
  },
  SoundPolicy: policy(send()),
};

/** For cfn-lint. */
export const IN_TEMPLATES: Faults = {
  WrongProperty: { rule: 'E3002', resource: queue({ VisibilityTimout: 30 }) },
  WrongValue: { rule: 'E3034', resource: queue({ VisibilityTimeout: 50_000 }) },
  MissingProperty: { rule: 'E3003', resource: { Type: 'AWS::SNS::Subscription', Properties: { Protocol: 'sqs' } } },
  MissingResource: { rule: 'E1010', resource: queue({ RedrivePolicy: { deadLetterTargetArn: arnOf('Nothing'), maxReceiveCount: 5 } }) },
  Circle: { rule: 'E3004', resource: queue({ RedrivePolicy: { deadLetterTargetArn: arnOf('Circle'), maxReceiveCount: 5 } }) },
  WrongPolicy: { rule: 'W3037', resource: policy(allow('sqs:SendMesage', arnOf('Queue'))) },
};

/** For iam-policy-validator: each kind of mistake, and each place for a policy. */
export const IN_POLICIES: Faults = {
  MisspelledAction: { rule: 'action_validation', resource: policy(allow('sqs:SendMesage', arnOf('Queue'))) },
  ActionOfNewService: { rule: 'action_validation', resource: policy(allow('scheduler:CreateShedule', arnOf('Queue'))) },
  WrongResourceType: { rule: 'action_resource_matching', resource: policy(allow('dynamodb:PutItem', arnOf('Queue'))) },
  OneActionOfTwo: {
    rule: 'action_resource_matching', says: /dynamodb:PutItem/, resource: policy(allow(['sqs:SendMessage', 'dynamodb:PutItem'], arnOf('Queue'))),
  },
  WildcardResource: { rule: 'wildcard_resource', resource: policy(allow('sqs:SendMessage', '*')) },
  WildcardAmongOthers: { rule: 'wildcard_resource', resource: policy(allow(['xray:PutTraceSegments', 'logs:DescribeLogStreams'], '*')) },
  WildcardAction: { rule: 'service_wildcard', resource: policy(allow('sqs:*', arnOf('Queue'))) },
  RoleForAnyService: { rule: 'action_condition_enforcement', says: /PassRole/, resource: policy(allow('iam:PassRole', arnOf('Role'))) },
  PrivilegeEscalation: { rule: 'sensitive_action', resource: policy(allow('iam:PutRolePolicy', arnOf('Role'))) },
  KeyOfAnotherService: { rule: 'condition_key_validation', resource: policy(send({ Condition: { StringEquals: { 's3:prefix': 'x' } } })) },
  AllOfNoKeys: {
    rule: 'set_operator_validation',
    resource: policy(allow('dynamodb:GetItem', arnOf('Table'), { Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['a'] } } })),
  },
  ManagedPolicy: {
    rule: 'action_validation',
    resource: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: document(allow('sqs:SendMesage', arnOf('Queue'))) } },
  },
  PolicyInRole: {
    rule: 'action_validation',
    resource: role(byService('lambda.amazonaws.com'), { Policies: [{ PolicyName: 'own', PolicyDocument: document(allow('sqs:SendMesage', arnOf('Queue'))) }] }),
  },
  MisspelledService: { rule: 'principal_validation', says: /lamda/, resource: role(byService('lamda.amazonaws.com')) },
  RoleForAll: { rule: 'principal_validation', resource: role({ Principal: { AWS: '*' } }) },
  RoleForAnyAccount: { rule: 'trust_policy_validation', resource: role(byService('events.amazonaws.com')) },
  QueueForAll: {
    rule: 'principal_validation',
    resource: { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ Ref: 'Queue' }], PolicyDocument: document(send({ Principal: '*' })) } },
  },
  TopicForAnyAccount: {
    rule: 'trust_policy_validation',
    resource: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: { Topics: [{ Ref: 'Topic' }], PolicyDocument: document(allow('sns:Publish', { Ref: 'Topic' }, byService('events.amazonaws.com'))) },
    },
  },
  BucketInsteadOfObjects: {
    rule: 'action_resource_matching',
    resource: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: { Bucket: { Ref: 'Bucket' }, PolicyDocument: document(allow('s3:PutObject', arnOf('Bucket'), byService('logs.us-east-1.amazonaws.com'))) },
    },
  },
  KeyForAnyAccount: {
    rule: 'trust_policy_validation',
    resource: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: document(allow('kms:Decrypt', '*', byService('sns.amazonaws.com'))) }, ...keep },
  },
  BusForAll: {
    rule: 'principal_validation',
    resource: {
      Type: 'AWS::Events::EventBusPolicy',
      Properties: { StatementId: 'all', Statement: allow('events:PutEvents', 'arn:aws:events:us-east-1:123456789012:event-bus/default', { Principal: '*' }) },
    },
  },
  FunctionForAnyAccount: {
    rule: 'trust_policy_validation',
    resource: {
      Type: 'AWS::Lambda::Permission', Properties: { Action: 'lambda:InvokeFunction', FunctionName: arnOf('Function'), Principal: 'events.amazonaws.com' },
    },
  },
};
