import { AS_ROLE, Bench, type BenchOptions } from './harness';
import { eventsService } from '../../src/services/events';
import { lambdaService } from '../../src/services/lambda';
import { statesService } from '../../src/services/stepfunctions';
import { bundle } from '../lambda/lambda-world';

const ROLE = 'arn:aws:iam::123456789012:role/FunctionRole';
const TRUST = (service: string) => ({ Statement: [{ Effect: 'Allow' as const, Action: 'sts:AssumeRole', Principal: { Service: service } }] });

/** A world with functions as well; `deploy` answers a function's ARN. */
class LambdaBench extends Bench {
  constructor(options: BenchOptions = {}) {
    super({ ...options, services: [(world) => lambdaService(world, { executionTime: { minMs: 0, maxMs: 0 } }), eventsService] });
    this.iam.addRole(ROLE, TRUST('lambda.amazonaws.com'));
  }

  deploy(name: string, source: string, properties: Record<string, unknown> = {}): string {
    const provider = this.world.service('lambda').resources.find(({ type }) => type === 'AWS::Lambda::Function')!;
    return provider.create({
      logicalId: name, type: provider.type, stackName: 'Stack', path: `Stack/${name}/Resource`, generatedName: () => name,
      assetPath: () => bundle({ 'index.js': source }),
      properties: { FunctionName: name, Role: ROLE, Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { S3Bucket: 'b', S3Key: 'k' }, ...properties },
    }).attributes!.Arn;
  }

  allowInvoke(FunctionName: string, SourceArn: string) {
    this.create('AWS::Lambda::Permission', { Action: 'lambda:InvokeFunction', FunctionName, Principal: 'sns.amazonaws.com', SourceArn }, 'Permission');
  }
}

/** A function that reports each event that it gets to a queue. */
const reporting = (queueUrl: string) => `const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
  exports.handler = async (event) => { await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: '${queueUrl}', MessageBody: JSON.stringify(event) })); };`;
const url = (name: string) => `https://sqs.us-east-1.amazonaws.com/123456789012/${name}`;

describe('a function behind a queue that subscribes', () => {
  it('gets the message raw, with its attributes, its group, and the times of the queue', async () => {
    const bench = new LambdaBench({ latency: { 'sns.delivery': { median: 70, p99: 70 } } });
    const topic = bench.topic('T');
    const [jobs, seen] = [bench.queue('Jobs', { VisibilityTimeout: 30 }), bench.queue('Seen')];
    bench.iam.addRolePolicy(ROLE, 'p', { Statement: { Effect: 'Allow', Action: 'sqs:*', Resource: '*' } });
    const failsFirst = 'if (event.Records[0].attributes.ApproximateReceiveCount === "1") throw new Error("once");';
    const fn = bench.deploy('fn', reporting(url('Seen')).replace(/};$/, `${failsFirst} };`));
    bench.create('AWS::Lambda::EventSourceMapping', { EventSourceArn: jobs, FunctionName: fn }, 'Mapping');
    bench.subscribe(topic, jobs, { RawMessageDelivery: true });
    const published = bench.world.kernel.now;
    await bench.publish(topic, '{"a":1}', { MessageGroupId: 'tenant', MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } } });
    const records = (await bench.bodies(seen, 60)).map((body) => JSON.parse(body).Records[0]);
    expect(records.map(({ body, messageAttributes: { kind } }) => [body, kind.stringValue])).toEqual([['{"a":1}', 'x'], ['{"a":1}', 'x']]);
    expect(records.map(({ attributes }) => attributes)).toEqual(['1', '2'].map((ApproximateReceiveCount) => ({
      ApproximateReceiveCount, MessageGroupId: 'tenant', SentTimestamp: expect.any(String), SenderId: expect.any(String),
      ApproximateFirstReceiveTimestamp: records[0].attributes.ApproximateFirstReceiveTimestamp,
    })));
    // The queue's clock counts from the delivery, not from the publication.
    expect(new Set(records.map(({ attributes }) => attributes.SentTimestamp)).size).toBe(1);
    expect(Number(records[0].attributes.SentTimestamp) - published).toBe(70);
  });
});

describe('a function that subscribes', () => {
  it('is invoked with the event of SNS', async () => {
    const bench = new LambdaBench();
    const topic = bench.topic('T');
    const seen = bench.queue('Seen');
    bench.iam.addRolePolicy(ROLE, 'p', { Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: seen } });
    const fn = bench.deploy('fn', reporting(url('Seen')));
    bench.allowInvoke('fn', topic);
    const subscription = bench.subscribe(topic, fn);
    const { MessageId } = await bench.publish(topic, '{"a":1}', { MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } } });
    const [body] = await bench.bodies(seen);
    expect(JSON.parse(body)).toEqual({
      Records: [{
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscription,
        Sns: {
          Type: 'Notification',
          MessageId,
          TopicArn: topic,
          Subject: null,
          Message: '{"a":1}',
          Timestamp: '2026-01-01T00:00:00.000Z',
          SignatureVersion: '1',
          Signature: expect.any(String),
          SigningCertUrl: expect.stringMatching(/^https:/),
          UnsubscribeUrl: expect.stringContaining(subscription),
          MessageAttributes: { kind: { Type: 'String', Value: 'x' } },
        },
      }],
    });
    expect(bench.world.meter.get('sns.deliveries.lambda')).toBe(1);
  });

  it('needs a permission for its topic; without it the message goes to the dead-letter queue', async () => {
    const bench = new LambdaBench();
    const topic = bench.topic('T');
    const dead = bench.queue('Dead');
    const fn = bench.deploy('fn', 'exports.handler = async () => {}');
    bench.allowInvoke('fn', bench.topic('Other'));
    bench.subscribe(topic, fn, { RedrivePolicy: { deadLetterTargetArn: dead } });
    await bench.publish(topic, 'm');
    expect((await bench.bodies(dead)).map((body) => JSON.parse(body).Message)).toEqual(['m']);
    expect(bench.iam.denials).toMatchObject([{ role: 'sns.amazonaws.com', action: 'lambda:InvokeFunction', resource: fn }]);
  });
});

describe('the outcome of an asynchronous invocation', () => {
  const setUp = (source: string, properties: Record<string, unknown>, destination?: 'OnSuccess' | 'OnFailure') => {
    const bench = new LambdaBench();
    const topic = bench.topic('Outcomes');
    const queue = bench.queue('Q');
    bench.subscribe(topic, queue, { RawMessageDelivery: true });
    bench.deploy('fn', source, properties);
    if (destination) {
      bench.create('AWS::Lambda::EventInvokeConfig', {
        FunctionName: 'fn', Qualifier: '$LATEST', MaximumRetryAttempts: 0, DestinationConfig: { [destination]: { Destination: topic } },
      }, 'Config');
    }
    return { bench, topic, queue, invoke: () => bench.call('lambda', 'Invoke', { FunctionName: 'fn', InvocationType: 'Event', Payload: '{"x":1}' }) };
  };

  it('goes to a topic as a destination, with the function\'s role', async () => {
    const { bench, topic, queue, invoke } = setUp('exports.handler = async () => "done"', {}, 'OnSuccess');
    bench.iam.addRolePolicy(ROLE, 'p', { Statement: { Effect: 'Allow', Action: 'sns:Publish', Resource: topic } });
    await invoke();
    const [body] = await bench.bodies(queue);
    expect(JSON.parse(body)).toMatchObject({ requestContext: { condition: 'Success' }, requestPayload: { x: 1 }, responsePayload: 'done' });
  });

  it('is lost when the role may not publish', async () => {
    const { bench, queue, invoke } = setUp('exports.handler = async () => "done"', {}, 'OnSuccess');
    await invoke();
    expect(await bench.bodies(queue)).toEqual([]);
    expect(bench.traced('lambda.destinationFailed')).toMatchObject([{ problem: expect.stringMatching(/^AuthorizationErrorException/) }]);
  });

  it('goes to a topic as a dead letter, with the error in attributes', async () => {
    const topicArn = 'arn:aws:sns:us-east-1:123456789012:Outcomes';
    const { bench, topic, queue, invoke } = setUp('exports.handler = async () => { throw new Error("no") }', { DeadLetterConfig: { TargetArn: topicArn } });
    bench.iam.addRolePolicy(ROLE, 'p', { Statement: { Effect: 'Allow', Action: 'sns:Publish', Resource: topic } });
    await invoke();
    const messages = await bench.messages(queue, 600);
    expect(messages).toMatchObject([{ Body: '{"x":1}', MessageAttributes: { ErrorCode: { StringValue: '200' }, ErrorMessage: { StringValue: 'no' } } }]);
  });
});

describe('a rule of EventBridge', () => {
  const setUp = () => {
    const bench = new LambdaBench();
    const topic = bench.topic('T');
    const [queue, dead] = [bench.queue('Q'), bench.queue('Dead')];
    bench.allow(dead, 'sqs:SendMessage', 'events.amazonaws.com');
    bench.subscribe(topic, queue, { RawMessageDelivery: true });
    bench.create('AWS::Events::Rule', {
      Name: 'r', EventPattern: { source: ['test'] }, Targets: [{ Id: 'T0', Arn: topic, InputPath: '$.detail', DeadLetterConfig: { Arn: dead } }],
    }, 'Rule');
    const put = () => bench.call('events', 'PutEvents', { Entries: [{ Source: 'test', DetailType: 'd', Detail: '{"n":1}' }] });
    return { bench, topic, queue, dead, put };
  };

  it('publishes on a topic that lets it', async () => {
    const { bench, topic, queue, put } = setUp();
    bench.create('AWS::SNS::TopicPolicy', {
      Topics: [topic], PolicyDocument: { Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sns:Publish', Resource: topic }] },
    }, 'Policy');
    await put();
    expect(await bench.bodies(queue)).toEqual(['{"n":1}']);
  });

  it('is not let in by the default policy, and does not retry', async () => {
    const { bench, queue, dead, put } = setUp();
    await put();
    expect(await bench.bodies(queue)).toEqual([]);
    expect((await bench.messages(dead))[0].MessageAttributes.ERROR_CODE.StringValue).toBe('NO_PERMISSIONS');
  });
});

describe('an alarm', () => {
  const setUp = (alarm: Record<string, unknown> = {}) => {
    const bench = new Bench();
    const topic = bench.topic('OnCall');
    const queue = bench.queue('Q');
    bench.subscribe(topic, queue);
    const source = bench.queue('Backlog');
    bench.create('AWS::CloudWatch::Alarm', {
      AlarmName: 'backlog', AlarmDescription: 'too much', Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: 'Backlog' }], Statistic: 'Maximum', Period: 60, EvaluationPeriods: 1, Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching', AlarmActions: [topic], ...alarm,
    }, 'Alarm');
    const fill = () => bench.call('sqs', 'SendMessage', { QueueUrl: url(source.split(':').pop()!), MessageBody: 'm' });
    return { bench, topic, queue, fill };
  };

  it('tells its topic that its state has changed, and why', async () => {
    const { bench, topic, queue, fill } = setUp();
    await fill();
    const [body] = await bench.bodies(queue, 61);
    const { Subject, Message } = JSON.parse(body);
    expect(Subject).toBe('ALARM: "backlog" in US East (N. Virginia)');
    expect(JSON.parse(Message)).toMatchObject({
      AlarmName: 'backlog',
      AlarmDescription: 'too much',
      AWSAccountId: '123456789012',
      NewStateValue: 'ALARM',
      NewStateReason: 'Threshold Crossed: 1 datapoint [1.0] was greater than the threshold (0.0).',
      StateChangeTime: '2026-01-01T00:01:00.000+0000',
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:backlog',
      OldStateValue: 'INSUFFICIENT_DATA',
      AlarmActions: [topic],
      Trigger: {
        MetricName: 'ApproximateNumberOfMessagesVisible', Statistic: 'MAXIMUM', Dimensions: [{ name: 'QueueName', value: 'Backlog' }], Period: 60, Threshold: 0,
      },
    });
    expect(bench.traced('cloudwatch.action-not-delivered')).toEqual([]);
  });

  it('also says when all is well again, where it has an action for that', async () => {
    const { queue, bench } = setUp({ AlarmActions: [], OKActions: ['arn:aws:sns:us-east-1:123456789012:OnCall'] });
    const [body] = await bench.bodies(queue, 61);
    expect(JSON.parse(JSON.parse(body).Message)).toMatchObject({
      NewStateValue: 'OK', NewStateReason: 'Threshold Crossed: 1 datapoint [0.0] was not greater than the threshold (0.0).',
    });
  });

  it('is let in by the default policy, but not by a policy that replaces it', async () => {
    const { bench, topic, queue, fill } = setUp();
    const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
    bench.create('AWS::SNS::TopicPolicy', {
      Topics: [topic], PolicyDocument: { Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: topic, Condition }] },
    }, 'Policy');
    await fill();
    expect(await bench.bodies(queue, 61)).toEqual([]);
    expect(bench.traced('cloudwatch.action-failed')).toEqual([{ action: topic, error: 'AuthorizationErrorException' }]);
  });

  it('over other alarms tells its rule', async () => {
    const { bench, queue, fill, topic } = setUp({ AlarmActions: [] });
    bench.create('AWS::CloudWatch::CompositeAlarm', { AlarmName: 'all', AlarmRule: 'ALARM("backlog")', AlarmActions: [topic] }, 'All');
    await fill();
    const [body] = await bench.bodies(queue, 61);
    expect(JSON.parse(JSON.parse(body).Message)).toMatchObject({ AlarmName: 'all', AlarmRule: 'ALARM("backlog")', NewStateValue: 'ALARM' });
  });

  it('says of other actions that it could not take them', async () => {
    const action = 'arn:aws:lambda:us-east-1:123456789012:function:f';
    const { bench, fill } = setUp({ AlarmActions: [action] });
    await fill();
    await bench.pass(61);
    expect(bench.traced('cloudwatch.action-not-delivered')).toEqual([{ action }]);
  });
});

describe('a state machine', () => {
  const run = async (Arguments: object, allowed: boolean) => {
    const bench = new Bench({ services: [(world) => statesService(world)] });
    const topic = bench.topic('T');
    const queue = bench.queue('Q');
    bench.subscribe(topic, queue, { RawMessageDelivery: true });
    const role = 'arn:aws:iam::123456789012:role/Worker';
    bench.iam.addRole(role, TRUST('states.amazonaws.com'));
    bench.grant('none:None', ...(allowed ? ['sns:Publish'] : []));
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'Tell',
      States: { Tell: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Arguments: { TopicArn: topic, ...Arguments }, End: true } },
    };
    const stateMachineArn = bench.create('AWS::StepFunctions::StateMachine', { DefinitionString: JSON.stringify(definition), RoleArn: role }, 'Machine').ref;
    const { executionArn } = await bench.call('states', 'StartExecution', { stateMachineArn, input: '{}' });
    const bodies = await bench.bodies(queue);
    return { bodies, execution: await bench.call('states', 'DescribeExecution', { executionArn }) };
  };

  it('publishes any JSON, as text', async () => {
    const { bodies, execution } = await run({ Message: { a: 1 }, MessageAttributes: { k: { DataType: 'String', StringValue: 'v' } } }, true);
    expect(bodies).toEqual(['{"a":1}']);
    expect(JSON.parse(execution.output)).toMatchObject({ MessageId: expect.any(String) });
  });

  it('fails by the name of the error when its role may not publish, or the message is none', async () => {
    expect((await run({ Message: 'm' }, false)).execution).toMatchObject({ status: 'FAILED', error: 'SNS.AuthorizationErrorException' });
    expect((await run({ Message: '' }, true)).execution).toMatchObject({ status: 'FAILED', error: 'SNS.InvalidParameterException' });
  });
});

it('roles publish as the SDK names errors', async () => {
  const bench = new Bench();
  bench.grant('none:None');
  await expect(bench.publish(bench.topic('T'), 'm', {}, AS_ROLE)).rejects.toMatchObject({ $fault: 'client', name: 'AuthorizationErrorException' });
});
