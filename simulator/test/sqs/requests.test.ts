import { Bench } from './harness';
import { NO_FAULTS, ScriptedFaults } from '../../src/kernel/faults';

const entries = (...bodies: string[]) => bodies.map((MessageBody, index) => ({ Id: `m${index}`, MessageBody }));

describe('requests to SQS', () => {
  it('send, delete and hide in batches of up to ten', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders');
    const sent = await bench.call('SendMessageBatch', { QueueUrl: url, Entries: entries('a', 'b', 'c') });
    expect(sent.Failed).toEqual([]);
    expect(sent.Successful.map(({ Id }: any) => Id)).toEqual(['m0', 'm1', 'm2']);
    const [a, b, c] = await bench.receive(url);
    const result = await bench.call('DeleteMessageBatch', { QueueUrl: url, Entries: [{ Id: '1', ReceiptHandle: a.ReceiptHandle }, { Id: '2', ReceiptHandle: 'junk' }] });
    expect(result).toEqual({ Successful: [{ Id: '1' }], Failed: [expect.objectContaining({ Id: '2', Code: 'ReceiptHandleIsInvalid', SenderFault: true })] });
    await bench.call('ChangeMessageVisibilityBatch', { QueueUrl: url, Entries: [b, c].map(({ ReceiptHandle }, i) => ({ Id: `${i}`, ReceiptHandle, VisibilityTimeout: 0 })) });
    expect(await bench.bodies(url)).toEqual(['b', 'c']);
  });

  it('refuse a batch whose form is wrong', async () => {
    const bench = new Bench();
    const QueueUrl = bench.queue('Orders');
    const send = async (Entries: any) => bench.call('SendMessageBatch', { QueueUrl, Entries });
    await expect(send([])).rejects.toMatchObject({ name: 'EmptyBatchRequest' });
    await expect(send(entries(...Array.from({ length: 11 }, () => 'x')))).rejects.toMatchObject({ name: 'TooManyEntriesInBatchRequest' });
    await expect(send([...entries('x'), ...entries('y')])).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
    await expect(send([{ Id: 'no spaces', MessageBody: 'x' }])).rejects.toMatchObject({ name: 'InvalidBatchEntryId' });
    await expect(send(entries(...Array.from({ length: 3 }, () => 'x'.repeat(400_000))))).rejects.toMatchObject({ name: 'BatchRequestTooLong' });
    expect(bench.sqs.queues()[0].visible).toBe(0);
  });

  it('fail single entries of a batch when the fault plan wants it', async () => {
    const faults = new ScriptedFaults([{ operation: 'SendMessageBatch', fault: { kind: 'partial', share: 1 } }]);
    const bench = new Bench({ faults });
    const url = bench.queue('Orders');
    const result = await bench.call('SendMessageBatch', { QueueUrl: url, Entries: entries('a', 'b') });
    expect(result.Successful).toEqual([]);
    expect(result.Failed).toEqual(['m0', 'm1'].map((Id) => expect.objectContaining({ Id, SenderFault: false })));
    expect(await bench.bodies(url)).toEqual([]);
  });

  it('leave the message in flight when the answer to a receive is lost', async () => {
    const faults = new ScriptedFaults([{ operation: 'ReceiveMessage', nth: 1, fault: { kind: 'error-after' } }]);
    const bench = new Bench({ faults });
    const url = bench.queue('Orders', { VisibilityTimeout: 10 });
    await bench.send(url, 'x');
    await expect(bench.receive(url)).rejects.toMatchObject({ name: 'InternalServerError' });
    expect(await bench.bodies(url)).toEqual([]);
    await bench.pass(10);
    expect((await bench.receive(url))[0].Attributes.ApproximateReceiveCount).toBe('2');
  });

  it('take up to 1 MiB, attributes included, and not a byte more', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders');
    const attribute = { MessageAttributes: { k: { DataType: 'String', StringValue: 'v' } } };
    await bench.send(url, 'x'.repeat(1_048_576 - 8), attribute);
    await expect(bench.send(url, 'x'.repeat(1_048_576 - 7), attribute)).rejects.toThrow('Message must be shorter than 1048576 bytes');
    await expect(bench.send(bench.queue('Small', { MaximumMessageSize: 1024 }), 'é'.repeat(513))).rejects.toThrow('1024');
  });

  it('are billed for each 64 KB', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders');
    const billed = async (work: () => Promise<unknown>) => {
      const before = bench.world.meter.get('sqs.requests');
      await work();
      return bench.world.meter.get('sqs.requests') - before;
    };
    expect(await billed(() => bench.send(url, 'x'))).toBe(1);
    expect(await billed(() => bench.send(url, 'x'.repeat(65_537)))).toBe(2);
    expect(await billed(() => bench.receive(url))).toBe(2);
    expect(await billed(() => bench.receive(url))).toBe(1);
  });

  it('are billed apart for FIFO queues, whose price is another', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders.fifo', { FifoQueue: true });
    await bench.send(url, 'x', { MessageGroupId: 'g', MessageDeduplicationId: 'd' });
    await bench.receive(url);
    expect([bench.world.meter.get('sqs.fifo.requests'), bench.world.meter.get('sqs.requests')]).toEqual([2, 0]);
  });

  it.each([
    ['SendMessage', { MessageBody: '' }, 'MissingParameter'],
    ['SendMessage', { MessageBody: 'a\u0000b' }, 'InvalidMessageContents'],
    ['SendMessage', { MessageBody: 'x', DelaySeconds: 901 }, 'InvalidParameterValue'],
    ['SendMessage', { MessageBody: 'x', MessageDeduplicationId: 'd' }, 'InvalidParameterValue'],
    ['SendMessage', { MessageBody: 'x', MessageAttributes: { k: { DataType: 'Text', StringValue: 'v' } } }, 'InvalidParameterValue'],
    ['ReceiveMessage', { MaxNumberOfMessages: 11 }, 'InvalidParameterValue'],
    ['ReceiveMessage', { WaitTimeSeconds: 21 }, 'InvalidParameterValue'],
    ['ReceiveMessage', { VisibilityTimeout: 43_201 }, 'InvalidParameterValue'],
    ['DeleteMessage', {}, 'MissingParameter'],
    ['GetQueueAttributes', { AttributeNames: ['Nonsense'] }, 'InvalidAttributeName'],
    ['SetQueueAttributes', { Attributes: { VisibilityTimeout: '43201' } }, 'InvalidAttributeValue'],
  ])('refuse %s with %j as %s', async (operation, input, name) => {
    const bench = new Bench();
    await expect(bench.call(operation, { QueueUrl: bench.queue('Orders'), ...input })).rejects.toMatchObject({ name });
  });

  it('find queues by name and URL, and say when there is none', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders');
    expect(await bench.call('GetQueueUrl', { QueueName: 'Orders' })).toEqual({ QueueUrl: url });
    expect(bench.sqs.urlOf(bench.arn('Orders'))).toBe(url);
    await expect(bench.call('GetQueueUrl', { QueueName: 'Other' })).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await expect(bench.send('https://sqs/nowhere', 'x')).rejects.toMatchObject({ name: 'QueueDoesNotExist', message: expect.stringContaining('https://sqs/nowhere') });
  });

  it('report and change attributes', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders', { VisibilityTimeout: 45 });
    await bench.send(url, 'x');
    await bench.call('SetQueueAttributes', { QueueUrl: url, Attributes: { DelaySeconds: '5' } });
    await bench.send(url, 'y');
    const { Attributes } = await bench.call('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] });
    expect(Attributes).toMatchObject({
      QueueArn: bench.arn('Orders'), VisibilityTimeout: '45', DelaySeconds: '5', ApproximateNumberOfMessages: '1', ApproximateNumberOfMessagesDelayed: '1', MaximumMessageSize: '1048576',
    });
  });

  it('are the same for the same seed', async () => {
    const run = async () => {
      const bench = new Bench({ faults: NO_FAULTS, latency: { 'sqs.delivery': { median: 16, p99: 105 }, 'sqs.call': { median: 6, p99: 25 } } });
      const url = bench.queue('Orders');
      for (const body of ['a', 'b', 'c']) await bench.send(url, body);
      await bench.receive(url);
      return bench.world.trace.hash();
    };
    expect(await run()).toBe(await run());
  });
});
