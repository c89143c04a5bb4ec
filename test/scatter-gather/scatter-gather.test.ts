import { App, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import { inlineFunction, Match, newStack, twoBanks } from './fixtures';
import { GatherCompletion, ReplyAggregation, RequestMapping, Responder, ScatterGather, ScatterGatherMode } from '../../src';
import { readable } from '../grants';

describe('a scatter-gather with default props', () => {
  const stack = newStack();
  const gathering = twoBanks(stack);
  const template = Template.fromStack(stack);

  it('keeps its logical ids: they decide what a deployment replaces', () => {
    expect(withoutAssetHashes(template.toJSON())).toMatchSnapshot();
  });

  it('keeps gatherings in an on-demand table with point-in-time recovery, for as long as the retention says', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      },
      DeletionPolicy: 'Retain',
    });
    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { RETENTION_SECONDS: String(7 * 86_400) } } });
  });

  it('keeps table, queues and logs when the stack is deleted', () => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::Logs::LogGroup']) template.allResources(type, { DeletionPolicy: 'Retain' });
  });

  it('encrypts every queue and refuses plain-text connections to it', () => {
    const queues = Object.keys(template.findResources('AWS::SQS::Queue', { Properties: { SqsManagedSseEnabled: true } }));
    expect(queues).toHaveLength(3);
    const policies = Object.values(template.findResources('AWS::SQS::QueuePolicy'));
    for (const queue of queues) {
      const ofQueue = policies.filter((policy) => policy.Properties.Queues[0].Ref === queue);
      expect(JSON.stringify(ofQueue)).toContain('"aws:SecureTransport":"false"');
    }
  });

  it('has a dead-letter queue behind every rule target and behind the reply queue', () => {
    const rules = Object.values(template.findResources('AWS::Events::Rule'));
    expect(rules).toHaveLength(4);
    for (const rule of rules) expect(rule.Properties.Targets[0].DeadLetterConfig).toBeDefined();
    template.resourcePropertiesCountIs('AWS::SQS::Queue', { RedrivePolicy: { maxReceiveCount: 5 } }, 1);
  });

  it('keeps what failed for as long as SQS can', () => {
    template.resourcePropertiesCountIs('AWS::SQS::Queue', { MessageRetentionPeriod: 14 * 86_400 }, 2);
  });

  it('listens on the bus to its own requests and replies only, for the bus may be shared', () => {
    const { gatheringName } = gathering;
    const patterns = Object.values(template.findResources('AWS::Events::Rule')).map((rule) => rule.Properties.EventPattern);
    const request = (route: string) => ({
      'source': ['cdk-integration-patterns.scatter-gather'], 'detail-type': ['ScatterGather Request'], 'detail': { gathering: [gatheringName], route: [route] },
    });
    expect(patterns).toHaveLength(4);
    expect(patterns).toEqual(expect.arrayContaining([
      request('BigBank'),
      request('SmallBank'),
      { 'detail-type': ['ScatterGather Reply'], 'detail': { gathering: [gatheringName] } },
      {
        'source': ['lambda'],
        'detail-type': ['Lambda Function Invocation Result - Success', 'Lambda Function Invocation Result - Failure'],
        'detail': { requestPayload: { gathering: [gatheringName] } },
      },
    ]));
  });

  it('collects replies in batches, and takes back only those of a batch that failed', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] });
  });

  it('logs and traces every step of an execution, without its data', () => {
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false }, TracingConfiguration: { Enabled: true },
    });
  });

  it('gives Scatter and Gather time for hundreds of responders', () => {
    for (const handler of ['Scatter', 'Gather']) {
      template.hasResourceProperties('AWS::Lambda::Function', { Description: Match.stringLikeRegexp(`^${handler} of`), Timeout: 30 });
    }
  });

  it('gives the reply queue six times the collector\'s timeout', () => {
    template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 30 });
    template.hasResourceProperties('AWS::Lambda::Function', { Description: Match.stringLikeRegexp('^Collect'), Timeout: 5 });
  });

  it('runs its handlers on arm64 and the newest Node.js, with JSON logs and X-Ray', () => {
    template.resourcePropertiesCountIs('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      LoggingConfig: Match.objectLike({ LogFormat: 'JSON' }),
      TracingConfig: { Mode: 'Active' },
    }, 3);
  });

  it('does not let Lambda repeat a responder, and forgets requests when their deadline is over', () => {
    template.resourcePropertiesCountIs('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 }, 2);
  });

  it('lets each handler write to its own log group', () => {
    for (const handler of ['Scatter', 'Collect', 'Gather']) {
      template.hasResourceProperties('AWS::IAM::Policy', {
        PolicyName: Match.stringLikeRegexp(`^Quotes${handler}Role`),
        PolicyDocument: Match.objectLike({
          Statement: Match.arrayWith([Match.objectLike({
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^Quotes${handler}Logs`), 'Arn'] },
          })]),
        }),
      });
    }
  });

  it('keeps logs for a month', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  it('alarms on dead letters, undelivered events, collector errors, failed executions, deadlines and late replies', () => {
    const own = { Namespace: 'CdkIntegrationPatterns/ScatterGather', Dimensions: [{ Name: 'service', Value: gathering.gatheringName }] };
    const queue = (id: string) => ({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^Quotes${id}`), 'QueueName'] } }],
      Statistic: 'Maximum',
      Threshold: 0,
    });
    const watched = [
      queue('DeadLetters'),
      queue('Undelivered'),
      { Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp('^QuotesCollect') } }], Statistic: 'Sum', Threshold: 0 },
      { Namespace: 'AWS/States', MetricName: 'ExecutionsFailed', Statistic: 'Sum', Threshold: 0 },
      { ...own, MetricName: 'LateReplies', Statistic: 'Sum', Threshold: 10 },
    ];
    const usual = { ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, TreatMissingData: 'notBreaching' };
    for (const alarm of watched) template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { Period: 300, ...usual, ...alarm }, 1);
    const sum = (Id: string, MetricName: string) => Match.objectLike({ Id, MetricStat: { Metric: { ...own, MetricName }, Period: 300, Stat: 'Sum' } });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...usual,
      Threshold: 20,
      Metrics: Match.arrayWith([
        Match.objectLike({ Expression: '100 * timedOut / gatherings' }), sum('timedOut', 'TimedOutGatherings'), sum('gatherings', 'Gatherings'),
      ]),
    });
    template.resourceCountIs('AWS::CloudWatch::Alarm', watched.length + 1);
  });

  it('grants no wildcard but for X-Ray and log delivery, which have no resources', () => {
    const wildcards = Object.values(template.findResources('AWS::IAM::Policy'))
      .flatMap((policy) => policy.Properties.PolicyDocument.Statement)
      .filter((statement: any) => [statement.Resource].flat().includes('*'))
      .flatMap((statement: any) => statement.Action);
    expect(wildcards.filter((action: string) => !/^(xray|logs):/.test(action))).toEqual([]);
  });
});

describe('a scatter-gather with every prop', () => {
  const stack = newStack();
  const bus = new EventBus(stack, 'Bus');
  const key = new Key(stack, 'Key');
  const topic = new Topic(stack, 'Topic');
  const gathering = twoBanks(stack, {
    timeout: Duration.minutes(30),
    completion: GatherCompletion.atLeast(2),
    aggregation: ReplyAggregation.function(inlineFunction(stack, 'Best')),
    mode: ScatterGatherMode.STANDARD,
    requestMapping: RequestMapping.fields({ request: '{% $input.body %}', recipients: '{% $input.to %}' }),
    bus,
    encryptionKey: key,
    retention: Duration.days(30),
    logRetention: RetentionDays.ONE_DAY,
    removalPolicy: RemovalPolicy.DESTROY,
    alarms: { actions: [new SnsAction(topic)], timedOutPercentage: 5, lateReplies: 1 },
  });
  gathering.onLateReply('Late', new targets.SqsQueue(new Queue(stack, 'LateReplies')));
  const template = Template.fromStack(stack);

  it('uses the given bus and no other', () => {
    template.resourceCountIs('AWS::Events::EventBus', 1);
    expect(gathering.bus).toBe(bus);
  });

  it('keeps gatherings for as long as the retention says, and logs for as long as theirs does', () => {
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { Environment: { Variables: Match.objectLike({ RETENTION_SECONDS: String(30 * 86_400) }) } }, 3);
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 1 });
  });

  it('forgets requests when the deadline is over, on their way and in front of the function', () => {
    template.resourcePropertiesCountIs('AWS::Lambda::EventInvokeConfig', { MaximumEventAgeInSeconds: 1800 }, 2);
    template.resourcePropertiesCountIs('AWS::Events::Rule', { Targets: [Match.objectLike({ RetryPolicy: { MaximumEventAgeInSeconds: 1800 } })] }, 2);
  });

  it('lets everybody who touches what is encrypted use the key', () => {
    const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
    for (const role of ['ScatterRole', 'CollectRole', 'GatherRole', 'StateMachineRole']) {
      const [, policy] = policies.find(([id]) => id.startsWith(`Quotes${role}`))!;
      const onKey = policy.Properties.PolicyDocument.Statement.filter(({ Resource }: any) => JSON.stringify(Resource).includes('"Key'));
      const actions = onKey.filter(({ Condition }: any) => !Condition).flatMap(({ Action }: any) => Action);
      expect([role, actions]).toEqual([role, expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey'])]);
    }
    const [{ Properties: { KeyPolicy } }] = Object.values(template.findResources('AWS::KMS::Key'));
    const services = JSON.stringify(KeyPolicy.Statement.map(({ Principal }: any) => Principal.Service).filter(Boolean));
    for (const service of ['events.amazonaws.com', '"logs."']) expect(services).toContain(service);
  });

  it('encrypts table, queues, logs, executions and environments with the given key', () => {
    const keyArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };
    template.hasResourceProperties('AWS::DynamoDB::Table', { SSESpecification: { KMSMasterKeyId: keyArn, SSEEnabled: true, SSEType: 'KMS' } });
    template.resourcePropertiesCountIs('AWS::SQS::Queue', { KmsMasterKeyId: keyArn }, 3);
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: keyArn });
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', { EncryptionConfiguration: Match.objectLike({ KmsKeyId: keyArn }) });
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { Description: Match.anyValue(), KmsKeyArn: keyArn }, 3);
  });

  it('sends late replies to the target', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        'source': ['cdk-integration-patterns.scatter-gather'],
        'detail-type': ['ScatterGather Late Reply'],
        'detail': { gathering: [gathering.gatheringName] },
      },
    });
  });

  it('has alarms with the given thresholds and actions', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: Match.stringLikeRegexp('^Topic') }] });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'LateReplies', Threshold: 1 });
    template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { Threshold: 5 }, 1);
  });

  it('deletes its data with the stack when told so', () => {
    template.hasResource('AWS::DynamoDB::Table', { DeletionPolicy: 'Delete' });
    template.allResources('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' });
    const kept = Object.keys(template.findResources('AWS::SQS::Queue', { DeletionPolicy: 'Retain' }));
    expect(kept.filter((id) => id.startsWith('Quotes'))).toEqual([]);
  });
});

it('encrypts a bus of its own with the given key', () => {
  const stack = newStack();
  twoBanks(stack, { encryptionKey: new Key(stack, 'Key') });
  Template.fromStack(stack).hasResourceProperties('AWS::Events::EventBus', { KmsKeyIdentifier: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } });
});

it.each([
  ['', {}],
  [', also in a new project, with all feature flags that are recommended', CURRENTLY_RECOMMENDED_FLAGS],
])('takes replies into an encrypted queue from its own rules only%s', (_, context) => {
  const stack = new Stack(new App({ context }), 'Test');
  twoBanks(stack, { encryptionKey: new Key(stack, 'Key') });
  const template = Template.fromStack(stack);
  const [[replies]] = Object.entries(template.findResources('AWS::SQS::QueuePolicy')).filter(([id]) => id.startsWith('QuotesReplies'));
  const ofEvents = (statement: any) => statement.Principal.Service === 'events.amazonaws.com';
  const statements = template.findResources('AWS::SQS::QueuePolicy')[replies].Properties.PolicyDocument.Statement.filter(ofEvents);
  expect(statements.map(({ Action, Condition }: any) => [Action, readable(Condition.ArnEquals['aws:SourceArn'])])).toEqual([
    ['sqs:SendMessage', 'QuotesFunctionReplies.Arn'], ['sqs:SendMessage', 'QuotesReplyEvents.Arn'],
  ]);
  const [{ Properties: { KeyPolicy } }] = Object.values(template.findResources('AWS::KMS::Key'));
  for (const { Condition } of KeyPolicy.Statement.filter(ofEvents)) expect(Condition.StringEquals['aws:SourceAccount']).toEqual({ Ref: 'AWS::AccountId' });
});

it('lets requests wait no longer than Lambda can keep them, however far the deadline is', () => {
  const stack = newStack();
  twoBanks(stack, { timeout: Duration.days(1) });
  Template.fromStack(stack).allResourcesProperties('AWS::Lambda::EventInvokeConfig', { MaximumEventAgeInSeconds: 6 * 3600 });
});

it('lets Lambda repeat a responder as often as its author wants', () => {
  const stack = newStack();
  twoBanks(stack).addResponder('Eager', Responder.function(inlineFunction(stack, 'Eager'), { retryAttempts: 2 }));
  Template.fromStack(stack).resourcePropertiesCountIs('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 2 }, 1);
});

describe('a scatter-gather in EXPRESS mode', () => {
  const stack = newStack();
  const gathering = twoBanks(stack, { mode: ScatterGatherMode.EXPRESS });
  const template = Template.fromStack(stack);

  it('is a state machine, its log and one alarm, and nothing else', () => {
    template.resourceCountIs('AWS::StepFunctions::StateMachine', 1);
    template.resourceCountIs('AWS::CloudWatch::Alarm', 1);
    for (const type of ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::Events::EventBus', 'AWS::Events::Rule']) template.resourceCountIs(type, 0);
  });

  it('lets a grantee start synchronously', () => {
    const caller = inlineFunction(stack, 'Caller');
    gathering.grantStart(caller);
    const actions = caller.role!.node.findChild('DefaultPolicy') as any;
    expect(JSON.stringify(stack.resolve(actions.document))).toContain('states:StartSyncExecution');
  });

  it('lets a grantee read the encrypted definition, as a synchronous start needs', () => {
    const encrypted = newStack();
    const caller = inlineFunction(encrypted, 'Caller');
    twoBanks(encrypted, { mode: ScatterGatherMode.EXPRESS, encryptionKey: new Key(encrypted, 'Key') }).grantStart(caller);
    const { document } = caller.role!.node.findChild('DefaultPolicy') as any;
    expect(JSON.stringify(encrypted.resolve(document))).toContain('kms:Decrypt');
  });

  it.each([
    ['late replies', (own: ScatterGather) => own.onLateReply('Late', new targets.SqsQueue(new Queue(own, 'Queue'))), 'there are no late replies in EXPRESS mode'],
    ['reply events', (own: ScatterGather) => own.grantReply(inlineFunction(newStack(), 'F')), 'there are no reply events in EXPRESS mode'],
    ['a table', (own: ScatterGather) => own.grantReadReplies(inlineFunction(newStack(), 'F')), 'there is no table in EXPRESS mode'],
  ])('says that there is no such thing as %s', (_, ask, sentence) => {
    expect(() => ask(twoBanks(newStack(), { mode: ScatterGatherMode.EXPRESS }))).toThrow(sentence);
  });
});

it('one function may stand for many responders: they share a rule', () => {
  const stack = newStack();
  const gathering = new ScatterGather(stack, 'Quotes', { timeout: Duration.seconds(10) });
  const shards = inlineFunction(stack, 'Shards');
  const rules = ['Shard1', 'Shard2'].map((id) => gathering.addResponder(id, Responder.function(shards)));
  expect(rules[0]).toBe(rules[1]);
  Template.fromStack(stack).resourcePropertiesCountIs('AWS::Events::Rule', { EventPattern: Match.objectLike({ detail: Match.objectLike({ route: ['Shard1'] }) }) }, 1);
});

describe('grants', () => {
  it('start, reply and read are each the one action they need', () => {
    const stack = newStack();
    const gathering = twoBanks(stack);
    const caller = inlineFunction(stack, 'Caller');
    gathering.grantStart(caller);
    gathering.grantReply(caller);
    gathering.grantReadReplies(caller);
    const { document } = caller.role!.node.findChild('DefaultPolicy') as any;
    const actions = stack.resolve(document).Statement.map((statement: any) => statement.Action).flat().sort();
    expect(actions).toEqual(['dynamodb:Query', 'events:PutEvents', 'states:StartExecution']);
  });
});

describe('metrics', () => {
  it('have the namespace and dimension that the handlers write', () => {
    const gathering = twoBanks(newStack());
    const metrics = {
      Gatherings: gathering.metricGatherings(),
      TimedOutGatherings: gathering.metricTimedOut(),
      LateReplies: gathering.metricLateReplies(),
      FailedReplies: gathering.metricFailedReplies(),
    };
    for (const [metricName, metric] of Object.entries(metrics)) {
      expect(metric).toMatchObject({
        metricName, namespace: 'CdkIntegrationPatterns/ScatterGather', dimensions: { service: gathering.gatheringName }, statistic: 'Sum',
      });
    }
    expect(gathering.metricTimeToResult()).toMatchObject({ metricName: 'TimeToResult', statistic: 'p99' });
    expect(gathering.metricGatherings({ period: Duration.hours(1) }).period.toHours()).toBe(1);
  });
});

describe('misuse is refused with one clear sentence', () => {
  it.each([
    ['a fraction of a second as timeout', { timeout: Duration.millis(1500) }, 'timeout must be whole seconds and at least 1, received 1.5 s [Test/Quotes]'],
    ['a timeout of nothing', { timeout: Duration.seconds(0) }, 'timeout must be whole seconds and at least 1, received 0 s [Test/Quotes]'],
    ['a retention within the timeout', { timeout: Duration.days(7) }, 'retention must be longer than timeout (604800 s), received 604800 s [Test/Quotes]'],
    ['an EXPRESS timeout of over four minutes', { mode: ScatterGatherMode.EXPRESS, timeout: Duration.minutes(5) },
      'timeout must be at most 240 s in EXPRESS mode, received 300 s; use STANDARD mode for longer [Test/Quotes]'],
  ])('%s', (_, props, sentence) => {
    expect(() => new ScatterGather(newStack(), 'Quotes', { ...{ timeout: Duration.seconds(10) }, ...props })).toThrow(sentence);
  });

  it('a bus in EXPRESS mode', () => {
    const stack = newStack();
    expect(() => twoBanks(stack, { mode: ScatterGatherMode.EXPRESS, bus: new EventBus(stack, 'Bus') })).toThrow('bus has no meaning in EXPRESS mode');
  });

  it('a rule target as responder in EXPRESS mode', () => {
    const stack = newStack();
    const gathering = twoBanks(stack, { mode: ScatterGatherMode.EXPRESS });
    expect(() => gathering.addResponder('Partner', Responder.target(new targets.SqsQueue(new Queue(stack, 'Queue')))))
      .toThrow("responder 'Partner' is a rule target, and EXPRESS mode can only ask functions");
  });

  it('two responders of one name', () => {
    const stack = newStack();
    expect(() => twoBanks(stack).addResponder('BigBank', Responder.function(inlineFunction(stack, 'Other'))))
      .toThrow("there is a responder 'BigBank' already; ids must be unique [Test/Quotes]");
  });

  it('a responder without a name', () => {
    const stack = newStack();
    expect(() => twoBanks(stack).addResponder('', Responder.function(inlineFunction(stack, 'F')))).toThrow("the id of a responder must not be empty, received ''");
  });

  it('a timeout that nobody knows at synthesis', () => {
    const seconds = Lazy.number({ produce: () => 10 });
    expect(() => twoBanks(newStack(), { timeout: Duration.seconds(seconds) })).toThrow('timeout must be known at synthesis, received a token');
  });

  it('one function with two numbers of retries', () => {
    const stack = newStack();
    const gathering = twoBanks(stack);
    const shards = inlineFunction(stack, 'Shards');
    gathering.addResponder('Shard1', Responder.function(shards));
    expect(() => gathering.addResponder('Shard2', Responder.function(shards, { retryAttempts: 1 })))
      .toThrow("responders 'Shard1' and 'Shard2' are one function and must have the same retryAttempts, received 0 and 1");
  });

  it('a function that has an asynchronous invoke configuration already', () => {
    const stack = newStack();
    const handler = inlineFunction(stack, 'Taken', { retryAttempts: 1 });
    expect(() => twoBanks(stack).addResponder('Taken', Responder.function(handler))).toThrow('has an asynchronous invoke configuration already');
  });

  it('no responder at all', () => {
    const app = new App();
    new ScatterGather(new Stack(app, 'Test'), 'Quotes', { timeout: Duration.seconds(10) });
    expect(() => app.synth()).toThrow('a scatter-gather needs at least one responder; call addResponder');
  });

  it('more replies asked for than there are responders', () => {
    const stack = newStack();
    twoBanks(stack, { completion: GatherCompletion.atLeast(3) });
    expect(() => Template.fromStack(stack)).toThrow('completion is atLeast(3), but there are only 2 responders');
  });

  it.each([
    ['atLeast(0)', () => GatherCompletion.atLeast(0), 'count of GatherCompletion.atLeast must be a whole number from 1 to 1000, received 0'],
    ['JSONata without braces', () => GatherCompletion.when('$count($replies) > 1'), "must be a JSONata expression in {% %}, received '$count($replies) > 1'"],
    ['JSONata that does not parse', () => GatherCompletion.when('{% $count( %}'), 'condition of GatherCompletion.when does not parse as JSONata'],
    ['atLeast(1001)', () => GatherCompletion.atLeast(1001), 'received 1001'],
    ['JSONata that Step Functions does not have', () => GatherCompletion.when('{% $replies[0].ok ?? false %}'), "uses '??', which Step Functions' JSONata (2.0.6) does not have"],
    ['an Elvis operator', () => RequestMapping.fields({ request: '{% $input.a ?: 1 %}' }), "request of RequestMapping.fields uses '?:'"],
    ['$eval', () => ReplyAggregation.jsonata('{% $eval("1") %}'), "uses '$eval'"],
    ['an aggregation that does not parse', () => ReplyAggregation.jsonata('{% ] %}'), 'expression of ReplyAggregation.jsonata does not parse as JSONata'],
    ['a path with a tail', () => ReplyAggregation.maximumBy('rate.0x'), "path of ReplyAggregation.maximumBy must be property names joined by dots, received 'rate.0x'"],
    ['a path that is no path', () => ReplyAggregation.minimumBy('rate; drop'), "must be property names joined by dots, received 'rate; drop'"],
    ['a mapping that does not parse', () => RequestMapping.fields({ request: '{% ( %}' }), 'request of RequestMapping.fields does not parse as JSONata'],
    ['three retries', () => Responder.function(inlineFunction(newStack(), 'F'), { retryAttempts: 3 }), 'retryAttempts of Responder.function must be a whole number from 0 to 2, received 3'],
    ['a condition that does not parse', () => Responder.function(inlineFunction(newStack(), 'F'), { when: '{% $ ) %}' }), 'when of a responder does not parse as JSONata'],
  ])('%s', (_, build, sentence) => {
    expect(build).toThrow(sentence);
  });

  it.each(['{% $request.text = "what??" or $request.text = \'why?:\' %}', '{% $match($request.text, /(?:a|b)/)[0].match = "a" %}', '{% /* ?? */ $request.`a?:` %}'])(
    'and not what only looks wrong: %s', (when) => {
      expect(() => Responder.function(inlineFunction(newStack(), 'F'), { when })).not.toThrow();
    });

  it('warns of no function that ends when the gathering does', () => {
    const stack = newStack();
    twoBanks(stack).addResponder('Punctual', Responder.function(inlineFunction(stack, 'Punctual', { timeout: Duration.seconds(10) })));
    Annotations.fromStack(stack).hasNoWarning('/Test/Quotes', Match.anyValue());
  });

  it('warns of an imported function, whose role nobody can let put replies on the bus', () => {
    const stack = newStack();
    const imported = lambda.Function.fromFunctionArn(stack, 'Imported', 'arn:aws:lambda:us-east-1:123456789012:function:partner');
    twoBanks(stack).addResponder('Partner', Responder.function(imported));
    Annotations.fromStack(stack).hasWarning('/Test/Quotes', Match.stringLikeRegexp("the role of responder 'Partner' is not known here"));
  });

  it('warns of a function that may run longer than the gathering waits', () => {
    const stack = newStack();
    twoBanks(stack).addResponder('Slow', Responder.function(inlineFunction(stack, 'Slow', { timeout: Duration.seconds(30) })));
    Annotations.fromStack(stack).hasWarning('/Test/Quotes', Match.stringLikeRegexp("responder 'Slow' may run for 30 s, longer than the gathering's timeout of 10 s"));
  });
});

/** Asset keys are hashes of the handlers' code, which the snapshot of a template is not about. */
function withoutAssetHashes(template: unknown): unknown {
  return JSON.parse(JSON.stringify(template).replace(/[0-9a-f]{64}\.zip/g, '<asset>.zip'));
}
