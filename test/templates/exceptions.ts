/** A finding that stays, and why. What no longer excuses anything fails the run. */
export interface Exception {
  /** A rule of cfn-lint, or a check of iam-policy-validator. */
  readonly rule: string;
  /** Construct paths. */
  readonly where: RegExp;
  /** What the finding says, where the rule says more than one thing. */
  readonly says?: RegExp;
  readonly reason: string;
}

const STATE_MACHINE_ROLE = /\/(StateMachine|Recovery|Http)\/Role\/DefaultPolicy\/Resource$/;
const CUSTOMER_KEY = /^\w+\/Key\/Resource$/;
const ENCRYPTION_CONTEXT = 'the validator knows `kms:EncryptionContext:` by the name of its example only; the last part is any key of the context';

export const EXCEPTIONS: readonly Exception[] = [
  // Templates

  {
    rule: 'W3005',
    where: /\/Resource$/,
    says: /^'\w+Role[0-9A-F]{8}' dependency already enforced by a 'GetAtt' at 'Resources\/\w+\/Properties\/Role(Arn)?'$/,
    reason: 'the CDK lets functions, pipes and state machines wait for their role and its policies; that for the role itself says what holds anyway',
  },
  {
    rule: 'I3013',
    where: /^(OrchestratedSaga\/(Letters|Parked)|ScatterGather\/(Late|Partner)|ThrottledFanOut\/Audit|TransactionalOutbox\/Events)\/Resource$/,
    reason: 'queues that a test app brings along, and nobody sends to',
  },

  // What roles may do

  {
    rule: 'sensitive_action',
    where: STATE_MACHINE_ROLE,
    says: /logs:PutResourcePolicy/,
    reason: 'a state machine that logs must be allowed it, without limits: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy',
  },
  {
    rule: 'sensitive_action',
    where: /\/Http\/Role\/DefaultPolicy\/Resource$/,
    says: /secretsmanager:GetSecretValue/,
    reason: 'an HTTP task reads the secret of its connection, which the statement names: https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html',
  },
  {
    rule: 'action_resource_matching',
    where: /\/HttpPolicy\/Resource$/,
    says: /states:InvokeHTTPEndpoint/,
    reason: 'it is allowed to one state machine in the guide, unlike in the reference: https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html',
  },
  {
    rule: 'action_resource_matching',
    where: /\/CollectRole\/DefaultPolicy\/Resource$/,
    says: /states:SendTaskSuccess/,
    reason: 'on AWS it is about the state machine of the task, whatever the reference says; tried by the authors of the L2: https://github.com/aws/aws-cdk/pull/8486',
  },
  {
    rule: 'action_resource_matching',
    where: /\/PipeRole\/DefaultPolicy\/Resource$/,
    says: /dynamodb:ListStreams/,
    reason: 'so AWS writes what a pipe needs of its stream: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html',
  },
  {
    rule: 'action_resource_matching',
    where: /^(Books\/Shop|Trips\/(Hotels|Flights|Cars|Payments|Tickets)\/\w+)\/ServiceRole\/DefaultPolicy\/Resource$/,
    says: /dynamodb:(GetRecords|GetShardIterator)/,
    reason: 'the CDK\'s grantReadWriteData of a table, which the examples use as their readers would, has them for streams, and on the table they allow nothing',
  },
  {
    rule: 'action_condition_enforcement',
    where: /\/(EnrichRole|(\w*Writer|Shop|Orders|Shipping|Catalogue|History)\/ServiceRole)\/DefaultPolicy\/Resource$/,
    says: /`s3:(Put|Get)Object`/,
    reason: 'the bucket of large payloads is one that the stack or its user named; what account or network it is in is not for the pattern to say',
  },
  {
    rule: 'condition_key_validation',
    where: STATE_MACHINE_ROLE,
    says: /`kms:EncryptionContext:(aws:states:stateMachineArn|SourceArn)`/,
    reason: ENCRYPTION_CONTEXT,
  },

  // Whom roles and resources trust

  {
    rule: 'trust_policy_validation',
    where: /\/EventsRole\/Resource$/,
    says: /`events\.amazonaws\.com`/,
    reason: 'the role that the CDK makes for a rule\'s target: only who may pass it can have EventBridge use it, and no role can be passed across accounts',
  },
  {
    rule: 'service_wildcard',
    where: CUSTOMER_KEY,
    says: /'kms:\*'/,
    reason: 'the CDK\'s, and AWS\'s, first statement of a key leaves it to IAM: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html',
  },
  {
    rule: 'sensitive_action',
    where: CUSTOMER_KEY,
    says: /kms:ScheduleKeyDeletion/,
    reason: 'the same statement',
  },
  {
    rule: 'condition_key_validation',
    where: CUSTOMER_KEY,
    says: /`kms:EncryptionContext:aws:logs:arn`/,
    reason: ENCRYPTION_CONTEXT,
  },
  {
    rule: 'trust_policy_validation',
    where: CUSTOMER_KEY,
    says: /`logs\.us-east-1\.amazonaws\.com`/,
    reason: 'the account is in the encryption context instead: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html',
  },
  {
    rule: 'trust_policy_validation',
    where: CUSTOMER_KEY,
    says: /`delivery\.logs\.amazonaws\.com`/,
    reason: 'so AWS has it for the logs of a state machine with a key, and the CDK writes it: https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html',
  },
];
