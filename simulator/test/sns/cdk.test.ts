import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import {
  App, aws_cloudwatch as cloudwatch, aws_cloudwatch_actions as actions, aws_events as events, aws_events_targets as targets, aws_kms as kms,
  aws_lambda as lambda, aws_lambda_destinations as destinations, aws_s3 as s3, aws_sns as sns, aws_sns_subscriptions as subscriptions, aws_sqs as sqs,
  Duration, Size, Stack,
} from 'aws-cdk-lib';
import { Simulation } from '../../src/simulation';

process.env.CDK_VALIDATION = 'false';

let outdir: string;

beforeAll(() => {
  outdir = mkdtempSync(path.join(tmpdir(), 'cdk-'));
  const app = new App({ outdir });
  const stack = new Stack(app, 'Fan');
  const masterKey = new kms.Key(stack, 'Key');
  const orders = new sns.Topic(stack, 'Orders', { enforceSSL: true, masterKey });
  const queue = (id: string, props: sqs.QueueProps = {}) => new sqs.Queue(stack, id, { enforceSSL: true, ...props });
  const dead = queue('Dead');
  const above100 = sns.SubscriptionFilter.numericFilter({ greaterThan: 100 });
  orders.addSubscription(new subscriptions.SqsSubscription(queue('Large'), {
    rawMessageDelivery: true,
    deadLetterQueue: dead,
    filterPolicyWithMessageBody: { order: sns.FilterOrPolicy.policy({ total: sns.FilterOrPolicy.filter(above100) }) },
  }));
  orders.addSubscription(new subscriptions.SqsSubscription(queue('Urgent', { encryptionMasterKey: masterKey }), {
    filterPolicy: { urgency: sns.SubscriptionFilter.stringFilter({ allowlist: ['high'], matchPrefixes: ['now'] }) },
  }));
  const ordered = new sns.Topic(stack, 'Ordered', { fifo: true, contentBasedDeduplication: true, topicName: 'ordered' });
  ordered.addSubscription(new subscriptions.SqsSubscription(queue('InOrder', { fifo: true })));
  const code = lambda.Code.fromInline('exports.handler = async (event) => event.Records ? event.Records[0].Sns.Message : event;');
  const runtime = lambda.Runtime.NODEJS_22_X;
  const outcomes = new sns.Topic(stack, 'Outcomes');
  const fn = new lambda.Function(stack, 'Handler', { code, runtime, handler: 'index.handler', onSuccess: new destinations.SnsDestination(outcomes) });
  orders.addSubscription(new subscriptions.LambdaSubscription(fn));
  outcomes.addSubscription(new subscriptions.SqsSubscription(queue('Done'), { rawMessageDelivery: true }));
  new events.Rule(stack, 'Rule', { eventPattern: { source: ['shop'] }, targets: [new targets.SnsTopic(orders)] });
  const alarm = new cloudwatch.Alarm(stack, 'Alarm', { metric: outcomes.metricNumberOfMessagesPublished({ period: Duration.minutes(1) }), threshold: 1, evaluationPeriods: 1 });
  alarm.addAlarmAction(new actions.SnsAction(outcomes));
  const bucket = new s3.Bucket(stack, 'Claims', {
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    encryption: s3.BucketEncryption.KMS,
    encryptionKey: masterKey,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    lifecycleRules: [{ expiration: Duration.days(7), abortIncompleteMultipartUploadAfter: Duration.days(1), objectSizeGreaterThan: 1 }],
  });
  bucket.grantPut(fn);
  new sns.Topic(stack, 'Large topic', {}).addSubscription(new subscriptions.SqsSubscription(queue('Any')));
  new lambda.Function(stack, 'Unlucky', { code, runtime, handler: 'index.handler', deadLetterTopic: outcomes, memorySize: Size.gibibytes(1).toMebibytes() });
  app.synth();
}, 60_000);

afterAll(() => rmSync(outdir, { recursive: true }));

describe('topics and buckets that the CDK synthesized', () => {
  const load = () => {
    const simulation = Simulation.load(outdir);
    const operator = { principal: { kind: 'operator' }, name: 'test' } as const;
    const call = async (service: string, operation: string, input: any): Promise<any> => {
      const answer = simulation.world.call<any>({ service, operation, input, caller: operator });
      const settled = answer.then((value) => ({ value }), (error) => ({ error }));
      await simulation.run();
      const result: any = await settled;
      if (result.error) throw result.error;
      return result.value;
    };
    const ref = (name: string) => simulation.find(`Fan/${name}`).provisioned.ref;
    const bodies = async (name: string): Promise<string[]> => {
      const { Messages = [] } = await call('sqs', 'ReceiveMessage', { QueueUrl: ref(name), MaxNumberOfMessages: 10 });
      return Messages.map(({ Body }: any) => Body);
    };
    return { simulation, call, ref, bodies };
  };

  it('fan out with the permissions, keys and filters that the CDK wrote', async () => {
    const { simulation, call, ref, bodies } = load();
    const Message = JSON.stringify({ order: { total: 150 } });
    await call('sns', 'Publish', { TopicArn: ref('Orders'), Message, MessageAttributes: { urgency: { DataType: 'String', StringValue: 'nowish' } } });
    await call('sns', 'Publish', { TopicArn: ref('Orders'), Message: '{"order":{"total":5}}' });
    expect(await bodies('Large')).toEqual([Message]);
    expect((await bodies('Urgent')).map((body) => JSON.parse(body).Message)).toEqual([Message]);
    const done = (await bodies('Done')).map((body) => JSON.parse(body));
    expect(done.map(({ responsePayload }) => responsePayload).sort()).toEqual([Message, '{"order":{"total":5}}'].sort());
    expect(simulation.report()).toMatchObject({ denials: [], lost: [] });
  });

  it('take events from a rule, and keep order', async () => {
    const { simulation, call, ref, bodies } = load();
    await call('events', 'PutEvents', { Entries: [{ Source: 'shop', DetailType: 'd', Detail: '{}' }] });
    expect((await bodies('Done')).map((body) => JSON.parse(JSON.parse(body).responsePayload).source)).toEqual(['shop']);
    for (const Message of ['1', '2', '3']) await call('sns', 'Publish', { TopicArn: ref('Ordered'), Message, MessageGroupId: 'g' });
    expect((await bodies('InOrder')).map((body) => JSON.parse(body).Message)).toEqual(['1', '2', '3']);
    expect(simulation.report()).toMatchObject({ denials: [], lost: [] });
  });

  it('hear of alarms', async () => {
    const { simulation, call, ref, bodies } = load();
    await call('sns', 'Publish', { TopicArn: ref('Outcomes'), Message: 'm' });
    await simulation.run({ deadline: simulation.world.kernel.now + 61_000 });
    expect((await bodies('Done')).filter((body) => body.startsWith('{')).map((body) => JSON.parse(body).NewStateValue)).toContain('ALARM');
    expect(simulation.report().denials).toEqual([]);
  });

  it('store objects', async () => {
    const { simulation, call, ref } = load();
    const Bucket = ref('Claims');
    expect(await call('s3', 'PutObject', { Bucket, Key: 'k', Body: 'xx' })).toMatchObject({ ServerSideEncryption: 'aws:kms' });
    expect(Buffer.from((await call('s3', 'GetObject', { Bucket, Key: 'k' })).Body).toString()).toBe('xx');
    await simulation.run({ deadline: simulation.world.kernel.now + 9 * 86_400_000 });
    await expect(call('s3', 'GetObject', { Bucket, Key: 'k' })).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('can be what a simulation starts with', async () => {
    const { simulation, bodies } = load();
    await simulation.complete('Outcomes', { a: 1 });
    await simulation.run();
    expect(await bodies('Done')).toEqual(['{"a":1}']);
  });
});
