import { LambdaWorld } from './lambda-world';
import { longestChain } from '../../src/services/lambda/recursion';
import { snsService } from '../../src/services/sns';
import { type SqsService, sqsService } from '../../src/services/sqs';

const SDK = `
  const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda');
  const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
  const { SNSClient, PublishCommand } = require('@aws-sdk/client-sns');
  const invoke = (FunctionName, InvocationType, event = {}) =>
    new LambdaClient({}).send(new InvokeCommand({ FunctionName, InvocationType, Payload: JSON.stringify(event) }));
  const send = (MessageBody) => new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody }));
  const publish = (Message) => new SNSClient({}).send(new PublishCommand({ TopicArn: process.env.TOPIC, Message }));`;

function bench() {
  const world = new LambdaWorld({ services: [sqsService, snsService] });
  world.create('AWS::SQS::Queue', { QueueName: 'dead' }, 'Stack/Dead');
  const dead = 'arn:aws:sqs:us-east-1:123456789012:dead';
  const QUEUE = world.create('AWS::SQS::Queue', {
    QueueName: 'loop', VisibilityTimeout: 30, RedrivePolicy: { deadLetterTargetArn: dead, maxReceiveCount: 3 },
  }, 'Stack/Loop');
  const TOPIC = world.create('AWS::SNS::Topic', { TopicName: 'loop' }, 'Stack/Topic');
  return {
    world,
    deploy: (name: string, handler: string, properties: object = {}) =>
      world.deploy(name, `${SDK} exports.handler = async (event) => { ${handler} };`, { Environment: { Variables: { QUEUE, TOPIC } }, ...properties }),
    invocations: (name: string) => world.world.trace.entries.filter(({ subject, event }) => subject === name && event === 'lambda.start').length,
    stops: () => world.world.trace.entries.filter(({ event }) => event === 'lambda.recursionStopped').length,
    deadLetters: () => world.world.service<SqsService>('sqs').queues().find(({ name }) => name === 'Dead')!.visible,
    reads: (name: string) =>
      world.create('AWS::Lambda::EventSourceMapping', { FunctionName: name, EventSourceArn: 'arn:aws:sqs:us-east-1:123456789012:loop' }, `Stack/${name}Source`),
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html */
describe('a function that is invoked in a loop', () => {
  it('synchronously is refused after 16 invocations in one chain, by an error that its caller gets', async () => {
    const { world, deploy, invocations, stops } = bench();
    deploy('fn', 'const { Payload, FunctionError } = await invoke("fn", "RequestResponse").catch((error) => ({ Payload: JSON.stringify(error.name) }));'
      + 'return JSON.parse(Buffer.from(Payload).toString());', { Timeout: 60 });
    expect((await world.invoke('fn')).result).toBe('RecursiveInvocationException');
    expect([invocations('fn'), stops()]).toEqual([16, 1]);
  });

  it('asynchronously is stopped, and the event goes where failures go', async () => {
    const { world, deploy, invocations, stops, deadLetters } = bench();
    deploy('ping', 'await invoke("pong", "Event")');
    deploy('pong', 'await invoke("ping", "Event")', { DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:123456789012:dead' } });
    await world.invoke('pong');
    expect([invocations('pong'), invocations('ping'), stops(), deadLetters()]).toEqual([16, 16, 1, 1]);
  });

  it('through a queue is stopped each time that the message comes, up to the dead-letter queue', async () => {
    const { world, deploy, reads, invocations, stops, deadLetters } = bench();
    deploy('fn', 'await send("again")');
    reads('fn');
    await world.invoke('fn');
    expect([invocations('fn'), stops(), deadLetters()]).toEqual([16, 3, 1]);
  });

  it('through a topic and a queue is stopped, too', async () => {
    const { world, deploy, reads, invocations, deadLetters } = bench();
    deploy('fn', 'await publish("again")');
    reads('fn');
    world.create('AWS::SNS::Subscription', {
      TopicArn: 'arn:aws:sns:us-east-1:123456789012:loop', Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:123456789012:loop', RawMessageDelivery: true,
    }, 'Stack/Subscription');
    await world.invoke('fn');
    expect([invocations('fn'), deadLetters()]).toEqual([16, 1]);
  });

  it('may be, where its configuration allows it', async () => {
    const { world, deploy, invocations, stops } = bench();
    deploy('fn', 'if (event.left > 0) await invoke("fn", "Event", { left: event.left - 1 })', { RecursiveLoop: 'Allow' });
    await world.invoke('fn', { left: 40 });
    expect([invocations('fn'), stops()]).toEqual([41, 0]);
  });

  it('counts chains apart, and only invocations that follow from each other', async () => {
    const { world, deploy, invocations, stops } = bench();
    deploy('worker', '');
    deploy('fn', 'for (let i = 0; i < 40; i++) await invoke("worker", i % 2 ? "Event" : "RequestResponse")', { Timeout: 60 });
    for (let i = 0; i < 20; i++) await world.invoke('fn');
    expect([invocations('worker'), stops()]).toEqual([800, 0]);
  });

  it('through a batch goes on from the longest chain of each function in it', async () => {
    expect(longestChain([])).toBeUndefined();
    expect(longestChain([undefined, { a: 2 }])).toEqual({ a: 2 });
    expect(longestChain([{ a: 3, b: 1 }, undefined, { a: 1, b: 2, c: 4 }])).toEqual({ a: 3, b: 2, c: 4 });
  });
});
