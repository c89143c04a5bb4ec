import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DESTINATION_OF, tableOfBooks } from './destinations';
import { OutboxDestination, OutboxSource, PayloadFormat, PoisonPolicy, TransactionalOutbox, TransactionalOutboxProps } from '../../src';
import { inlineFunction, newStack } from '../scatter-gather/fixtures';

describe('an outbox with default props', () => {
  const stack = newStack();
  const outbox = outboxOf(stack);
  const template = Template.fromStack(stack);

  it('keeps its logical ids: they decide what a deployment replaces', () => {
    expect(withoutAssetHashes(template.toJSON())).toMatchSnapshot();
  });

  it('keeps rows in an on-demand table with a stream of new images, point-in-time recovery and a time to live', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      Properties: {
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'sk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      },
      DeletionPolicy: 'Retain',
    });
  });

  it('has no function on the path of an event, only the one that replays', () => {
    template.resourceCountIs('AWS::Lambda::Function', 1);
    expect([outbox.enrichFunction, outbox.relayFunction, outbox.parkedKeys]).toEqual([undefined, undefined, undefined]);
    expect(outbox.replay).toBeDefined();
    expect(pipeOf(stack)).not.toHaveProperty('Enrichment');
  });

  it('reads the stream from its beginning, bounded in retries and age, and halves batches that fail', () => {
    expect(pipeOf(stack).SourceParameters.DynamoDBStreamParameters).toEqual({
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 10,
      ParallelizationFactor: 10,
      OnPartialBatchItemFailure: 'AUTOMATIC_BISECT',
      MaximumRetryAttempts: 5,
      MaximumRecordAgeInSeconds: 12 * 3_600,
      DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching('^OutboxDeadLetters'), 'Arn'] } },
    });
  });

  it('publishes inserts only: what the time to live deletes is no event', () => {
    expect(filterOf(stack)).toEqual({ eventName: ['INSERT'] });
  });

  it('lets the pipe read this stream, put dead letters, write its log and publish, nothing else', () => {
    expect(grantsOf(stack, 'OutboxPipeRole')).toEqual({
      'dynamodb:DescribeStream': 'OutboxRows.StreamArn',
      'dynamodb:GetRecords': 'OutboxRows.StreamArn',
      'dynamodb:GetShardIterator': 'OutboxRows.StreamArn',
      'dynamodb:ListStreams': 'OutboxRows.StreamArn',
      'sqs:SendMessage': 'OutboxDeadLetters.Arn',
      'events:PutEvents': 'Bus.Arn',
      'logs:CreateLogStream': 'OutboxPipeLogs.Arn',
      'logs:PutLogEvents': 'OutboxPipeLogs.Arn',
    });
  });

  it('lets only pipes of this account take the role', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: Match.objectLike({
        Statement: [Match.objectLike({
          Principal: { Service: 'pipes.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        })],
      }),
    });
  });

  it('creates the pipe after its role may do what it has to', () => {
    template.hasResource('AWS::Pipes::Pipe', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^OutboxPipeRoleDefaultPolicy')]) });
  });

  it('logs the errors of the pipe for a month, without the events', () => {
    expect(pipeOf(stack).LogConfiguration).toEqual({ Level: 'ERROR', CloudwatchLogsLogDestination: { LogGroupArn: expect.anything() } });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  it('keeps large payloads in a private bucket, encrypted, by TLS only, 8 days longer than the rows', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 15, Status: 'Enabled' })] },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: Match.objectLike({ Statement: [Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })] }),
    });
  });

  it('keeps dead letters for as long as SQS can, encrypted', () => {
    template.hasResourceProperties('AWS::SQS::Queue', { MessageRetentionPeriod: 14 * 86_400, SqsManagedSseEnabled: true });
  });

  it('keeps tables, bucket, queue and logs when the stack is deleted', () => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SQS::Queue', 'AWS::Logs::LogGroup']) {
      template.allResources(type, { DeletionPolicy: 'Retain' });
    }
  });

  it('names itself as the source of its events', () => {
    expect(outbox.eventSource).toBe(outbox.outboxName);
    expect(pipeOf(stack).TargetParameters.EventBridgeEventBusParameters.Source).toBe(outbox.outboxName);
    expect(pipeOf(stack).TargetParameters.InputTemplate).toContain(`"source":"${outbox.outboxName}"`);
  });

  it('lets the replay read the rows and publish to the same destination', () => {
    expect(grantsOf(stack, 'OutboxReplayReplayRole')).toMatchObject({
      'dynamodb:Query': 'OutboxRows.Arn', 'dynamodb:Scan': 'OutboxRows.Arn', 'events:PutEvents': 'Bus.Arn',
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          OUTBOX_NAME: outbox.outboxName,
          EVENT_SOURCE: outbox.eventSource,
          SOURCE_KIND: 'ROWS',
          PAYLOAD_FORMAT: 'TEXT',
          TABLE_NAME: { Ref: Match.stringLikeRegexp('^OutboxRows') },
          DESTINATION_KIND: 'EVENT_BUS',
          DESTINATION: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Bus'), 'Arn'] },
          CLAIM_CHECK_BUCKET: { Ref: Match.stringLikeRegexp('^OutboxPayloads') },
          PAYLOAD_LIMIT_BYTES: '240000',
        },
      },
    });
  });
});

describe('an outbox with every prop', () => {
  const stack = newStack();
  const encryptionKey = new Key(stack, 'Key');
  const claimCheckBucket = new Bucket(stack, 'Bucket', { encryptionKey });
  const table = new Table(stack, 'Orders', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
    encryptionKey,
  });
  const outbox = new TransactionalOutbox(stack, 'Outbox', {
    destination: DESTINATION_OF.EVENT_BUS(stack, encryptionKey),
    source: OutboxSource.rows({ table }),
    eventSource: 'shop.orders',
    payloadFormat: PayloadFormat.JSON,
    retention: Duration.days(30),
    onPoison: PoisonPolicy.SKIP,
    retryAttempts: 0,
    maximumAge: Duration.hours(1),
    claimCheckBucket,
    encryptionKey,
    logRetention: RetentionDays.ONE_DAY,
    removalPolicy: RemovalPolicy.DESTROY,
    alarms: { actions: [new SnsAction(new Topic(stack, 'Topic'))], maximumLag: Duration.minutes(5) },
  });
  const writer = inlineFunction(stack, 'Writer');
  outbox.addWriter(writer);
  outbox.onEvent('Shipping', { detailType: ['OrderPlaced'] }, new targets.SqsQueue(new Queue(stack, 'Shipments')));
  const template = Template.fromStack(stack);

  it('keeps its logical ids', () => {
    expect(withoutAssetHashes(template.toJSON())).toMatchSnapshot();
  });

  it('uses the given table and bucket, and no others', () => {
    template.resourceCountIs('AWS::DynamoDB::Table', 1);
    template.resourceCountIs('AWS::S3::Bucket', 1);
    expect([outbox.table, outbox.claimCheckBucket]).toEqual([table, claimCheckBucket]);
  });

  it('takes of a table with other items only what has an event id', () => {
    expect(filterOf(stack)).toEqual({ eventName: ['INSERT'], dynamodb: { NewImage: { eventId: { S: [{ exists: true }] } } } });
  });

  it('gives up after the given attempts and age', () => {
    expect(pipeOf(stack).SourceParameters.DynamoDBStreamParameters).toMatchObject({ MaximumRetryAttempts: 0, MaximumRecordAgeInSeconds: 3_600 });
  });

  it('calls its events by the given source, in the envelope, on the bus and in rules', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: Match.stringLikeRegexp('^Enrich'), Environment: { Variables: Match.objectLike({ EVENT_SOURCE: 'shop.orders' }) },
    });
    expect(pipeOf(stack).TargetParameters.EventBridgeEventBusParameters.Source).toBe('shop.orders');
    template.hasResourceProperties('AWS::Events::Rule', { EventPattern: { 'source': ['shop.orders'], 'detail-type': ['OrderPlaced'] } });
  });

  it('keeps logs for as long as told, and deletes with the stack what is its own', () => {
    template.allResources('AWS::Logs::LogGroup', { Properties: Match.objectLike({ RetentionInDays: 1 }), DeletionPolicy: 'Delete' });
    template.hasResource('AWS::SQS::Queue', { Properties: Match.objectLike({ MessageRetentionPeriod: 14 * 86_400 }), DeletionPolicy: 'Delete' });
  });

  it('encrypts queue, logs, executions and environments with the key', () => {
    const keyArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };
    template.hasResourceProperties('AWS::SQS::Queue', { KmsMasterKeyId: keyArn });
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: keyArn });
    template.allResourcesProperties('AWS::StepFunctions::StateMachine', { EncryptionConfiguration: Match.objectLike({ Type: 'CUSTOMER_MANAGED_KMS_KEY' }) });
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { KmsKeyArn: keyArn }, 2);
  });

  it('lets everybody who touches what is encrypted use the key, and do nothing else with it', () => {
    const use = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];
    expect(keyActions(stack, 'OutboxPipeRole')).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
    expect(keyActions(stack, 'OutboxReplayReplayRole')).toEqual(use);
    expect(keyActions(stack, 'WriterServiceRole')).toEqual(use);
  });

  it('tells a writer where the outbox is and how long rows stay', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'index.handler',
      Environment: {
        Variables: {
          OUTBOX_TABLE_NAME: { Ref: Match.stringLikeRegexp('^Orders') },
          OUTBOX_RETENTION_SECONDS: String(30 * 86_400),
          OUTBOX_CLAIM_CHECK_BUCKET: { Ref: Match.stringLikeRegexp('^Bucket') },
          OUTBOX_PAYLOAD_LIMIT_BYTES: '240000',
        },
      },
    });
  });

  it('acts on every alarm', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: Match.stringLikeRegexp('^Topic') }] });
  });
});

describe('resources of its own with a key', () => {
  const stack = newStack();
  outboxOf(stack, { encryptionKey: new Key(stack, 'Key'), onPoison: PoisonPolicy.PARK_KEY, retention: Duration.hours(25), removalPolicy: RemovalPolicy.DESTROY });
  const template = Template.fromStack(stack);

  it('are encrypted with it', () => {
    const keyArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };
    template.allResourcesProperties('AWS::DynamoDB::Table', { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: keyArn } });
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn } }] },
    });
  });

  it('are deleted with the stack when told so', () => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket']) template.allResources(type, { DeletionPolicy: 'Delete' });
  });

  it('keep claim checks longer than a retention that is no whole number of days', () => {
    template.hasResourceProperties('AWS::S3::Bucket', { LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 10 })] } });
  });
});

describe('each destination gets', () => {
  const image = (attribute: string) => `$.dynamodb.NewImage.${attribute}.S`;
  const expected = {
    EVENT_BUS: {
      batch: [10, 10],
      publish: ['events:PutEvents', 'Bus.Arn'],
      rows: { EventBridgeEventBusParameters: { Source: 'shop', DetailType: image('type'), Time: image('occurredAt') } },
      envelopes: { EventBridgeEventBusParameters: { Source: 'shop', DetailType: '$.type', Time: '$.time' } },
    },
    FIFO_QUEUE: {
      batch: [1, 1],
      publish: ['sqs:SendMessage', 'Queue.Arn'],
      rows: { SqsQueueParameters: { MessageGroupId: image('pk'), MessageDeduplicationId: image('eventId') } },
      envelopes: { SqsQueueParameters: { MessageGroupId: '$.partitionkey', MessageDeduplicationId: '$.id' } },
    },
    TOPIC: { batch: [10, 10], publish: ['sns:Publish', 'Topic'], rows: {}, envelopes: {} },
    STATE_MACHINE: {
      batch: [1, 10],
      publish: ['states:StartExecution', 'Machine'],
      rows: { StepFunctionStateMachineParameters: { InvocationType: 'FIRE_AND_FORGET' } },
      envelopes: { StepFunctionStateMachineParameters: { InvocationType: 'FIRE_AND_FORGET' } },
    },
    FUNCTION: {
      batch: [1, 1],
      publish: ['lambda:InvokeFunction', 'Function.Arn'],
      rows: { LambdaFunctionParameters: { InvocationType: 'REQUEST_RESPONSE' } },
      envelopes: { LambdaFunctionParameters: { InvocationType: 'REQUEST_RESPONSE' } },
    },
  } as const;

  describe.each(Object.entries(expected))('%s', (kind, { batch: [batchSize, parallelizationFactor], publish: [action, resource], rows, envelopes }) => {
    const destinationOf = DESTINATION_OF[kind as keyof typeof DESTINATION_OF];
    const outboxWith = (propsOf: (stack: Stack) => Partial<TransactionalOutboxProps>) => {
      const stack = newStack();
      return { stack, outbox: new TransactionalOutbox(stack, 'Outbox', { destination: destinationOf(stack), eventSource: 'shop', ...propsOf(stack) }) };
    };

    it('rows by an input template, in batches that keep its order', () => {
      const { stack } = outboxWith(() => ({}));
      const { SourceParameters, TargetParameters: { InputTemplate, ...parameters } } = pipeOf(stack);
      expect(parameters).toEqual(rows);
      expect(InputTemplate).toContain('"data":<$.dynamodb.NewImage.payload.S>');
      expect(SourceParameters.DynamoDBStreamParameters).toMatchObject({ BatchSize: batchSize, ParallelizationFactor: parallelizationFactor });
      for (const role of ['OutboxPipeRole', 'OutboxReplayReplayRole']) expect(grantsOf(stack, role)[action].split(' ')).toContain(resource);
    });

    it('parsed payloads from the enrichment', () => {
      const { stack, outbox } = outboxWith(() => ({ payloadFormat: PayloadFormat.JSON }));
      const { Enrichment, SourceParameters, TargetParameters } = pipeOf(stack);
      expect(Enrichment).toEqual(stack.resolve(outbox.enrichFunction!.functionArn));
      expect(TargetParameters ?? {}).toEqual(envelopes);
      expect(SourceParameters.DynamoDBStreamParameters).toMatchObject({ BatchSize: batchSize, ParallelizationFactor: parallelizationFactor });
      const grants = grantsOf(stack, 'OutboxPipeRole');
      expect(grants[action].split(' ')).toContain(resource);
      expect(grants['lambda:InvokeFunction'].split(' ')).toContain('OutboxEnrich.Arn');
      expect(Object.keys(grantsOf(stack, 'OutboxEnrichRole')).filter((each) => !/^(logs|xray):/.test(each))).toEqual([]);
    });

    it('changes of a table from the enrichment, an item\'s changes in their order', () => {
      const { stack } = outboxWith((scope) => ({ source: OutboxSource.changes(tableOfBooks(scope), { insert: 'BookAdded', remove: 'BookRemoved' }) }));
      const { SourceParameters, TargetParameters } = pipeOf(stack);
      expect(TargetParameters ?? {}).toEqual(envelopes);
      expect(filterOf(stack)).toEqual({ eventName: ['INSERT', 'REMOVE'] });
      expect(SourceParameters.DynamoDBStreamParameters).toMatchObject({ BatchSize: batchSize, ParallelizationFactor: 10 });
      expect(grantsOf(stack, 'OutboxEnrichRole')).toMatchObject({ 's3:PutObject': 'OutboxPayloads.Arn/payloads/*' });
    });

    it('events from the relay with PARK_KEY, which has no end but age', () => {
      const { stack, outbox } = outboxWith(() => ({ onPoison: PoisonPolicy.PARK_KEY }));
      const { Target, SourceParameters, TargetParameters } = pipeOf(stack);
      expect(Target).toEqual(stack.resolve(outbox.relayFunction!.functionArn));
      expect(TargetParameters).toEqual({ LambdaFunctionParameters: { InvocationType: 'REQUEST_RESPONSE' } });
      expect(SourceParameters.DynamoDBStreamParameters).toMatchObject({
        BatchSize: 100, ParallelizationFactor: 1, MaximumRetryAttempts: -1, MaximumRecordAgeInSeconds: 12 * 3_600,
      });
      const parked = 'OutboxParkedKeys.Arn';
      expect(grantsOf(stack, 'OutboxRelayRole')).toEqual({
        ...ofEveryHandler('OutboxRelayLogs.Arn'),
        'dynamodb:GetItem': parked,
        'dynamodb:PutItem': parked,
        'dynamodb:UpdateItem': parked,
        [action]: resource,
      });
      const { [action]: ofPipe = '', 'lambda:InvokeFunction': invoked } = grantsOf(stack, 'OutboxPipeRole');
      expect(ofPipe.split(' ')).not.toContain(resource);
      expect(invoked).toBe('OutboxRelay.Arn');
    });
  });

  it('batches of the size that a function asks for', () => {
    const stack = newStack();
    outboxOf(stack, { destination: OutboxDestination.function(inlineFunction(stack, 'F'), { batchSize: 25 }) });
    expect(pipeOf(stack).SourceParameters.DynamoDBStreamParameters.BatchSize).toBe(25);
  });

  it.each(['FIFO_QUEUE', 'TOPIC'] as const)('what it needs to publish to an encrypted %s', (kind) => {
    const stack = newStack();
    outboxOf(stack, { destination: DESTINATION_OF[kind](stack, new Key(stack, 'Key')) });
    for (const role of ['OutboxPipeRole', 'OutboxReplayReplayRole']) expect(keyActions(stack, role)).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
  });
});

describe('changes of a table', () => {
  it('without snapshot have no replay, and nothing that belongs to one', () => {
    const stack = newStack();
    const outbox = outboxOf(stack, { source: OutboxSource.changes(tableOfBooks(stack), { modify: 'BookChanged' }) });
    expect([outbox.replay, outbox.alarms.replayFailed]).toEqual([undefined, undefined]);
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 1);
  });

  it('with snapshot can be replayed, and large items go to the bucket', () => {
    const stack = newStack();
    outboxOf(stack, { source: OutboxSource.changes(tableOfBooks(stack), { insert: 'BookAdded', snapshot: 'Book' }) });
    expect(grantsOf(stack, 'OutboxReplayReplayRole')).toMatchObject({ 'dynamodb:Scan': 'Books.Arn', 's3:PutObject': 'OutboxPayloads.Arn/payloads/*' });
  });

  it('are told to the handlers by their types', () => {
    const stack = newStack();
    outboxOf(stack, { source: OutboxSource.changes(tableOfBooks(stack), { insert: 'BookAdded', snapshot: 'Book' }) });
    Template.fromStack(stack).resourcePropertiesCountIs('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ SOURCE_KIND: 'CHANGES', PAYLOAD_FORMAT: 'JSON', CHANGE_TYPES: '{"insert":"BookAdded","snapshot":"Book"}' }) },
    }, 2);
  });

  it('are read with the key of the table', () => {
    const stack = newStack();
    const table = new Table(stack, 'Secret', {
      partitionKey: { name: 'id', type: AttributeType.STRING }, stream: StreamViewType.NEW_AND_OLD_IMAGES, encryptionKey: new Key(stack, 'Key'),
    });
    outboxOf(stack, { source: OutboxSource.changes(table, { insert: 'Added' }) });
    expect(keyActions(stack, 'OutboxPipeRole')).toEqual(['kms:Decrypt']);
  });

  it('may come from a table that another app created', () => {
    const stack = newStack();
    const tableStreamArn = 'arn:aws:dynamodb:us-east-1:123456789012:table/books/stream/2026-01-01T00:00:00.000';
    const table = Table.fromTableAttributes(stack, 'Books', { tableName: 'books', tableStreamArn });
    outboxOf(stack, { source: OutboxSource.changes(table, { insert: 'BookAdded' }) });
    expect(pipeOf(stack).Source).toBe(tableStreamArn);
  });
});

describe('alarms', () => {
  const own = (name: string) => ({ Namespace: 'CdkIntegrationPatterns/TransactionalOutbox', Dimensions: [{ Name: 'service', Value: name }] });
  const usual = { ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching' };
  const idsOf = (stack: Stack) => Object.keys(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')).map((id) => id.replace(/^OutboxAlarms|.{8}$/g, '')).sort();

  it('are those of the pipe, the watch and the replay', () => {
    const stack = newStack();
    const { outboxName } = outboxOf(stack);
    const template = Template.fromStack(stack);
    expect(idsOf(stack)).toEqual(['DeadLetters', 'Lag', 'ReplayFailed', 'Stopped', 'WatchFailed']);
    const watched = [
      { Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible', Statistic: 'Maximum', EvaluationPeriods: 1 },
      { ...own(outboxName), MetricName: 'NotRunning', Statistic: 'Maximum', EvaluationPeriods: 2 },
      { Namespace: 'AWS/States', MetricName: 'ExecutionsFailed', Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: Match.stringLikeRegexp('^OutboxWatch') } }], EvaluationPeriods: 1 },
      { Namespace: 'AWS/States', MetricName: 'ExecutionsFailed', Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: Match.stringLikeRegexp('^OutboxReplay') } }], EvaluationPeriods: 1 },
    ];
    for (const alarm of watched) template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { ...usual, Period: 300, Threshold: 0, ...alarm }, 1);
  });

  it('tell of a pipe in trouble for fifteen minutes', () => {
    const stack = newStack();
    outboxOf(stack);
    const sum = (Id: string, MetricName: string) => Match.objectLike({
      Id,
      MetricStat: {
        Metric: { Namespace: 'AWS/EventBridge/Pipes', MetricName, Dimensions: [{ Name: 'PipeName', Value: { Ref: Match.stringLikeRegexp('^OutboxPipe') } }] },
        Period: 300,
        Stat: 'Sum',
      },
    });
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...usual,
      EvaluationPeriods: 3,
      Threshold: 0,
      Metrics: Match.arrayWith([
        Match.objectLike({ Expression: 'SUM([FILL(failed, 0), FILL(partlyFailed, 0), FILL(throttled, 0), FILL(timedOut, 0)])' }),
        sum('failed', 'ExecutionFailed'),
        sum('partlyFailed', 'ExecutionPartiallyFailed'),
        sum('throttled', 'ExecutionThrottled'),
        sum('timedOut', 'ExecutionTimeout'),
      ]),
    });
  });

  it.each([
    ['the enrichment', { payloadFormat: PayloadFormat.JSON }, 'Enrich', []],
    ['the relay', { onPoison: PoisonPolicy.PARK_KEY }, 'Relay', ['Parked']],
  ])('watch %s too', (_, props, handler, more) => {
    const stack = newStack();
    const { outboxName } = outboxOf(stack, props);
    const template = Template.fromStack(stack);
    expect(idsOf(stack)).toEqual(['DeadLetters', 'HandlerErrors', 'HandlerLag', 'Lag', 'ReplayFailed', 'Stopped', 'WatchFailed', ...more].sort());
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...usual, Namespace: 'AWS/Lambda', MetricName: 'Errors', Statistic: 'Sum', Threshold: 0,
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp(`^Outbox${handler}`) } }],
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { ...usual, ...own(outboxName), MetricName: 'RelayLag', Statistic: 'Maximum', Threshold: 900_000 });
    if (more.length > 0) template.hasResourceProperties('AWS::CloudWatch::Alarm', { ...usual, ...own(outboxName), MetricName: 'Parked', Statistic: 'Sum', Threshold: 0 });
  });

  it('wait for as long as told', () => {
    const stack = newStack();
    outboxOf(stack, { payloadFormat: PayloadFormat.JSON, alarms: { maximumLag: Duration.minutes(30) } });
    Template.fromStack(stack).resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { EvaluationPeriods: 6 }, 1);
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'RelayLag', Threshold: 1_800_000 });
  });
});

describe('grants', () => {
  it('write, read and replay are each the actions that they need', () => {
    const stack = newStack();
    const outbox = outboxOf(stack);
    const someone = inlineFunction(stack, 'Someone');
    outbox.grantWrite(someone);
    outbox.grantReadPayloads(someone);
    outbox.grantReplay(someone);
    expect(grantsOf(stack, 'SomeoneServiceRole')).toEqual({
      'dynamodb:PutItem': 'OutboxRows.Arn',
      's3:PutObject': 'OutboxPayloads.Arn/payloads/*',
      's3:GetObject': 'OutboxPayloads.Arn/payloads/*',
      'states:StartExecution': 'OutboxReplayStateMachine',
      'states:DescribeExecution': expect.stringContaining(':execution:'),
    });
  });

  it('a function may be made a writer twice', () => {
    const stack = newStack();
    const outbox = outboxOf(stack);
    const writer = inlineFunction(stack, 'Writer');
    outbox.addWriter(writer);
    expect(() => outbox.addWriter(writer)).not.toThrow();
  });
});

describe('metrics', () => {
  it('are the outbox\'s, the pipe\'s and the queue\'s own', () => {
    const stack = newStack();
    const outbox = outboxOf(stack);
    expect(outbox.metric('Replayed')).toMatchObject({
      namespace: 'CdkIntegrationPatterns/TransactionalOutbox', metricName: 'Replayed', dimensions: { service: outbox.outboxName }, statistic: 'Sum',
    });
    const ofPipe = { namespace: 'AWS/EventBridge/Pipes', dimensions: { PipeName: outbox.pipe.ref }, statistic: 'Sum' };
    expect(outbox.metricPublished()).toMatchObject({ ...ofPipe, metricName: 'EventCount' });
    expect(outbox.metricFailed()).toMatchObject({ ...ofPipe, metricName: 'ExecutionFailed' });
    expect(outbox.metricDeadLetters()).toMatchObject({ namespace: 'AWS/SQS', metricName: 'ApproximateNumberOfMessagesVisible', statistic: 'Maximum' });
    for (const metric of [outbox.metric('Replayed', HOURLY), outbox.metricPublished(HOURLY), outbox.metricFailed(HOURLY), outbox.metricDeadLetters(HOURLY)]) {
      expect(metric.period.toHours()).toBe(1);
    }
  });
});

const HOURLY = { period: Duration.hours(1) };

/** An outbox in front of a bus. */
function outboxOf(stack: Stack, props: Partial<TransactionalOutboxProps> = {}): TransactionalOutbox {
  return new TransactionalOutbox(stack, 'Outbox', { destination: props.destination ?? OutboxDestination.eventBus(new EventBus(stack, 'Bus')), ...props });
}

function pipeOf(stack: Stack): any {
  return Object.values(Template.fromStack(stack).findResources('AWS::Pipes::Pipe'))[0].Properties;
}

function filterOf(stack: Stack): any {
  const { Filters } = pipeOf(stack).SourceParameters.FilterCriteria;
  expect(Filters).toHaveLength(1);
  return JSON.parse(Filters[0].Pattern);
}

/** Statements of the default policy of the one role whose logical id begins so. */
function statementsOf(stack: Stack, role: string): any[] {
  const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith(`${role}DefaultPolicy`));
  return policies.flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement);
}

/** Actions and the resources that they are granted on, without hashes and with blanks between; without those on keys. */
function grantsOf(stack: Stack, role: string): Record<string, string> {
  const grants = new Map<string, Set<string>>();
  for (const { Action, Resource } of statementsOf(stack, role)) {
    for (const action of [Action].flat().filter((each: string) => !each.startsWith('kms:'))) {
      grants.set(action, new Set([...(grants.get(action) ?? []), ...[Resource].flat().map(readable)]));
    }
  }
  return Object.fromEntries([...grants].map(([action, resources]) => [action, [...resources].join(' ')]));
}

function ofEveryHandler(logs: string): Record<string, string> {
  return { 'logs:CreateLogStream': logs, 'logs:PutLogEvents': logs, 'xray:PutTelemetryRecords': '*', 'xray:PutTraceSegments': '*' };
}

function keyActions(stack: Stack, role: string): string[] {
  return [...new Set(statementsOf(stack, role).filter(({ Condition }) => !Condition).flatMap(({ Action }) => Action).filter((action) => action.startsWith('kms:')))].sort();
}

function readable(value: any): string {
  if (typeof value === 'string') return value;
  if (value['Fn::Join']) return value['Fn::Join'][1].map(readable).join(value['Fn::Join'][0]);
  if (value['Fn::GetAtt']) return `${unhashed(value['Fn::GetAtt'][0])}.${value['Fn::GetAtt'][1]}`;
  return value.Ref ? unhashed(value.Ref) : JSON.stringify(value);
}

function unhashed(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}

/** Asset keys are hashes of the handlers' code, which the snapshot of a template is not about. */
function withoutAssetHashes(template: unknown): unknown {
  return JSON.parse(JSON.stringify(template).replace(/[0-9a-f]{64}\.zip/g, '<asset>.zip'));
}
