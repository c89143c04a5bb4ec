import type { PolicyDocument } from './iam';

/** AWS managed policies that templates often attach: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'service-role/AWSLambdaBasicExecutionRole': ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  'service-role/AWSLambdaSQSQueueExecutionRole': [
    'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents',
  ],
  'service-role/AWSLambdaDynamoDBExecutionRole': [
    'dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams',
    'logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents',
  ],
  'AWSXRayDaemonWriteAccess': [
    'xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets', 'xray:GetSamplingStatisticSummaries',
  ],
  'AWSXrayWriteOnlyAccess': [
    'xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets', 'xray:GetSamplingStatisticSummaries',
  ],
  'CloudWatchLambdaInsightsExecutionRolePolicy': ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  'AdministratorAccess': ['*'],
};

const PREFIX = /^arn:aws:iam::aws:policy\//;

export function isAwsManaged(arn: string): boolean {
  return PREFIX.test(arn);
}

export function awsManagedPolicy(arn: string): PolicyDocument {
  const actions = ACTIONS[arn.replace(PREFIX, '')];
  if (!actions) throw new Error(`AWS managed policy ${arn} is not known here; known: ${Object.keys(ACTIONS).join(', ')}`);
  return { Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }] };
}
