import { LambdaWorld, type LambdaWorldOptions } from './lambda-world';
import { type FaultPlan, NO_FAULTS, ScriptedFaults } from '../../src/kernel/faults';
import { sqsService } from '../../src/services/sqs';

/** Remembers each batch on the global object, which all environments of a function share here, and answers as the source says. */
const COLLECT = (answer: string = '') => `const seen = globalThis.seen ??= []; exports.handler = async (event) => {
  if (event.seen) return seen;
  seen.push(event.Records.map((record) => record.body));
  ${answer}
}`;

class QueueWorld extends LambdaWorld {
  queueUrl = '';

  constructor(source: string, mapping: any = {}, queue: any = {}, properties: any = {}, options: LambdaWorldOptions = {}) {
    super({ ...options, services: [sqsService, ...options.services ?? []] });
    this.create('AWS::SQS::Queue', { QueueName: 'dead' }, 'Stack/Dead');
    const fifo = queue.FifoQueue ? '.fifo' : '';
    this.queueUrl = this.create('AWS::SQS::Queue', { QueueName: `jobs${fifo}`, VisibilityTimeout: 30, ...queue }, 'Stack/Jobs');
    this.deploy('fn', source, properties);
    this.create('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: `arn:aws:sqs:us-east-1:123456789012:jobs${fifo}`, FunctionName: 'fn', ...mapping,
    }, 'Stack/Mapping');
  }

  async send(...bodies: unknown[]) {
    await this.sendAll(bodies.map((body) => ({ MessageBody: typeof body === 'string' ? body : JSON.stringify(body) })));
  }

  async sendAll(messages: any[]) {
    for (let start = 0; start < messages.length; start += 10) {
      const Entries = messages.slice(start, start + 10).map((message, index) => ({ Id: String(index), ...message }));
      void this.call('sqs', 'SendMessageBatch', { QueueUrl: this.queueUrl, Entries });
    }
    await this.world.kernel.run();
  }

  async counts() {
    const answer = this.call('sqs', 'GetQueueAttributes', { QueueUrl: this.queueUrl, AttributeNames: ['All'] });
    await this.world.kernel.run({ until: () => false, deadline: this.world.kernel.now + 1000 });
    const { Attributes } = await answer;
    return { visible: Number(Attributes.ApproximateNumberOfMessages), inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible) };
  }

  events(event: string) {
    return this.world.trace.entries.filter((entry) => entry.event === event);
  }
}

const EMPTY = { visible: 0, inFlight: 0 };
/** All messages of a send become receivable at the same moment. */
const AT_ONCE = { latency: { 'sqs.delivery': { median: 10, p99: 10 } } };

describe('an SQS event source mapping', () => {
  it('gives the function records as AWS shapes them, and deletes what it has processed', async () => {
    const world = new QueueWorld('let last; exports.handler = async (event) => { if (event.seen) return last; last = event; }');
    await world.sendAll([{
      MessageBody: '{"a":1}', MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' }, raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1]) } },
    }]);
    expect((await world.invoke('fn', { seen: true })).result).toEqual({
      Records: [{
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        receiptHandle: expect.any(String),
        body: '{"a":1}',
        attributes: {
          ApproximateReceiveCount: '1', SentTimestamp: expect.any(String), SenderId: expect.any(String), ApproximateFirstReceiveTimestamp: expect.any(String),
        },
        messageAttributes: {
          kind: { stringValue: 'x', stringListValues: [], binaryListValues: [], dataType: 'String' },
          raw: { binaryValue: 'AQ==', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
        },
        md5OfBody: 'bb6cb5c68df4652941caf652a366f2d8',
        md5OfMessageAttributes: expect.any(String),
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:jobs',
        awsRegion: 'us-east-1',
      }],
    });
    expect(await world.counts()).toEqual(EMPTY);
  });

  it('costs nothing while the queue is empty, and wakes up for each message', async () => {
    const world = new QueueWorld(COLLECT());
    expect(await world.world.kernel.run()).toBe('quiet');
    await world.send('a');
    await world.send('b');
    expect((await world.invoke('fn', { seen: true })).result).toEqual([['a'], ['b']]);
  });

  it('puts up to the batch size into one invocation', async () => {
    const world = new QueueWorld(COLLECT(), { BatchSize: 3, ScalingConfig: { MaximumConcurrency: 2 } }, {}, {}, AT_ONCE);
    await world.send(...'abcdefg');
    const batches: string[][] = (await world.invoke('fn', { seen: true })).result;
    expect(Math.max(...batches.map((batch) => batch.length))).toBe(3);
    expect(world.events('lambda.start').length).toBeLessThanOrEqual(5);
    expect(await world.counts()).toEqual(EMPTY);
  });

  it('gathers messages for the batching window', async () => {
    const world = new QueueWorld(COLLECT(), { BatchSize: 100, MaximumBatchingWindowInSeconds: 5 });
    for (let i = 0; i < 4; i++) world.world.kernel.schedule(i * 1000, () => void world.call('sqs', 'SendMessage', { QueueUrl: world.queueUrl, MessageBody: String(i) }));
    await world.world.kernel.run();
    expect((await world.invoke('fn', { seen: true })).result).toEqual([['0', '1', '2', '3']]);
  });

  it('ends a batching window as soon as the batch is full', async () => {
    const world = new QueueWorld(COLLECT(), { BatchSize: 2, MaximumBatchingWindowInSeconds: 300 });
    const start = world.world.kernel.now;
    await world.send('a', 'b');
    expect(world.events('lambda.start')[0].at - start).toBeLessThan(2_000);
  });

  it('ends a batching window at the size of an invocation, and puts the rest into the next', async () => {
    const world = new QueueWorld(`const seen = globalThis.seen ??= []; exports.handler = async (event) => {
      if (event.seen) return seen;
      seen.push([event.Records.length, JSON.stringify(event).length]);
    }`, { BatchSize: 100, MaximumBatchingWindowInSeconds: 300 }, { VisibilityTimeout: 900 }, {}, AT_ONCE);
    const start = world.world.kernel.now;
    for (let i = 0; i < 7; i++) {
      world.world.kernel.schedule(i * 1000, () => void world.call('sqs', 'SendMessage', { QueueUrl: world.queueUrl, MessageBody: 'x'.repeat(1_000_000) }));
    }
    await world.world.kernel.run();
    const batches: [number, number][] = (await world.invoke('fn', { seen: true })).result;
    expect(batches.map(([count]) => count)).toEqual([6, 1]);
    expect(Math.max(...batches.map(([, bytes]) => bytes))).toBeLessThanOrEqual(6 * 1024 * 1024);
    expect(Math.floor((world.events('lambda.start')[0].at - start) / 1000)).toBe(6);
    expect(await world.counts()).toEqual(EMPTY);
  });

  it('reads five batches at first and 300 more each minute, as long as messages wait', async () => {
    const started = async (mapping: any) => {
      const world = new QueueWorld('exports.handler = async () => { await new Promise((r) => setTimeout(r, 60_000)); }',
        { BatchSize: 1, ...mapping }, { VisibilityTimeout: 600 }, { Timeout: 90 }, AT_ONCE);
      const start = world.world.kernel.now;
      await world.send(...Array.from({ length: 200 }, String));
      return (seconds: number) => world.events('lambda.start').filter(({ at }) => at - start < seconds * 1000).length;
    };
    const free = await started({});
    expect(free(0.2)).toBe(5);
    expect([free(10), free(30)].map((count) => Math.round(count / 10))).toEqual([5, 15]);
    const bounded = await started({ ScalingConfig: { MaximumConcurrency: 20 } });
    expect([bounded(10), bounded(59)]).toEqual([20, 20]);
  });

  it('returns the whole batch after the visibility timeout when the function fails, and dead-letters it in the end', async () => {
    const world = new QueueWorld('exports.handler = async () => { throw new Error("no"); }', {}, {
      RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:123456789012:dead', maxReceiveCount: 3 },
    });
    await world.send('poison');
    const at = world.events('lambda.start').map((entry) => entry.at);
    expect(at).toHaveLength(3);
    expect(Math.round((at[1] - at[0]) / 1000)).toBe(30);
    expect(await world.counts()).toEqual(EMPTY);
  });

  describe('with ReportBatchItemFailures', () => {
    const REPORT = { FunctionResponseTypes: ['ReportBatchItemFailures'] };
    const attempts = async (answer: string) => {
      const world = new QueueWorld(`const counts = globalThis.counts ??= {}; exports.handler = async (event) => {
        if (event.seen) return counts;
        for (const { body } of event.Records) counts[body] = (counts[body] ?? 0) + 1;
        const first = event.Records.filter(({ attributes }) => attributes.ApproximateReceiveCount === '1');
        ${answer} }`, REPORT, {}, {}, AT_ONCE);
      await world.send('a', 'b');
      return (await world.invoke('fn', { seen: true })).result;
    };

    it('returns only the messages that are reported', async () => {
      expect(await attempts('return { batchItemFailures: first.filter(({ body }) => body === "b").map(({ messageId }) => ({ itemIdentifier: messageId })) };'))
        .toEqual({ a: 1, b: 2 });
    });

    it.each([
      ['an empty list', 'return { batchItemFailures: [] };'],
      ['no list', 'return {};'],
      ['a null list', 'return { batchItemFailures: null };'],
      ['null', 'return null;'],
      ['nothing', ''],
    ])('takes %s for success', async (_what, answer) => {
      expect(await attempts(answer)).toEqual({ a: 1, b: 1 });
    });

    it.each([
      ['an unknown id', '{ batchItemFailures: [{ itemIdentifier: "unknown" }] }'],
      ['an empty id', '{ batchItemFailures: [{ itemIdentifier: "" }] }'],
      ['a null id', '{ batchItemFailures: [{ itemIdentifier: null }] }'],
      ['a wrong key', '{ batchItemFailures: [{ id: "x" }] }'],
      ['a response that is no object', '"done"'],
      ['failures that are no list', '{ batchItemFailures: "a" }'],
    ])('takes %s for a failure of the whole batch', async (_what, answer) => {
      expect(await attempts(`if (first.length > 0) return ${answer};`)).toEqual({ a: 2, b: 2 });
    });
  });

  it('leaves a message that is reported as failed to the visibility timeout that the handler has given it', async () => {
    const world = new QueueWorld(`
      const { SQSClient, ChangeMessageVisibilityBatchCommand } = require('@aws-sdk/client-sqs');
      const seen = globalThis.seen ??= []; exports.handler = async (event) => {
        if (event.seen) return seen;
        for (const { body, attributes } of event.Records) seen.push([body, Number(attributes.ApproximateReceiveCount), Math.round((Date.now() - attributes.SentTimestamp) / 1000)]);
        const first = event.Records.filter(({ attributes }) => attributes.ApproximateReceiveCount === '1');
        const again = first.filter(({ body }) => body !== 'done');
        if (again.length > 0) {
          await new SQSClient({}).send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: process.env.QUEUE,
            Entries: again.filter(({ body }) => body !== 'plain').map(({ receiptHandle, body }, i) => ({ Id: String(i), ReceiptHandle: receiptHandle, VisibilityTimeout: Number(body) })) }));
        }
        return { batchItemFailures: again.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      }`, { FunctionResponseTypes: ['ReportBatchItemFailures'] }, {}, {
      Environment: { Variables: { QUEUE: 'https://sqs.us-east-1.amazonaws.com/123456789012/jobs' } },
    }, AT_ONCE);
    await world.send('done', 'plain', '5', '900');
    const seen: [string, number, number][] = (await world.invoke('fn', { seen: true })).result;
    expect(seen.filter(([, receives]) => receives === 1).map(([body]) => body).sort()).toEqual(['5', '900', 'done', 'plain']);
    // 30 s is the queue's own timeout; the second receive follows about half a second after the first has ended.
    expect(seen.filter(([, receives]) => receives > 1)).toEqual([['5', 2, 5], ['plain', 2, 30], ['900', 2, 900]]);
    expect(await world.counts()).toEqual(EMPTY);
  });

  it('ignores such a response without ReportBatchItemFailures', async () => {
    const world = new QueueWorld(COLLECT('return { batchItemFailures: event.Records.map((r) => ({ itemIdentifier: r.messageId })) };'));
    await world.send('a');
    expect((await world.invoke('fn', { seen: true })).result).toEqual([['a']]);
  });

  it('deletes messages that no filter matches, without an invocation', async () => {
    const world = new QueueWorld(COLLECT(), {
      FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }, { Pattern: '{"body":{"total":[{"numeric":[">",100]}]}}' }] },
    });
    await world.send({ kind: 'order' }, { kind: 'other' }, { total: 101 }, 'plain text');
    const batches: string[][] = (await world.invoke('fn', { seen: true })).result;
    expect(batches.flat().sort()).toEqual(['{"kind":"order"}', '{"total":101}']);
    expect(await world.counts()).toEqual(EMPTY);
  });

  it('matches text bodies and message attributes', async () => {
    const world = new QueueWorld(COLLECT(), {
      FilterCriteria: { Filters: [{ Pattern: '{"body":["yes"]}' }, { Pattern: '{"messageAttributes":{"a":{"stringValue":["1"]}}}' }] },
    });
    await world.sendAll([
      { MessageBody: 'yes' }, { MessageBody: 'no' }, { MessageBody: 'x', MessageAttributes: { a: { DataType: 'String', StringValue: '1' } } },
    ]);
    expect((await world.invoke('fn', { seen: true })).result.flat().sort()).toEqual(['x', 'yes']);
  });

  const BUSY = `exports.handler = async (event) => {
    if (event.seen) return globalThis.most;
    globalThis.running = (globalThis.running ?? 0) + 1;
    globalThis.most = Math.max(globalThis.most ?? 0, globalThis.running);
    await new Promise((r) => setTimeout(r, 1000)); globalThis.running--; }`;

  it('processes at most the maximum concurrency at once', async () => {
    const world = new QueueWorld(BUSY, { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
    await world.send(...'abcdefgh');
    expect((await world.invoke('fn', { seen: true })).result).toBe(2);
    expect(await world.counts()).toEqual(EMPTY);
  });

  const DEAD_LETTERS = { RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:123456789012:dead', maxReceiveCount: 2 } };

  it('keeps trying while the function is throttled', async () => {
    const source = 'exports.handler = async () => { await new Promise((r) => setTimeout(r, 10000)); }';
    const world = new QueueWorld(source, { BatchSize: 1 }, DEAD_LETTERS, { ReservedConcurrentExecutions: 1, Timeout: 25 });
    await world.send('a', 'b');
    expect(world.events('lambda.throttled').length).toBeGreaterThan(1);
    expect(world.events('lambda.start')).toHaveLength(2);
    expect(world.events('sqs.ReceiveMessage').length).toBeLessThanOrEqual(4);
    expect(await world.counts()).toEqual(EMPTY);
    expect(world.events('sqs.dead-letter')).toHaveLength(0);
  });

  it('burns receive counts when the function stays throttled beyond the visibility timeout', async () => {
    const world = new QueueWorld(COLLECT(), {}, DEAD_LETTERS, { ReservedConcurrentExecutions: 0 });
    const start = world.world.kernel.now;
    await world.send('a');
    expect(world.events('lambda.start')).toHaveLength(0);
    expect(world.events('sqs.dead-letter')).toHaveLength(1);
    expect(Math.round((world.world.kernel.now - start) / 1000)).toBeGreaterThanOrEqual(60);
  });

  it('keeps the order of each message group, one batch of a group at a time', async () => {
    const world = new QueueWorld(`exports.handler = async (event) => {
      if (event.seen) return globalThis.log;
      const log = globalThis.log ??= [];
      for (const { body, attributes } of event.Records) {
        if (body === 'a1' && attributes.ApproximateReceiveCount === '1') throw new Error('once');
        await new Promise((r) => setTimeout(r, 100)); log.push(body);
      } }`, { BatchSize: 1 }, { FifoQueue: true, ContentBasedDeduplication: true });
    await world.sendAll(['a1', 'b1', 'a2', 'b2', 'a3'].map((body) => ({ MessageBody: body, MessageGroupId: body[0] })));
    const log: string[] = (await world.invoke('fn', { seen: true })).result;
    expect(log.filter((body) => body[0] === 'a')).toEqual(['a1', 'a2', 'a3']);
    expect(log.filter((body) => body[0] === 'b')).toEqual(['b1', 'b2']);
    expect(log[0]).toBe('b1');
  });

  it('tries again when SQS throttles its own calls', async () => {
    const faults = new ScriptedFaults([
      { service: 'sqs', operation: 'ReceiveMessage', nth: 1, times: 2, fault: { kind: 'throttle' } },
      { service: 'sqs', operation: 'DeleteMessageBatch', nth: 1, fault: { kind: 'error-before' } },
    ]);
    const world = new QueueWorld(COLLECT(), {}, {}, {}, { faults });
    await world.send('a');
    expect(faults.hits).toEqual([2, 1]);
    expect((await world.invoke('fn', { seen: true })).result).toEqual([['a']]);
  });

  it('delivers a duplicate when SQS does', async () => {
    const faults: FaultPlan = { ...NO_FAULTS, onDelivery: ({ kind }) => (kind === 'message' ? { duplicatesAfterMs: [200] } : undefined) };
    const world = new QueueWorld(COLLECT(), {}, {}, {}, { faults });
    await world.send('a');
    expect((await world.invoke('fn', { seen: true })).result).toEqual([['a'], ['a']]);
  });

  it('reads nothing without permission, and says so', async () => {
    const world = new QueueWorld(COLLECT());
    world.iam.denied.add('sqs:DeleteMessage');
    await world.send('a');
    expect(world.events('lambda.start')).toHaveLength(0);
    expect(world.events('lambda.pollFailed')[0].detail).toEqual({ error: expect.stringContaining('sqs:DeleteMessage') });
  });

  it('reads nothing while it is disabled', async () => {
    const world = new QueueWorld(COLLECT(), { Enabled: false });
    await world.send('a');
    expect(world.events('lambda.start')).toHaveLength(0);
    expect(await world.counts()).toEqual({ visible: 1, inFlight: 0 });
  });

  it.each([
    ['a visibility timeout below the function\'s timeout', {}, { VisibilityTimeout: 10 }, 'Queue visibility timeout: 10 seconds is less than Function timeout: 20 seconds'],
    ['a large batch without a window', { BatchSize: 11 }, {}, /BatchSize is 11; more than 10 needs a MaximumBatchingWindowInSeconds/],
    ['an unknown response type', { FunctionResponseTypes: ['Other'] }, {}, /'Other'; allowed: ReportBatchItemFailures/],
    ['a maximum concurrency out of range', { ScalingConfig: { MaximumConcurrency: 1 } }, {}, /MaximumConcurrency is 1; allowed: an integer from 2 to 1000/],
    ['a pattern that is not one', { FilterCriteria: { Filters: [{ Pattern: '{"body":"x"}' }] } }, {}, /body/],
  ])('refuses %s', (_what, mapping, queue, message) => {
    expect(() => new QueueWorld(COLLECT(), mapping, queue, { Timeout: 20 })).toThrow(message);
  });

  it('refuses other sources by name, and what is for streams', () => {
    const EventSourceArn = 'arn:aws:kinesis:us-east-1:123456789012:stream/s';
    expect(() => new QueueWorld(COLLECT(), { EventSourceArn })).toThrow(`event source ${EventSourceArn} is not simulated; event source mappings here read`);
    expect(() => new QueueWorld(COLLECT(), { StartingPosition: 'LATEST' })).toThrow('property StartingPosition is for streams, and arn:aws:sqs:');
  });
});
