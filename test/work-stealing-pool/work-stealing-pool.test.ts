import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction, FunctionAttributes } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { inlineFunction, newStack, rendering, settingsOf, variablesOf } from './fixtures';
import { Stealing, TaskRouter, WorkerGroup, WorkStealingPool } from '../../src';
import { readable } from '../grants';

const DAY = 86_400;

describe('a pool with default props', () => {
  const stack = newStack();
  const pool = rendering(stack);
  const template = Template.fromStack(stack);

  it('keeps its logical ids: they decide what a deployment replaces', () => {
    expect(withoutAssetHashes(template.toJSON())).toMatchSnapshot();
  });

  it('keeps workers, plan and tasks in an on-demand table with point-in-time recovery, from which what is old expires', () => {
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }, { AttributeName: 'entry', KeyType: 'RANGE' }],
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
    expect(Object.keys(template.findResources('AWS::SQS::Queue'))).toHaveLength(6);
    const policies = JSON.stringify(template.findResources('AWS::SQS::QueuePolicy'));
    expect(policies.match(/"aws:SecureTransport":"false"/g)).toHaveLength(6);
  });

  it('takes what is submitted ten at a time, in at most fifty invocations, and gives back only what is to come again', () => {
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: arnOf('RenderSubmit'),
      FunctionName: { Ref: Match.stringLikeRegexp('^RenderRoute') },
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: Match.absent(),
      ScalingConfig: { MaximumConcurrency: 50 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('gives a submitted task six times as long as the router, and up only after days', () => {
    template.hasResourceProperties('AWS::Lambda::Function', { Description: Match.stringLikeRegexp('^Routes'), Timeout: 20 });
    template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 120, RedrivePolicy: { maxReceiveCount: 1000, deadLetterTargetArn: arnOf('RenderSubmitDeadLetters') } });
  });

  it('gives each group a queue that hides a task for the lease of its worker, and a dead-letter queue of its own for what failed five times', () => {
    for (const group of ['Gpu', 'Cpu']) {
      template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 30, RedrivePolicy: { maxReceiveCount: 5, deadLetterTargetArn: arnOf(`Render${group}DeadLetters`) } });
    }
  });

  it('lets a runner live for as long as Lambda lets it', () => {
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { Description: Match.stringLikeRegexp('^Takes tasks'), Timeout: 900, MemorySize: 256 }, 2);
  });

  it('wakes runners and leader at once or not at all', () => {
    template.allResourcesProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60, Qualifier: '$LATEST' });
    template.resourceCountIs('AWS::Lambda::EventInvokeConfig', 3);
  });

  it('sees each minute that there is a leader, which lives for longer than two', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
      Targets: [Match.objectLike({ Arn: arnOf('RenderCoordinate'), RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 } })],
    });
    template.hasResourceProperties('AWS::Lambda::Function', { Description: Match.stringLikeRegexp('^Leads'), Timeout: 180 });
  });

  it('runs handlers on arm64 and the newest Node.js, with JSON logs and X-Ray', () => {
    for (const description of ['^Routes', '^Leads', '^Takes tasks']) {
      template.hasResourceProperties('AWS::Lambda::Function', {
        Description: Match.stringLikeRegexp(description),
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        MemorySize: 256,
        LoggingConfig: Match.objectLike({ LogFormat: 'JSON' }),
        TracingConfig: { Mode: 'Active' },
        Environment: { Variables: { POOL_NAME: pool.poolName, TABLE_NAME: { Ref: Match.stringLikeRegexp('^RenderTable') } } },
      });
    }
  });

  it('keeps logs for a month', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  it('alarms on old tasks, dead letters, dead groups and failing handlers', () => {
    const usual = { ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, TreatMissingData: 'notBreaching', Period: 300 };
    const ofQueue = (id: string, MetricName: string, Threshold: number) => ({
      ...usual,
      Namespace: 'AWS/SQS',
      MetricName,
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^Render${id}[0-9A-F]{8}$`), 'QueueName'] } }],
      Statistic: 'Maximum',
      Threshold,
    });
    const errorsOf = (id: string) => ({
      ...usual, Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp(`^Render${id}`) } }], Statistic: 'Sum', Threshold: 0,
    });
    const watched = [
      ofQueue('Submit', 'ApproximateAgeOfOldestMessage', 900),
      ofQueue('SubmitDeadLetters', 'ApproximateNumberOfMessagesVisible', 0),
      errorsOf('Route'),
      errorsOf('Coordinate'),
      ...['Gpu', 'Cpu'].flatMap((group) => [
        ofQueue(`${group}Queue`, 'ApproximateAgeOfOldestMessage', 900),
        ofQueue(`${group}DeadLetters`, 'ApproximateNumberOfMessagesVisible', 0),
        errorsOf(`${group}Run`),
        {
          ...usual,
          Namespace: 'CdkIntegrationPatterns/WorkStealingPool',
          MetricName: 'DeadGroup',
          Dimensions: [{ Name: 'group', Value: group }, { Name: 'service', Value: pool.poolName }],
          Statistic: 'Maximum',
          Period: 60,
          EvaluationPeriods: 5,
          DatapointsToAlarm: 3,
          Threshold: 0,
        },
      ]),
    ];
    for (const alarm of watched) template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', alarm, 1);
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

  it('has its groups in the order in which they were added, and the list is the caller\'s own', () => {
    pool.groups.pop();
    expect(pool.groups.map(({ groupName }) => groupName)).toEqual(['Gpu', 'Cpu']);
  });

  it('tells the router of all groups, and to choose the better one of two', () => {
    expect(settingsOf(stack, 'Route')).toEqual({
      routing: { kind: 'POWER_OF_TWO_CHOICES' },
      groups: [
        { name: 'Gpu', queueUrl: 'RenderGpuQueue', runnerArn: 'RenderGpuRun.Arn', weight: 8, capacity: 8, typicalSeconds: 3 },
        { name: 'Cpu', queueUrl: 'RenderCpuQueue', runnerArn: 'RenderCpuRun.Arn', weight: 4, capacity: 4, typicalSeconds: 3 },
      ],
      coordinatorArn: 'RenderCoordinate.Arn',
      deadLetterQueueUrl: 'RenderSubmitDeadLetters',
    });
  });

  it('tells the leader to plan each 15 s, for a gain of 2 s and more, from all groups', () => {
    expect(settingsOf(stack, 'Coordinate')).toEqual({
      groups: [
        { name: 'Gpu', queueUrl: 'RenderGpuQueue', runnerArn: 'RenderGpuRun.Arn', capacity: 8, typicalSeconds: 3 },
        { name: 'Cpu', queueUrl: 'RenderCpuQueue', runnerArn: 'RenderCpuRun.Arn', capacity: 4, typicalSeconds: 3 },
      ],
      stealing: { intervalSeconds: 15, minimumGainSeconds: 2 },
      leaseSeconds: 30,
    });
  });

  it('tells a runner its queue and its victims\', added later as well, and how long the function may take', () => {
    expect(settingsOf(stack, 'GpuRun')).toEqual({
      worker: {
        pool: pool.poolName,
        tableName: 'RenderTable',
        group: 'Gpu',
        queueUrls: { Gpu: 'RenderGpuQueue', Cpu: 'RenderCpuQueue' },
        leaseSeconds: 30,
        retryDelaySeconds: 10,
        longestRetryDelaySeconds: 900,
        retentionSeconds: 15 * DAY,
      },
      functionArn: 'OnGpu.Arn',
      maxConcurrency: 8,
      taskTimeoutSeconds: 3,
    });
    expect(settingsOf(stack, 'CpuRun').worker).toMatchObject({ group: 'Cpu', queueUrls: { Cpu: 'RenderCpuQueue', Gpu: 'RenderGpuQueue' } });
  });
});

describe('a pool with every prop', () => {
  const stack = newStack();
  const key = new Key(stack, 'Key');
  const pager = new Topic(stack, 'Pager');
  rendering(stack, {
    router: TaskRouter.affinity('tenant.id'),
    stealing: Stealing.leader({ interval: Duration.seconds(5), minimumGain: Duration.millis(500) }),
    lease: Duration.minutes(1),
    maxReceiveCount: 3,
    retryDelay: Duration.seconds(1),
    taskRetention: Duration.days(30),
    encryptionKey: key,
    logRetention: RetentionDays.ONE_DAY,
    removalPolicy: RemovalPolicy.DESTROY,
    alarms: { actions: [new SnsAction(pager)], oldestAge: Duration.hours(1) },
  }, { maxConcurrency: 51, weight: 0.5, typicalTask: Duration.minutes(2), stealsFrom: [], taskTimeout: Duration.minutes(14) });
  const template = Template.fromStack(stack);

  it('encrypts queues, table, logs and environments with the given key', () => {
    const keyArn = arnOf('Key');
    template.hasResourceProperties('AWS::DynamoDB::Table', { SSESpecification: { KMSMasterKeyId: keyArn, SSEEnabled: true, SSEType: 'KMS' } });
    template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: keyArn });
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: keyArn });
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { KmsKeyArn: keyArn }, 4);
  });

  it('keeps logs as told, and deletes its data with the stack', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 1 });
    for (const type of ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::Logs::LogGroup']) template.allResources(type, { DeletionPolicy: 'Delete' });
  });

  it('hides tasks for the lease, and gives them up when told', () => {
    template.resourcePropertiesCountIs('AWS::SQS::Queue', { VisibilityTimeout: 60, RedrivePolicy: Match.objectLike({ maxReceiveCount: 3 }) }, 2);
  });

  it('gives a runner with many places more memory', () => {
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { Description: Match.stringLikeRegexp('for Gpu$'), MemorySize: 512 }, 1);
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { Description: Match.stringLikeRegexp('for Cpu$'), MemorySize: 256 }, 1);
  });

  it('has alarms with the given threshold and actions', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: Match.stringLikeRegexp('^Pager') }] });
    template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { MetricName: 'ApproximateAgeOfOldestMessage', Threshold: 3600 }, 3);
  });

  it('tells its handlers so', () => {
    const gpu = { name: 'Gpu', capacity: 51, typicalSeconds: 120 };
    expect(settingsOf(stack, 'Route')).toMatchObject({ routing: { kind: 'AFFINITY', member: 'tenant.id' }, groups: [{ ...gpu, weight: 0.5 }, { name: 'Cpu', weight: 4 }] });
    expect(settingsOf(stack, 'Coordinate')).toMatchObject({
      groups: [{ ...gpu, stealsFrom: [] }, { name: 'Cpu' }], stealing: { intervalSeconds: 5, minimumGainSeconds: 0.5 }, leaseSeconds: 60,
    });
    expect(settingsOf(stack, 'GpuRun')).toMatchObject({
      worker: { queueUrls: { Gpu: 'RenderGpuQueue' }, leaseSeconds: 60, retryDelaySeconds: 1, retentionSeconds: 30 * DAY }, maxConcurrency: 51, taskTimeoutSeconds: 840,
    });
    expect(Object.keys(settingsOf(stack, 'GpuRun').worker.queueUrls)).toEqual(['Gpu']);
  });
});

describe('stealing', () => {
  it('is not planned when it is disabled, and no worker knows another queue than its own', () => {
    const stack = newStack();
    rendering(stack, { stealing: Stealing.disabled() });
    expect(settingsOf(stack, 'Coordinate').stealing).toBeUndefined();
    expect(settingsOf(stack, 'CpuRun').worker.queueUrls).toEqual({ Cpu: 'RenderCpuQueue' });
  });

  it('is from the groups that are named, which may be added later', () => {
    const stack = newStack();
    const pool = new WorkStealingPool(stack, 'Render');
    pool.addGroup('Gpu', WorkerGroup.function(inlineFunction(stack, 'OnGpu'), { maxConcurrency: 1, stealsFrom: ['Fleet'] }));
    pool.addGroup('Cpu', WorkerGroup.function(inlineFunction(stack, 'OnCpu'), { maxConcurrency: 1 }));
    pool.addGroup('Fleet', WorkerGroup.external({ stealsFrom: [] }));
    expect(settingsOf(stack, 'Coordinate').groups.map(({ stealsFrom }) => stealsFrom)).toEqual([['Fleet'], undefined, []]);
    expect(Object.keys(settingsOf(stack, 'GpuRun').worker.queueUrls)).toEqual(['Gpu', 'Fleet']);
    expect(Object.keys(settingsOf(stack, 'CpuRun').worker.queueUrls)).toEqual(['Cpu', 'Gpu', 'Fleet']);
  });
});

describe('a router', () => {
  it.each([
    ['by affinity', TaskRouter.affinity('tenantId'), { kind: 'AFFINITY', member: 'tenantId' }],
    ['by two choices', TaskRouter.powerOfTwoChoices(), { kind: 'POWER_OF_TWO_CHOICES' }],
    ['by load', TaskRouter.leastLoaded(), { kind: 'LEAST_LOADED' }],
  ])('%s is told so', (_, router, routing) => {
    const stack = newStack();
    rendering(stack, { router });
    expect(settingsOf(stack, 'Route').routing).toEqual(routing);
  });
});

describe('a group of workers outside the pool', () => {
  const stack = newStack();
  const pool = rendering(stack);
  const fleet = pool.addGroup('Fleet', WorkerGroup.external());
  const template = Template.fromStack(stack);

  it('has a queue, and neither runner nor capacity', () => {
    expect(fleet.runner).toBeUndefined();
    expect(fleet.alarms.runnerErrors).toBeUndefined();
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { Description: Match.stringLikeRegexp('^Takes tasks') }, 2);
    expect(settingsOf(stack, 'Route').groups[2]).toEqual({ name: 'Fleet', queueUrl: 'RenderFleetQueue', weight: 1, typicalSeconds: 10 });
    expect(settingsOf(stack, 'Coordinate').groups[2]).toEqual({ name: 'Fleet', queueUrl: 'RenderFleetQueue', typicalSeconds: 10 });
  });

  it('tells them all that a worker needs, as a variable\'s value', () => {
    expect(JSON.parse(readable(stack.resolve(fleet.workerSettings)))).toEqual({
      pool: pool.poolName,
      tableName: 'RenderTable',
      group: 'Fleet',
      queueUrls: { Fleet: 'RenderFleetQueue', Gpu: 'RenderGpuQueue', Cpu: 'RenderCpuQueue' },
      leaseSeconds: 30,
      retryDelaySeconds: 10,
      longestRetryDelaySeconds: 900,
      retentionSeconds: 15 * DAY,
    });
  });

  it('has the weight and the typical task that it says', () => {
    const own = newStack();
    rendering(own).addGroup('Fleet', WorkerGroup.external({ weight: 1000, typicalTask: Duration.hours(5) }));
    expect(settingsOf(own, 'Route').groups[2]).toMatchObject({ weight: 1000, typicalSeconds: 18_000 });
  });
});

describe('a group\'s function', () => {
  const bound = (stack: Stack, handler: LambdaFunction, taskTimeout?: Duration) => {
    new WorkStealingPool(stack, 'Render').addGroup('Gpu', WorkerGroup.function(handler, { maxConcurrency: 1, taskTimeout }));
    return { ...settingsOf(stack, 'GpuRun'), typicalSeconds: settingsOf(stack, 'Route').groups[0].typicalSeconds };
  };

  it.each<[string, number, number, (stack: Stack) => any, Duration | undefined]>([
    ['has its own timeout', 300, 10, (stack) => inlineFunction(stack, 'OnGpu', { timeout: Duration.minutes(5) }), undefined],
    ['has Lambda\'s timeout of 3 s when it says nothing', 3, 3, (stack) => inlineFunction(stack, 'OnGpu'), undefined],
    ['has its timeout behind an alias', 300, 10, (stack) => inlineFunction(stack, 'OnGpu', { timeout: Duration.minutes(5) }).addAlias('live'), undefined],
    ['has its timeout in a version', 7, 7, (stack) => inlineFunction(stack, 'OnGpu', { timeout: Duration.seconds(7) }).currentVersion, undefined],
    ['has the timeout that was given when it was imported', 60, 10, imported, Duration.minutes(1)],
    ['may take as long as was given', 60, 10, (stack) => inlineFunction(stack, 'OnGpu'), Duration.minutes(1)],
  ])('%s', (_, taskTimeoutSeconds, typicalSeconds, handlerOf, taskTimeout) => {
    const stack = newStack();
    expect(bound(stack, handlerOf(stack), taskTimeout)).toMatchObject({ taskTimeoutSeconds, typicalSeconds });
  });

  it('that commits its effects is told where, whatever groups it works for', () => {
    const stack = newStack();
    const handler = inlineFunction(stack, 'Commits');
    for (const group of rendering(stack).groups) group.addCommitter(handler);
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          WORK_STEALING_POOL_TABLE_NAME: { Ref: Match.stringLikeRegexp('^RenderTable') },
          WORK_STEALING_POOL_RETENTION_SECONDS: String(15 * DAY),
        },
      },
    });
  });
});

it('tells ten groups with long names to each handler in less than Lambda\'s 4 KB', () => {
  const stack = newStack();
  const pool = new WorkStealingPool(stack, 'Render', { router: TaskRouter.affinity('tenant.identifier') });
  for (let index = 0; index < 10; index++) {
    const handler = inlineFunction(stack, `Function${index}`, { timeout: Duration.minutes(14) });
    pool.addGroup(`customers-with-gpu-${index}`, WorkerGroup.function(handler, { maxConcurrency: 1000 }));
  }
  for (const handler of ['Route', 'Coordinate', 'customerswithgpu0Run']) {
    const variables = variablesOf(stack, handler, (value) => deployed(value));
    const bytes = Object.entries(variables).reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value), 0);
    expect([handler, bytes, bytes < 4096]).toEqual([handler, bytes, true]);
    // Not for the lack of them.
    expect(variables.SETTINGS.match(/customers-with-gpu-/g)!.length).toBeGreaterThanOrEqual(10);
  }
});

describe('metrics', () => {
  const pool = rendering(newStack());
  const [gpu] = pool.groups;

  it('of a group have the names and dimensions that its workers and the leader write', () => {
    const metrics = {
      BacklogSeconds: [gpu.metricBacklogSeconds(), 'Maximum'],
      Running: [gpu.metricRunning(), 'Maximum'],
      DeadGroup: [gpu.metricDeadGroup(), 'Maximum'],
      Done: [gpu.metricDone(), 'Sum'],
      Stolen: [gpu.metricStolen(), 'Sum'],
      StealGain: [gpu.metricStealGain(), 'Sum'],
      RefusedCommits: [gpu.metricRefusedCommits(), 'Sum'],
      FailedAttempts: [gpu.metricFailed(), 'Sum'],
      Duplicates: [gpu.metricDuplicates(), 'Sum'],
      Mine: [gpu.metric('Mine'), 'Sum'],
    } as const;
    for (const [metricName, [metric, statistic]] of Object.entries(metrics)) {
      expect(metric).toMatchObject({ namespace: 'CdkIntegrationPatterns/WorkStealingPool', metricName, dimensions: { service: pool.poolName, group: 'Gpu' }, statistic });
      expect(metric.period.toMinutes()).toBe(5);
    }
    expect(gpu.metricRunning({ period: Duration.hours(1), statistic: 'Average' })).toMatchObject({ statistic: 'Average', period: Duration.hours(1) });
  });

  it('of the pool have the names that the router writes, and no group', () => {
    for (const [metricName, metric] of Object.entries({ Submitted: pool.metricSubmitted(), InvalidTasks: pool.metricInvalid(), Mine: pool.metric('Mine') })) {
      expect(metric).toMatchObject({ namespace: 'CdkIntegrationPatterns/WorkStealingPool', metricName, dimensions: { service: pool.poolName }, statistic: 'Sum' });
      expect(metric.dimensions).toEqual({ service: pool.poolName });
    }
  });

  it('of ages are SQS\'s own', () => {
    expect(gpu.metricOldestAge()).toMatchObject({ namespace: 'AWS/SQS', metricName: 'ApproximateAgeOfOldestMessage', statistic: 'Maximum' });
  });
});

function imported(stack: Stack) {
  const attributes: FunctionAttributes = { functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:gpu', sameEnvironment: true };
  return LambdaFunction.fromFunctionAttributes(stack, 'OnGpu', attributes);
}

/** A resolved value with names as CloudFormation makes them for a stack with a long name: as long as they may be, in a region with a long name. */
function deployed(value: any): string {
  if (typeof value === 'string') return value;
  if (value['Fn::Join']) return value['Fn::Join'][1].map(deployed).join(value['Fn::Join'][0]);
  const physical = (logicalId: string, longest: number) => `RenderFarm-Production-${logicalId}-AbCdEfGhIjKl`.slice(0, longest);
  if (value['Fn::GetAtt']) return `arn:aws:lambda:ap-southeast-1:123456789012:function:${physical(value['Fn::GetAtt'][0], 64)}`;
  return /Table/.test(value.Ref) ? physical(value.Ref, 255) : `https://sqs.ap-southeast-1.amazonaws.com/123456789012/${physical(value.Ref, 80)}`;
}

function arnOf(id: string) {
  return { 'Fn::GetAtt': [Match.stringLikeRegexp(`^${id}[0-9A-F]{8}$`), 'Arn'] };
}

/** Asset keys are hashes of the handlers' code, which the snapshot of a template is not about. */
function withoutAssetHashes(template: unknown): unknown {
  return JSON.parse(JSON.stringify(template).replace(/[0-9a-f]{64}\.zip/g, '<asset>.zip'));
}
