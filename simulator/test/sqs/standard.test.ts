import { createHash } from 'crypto';
import { Bench } from './harness';
import { NO_FAULTS } from '../../src/kernel/faults';

describe('standard queues', () => {
  it('hand out what was sent, once', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders');
    await bench.send(url, 'hello');
    expect(await bench.bodies(url)).toEqual(['hello']);
    expect(await bench.bodies(url)).toEqual([]);
  });

  it('return the message to the queue when the visibility timeout passes, and count the receives', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders', { VisibilityTimeout: 20 });
    await bench.send(url, 'again');
    const [first] = await bench.receive(url);
    await bench.pass(19.9);
    expect(await bench.bodies(url)).toEqual([]);
    await bench.pass(0.1);
    const [second] = await bench.receive(url);
    expect(second.MessageId).toBe(first.MessageId);
    expect(second.ReceiptHandle).not.toBe(first.ReceiptHandle);
    expect([first, second].map((m) => m.Attributes.ApproximateReceiveCount)).toEqual(['1', '2']);
    expect(second.Attributes.ApproximateFirstReceiveTimestamp).toBe(first.Attributes.ApproximateFirstReceiveTimestamp);
  });

  it('do not return a message that was deleted', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders');
    await bench.send(url, 'x');
    const [message] = await bench.receive(url);
    await bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: message.ReceiptHandle });
    await bench.pass(60);
    expect(await bench.bodies(url)).toEqual([]);
    await expect(bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: message.ReceiptHandle })).resolves.toEqual({});
  });

  it('accept a stale receipt handle without deleting anything, and the latest one even after its timeout', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders', { VisibilityTimeout: 5 });
    await bench.send(url, 'x');
    const [first] = await bench.receive(url);
    await bench.pass(5);
    const [second] = await bench.receive(url);
    await bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: first.ReceiptHandle });
    await bench.pass(5);
    expect((await bench.call('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] })).Attributes.ApproximateNumberOfMessages).toBe('1');
    await bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: second.ReceiptHandle });
    expect(await bench.bodies(url)).toEqual([]);
  });

  it('refuse handles that are none, or another queue\'s', async () => {
    const bench = new Bench();
    const [a, b] = [bench.queue('A'), bench.queue('B')];
    await bench.send(a, 'x');
    const [message] = await bench.receive(a);
    await expect(bench.call('DeleteMessage', { QueueUrl: b, ReceiptHandle: message.ReceiptHandle })).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
    await expect(bench.call('DeleteMessage', { QueueUrl: a, ReceiptHandle: 'nonsense' })).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });

  it('hide a message for as long as ChangeMessageVisibility says, up to 12 hours from its receive', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders', { VisibilityTimeout: 10 });
    await bench.send(url, 'x');
    const [{ ReceiptHandle }] = await bench.receive(url);
    await bench.call('ChangeMessageVisibility', { QueueUrl: url, ReceiptHandle, VisibilityTimeout: 100 });
    await bench.pass(99);
    expect(await bench.bodies(url)).toEqual([]);
    await expect(bench.call('ChangeMessageVisibility', { QueueUrl: url, ReceiptHandle, VisibilityTimeout: 43_200 }))
      .rejects.toMatchObject({ name: 'InvalidParameterValue', message: expect.stringContaining('43200') });
    await bench.call('ChangeMessageVisibility', { QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 });
    expect(await bench.bodies(url)).toEqual(['x']);
  });

  it('refuse to change the visibility of a message that is not in flight', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders', { VisibilityTimeout: 10 });
    await bench.send(url, 'x');
    const [{ ReceiptHandle }] = await bench.receive(url);
    await bench.pass(10);
    await expect(bench.call('ChangeMessageVisibility', { QueueUrl: url, ReceiptHandle, VisibilityTimeout: 5 }))
      .rejects.toMatchObject({ name: 'MessageNotInflight' });
  });

  it('delay by queue and by message, the message winning', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders', { DelaySeconds: 10 });
    await bench.send(url, 'queue');
    await bench.send(url, 'message', { DelaySeconds: 3 });
    await bench.send(url, 'now', { DelaySeconds: 0 });
    expect(await bench.bodies(url)).toEqual(['now']);
    await bench.pass(3);
    expect(await bench.bodies(url)).toEqual(['message']);
    await bench.pass(7);
    expect(await bench.bodies(url)).toEqual(['queue']);
  });

  it('answer a long poll when a message arrives, and empty-handed when none does', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders');
    const start = bench.world.kernel.now;
    bench.world.kernel.schedule(4000, () => { void bench.world.call({ service: 'sqs', operation: 'SendMessage', input: { QueueUrl: url, MessageBody: 'late' }, caller: { principal: { kind: 'operator' }, name: 't' } }); });
    expect(await bench.bodies(url, { WaitTimeSeconds: 20 })).toEqual(['late']);
    expect(bench.world.kernel.now - start).toBe(4000);
    const answer = await bench.call('ReceiveMessage', { QueueUrl: url, WaitTimeSeconds: 7 });
    expect(answer).toEqual({});
    expect(bench.world.kernel.now - start).toBe(11_000);
  });

  it('expire messages at the end of the retention period', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders', { MessageRetentionPeriod: 60 });
    await bench.send(url, 'x');
    await bench.pass(59);
    expect(bench.sqs.queues()[0]).toMatchObject({ visible: 1, expired: 0 });
    await bench.pass(1);
    expect(bench.sqs.queues()[0]).toMatchObject({ visible: 0, expired: 1 });
  });

  it('do not let retention keep a quiet world running', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders');
    await bench.send(url, 'x');
    const start = bench.world.kernel.now;
    expect(await bench.world.kernel.run()).toBe('quiet');
    expect(bench.world.kernel.now).toBe(start);
  });

  it('deliver a duplicate, even after a delete, when the fault plan wants one', async () => {
    const bench = new Bench({ faults: { ...NO_FAULTS, onDelivery: () => ({ duplicatesAfterMs: [1500] }) } });
    const url = bench.queue('Orders');
    await bench.send(url, 'x');
    const [first] = await bench.receive(url);
    await bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: first.ReceiptHandle });
    await bench.pass(1.5);
    const [copy] = await bench.receive(url);
    expect(copy.MessageId).toBe(first.MessageId);
    expect(copy.Attributes.ApproximateReceiveCount).toBe('1');
  });

  it('deliver late, and so out of order, when the fault plan wants it', async () => {
    let sent = 0;
    const bench = new Bench({ faults: { ...NO_FAULTS, onDelivery: () => (sent++ === 0 ? { delayMs: 1000 } : undefined) } });
    const url = bench.queue('Orders');
    await bench.send(url, 'first');
    await bench.send(url, 'second');
    expect(await bench.bodies(url)).toEqual(['second']);
    await bench.pass(1);
    expect(await bench.bodies(url)).toEqual(['first']);
  });

  it('tell listeners each time that a message becomes receivable', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders', { VisibilityTimeout: 5 });
    let calls = 0;
    bench.sqs.onMessageVisible(bench.arn('Orders'), () => calls++);
    await bench.send(url, 'x');
    await bench.receive(url);
    expect(calls).toBe(1);
    await bench.pass(5);
    expect(calls).toBe(2);
  });

  it('give digests that a client can check', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders');
    const answer = await bench.send(url, 'This is a test message', { MessageAttributes: { Kind: { DataType: 'String', StringValue: 'loan' } } });
    expect(answer.MD5OfMessageBody).toBe('fafb00f5732ab283681e124bf8747ed1');
    const length = (n: number) => Buffer.from([0, 0, 0, n]);
    const expected = createHash('md5').update(Buffer.concat([
      length(4), Buffer.from('Kind'), length(6), Buffer.from('String'), Buffer.from([1]), length(4), Buffer.from('loan'),
    ])).digest('hex');
    expect(answer.MD5OfMessageAttributes).toBe(expected);
    const [message] = await bench.receive(url);
    expect(message).toMatchObject({ MD5OfMessageAttributes: expected, MessageAttributes: { Kind: { DataType: 'String', StringValue: 'loan' } } });
  });

  it('return only the attributes that were asked for', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders', { VisibilityTimeout: 0 });
    await bench.send(url, 'x', { MessageAttributes: { 'a.b': { DataType: 'String', StringValue: '1' }, 'c': { DataType: 'Number', StringValue: '2' } } });
    const [some] = await bench.receive(url, { AttributeNames: ['SentTimestamp'], MessageAttributeNames: ['a.*'] });
    expect(Object.keys(some.Attributes)).toEqual(['SentTimestamp']);
    expect(Object.keys(some.MessageAttributes)).toEqual(['a.b']);
    const [none] = await bench.receive(url, { AttributeNames: undefined, MessageAttributeNames: undefined });
    expect(none.Attributes).toBeUndefined();
    expect(none.MessageAttributes).toBeUndefined();
  });

  it('empty themselves on PurgeQueue', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders');
    for (const body of ['a', 'b']) await bench.send(url, body);
    await bench.receive(url, { MaxNumberOfMessages: 1 });
    await bench.call('PurgeQueue', { QueueUrl: url });
    expect(bench.sqs.queues()[0]).toMatchObject({ visible: 0, inFlight: 0 });
  });
});
