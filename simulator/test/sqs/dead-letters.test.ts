import { Bench } from './harness';

function pair(bench: Bench, more: Record<string, unknown> = {}, deadLetters: Record<string, unknown> = {}) {
  const dead = bench.queue('Dead', deadLetters);
  const url = bench.queue('Orders', {
    VisibilityTimeout: 10,
    RedrivePolicy: { deadLetterTargetArn: bench.arn('Dead'), maxReceiveCount: 2 },
    ...more,
  });
  return { url, dead };
}

async function poison(bench: Bench, url: string) {
  for (let i = 0; i < 2; i++) {
    expect(await bench.bodies(url)).toEqual(['bad']);
    await bench.pass(10);
  }
  expect(await bench.bodies(url)).toEqual([]);
}

describe('dead-letter queues', () => {
  it('get a message that was received maxReceiveCount times and is due again', async () => {
    const bench = new Bench();
    const { url, dead } = pair(bench);
    const { MessageId } = await bench.send(url, 'bad');
    await poison(bench, url);
    const [message] = await bench.receive(dead);
    expect(message).toMatchObject({ MessageId, Body: 'bad', Attributes: { DeadLetterQueueSourceArn: bench.arn('Orders'), ApproximateReceiveCount: '3' } });
    expect(bench.sqs.queues().map(({ name, deadLetterQueue, inFlight }) => [name, deadLetterQueue, inFlight])).toEqual([['Dead', true, 1], ['Orders', false, 0]]);
  });

  it('do not get a message that was deleted in time', async () => {
    const bench = new Bench();
    const { url, dead } = pair(bench);
    await bench.send(url, 'bad');
    await bench.receive(url);
    await bench.pass(10);
    const [{ ReceiptHandle }] = await bench.receive(url);
    await bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle });
    await bench.pass(30);
    expect([await bench.bodies(url), await bench.bodies(dead)]).toEqual([[], []]);
  });

  it('let the retention of a standard queue run on from the first sending', async () => {
    const bench = new Bench();
    const { url } = pair(bench, {}, { MessageRetentionPeriod: 60 });
    await bench.send(url, 'bad');
    await poison(bench, url);
    await bench.pass(39);
    expect(bench.sqs.queues()[0]).toMatchObject({ visible: 1 });
    await bench.pass(1);
    expect(bench.sqs.queues()[0]).toMatchObject({ visible: 0, expired: 1 });
  });

  it('hold the failed message\'s group no longer in a FIFO queue', async () => {
    const bench = new Bench();
    bench.fifo('Dead');
    const url = bench.fifo('Orders', {
      ContentBasedDeduplication: true,
      VisibilityTimeout: 10,
      RedrivePolicy: { deadLetterTargetArn: bench.arn('Dead.fifo'), maxReceiveCount: 1 },
    });
    for (const body of ['bad', 'good']) await bench.send(url, body, { MessageGroupId: 'g' });
    expect(await bench.bodies(url, { MaxNumberOfMessages: 1 })).toEqual(['bad']);
    await bench.pass(10);
    expect(await bench.bodies(url)).toEqual(['good']);
  });

  it('are refused when they do not exist, are of the other kind, or do not allow the source', () => {
    const bench = new Bench();
    const redrive = (name: string) => ({ RedrivePolicy: { deadLetterTargetArn: bench.arn(name), maxReceiveCount: 3 } });
    expect(() => bench.queue('A', redrive('Nowhere'))).toThrow('queue A: dead-letter target arn:aws:sqs:us-east-1:123456789012:Nowhere does not exist');
    bench.fifo('F');
    expect(() => bench.queue('B', redrive('F.fifo'))).toThrow('must be standard, but F.fifo is FIFO');
    bench.queue('Closed', { RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [bench.arn('D')] } });
    expect(() => bench.queue('C', redrive('Closed'))).toThrow('queue Closed does not allow it as a source');
    expect(() => bench.queue('D', redrive('Closed'))).not.toThrow();
    expect(() => bench.queue('E', { RedrivePolicy: { deadLetterTargetArn: bench.arn('D'), maxReceiveCount: 0 } })).toThrow('maxReceiveCount must be an integer from 1 to 1000, got 0');
  });

  it('send their messages back, as new messages, in a move task', async () => {
    const bench = new Bench();
    const { url, dead } = pair(bench);
    const { MessageId } = await bench.send(url, 'bad');
    await poison(bench, url);
    await bench.pass(100);
    await bench.call('StartMessageMoveTask', { SourceArn: bench.arn('Dead') });
    const [message] = await bench.receive(url);
    expect(message.Body).toBe('bad');
    expect(message.MessageId).not.toBe(MessageId);
    expect(message.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SentTimestamp: String(bench.world.kernel.now) });
    expect(await bench.bodies(dead)).toEqual([]);
    const { Results } = await bench.call('ListMessageMoveTasks', { SourceArn: bench.arn('Dead') });
    expect(Results).toEqual([expect.objectContaining({ Status: 'RUNNING', ApproximateNumberOfMessagesMoved: 1 })]);
    await bench.pass(1);
    expect((await bench.call('ListMessageMoveTasks', { SourceArn: bench.arn('Dead') })).Results[0].Status).toBe('COMPLETED');
    await expect(bench.call('StartMessageMoveTask', { SourceArn: bench.arn('Orders') })).rejects.toThrow('Source queue must be configured as a Dead Letter Queue');
  });

  it('show their depth and the age of their oldest message to CloudWatch', async () => {
    const gauges = new Map<string, () => number>();
    const cloudwatch = () => ({
      name: 'cloudwatch',
      operations: {},
      resources: [],
      recordMetric: () => {},
      gauge: ({ metricName, dimensions, read }: any) => gauges.set(`${dimensions.QueueName}.${metricName}`, read),
    });
    const bench = new Bench({ services: [cloudwatch] });
    const { url } = pair(bench);
    await bench.send(url, 'bad');
    await poison(bench, url);
    await bench.pass(7);
    expect(gauges.get('Dead.ApproximateNumberOfMessagesVisible')!()).toBe(1);
    // The age counts from the arrival in the dead-letter queue, not from the first sending.
    expect(gauges.get('Dead.ApproximateAgeOfOldestMessage')!()).toBe(7);
    expect(gauges.get('Orders.ApproximateNumberOfMessagesVisible')!()).toBe(0);
  });
});
