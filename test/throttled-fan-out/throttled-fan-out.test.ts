import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ApiDestination } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { connection, emailing, inlineFunction, newStack, settingsOf, THREE_PRIORITIES } from './fixtures';
import { FanOutTarget, KillSwitch, Rate, ThrottledFanOut, ThrottledFanOutProps } from '../../src';

const DAY = 86_400;

describe('a throttled fan-out with default props', () => {
  const stack = newStack();
  const fanOut = emailing(stack);
  const template = Template.fromStack(stack);

  it('keeps its logical ids: they decide what a deployment replaces', () => {
    expect(withoutAssetHashes(template.toJSON())).toMatchSnapshot();
  });

  it('has a topic that refuses plain-text connections, and that AWS services can publish to', () => {
    template.hasResource('AWS::SNS::Topic', { Properties: Match.absent() });
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: { Statement: [Match.objectLike({ Effect: 'Deny', Action: 'sns:Publish', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })] },
    });
  });

  it('keeps the limits in an on-demand table with point-in-time recovery, from which failed attempts expire', () => {
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });

  it('keeps table, queues and logs when the stack is deleted', () => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::Logs::LogGroup']) template.allResources(type, { DeletionPolicy: 'Retain' });
  });

  it('encrypts every queue, refuses plain-text connections to it, and keeps messages for as long as SQS can', () => {
    template.allResourcesProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * DAY });
    expect(Object.keys(template.findResources('AWS::SQS::Queue'))).toHaveLength(4);
    const policies = JSON.stringify(template.findResources('AWS::SQS::QueuePolicy'));
    expect(policies.match(/"aws:SecureTransport":"false"/g)).toHaveLength(4);
  });

  it('has one queue, for everything: one priority is none', () => {
    expect(Object.keys(fanOut.targets[0].queues)).toEqual(['normal']);
    template.resourceCountIs('AWS::SNS::Subscription', 1);
    template.hasResourceProperties('AWS::SNS::Subscription', { FilterPolicy: Match.absent() });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { FilterCriteria: Match.absent() });
  });

  it('brings messages as they were published, and keeps those that it cannot bring', () => {
    template.allResourcesProperties('AWS::SNS::Subscription', {
      RawMessageDelivery: true,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^NotifyUndelivered'), 'Arn'] } },
    });
  });

  it('never gives a message up for being received: only the dispatcher counts failures', () => {
    template.resourcePropertiesCountIs('AWS::SQS::Queue', {
      RedrivePolicy: { maxReceiveCount: 1000, deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^NotifyEmailDeadLetters'), 'Arn'] } },
    }, 1);
  });

  it('gives an invocation time to pace and one delivery more, and its messages six times that', () => {
    template.hasResourceProperties('AWS::Lambda::Function', { Description: Match.stringLikeRegexp('^Deliveries of'), Timeout: 35 });
    template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 6 * 35 });
  });

  it('runs the dispatcher on arm64 and the newest Node.js, with JSON logs and X-Ray', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 256,
      LoggingConfig: Match.objectLike({ LogFormat: 'JSON' }),
      TracingConfig: { Mode: 'Active' },
      Environment: { Variables: { FAN_OUT_NAME: fanOut.fanOutName, TABLE_NAME: { Ref: Match.stringLikeRegexp('^NotifyTable') } } },
    });
  });

  it('keeps logs for a month', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  it('takes batches of ten at once, two at a time, and gives back only what is to come again', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10, MaximumBatchingWindowInSeconds: Match.absent(), ScalingConfig: { MaximumConcurrency: 2 }, FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('alarms on old messages, dead letters, an open kill switch, a failing dispatcher and undelivered messages', () => {
    const usual = { ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, TreatMissingData: 'notBreaching', Period: 300 };
    const ofQueue = (id: string, MetricName: string) => ({
      Namespace: 'AWS/SQS',
      MetricName,
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^Notify${id}`), 'QueueName'] } }],
      Statistic: 'Maximum',
    });
    const watched = [
      { ...ofQueue('Undelivered', 'ApproximateNumberOfMessagesVisible'), Threshold: 0 },
      { ...ofQueue('EmailDeadLetters', 'ApproximateNumberOfMessagesVisible'), Threshold: 0 },
      { ...ofQueue('EmailnormalQueue', 'ApproximateAgeOfOldestMessage'), Threshold: 15 * 60 },
      { Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp('^NotifyEmailDispatch') } }], Statistic: 'Sum', Threshold: 0 },
      {
        Namespace: 'CdkIntegrationPatterns/ThrottledFanOut',
        MetricName: 'KillSwitchOpen',
        Dimensions: [{ Name: 'service', Value: fanOut.fanOutName }, { Name: 'target', Value: 'Email' }],
        Statistic: 'Maximum',
        Threshold: 0,
      },
    ];
    for (const alarm of watched) template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { ...usual, ...alarm }, 1);
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
    expect(alarms).toHaveLength(watched.length);
    // Older releases of aws-cdk-lib write an empty list.
    for (const { Properties } of alarms) expect(Properties.AlarmActions ?? []).toEqual([]);
  });

  it('grants no wildcard but for X-Ray, which has no resources', () => {
    const wildcards = Object.values(template.findResources('AWS::IAM::Policy'))
      .flatMap((policy) => policy.Properties.PolicyDocument.Statement)
      .filter((statement: any) => JSON.stringify(statement.Resource).includes('*'))
      .flatMap((statement: any) => statement.Action);
    expect(wildcards.filter((action: string) => !action.startsWith('xray:'))).toEqual([]);
  });
});

describe('a throttled fan-out with every prop', () => {
  const stack = newStack();
  const key = new Key(stack, 'Key');
  const topic = new Topic(stack, 'Orders');
  const pager = new Topic(stack, 'Pager');
  const props: ThrottledFanOutProps = {
    priorities: THREE_PRIORITIES,
    topic,
    encryptionKey: key,
    logRetention: RetentionDays.ONE_DAY,
    removalPolicy: RemovalPolicy.DESTROY,
    alarms: { actions: [new SnsAction(pager)], oldestAge: Duration.minutes(2) },
  };
  const fanOut = emailing(stack, props, { deliveryTimeout: Duration.seconds(60) });
  const template = Template.fromStack(stack);

  it('uses the given topic and makes none', () => {
    expect(fanOut.topic).toBe(topic);
    template.resourceCountIs('AWS::SNS::Topic', 2);
    template.allResourcesProperties('AWS::SNS::Subscription', { TopicArn: { Ref: Match.stringLikeRegexp('^Orders') } });
  });

  it('encrypts queues, table, logs and environments with the given key', () => {
    const keyArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };
    template.hasResourceProperties('AWS::DynamoDB::Table', { SSESpecification: { KMSMasterKeyId: keyArn, SSEEnabled: true, SSEType: 'KMS' } });
    template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: keyArn });
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: keyArn });
    template.hasResourceProperties('AWS::Lambda::Function', { Description: Match.stringLikeRegexp('^Deliveries'), KmsKeyArn: keyArn });
  });

  it('keeps logs as told, and deletes its data with the stack', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 1 });
    for (const type of ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::Logs::LogGroup']) template.allResources(type, { DeletionPolicy: 'Delete' });
  });

  it('has a queue, a subscription and an event source for each priority, and one dispatcher', () => {
    template.resourceCountIs('AWS::SNS::Subscription', 3);
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 3);
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
    expect(Object.keys(fanOut.targets[0].queues)).toEqual(THREE_PRIORITIES);
  });

  it('lets lower priorities collect a second\'s worth, and the highest not wait', () => {
    const window = Object.values(template.findResources('AWS::Lambda::EventSourceMapping'))
      .map(({ Properties: { BatchSize, MaximumBatchingWindowInSeconds } }) => [BatchSize, MaximumBatchingWindowInSeconds]);
    expect(window).toEqual([[10, undefined], [50, 1], [50, 1]]);
  });

  it('lets only the lowest take what has no queue of its own', () => {
    expect(filtersOf(stack)).toEqual([{ priority: ['critical'] }, { priority: ['normal'] }, undefined]);
    template.resourcePropertiesCountIs('AWS::Lambda::EventSourceMapping', {
      FilterCriteria: { Filters: [{ Pattern: '{"messageAttributes":{"priority":{"stringValue":[{"anything-but":["critical","normal"]},{"exists":false}]}}}' }] },
    }, 1);
  });

  it('gives an invocation and its messages the time that a slow target takes', () => {
    template.hasResourceProperties('AWS::Lambda::Function', { Timeout: 85 });
    template.resourcePropertiesCountIs('AWS::SQS::Queue', { VisibilityTimeout: 510 }, 3);
  });

  it('has alarms with the given threshold and actions, the oldest age over all queues', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: Match.stringLikeRegexp('^Pager') }] });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 120,
      Metrics: Match.arrayWith([
        Match.objectLike({ Expression: 'MAX([FILL(m0, 0), FILL(m1, 0), FILL(m2, 0)])' }),
        Match.objectLike({ Id: 'm2', MetricStat: Match.objectLike({ Stat: 'Maximum', Period: 300 }) }),
      ]),
    });
  });

  it('takes no more than 26 resources a target', () => {
    const resources = (targets: number) => {
      const own = newStack();
      const many = new ThrottledFanOut(own, 'Notify', { priorities: THREE_PRIORITIES });
      const audit = FanOutTarget.queue(new Queue(own, 'Audit'));
      for (let index = 0; index < targets; index++) many.addTarget(`T${index}`, audit, { rate: Rate.perSecond(1) });
      return Object.keys(Template.fromStack(own).toJSON().Resources).length;
    };
    const perTarget = resources(2) - resources(1);
    expect(perTarget).toBeGreaterThanOrEqual(24);
    expect(perTarget).toBeLessThanOrEqual(26);
  });
});

it('encrypts topic and bus of its own with the given key', () => {
  const stack = newStack();
  const fanOut = emailing(stack, { encryptionKey: new Key(stack, 'Key') });
  fanOut.addTarget('Partner', partner(stack), { rate: Rate.perSecond(5) });
  const keyArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };
  Template.fromStack(stack).hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: keyArn });
  Template.fromStack(stack).hasResourceProperties('AWS::Events::EventBus', { KmsKeyIdentifier: keyArn });
});

describe('a target', () => {
  it('gets what its filters ask for, with any priority', () => {
    const stack = newStack();
    emailing(stack, { priorities: THREE_PRIORITIES }, { filter: { channel: ['email', 'letter'] }, filterPolicy: { amount: SubscriptionFilter.numericFilter({ greaterThan: 5 }) } });
    const own = { channel: ['email', 'letter'], amount: [{ numeric: ['>', 5] }] };
    expect(filtersOf(stack)).toEqual([
      { ...own, priority: ['critical'] }, { ...own, priority: ['normal'] }, { ...own, priority: [{ 'anything-but': ['critical', 'normal'] }, { exists: false }] },
    ]);
    Template.fromStack(stack).allResourcesProperties('AWS::Lambda::EventSourceMapping', { FilterCriteria: Match.absent() });
  });

  it('has alarms of its own where it says so, and half of a short age as threshold', () => {
    const stack = newStack();
    const actions = ['Pager', 'Team'].map((id) => new SnsAction(new Topic(stack, id)));
    emailing(stack, { alarms: { actions: [actions[0]], oldestAge: Duration.minutes(5) } }, { alarms: { actions: [actions[1]] } });
    const template = Template.fromStack(stack);
    template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: Match.stringLikeRegexp('^Pager') }] }, 1);
    template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: Match.stringLikeRegexp('^Team') }] }, 4);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'ApproximateAgeOfOldestMessage', Threshold: 300 });
    const short = newStack();
    emailing(short, {}, { maxAge: Duration.minutes(3) });
    Template.fromStack(short).hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'ApproximateAgeOfOldestMessage', Threshold: 90 });
  });

  it('without a kill switch has no alarm for it', () => {
    const stack = newStack();
    const fanOut = emailing(stack, {}, { killSwitch: KillSwitch.disabled() });
    expect(fanOut.targets[0].alarms.killSwitchOpen).toBeUndefined();
    Template.fromStack(stack).resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { MetricName: 'KillSwitchOpen' }, 0);
  });

  it.each<[string, (stack: Stack) => FanOutTarget, object]>([
    ['a function', (stack) => FanOutTarget.function(inlineFunction(stack, 'Send')), { kind: 'FUNCTION', functionArn: 'Send.Arn' }],
    ['a queue', (stack) => FanOutTarget.queue(new Queue(stack, 'Audit')), { kind: 'QUEUE', queueUrl: 'Audit' }],
    ['a state machine', (stack) => FanOutTarget.stateMachine(StateMachine.fromStateMachineArn(stack, 'Machine', 'arn:aws:states:us-east-1:123456789012:stateMachine:m')),
      { kind: 'STATE_MACHINE', stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:m' }],
    ['an HTTP endpoint', (stack) => FanOutTarget.http({ url: 'https://sms.example.com', connection: connection(stack) }), { kind: 'HTTP', stateMachineArn: 'NotifyOneHttp' }],
    ['an API destination', partner, { kind: 'API_DESTINATION', eventBusName: 'NotifyBus' }],
  ])('that is %s is where its dispatcher delivers', (_, targetOf, destination) => {
    const stack = newStack();
    new ThrottledFanOut(stack, 'Notify').addTarget('One', targetOf(stack), { rate: Rate.perSecond(5) });
    expect(settingsOf(stack, 'One').destination).toEqual(destination);
  });

  it('that is an HTTP endpoint has an Express workflow with a log of all but the deliveries', () => {
    const stack = newStack();
    new ThrottledFanOut(stack, 'Notify').addTarget('Sms', FanOutTarget.http({ url: 'https://sms.example.com', connection: connection(stack) }), { rate: Rate.perSecond(5) });
    Template.fromStack(stack).hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineType: 'EXPRESS', LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false }, TracingConfiguration: { Enabled: true },
    });
  });

  it('that is an API destination has a rule on a bus that such targets share, and no kill switch', () => {
    const stack = newStack();
    const fanOut = new ThrottledFanOut(stack, 'Notify');
    const destination = partner(stack);
    fanOut.addTarget('Partner', destination, { rate: Rate.perSecond(5), maxAge: Duration.hours(2) });
    fanOut.addTarget('Patient', destination, { rate: Rate.perSecond(5) });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Events::EventBus', 1);
    const rule = (target: string, MaximumEventAgeInSeconds: number) => template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { 'source': ['cdk-integration-patterns.throttled-fan-out'], 'detail-type': ['Throttled Delivery'], 'detail': { target: [target] } },
      Targets: [Match.objectLike({
        InputPath: '$.detail',
        HttpParameters: { HeaderParameters: { 'Idempotency-Key': '$.detail.id' } },
        RetryPolicy: { MaximumEventAgeInSeconds, MaximumRetryAttempts: 185 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^Notify${target}DeadLetters`), 'Arn'] } },
      })],
    });
    rule('Partner', 7_200);
    rule('Patient', DAY);
    expect(settingsOf(stack, 'Partner').limit.killSwitch).toBeUndefined();
    template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { MetricName: 'KillSwitchOpen' }, 0);
  });
});

describe('metrics', () => {
  const fanOut = emailing(newStack(), { priorities: THREE_PRIORITIES });
  const [target] = fanOut.targets;
  const ofTarget = { service: fanOut.fanOutName, target: 'Email' };

  it('of a target have the names and dimensions that its dispatcher writes', () => {
    const metrics = {
      ThrottledByTarget: [target.metricThrottled(), 'Sum'],
      RateNow: [target.metricRate(), 'Average'],
      KillSwitchOpen: [target.metricKillSwitchOpen(), 'Maximum'],
    } as const;
    for (const [metricName, [metric, statistic]] of Object.entries(metrics)) {
      expect(metric).toMatchObject({ namespace: 'CdkIntegrationPatterns/ThrottledFanOut', metricName, dimensions: ofTarget, statistic });
      expect(metric.period.toMinutes()).toBe(5);
    }
    expect(target.metricRate({ period: Duration.hours(1), statistic: 'Maximum' })).toMatchObject({ statistic: 'Maximum', period: Duration.hours(1) });
  });

  it.each([
    ['Delivered', (own: typeof target) => own.metricDelivered.bind(own)],
    ['Deferred', (own: typeof target) => own.metricDeferred.bind(own)],
    ['Expired', (own: typeof target) => own.metricExpired.bind(own)],
    ['FailedDeliveries', (own: typeof target) => own.metricFailed.bind(own)],
    ['DeadLettered', (own: typeof target) => own.metricDeadLettered.bind(own)],
    ['WouldHaveWaited', (own: typeof target) => own.metricWouldHaveWaited.bind(own)],
  ])('%s is of one priority, or the sum of all', (metricName, of) => {
    const metric = of(target);
    expect(metric('bulk')).toMatchObject({ metricName, dimensions: { ...ofTarget, priority: 'bulk' }, statistic: 'Sum' });
    const all: any = metric(undefined, { period: Duration.minutes(1) });
    expect(all).toMatchObject({ expression: 'SUM([FILL(m0, 0), FILL(m1, 0), FILL(m2, 0)])', period: Duration.minutes(1) });
    expect(Object.values<any>(all.usingMetrics).map(({ dimensions }) => dimensions.priority)).toEqual(THREE_PRIORITIES);
  });

  it('of utilisation is what was delivered of what the rate allowed', () => {
    const metric: any = target.metricUtilisation({ period: Duration.minutes(1) });
    expect(metric).toMatchObject({ expression: '100 * delivered / (rate * 60)', period: Duration.minutes(1) });
    expect(metric.usingMetrics.delivered).toMatchObject({ expression: 'SUM([FILL(m0, 0), FILL(m1, 0), FILL(m2, 0)])', period: Duration.minutes(1) });
    expect(metric.usingMetrics.rate).toMatchObject({ metricName: 'RateNow', statistic: 'Average', period: Duration.minutes(1) });
    expect(target.metricUtilisation()).toMatchObject({ expression: '100 * delivered / (rate * 300)' });
  });

  it('of ages and of what could not be brought are SQS\'s own', () => {
    expect(target.metricOldestAge('critical')).toMatchObject({ namespace: 'AWS/SQS', metricName: 'ApproximateAgeOfOldestMessage', statistic: 'Maximum' });
    expect(target.metricOldestAge()).toMatchObject({ expression: 'MAX([FILL(m0, 0), FILL(m1, 0), FILL(m2, 0)])' });
    expect(fanOut.metricUndelivered()).toMatchObject({ namespace: 'AWS/SQS', metricName: 'ApproximateNumberOfMessagesVisible', statistic: 'Maximum' });
  });
});

function partner(stack: Stack): FanOutTarget {
  return FanOutTarget.apiDestination(new ApiDestination(stack, 'Destination', { connection: connection(stack), endpoint: 'https://p.example.com', rateLimitPerSecond: 5 }));
}

/** Filter policies of the subscriptions, in the order of the priorities. */
function filtersOf(stack: Stack): unknown[] {
  const subscriptions = Object.values(Template.fromStack(stack).findResources('AWS::SNS::Subscription'));
  return subscriptions.map(({ Properties }) => Properties.FilterPolicy).sort((left, right) => rankOf(left) - rankOf(right));
}

function rankOf(policy: any): number {
  const rank = THREE_PRIORITIES.indexOf(policy?.priority?.[0]);
  return rank < 0 ? THREE_PRIORITIES.length : rank;
}

/** Asset keys are hashes of the handlers' code, which the snapshot of a template is not about. */
function withoutAssetHashes(template: unknown): unknown {
  return JSON.parse(JSON.stringify(template).replace(/[0-9a-f]{64}\.zip/g, '<asset>.zip'));
}
