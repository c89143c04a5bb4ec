import { Bench } from './harness';

const to = (MessageGroupId: string, MessageDeduplicationId?: string) =>
  ({ MessageGroupId, ...(MessageDeduplicationId ? { MessageDeduplicationId } : {}) });
const CONTENT = { ContentBasedDeduplication: true };

describe('FIFO queues', () => {
  it('keep the order of each group, as much of one group as possible first', async () => {
    const bench = new Bench();
    const url = bench.fifo('Orders', CONTENT);
    for (const [body, group] of [['a1', 'a'], ['b1', 'b'], ['a2', 'a'], ['b2', 'b']]) await bench.send(url, body, to(group));
    expect(await bench.bodies(url)).toEqual(['a1', 'a2', 'b1', 'b2']);
  });

  it('hold a group back while one of its messages is in flight, and no other group', async () => {
    const bench = new Bench();
    const url = bench.fifo('Orders', CONTENT);
    for (const [body, group] of [['a1', 'a'], ['a2', 'a'], ['b1', 'b']]) await bench.send(url, body, to(group));
    const [first] = await bench.receive(url, { MaxNumberOfMessages: 1 });
    expect(first.Body).toBe('a1');
    expect(await bench.bodies(url)).toEqual(['b1']);
    await bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: first.ReceiptHandle });
    expect(await bench.bodies(url)).toEqual(['a2']);
  });

  it('hand out the failed message again before those behind it', async () => {
    const bench = new Bench();
    const url = bench.fifo('Orders', { ...CONTENT, VisibilityTimeout: 10 });
    for (const body of ['1', '2']) await bench.send(url, body, to('g'));
    expect(await bench.bodies(url, { MaxNumberOfMessages: 1 })).toEqual(['1']);
    await bench.pass(10);
    expect(await bench.bodies(url)).toEqual(['1', '2']);
  });

  it('tell listeners when a delete frees the next message of a group', async () => {
    const bench = new Bench();
    const url = bench.fifo('Orders', CONTENT);
    for (const body of ['1', '2']) await bench.send(url, body, to('g'));
    const [first] = await bench.receive(url, { MaxNumberOfMessages: 1 });
    let calls = 0;
    bench.sqs.onMessageVisible(bench.arn('Orders.fifo'), () => calls++);
    await bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: first.ReceiptHandle });
    expect(calls).toBe(1);
  });

  it('accept a repeated deduplication id for five minutes without delivering it, also after a delete', async () => {
    const bench = new Bench();
    const url = bench.fifo('Orders');
    const first = await bench.send(url, 'one', to('g', 'same'));
    const [message] = await bench.receive(url);
    await bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: message.ReceiptHandle });
    await bench.pass(299);
    const second = await bench.send(url, 'two', to('g', 'same'));
    expect(second.MessageId).toBe(first.MessageId);
    expect(second.SequenceNumber).toBe(first.SequenceNumber);
    expect(await bench.bodies(url)).toEqual([]);
    await bench.pass(1);
    await bench.send(url, 'three', to('g', 'same'));
    expect(await bench.bodies(url)).toEqual(['three']);
  });

  it('deduplicate by content when told so, per queue or per group', async () => {
    const bench = new Bench();
    const perQueue = bench.fifo('Q', CONTENT);
    const perGroup = bench.fifo('G', { ...CONTENT, DeduplicationScope: 'messageGroup' });
    for (const url of [perQueue, perGroup]) for (const group of ['a', 'b', 'a']) await bench.send(url, 'same', to(group));
    expect(await bench.bodies(perQueue)).toEqual(['same']);
    expect(await bench.bodies(perGroup)).toEqual(['same', 'same']);
  });

  it('refuse a message without group, without deduplication id, or with a delay of its own', async () => {
    const bench = new Bench();
    const url = bench.fifo('Orders');
    await expect(bench.send(url, 'x', { MessageDeduplicationId: 'd' })).rejects.toMatchObject({ name: 'MissingParameter', message: expect.stringContaining('MessageGroupId') });
    await expect(bench.send(url, 'x', to('g'))).rejects.toThrow('ContentBasedDeduplication');
    await expect(bench.send(url, 'x', { ...to('g', 'd'), DelaySeconds: 1 })).rejects.toThrow('DelaySeconds');
  });

  it('refuse an expired receipt handle', async () => {
    const bench = new Bench();
    const url = bench.fifo('Orders', { ...CONTENT, VisibilityTimeout: 5 });
    await bench.send(url, 'x', to('g'));
    const [{ ReceiptHandle }] = await bench.receive(url);
    await bench.pass(5);
    await expect(bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle })).rejects.toThrow('The receipt handle has expired');
  });

  it('give the same attempt the same messages and handles, and another attempt none', async () => {
    const bench = new Bench();
    const url = bench.fifo('Orders', CONTENT);
    await bench.send(url, 'x', to('g'));
    const [first] = await bench.receive(url, { ReceiveRequestAttemptId: 'try-1' });
    const [again] = await bench.receive(url, { ReceiveRequestAttemptId: 'try-1' });
    expect(again.ReceiptHandle).toBe(first.ReceiptHandle);
    expect(await bench.bodies(url, { ReceiveRequestAttemptId: 'try-2' })).toEqual([]);
  });

  it('have a name that ends in .fifo', () => {
    const bench = new Bench();
    expect(() => bench.queue('Orders', { FifoQueue: true })).toThrow('queue Orders: the name of a FIFO queue, and only that, ends in .fifo');
    expect(() => bench.queue('Orders.fifo')).toThrow('.fifo');
  });
});
