import { type FaultPlan, ScriptedFaults } from '../../src/kernel/faults';
import { type SqsService, sqsService } from '../../src/services/sqs';
import { LambdaWorld } from '../lambda/lambda-world';

const QUIET = { median: 0, p99: 0 };

const CLIENT = `
  const SQS = require('@aws-sdk/client-sqs');
  const client = new SQS.SQSClient({});
  const QueueUrl = process.env.QUEUE;
  const sqs = (operation, input = {}) => client.send(new SQS[operation + 'Command']({ QueueUrl, ...input }));
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const attempt = (work) => work.then(() => 'ok', (error) => error.name + (error instanceof SQS[error.name] ? '' : '?'));`;

/** A queue with a visibility timeout of 30 s, and functions that read it themselves. */
function bench(faults?: FaultPlan) {
  const world = new LambdaWorld({ services: [sqsService], faults, latency: { 'sqs.call': QUIET, 'sqs.delivery': QUIET, 'lambda.init': QUIET, 'lambda.call': QUIET } });
  const QueueUrl = world.create('AWS::SQS::Queue', { QueueName: 'tasks', VisibilityTimeout: 30 }, 'Stack/Tasks');
  const { kernel } = world.world;
  return {
    world,
    kernel,
    deploy: (name: string, handler: string, Timeout = 900) =>
      world.deploy(name, `${CLIENT} exports.handler = async (event, context) => { ${handler} };`, { Timeout, Environment: { Variables: { QUEUE: QueueUrl } } }),
    send: (MessageBody: string, afterMs = 0, more: object = {}) =>
      kernel.schedule(afterMs, () => void world.call('sqs', 'SendMessage', { QueueUrl, MessageBody, ...more })),
    depth: () => {
      const { visible, inFlight } = world.world.service<SqsService>('sqs').queues()[0];
      return { visible, inFlight };
    },
    pass: (ms: number) => kernel.run({ deadline: kernel.now + ms }),
  };
}

describe('a handler that reads a queue itself', () => {
  it('waits in a long poll, and asks for what it wants to know', async () => {
    const { world, deploy, send, kernel } = bench();
    const start = kernel.now;
    deploy('fn', `const { Messages } = await sqs('ReceiveMessage', {
      WaitTimeSeconds: 20, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp', 'MessageGroupId'],
    });
    return { at: Date.now(), messages: Messages.map(({ Body, Attributes }) => ({ Body, Attributes })) };`);
    send('a', 5_000, { MessageGroupId: 'tenant' });
    const { result } = await world.invoke('fn');
    expect(result).toEqual({
      at: start + 5_000,
      messages: [{ Body: 'a', Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(start + 5_000), MessageGroupId: 'tenant' } }],
    });
  });

  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
  it('can do nothing more with the receipt handle of a message that has been received again', async () => {
    const { world, deploy, send, depth } = bench();
    deploy('fn', `const receive = async () => (await sqs('ReceiveMessage', { WaitTimeSeconds: 20 })).Messages[0].ReceiptHandle;
      const old = await receive();
      await sleep(30_000);
      const visible = await attempt(sqs('ChangeMessageVisibility', { ReceiptHandle: old, VisibilityTimeout: 60 }));
      const current = await receive();
      const entries = [old, current].map((ReceiptHandle, index) => ({ Id: 'm' + index, ReceiptHandle }));
      const changed = await sqs('ChangeMessageVisibilityBatch', { Entries: entries.map((entry) => ({ ...entry, VisibilityTimeout: 60 })) });
      const deleted = await attempt(sqs('DeleteMessage', { ReceiptHandle: old }));
      const { Attributes } = await sqs('GetQueueAttributes', { AttributeNames: ['ApproximateNumberOfMessagesNotVisible'] });
      const batch = await sqs('DeleteMessageBatch', { Entries: entries });
      const of = ({ Successful, Failed }) => [(Successful ?? []).map(({ Id }) => Id), (Failed ?? []).map(({ Id, Code }) => Id + ' ' + Code)];
      return { visible, changed: of(changed), deleted, left: Attributes.ApproximateNumberOfMessagesNotVisible, batch: of(batch) };`);
    send('a');
    expect((await world.invoke('fn')).result).toEqual({
      visible: 'MessageNotInflight', changed: [['m1'], ['m0 InvalidParameterValue']], deleted: 'ok', left: '1', batch: [['m0', 'm1'], []],
    });
    expect(depth()).toEqual({ visible: 0, inFlight: 0 });
  });

  const POLL = 'const { Messages } = await sqs("ReceiveMessage", { WaitTimeSeconds: 20, MessageSystemAttributeNames: ["All"] }); '
    + 'return Messages && Messages[0].Attributes.ApproximateReceiveCount;';

  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
  it('and dies before it sees the answer leaves the message in flight until its visibility timeout', async () => {
    const { world, deploy, send, depth, pass } = bench(new ScriptedFaults([{ operation: 'ReceiveMessage', nth: 1, fault: { kind: 'crash-after' } }]));
    deploy('fn', POLL);
    send('a', 1_000);
    void world.call('lambda', 'Invoke', { FunctionName: 'fn' });
    await pass(30_900);
    expect(depth()).toEqual({ visible: 0, inFlight: 1 });
    await pass(200);
    expect(depth()).toEqual({ visible: 1, inFlight: 0 });
    expect((await world.invoke('fn')).result).toBe('2');
  });

  it.each([
    ['that is killed by its timeout', 'await sqs("ReceiveMessage", { WaitTimeSeconds: 20 });', 3],
    ['that exits', 'void sqs("ReceiveMessage", { WaitTimeSeconds: 20 }); await sleep(100); process.exit(1);', 900],
    ['that ends without waiting for it', 'void sqs("ReceiveMessage", { WaitTimeSeconds: 20 }); await sleep(100);', 900],
  ])('leaves a poll behind in an invocation %s: what it takes is in flight, and received once', async (_, handler, timeout) => {
    const { world, deploy, send, depth, pass } = bench();
    deploy('left', handler, timeout);
    deploy('fn', POLL);
    void world.call('lambda', 'Invoke', { FunctionName: 'left' });
    send('a', 10_000);
    await pass(10_100);
    expect(depth()).toEqual({ visible: 0, inFlight: 1 });
    await pass(30_000);
    expect(depth()).toEqual({ visible: 1, inFlight: 0 });
    expect((await world.invoke('fn')).result).toBe('2');
  });

  it('gets the answer to a poll of the invocation before, when its environment runs again', async () => {
    const { world, deploy, send, pass } = bench();
    deploy('fn', `if (event.first) { globalThis.poll = sqs("ReceiveMessage", { WaitTimeSeconds: 20 }); return null; }
      return (await globalThis.poll).Messages[0].Body;`);
    void world.call('lambda', 'Invoke', { FunctionName: 'fn', Payload: '{"first":true}' });
    send('a', 10_000);
    await pass(15_000);
    expect((await world.invoke('fn')).result).toBe('a');
  });
});
