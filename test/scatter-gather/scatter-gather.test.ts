import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { inlineFunction, Match, newStack, twoBanks } from './fixtures';
import { GatherCompletion, ReplyAggregation, RequestMapping, Responder, ScatterGather, ScatterGatherMode } from '../../src';

describe('a scatter-gather with default props', () => {
  const stack = newStack();
  twoBanks(stack);
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

  it('keeps logs for a month', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  it('alarms on dead letters, undelivered events, collector errors, failed executions, deadlines and late replies', () => {
    template.resourceCountIs('AWS::CloudWatch::Alarm', 6);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'LateReplies', Threshold: 10 });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { Threshold: 20, Metrics: Match.arrayWith([Match.objectLike({ Expression: '100 * timedOut / gatherings' })]) });
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

  it('encrypts table, queues, logs and executions with the given key', () => {
    const keyArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };
    template.hasResourceProperties('AWS::DynamoDB::Table', { SSESpecification: { KMSMasterKeyId: keyArn, SSEEnabled: true, SSEType: 'KMS' } });
    template.resourcePropertiesCountIs('AWS::SQS::Queue', { KmsMasterKeyId: keyArn }, 3);
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: keyArn });
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', { EncryptionConfiguration: Match.objectLike({ KmsKeyId: keyArn }) });
  });

  it('sends late replies to the target', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { 'detail-type': ['ScatterGather Late Reply'], 'detail': { gathering: [gathering.gatheringName] } },
    });
  });

  it('has alarms with the given thresholds and actions', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: Match.stringLikeRegexp('^Topic') }] });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'LateReplies', Threshold: 1 });
    template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { Threshold: 5 }, 1);
  });

  it('deletes its data with the stack when told so', () => {
    template.hasResource('AWS::DynamoDB::Table', { DeletionPolicy: 'Delete' });
  });
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
    for (const metric of [gathering.metricGatherings(), gathering.metricTimedOut(), gathering.metricLateReplies(), gathering.metricFailedReplies()]) {
      expect(metric).toMatchObject({
        namespace: 'CdkIntegrationPatterns/ScatterGather', dimensions: { service: gathering.gatheringName }, statistic: 'Sum',
      });
    }
    expect(gathering.metricTimeToResult().statistic).toBe('p99');
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
    ['an aggregation that does not parse', () => ReplyAggregation.jsonata('{% ] %}'), 'expression of ReplyAggregation.jsonata does not parse as JSONata'],
    ['a path that is no path', () => ReplyAggregation.minimumBy('rate; drop'), "must be property names joined by dots, received 'rate; drop'"],
    ['a mapping that does not parse', () => RequestMapping.fields({ request: '{% ( %}' }), 'request of RequestMapping.fields does not parse as JSONata'],
    ['three retries', () => Responder.function(inlineFunction(newStack(), 'F'), { retryAttempts: 3 }), 'retryAttempts of Responder.function must be a whole number from 0 to 2, received 3'],
    ['a condition that does not parse', () => Responder.function(inlineFunction(newStack(), 'F'), { when: '{% $ ) %}' }), 'when of a responder does not parse as JSONata'],
  ])('%s', (_, build, sentence) => {
    expect(build).toThrow(sentence);
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
