import { LambdaWorld } from './lambda-world';
import { type FaultPlan, ScriptedFaults } from '../../src/kernel/faults';
import { sqsService, type SqsService } from '../../src/services/sqs';

/** Polls, invokes a function for each message, three at once, and beats while they run. */
const RUNNER = `
  const { SQSClient, ReceiveMessageCommand, ChangeMessageVisibilityCommand, DeleteMessageCommand } = require('@aws-sdk/client-sqs');
  const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda');
  const { NodeHttpHandler } = require('@smithy/node-http-handler');
  const { Agent } = require('https');
  const sqs = new SQSClient({ requestHandler: new NodeHttpHandler({ connectionTimeout: 1000, requestTimeout: 30_000 }) });
  const httpsAgent = new Agent({ maxSockets: 200, keepAlive: true });
  const lambda = new LambdaClient({ maxAttempts: 1, requestHandler: { httpsAgent, socketTimeout: 900_000, requestTimeout: 0 } });
  const QueueUrl = process.env.QUEUE;
  const work = async ({ Body, ReceiptHandle }) => {
    const beat = setInterval(() => sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 30 })), 10_000);
    try {
      const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: 'task', Payload: JSON.stringify({ task: Body }) }));
      if (!FunctionError) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      return JSON.parse(Payload.transformToString());
    } finally {
      clearInterval(beat);
    }
  };
  exports.handler = async (_, context) => {
    const done = [];
    const remaining = [];
    while (context.getRemainingTimeInMillis() > 120_000) {
      remaining.push(context.getRemainingTimeInMillis());
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MaxNumberOfMessages: 3 }));
      done.push(...await Promise.all(Messages.map(work)));
    }
    return { done, remaining };
  };`;

/** Takes fifty seconds and tells that it has ended. */
const TASK = `
  const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
  exports.handler = async ({ task }) => {
    await new Promise((resolve) => setTimeout(resolve, 50_000));
    await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env.DONE, MessageBody: task }));
    return task;
  };`;

function bench({ faults, places }: { faults?: FaultPlan; places?: number } = {}) {
  const QUIET = { median: 0, p99: 0 };
  const world = new LambdaWorld({
    services: [sqsService],
    faults,
    latency: { 'sqs.call': QUIET, 'sqs.delivery': QUIET, 'lambda.init': QUIET, 'lambda.call': QUIET, 'lambda.async': QUIET },
    lambda: { accountConcurrency: places },
  });
  const [queue, done] = ['tasks', 'done'].map((QueueName) =>
    world.create('AWS::SQS::Queue', { QueueName, VisibilityTimeout: 30 }, `Stack/${QueueName}`));
  world.deploy('runner', RUNNER, { Timeout: 900, Environment: { Variables: { QUEUE: queue } } });
  world.deploy('task', TASK, { Timeout: 60, Environment: { Variables: { DONE: done } } });
  world.create('AWS::Lambda::EventInvokeConfig', { FunctionName: 'runner', Qualifier: '$LATEST', MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 }, 'Stack/Config');
  const depths = () => Object.fromEntries(world.world.service<SqsService>('sqs').queues().map(({ name, visible, inFlight }) => [name, visible + inFlight]));
  const { kernel } = world.world;
  return { world, kernel, queue, depths, pass: (ms: number) => kernel.run({ deadline: kernel.now + ms }) };
}

const events = ({ world }: LambdaWorld, event: string) => world.trace.entries.filter((entry) => entry.event === event && entry.subject.includes('runner'));

describe('an invocation of a quarter of an hour', () => {
  it('polls, sleeps, and invokes functions beside each other, as long as its remaining time allows', async () => {
    const { world, kernel, queue, depths } = bench();
    const start = kernel.now;
    for (const MessageBody of ['a', 'b', 'c', 'd']) void world.call('sqs', 'SendMessage', { QueueUrl: queue, MessageBody });
    const { result } = await world.invoke('runner');
    expect(result.done).toEqual(['a', 'b', 'c', 'd']);
    expect(result.remaining.slice(0, 3)).toEqual([900_000, 850_000, 800_000]);
    expect(kernel.now - start).toBe(780_000);
    expect(depths()).toEqual({ tasks: 0, done: 4 });
  });

  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-sync.html: the invoked function knows nothing of its caller's end.
  it('that crashes leaves what it has invoked running, and what it received in flight', async () => {
    const { world, queue, depths, pass } = bench({
      faults: new ScriptedFaults([{ operation: 'ChangeMessageVisibility', nth: 4, fault: { kind: 'crash-before' } }]),
    });
    for (const MessageBody of ['a', 'b', 'c']) void world.call('sqs', 'SendMessage', { QueueUrl: queue, MessageBody });
    void world.call('lambda', 'Invoke', { FunctionName: 'runner', InvocationType: 'Event' });
    await pass(20_000);
    expect(events(world, 'lambda.end')).toMatchObject([{ detail: { status: 'error' } }]);
    // Another one starts beside the three that go on.
    void world.call('lambda', 'Invoke', { FunctionName: 'runner', InvocationType: 'Event' });
    await pass(25_000);
    expect(depths()).toEqual({ tasks: 3, done: 0 });
    await pass(20_000);
    expect(depths()).toEqual({ tasks: 3, done: 3 });
    await world.world.kernel.run();
    // No retry of the event; the other one has done the tasks again.
    expect(depths()).toEqual({ tasks: 0, done: 6 });
    expect(events(world, 'lambda.start')).toHaveLength(2);
  });

  it('ends after a quarter of an hour whatever it does, and is not invoked again without retries', async () => {
    const { world, kernel, depths, pass, queue } = bench();
    const start = kernel.now;
    world.deploy('runner2', RUNNER.replace('> 120_000', '> 0'), { Timeout: 900, Environment: { Variables: { QUEUE: queue } } });
    world.create('AWS::Lambda::EventInvokeConfig', { FunctionName: 'runner2', Qualifier: '$LATEST', MaximumRetryAttempts: 0 }, 'Stack/Config2');
    void world.call('lambda', 'Invoke', { FunctionName: 'runner2', InvocationType: 'Event' });
    await pass(899_000);
    void world.call('sqs', 'SendMessage', { QueueUrl: queue, MessageBody: 'late' });
    await world.world.kernel.run();
    expect(events(world, 'lambda.end')).toMatchObject([{ at: start + 900_000, detail: { status: 'timeout' } }]);
    expect(events(world, 'lambda.eventDropped')).toMatchObject([{ detail: { condition: 'RetriesExhausted', invocations: 1 } }]);
    expect(depths()).toEqual({ tasks: 1, done: 1 });
  });

  it('that finds no place is given up when its event is too old', async () => {
    const { world } = bench({ places: 4 });
    for (let i = 0; i < 4; i++) void world.call('lambda', 'Invoke', { FunctionName: 'task', Payload: '{"task":"x"}' });
    for (let i = 0; i < 4; i++) world.world.kernel.schedule(50_001, () => void world.call('lambda', 'Invoke', { FunctionName: 'task', Payload: '{"task":"x"}' }));
    void world.call('lambda', 'Invoke', { FunctionName: 'runner', InvocationType: 'Event' });
    await world.world.kernel.run();
    expect(events(world, 'lambda.start')).toHaveLength(0);
    expect(events(world, 'lambda.eventDropped')).toMatchObject([{ detail: { condition: 'EventAgeExceeded', invocations: 0 } }]);
  });
});
