import { LambdaWorld, type LambdaWorldOptions } from './lambda-world';
import type { Caller } from '../../src/service';
import { type CloudWatchService, cloudWatchService } from '../../src/services/cloudwatch';
import { dynamodbService } from '../../src/services/dynamodb';
import { kmsService } from '../../src/services/kms';
import { sqsService } from '../../src/services/sqs';
import { HOUR, item, STREAM_ARN, TABLE } from '../streams/stream-world';

/** Remembers each batch, as `pk/sk=value`, and answers as the source says. */
const COLLECT = (answer: string = '') => `const seen = globalThis.seen ??= []; exports.handler = async (event) => {
  if (event.seen) return seen;
  const names = event.Records.map(({ dynamodb: { Keys, NewImage } }) => Keys.pk.S + '/' + Keys.sk.N + (NewImage?.value ? '=' + NewImage.value.N : ''));
  seen.push(names);
  const numbers = event.Records.map(({ dynamodb }) => dynamodb.SequenceNumber);
  ${answer}
}`;
const POISON = 'if (names.includes("a/13")) throw new Error("poison");';
const DLQ = 'arn:aws:sqs:us-east-1:123456789012:dlq';

class SourceWorld extends LambdaWorld {
  constructor(source: string, mapping: any = {}, options: LambdaWorldOptions & { functionProperties?: any } = {}) {
    super({ ...options, services: [dynamodbService, kmsService, sqsService, cloudWatchService] });
    this.create('AWS::DynamoDB::Table', TABLE, 'Stack/Items');
    this.create('AWS::SQS::Queue', { QueueName: 'dlq' }, 'Stack/Dlq');
    this.deploy('fn', source, options.functionProperties);
    this.map(mapping);
  }

  map(mapping: any) {
    this.create('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: STREAM_ARN, FunctionName: 'fn', StartingPosition: 'TRIM_HORIZON', ...mapping,
    }, 'Stack/Mapping');
  }

  /** Writes at the same moment, without waiting for the consequences. */
  write(...items: any[]) {
    for (const Item of items) void this.call('dynamodb', 'PutItem', { TableName: 'Items', Item });
  }

  run(ms?: number) {
    return this.world.kernel.run(ms === undefined ? {} : { deadline: this.world.kernel.now + ms });
  }

  async seen(): Promise<string[][]> {
    let answer: any;
    void this.call('lambda', 'Invoke', { FunctionName: 'fn', Payload: '{"seen":true}' }).then((value) => { answer = value; });
    await this.world.kernel.run({ until: () => answer !== undefined });
    return JSON.parse(answer.Payload);
  }

  async deadLetters(): Promise<any[]> {
    let answer: any;
    void this.call('sqs', 'ReceiveMessage', { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/dlq', MaxNumberOfMessages: 10 })
      .then((value) => { answer = value; });
    await this.world.kernel.run({ until: () => answer !== undefined });
    return (answer.Messages ?? []).map(({ Body }: any) => JSON.parse(Body));
  }

  events(event: string) {
    return this.world.trace.entries.filter((entry) => entry.event === event);
  }
}

/** All items of partition key `a` are in one shard; they come at the same moment. */
const AT_ONCE = { latency: { 'dynamodb.call': { median: 5, p99: 5 }, 'dynamodb.stream': { median: 200, p99: 200 } } };
const a = (...numbers: number[]) => numbers.map((n) => item('a', n));
const ORDER = [11, 12, 13, 14, 15];

describe('a DynamoDB stream event source mapping', () => {
  it('gives the function records as AWS shapes them', async () => {
    const world = new SourceWorld('let last; exports.handler = async (event) => { if (event.seen) return [[last]]; last = event; }');
    world.write(item('a', 1, { bytes: { B: new Uint8Array([1, 2]) }, list: { L: [{ M: { n: { N: '1.50' } } }] } }));
    await world.run();
    expect((await world.seen())[0][0]).toEqual({
      Records: [{
        eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventName: 'INSERT',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'us-east-1',
        dynamodb: {
          ApproximateCreationDateTime: Date.UTC(2026, 0, 1) / 1000,
          Keys: item('a', 1),
          NewImage: { ...item('a', 1), bytes: { B: 'AQI=' }, list: { L: [{ M: { n: { N: '1.5' } } }] } },
          SequenceNumber: expect.stringMatching(/^\d{21}$/),
          SizeBytes: expect.any(Number),
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
        eventSourceARN: STREAM_ARN,
      }],
    });
  });

  it('costs nothing while the stream is idle', async () => {
    const world = new SourceWorld(COLLECT());
    expect(await world.run()).toBe('quiet');
    await world.run(10 * HOUR);
    expect(world.world.trace.count).toBe(0);
    world.write(...a(1));
    await world.run();
    expect(await world.seen()).toEqual([['a/1']]);
  });

  it('puts no more than BatchSize records into a batch, in their order', async () => {
    const world = new SourceWorld(COLLECT(), { BatchSize: 2 }, AT_ONCE);
    world.write(...a(...ORDER));
    await world.run();
    expect(await world.seen()).toEqual([['a/11', 'a/12'], ['a/13', 'a/14'], ['a/15']]);
  });

  it('waits for a full batch within the batching window', async () => {
    const gathered = new SourceWorld(COLLECT(), { BatchSize: 3, MaximumBatchingWindowInSeconds: 60 }, AT_ONCE);
    gathered.write(...a(1));
    await gathered.run(5000);
    expect(await gathered.seen()).toEqual([]);
    gathered.write(...a(2, 3));
    await gathered.run(5000);
    expect(await gathered.seen()).toEqual([['a/1', 'a/2', 'a/3']]);
    gathered.write(...a(4));
    await gathered.run(59_000);
    expect(await gathered.seen()).toHaveLength(1);
    await gathered.run(3000);
    expect((await gathered.seen())[1]).toEqual(['a/4']);
  });

  it('with LATEST misses what was written before it began to read, with TRIM_HORIZON nothing', async () => {
    for (const [StartingPosition, expected] of [['LATEST', [['a/2']]], ['TRIM_HORIZON', [['a/1'], ['a/2']]]] as const) {
      const world = new SourceWorld(COLLECT(), { StartingPosition });
      world.write(...a(1));
      await world.run(120_000);
      await world.run(2 * HOUR);
      world.write(...a(2));
      await world.run();
      expect(await world.seen()).toEqual(expected);
    }
  });

  it('retries a failed batch without end by default, until the stream forgets it; all behind it wait', async () => {
    const world = new SourceWorld(COLLECT(POISON), { BatchSize: 1 }, AT_ONCE);
    world.write(...a(...ORDER), item('e', 1));
    await world.run(23 * HOUR);
    const during = (await world.seen()).flat();
    expect(during.filter((name) => name === 'a/13').length).toBeGreaterThan(1000);
    expect(during).not.toContain('a/14');
    expect(during).toContain('e/1');
    world.write(item('a', 16));
    await world.run();
    expect((await world.seen()).flat()).toContain('a/16');
    // What waited behind the poison is gone with it.
    expect(world.events('lambda.recordsLost').map(({ detail }) => detail!.because)).toEqual(Array(3).fill('the stream has trimmed it'));
  });

  it('gives up after MaximumRetryAttempts and tells the destination where the records were', async () => {
    const world = new SourceWorld(COLLECT(POISON), {
      BatchSize: 3, MaximumRetryAttempts: 2, DestinationConfig: { OnFailure: { Destination: DLQ } },
    }, AT_ONCE);
    world.write(...a(...ORDER));
    await world.run();
    expect(await world.seen()).toEqual([...Array(3).fill(['a/11', 'a/12', 'a/13']), ['a/14', 'a/15']]);
    const [record] = await world.deadLetters();
    expect(record).toEqual({
      requestContext: {
        requestId: expect.any(String),
        functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:fn',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 3,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: expect.stringMatching(/^2026-01-01T00:00:\d\d\.\d{3}Z$/),
      DDBStreamBatchInfo: {
        shardId: expect.stringMatching(/^shardId-/),
        startSequenceNumber: expect.stringMatching(/000$/),
        endSequenceNumber: expect.stringMatching(/002$/),
        approximateArrivalOfFirstRecord: '2026-01-01T00:00:00Z',
        approximateArrivalOfLastRecord: '2026-01-01T00:00:00Z',
        batchSize: 3,
        streamArn: STREAM_ARN,
      },
    });
    expect(world.events('lambda.recordsLost')).toEqual([]);
  });

  it('loses records that are given up without a destination, or with one that refuses', async () => {
    const none = new SourceWorld(COLLECT(POISON), { MaximumRetryAttempts: 0 }, AT_ONCE);
    none.write(...a(13));
    await none.run();
    expect(none.events('lambda.recordsLost')).toHaveLength(1);
    const refused = new SourceWorld(COLLECT(POISON), { MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: DLQ } } }, AT_ONCE);
    refused.iam.denied.add('sqs:SendMessage');
    refused.write(...a(13));
    await refused.run();
    expect(refused.events('lambda.recordsLost')).toHaveLength(1);
  });

  it('halves a failed batch until the poison is alone, without using up retries', async () => {
    const world = new SourceWorld(COLLECT(POISON), {
      BisectBatchOnFunctionError: true, MaximumRetryAttempts: 1, DestinationConfig: { OnFailure: { Destination: DLQ } },
    }, AT_ONCE);
    world.write(...a(...ORDER));
    await world.run();
    expect(await world.seen()).toEqual([
      ['a/11', 'a/12', 'a/13', 'a/14', 'a/15'],
      ['a/11', 'a/12', 'a/13'], ['a/11', 'a/12'], ['a/13'], ['a/13'],
      ['a/14', 'a/15'],
    ]);
    expect((await world.deadLetters()).map(({ DDBStreamBatchInfo }) => DDBStreamBatchInfo.batchSize)).toEqual([1]);
  });

  it('goes on from the lowest failed record that the function reports', async () => {
    const answer = 'if (seen.length === 1) return { batchItemFailures: [{ itemIdentifier: numbers[3] }, { itemIdentifier: numbers[1] }] };';
    const world = new SourceWorld(COLLECT(answer), { FunctionResponseTypes: ['ReportBatchItemFailures'] }, AT_ONCE);
    world.write(...a(...ORDER));
    await world.run();
    expect(await world.seen()).toEqual([['a/11', 'a/12', 'a/13', 'a/14', 'a/15'], ['a/12', 'a/13', 'a/14', 'a/15']]);
  });

  it.each(['""', '"unknown"', 'null'])('takes a report with the item %s for a failure of the whole batch', async (id) => {
    const world = new SourceWorld(
      COLLECT(`if (seen.length === 1) return { batchItemFailures: [{ itemIdentifier: ${id} }] };`), { FunctionResponseTypes: ['ReportBatchItemFailures'] }, AT_ONCE);
    world.write(...a(11, 12));
    await world.run();
    expect(await world.seen()).toEqual([['a/11', 'a/12'], ['a/11', 'a/12']]);
  });

  it('takes no notice of reported failures when it was not told to', async () => {
    const world = new SourceWorld(COLLECT('return { batchItemFailures: [{ itemIdentifier: numbers[0] }] };'), {}, AT_ONCE);
    world.write(...a(11, 12));
    await world.run();
    expect(await world.seen()).toHaveLength(1);
  });

  it('gives up records that are older than MaximumRecordAgeInSeconds', async () => {
    const world = new SourceWorld(COLLECT(POISON), {
      BatchSize: 1, MaximumRecordAgeInSeconds: 60, DestinationConfig: { OnFailure: { Destination: DLQ } },
    }, AT_ONCE);
    world.write(...a(13, 14));
    await world.run(50_000);
    world.write(...a(15));
    await world.run();
    expect((await world.seen()).flat().filter((name) => name !== 'a/13')).toEqual(['a/15']);
    expect((await world.deadLetters()).map(({ requestContext }) => requestContext.condition)).toEqual(['RecordAgeExceeded', 'RecordAgeExceeded']);
  });

  it('passes over records that no filter matches', async () => {
    const world = new SourceWorld(COLLECT(), {
      FilterCriteria: { Filters: [{ Pattern: JSON.stringify({ eventName: ['INSERT'], dynamodb: { NewImage: { value: { N: ['2'] } } } }) }] },
    }, AT_ONCE);
    world.write(item('a', 1, { value: { N: '1' } }), item('a', 2, { value: { N: '2' } }), item('a', 3, { value: { S: '2' } }));
    await world.run();
    expect(await world.seen()).toEqual([['a/2=2']]);
  });

  it('processes several batches of a shard at once, and keeps the order of each item', async () => {
    const slow = 'await new Promise((resolve) => setTimeout(resolve, 100));';
    const values = (n: number) => [0, 1, 2, 3, 4, 5].map((sk) => item('a', sk, { value: { N: String(n) } }));
    const ends: number[] = [];
    for (const ParallelizationFactor of [1, 10]) {
      const world = new SourceWorld(COLLECT(slow), { BatchSize: 1, ParallelizationFactor }, AT_ONCE);
      for (const n of [1, 2, 3]) {
        world.write(...values(n));
        await world.run(20);
      }
      await world.run();
      ends.push(world.world.kernel.now);
      const seen = (await world.seen()).flat();
      for (let sk = 0; sk < 6; sk++) expect(seen.filter((name) => name.startsWith(`a/${sk}=`))).toEqual([1, 2, 3].map((n) => `a/${sk}=${n}`));
    }
    expect(ends[0] - ends[1]).toBeGreaterThan(500);
  });

  it('uses up no retries while the function is throttled', async () => {
    const world = new SourceWorld(COLLECT(), { MaximumRetryAttempts: 0 }, { ...AT_ONCE, functionProperties: { ReservedConcurrentExecutions: 0 } });
    world.write(...a(1));
    await world.run(10 * 60_000);
    expect(world.events('lambda.throttled').length).toBeGreaterThan(5);
    expect(world.events('lambda.recordsLost')).toEqual([]);
  });

  it('keeps its place through throttled and failing reads', async () => {
    const world = new SourceWorld(COLLECT(), { BatchSize: 1 }, { ...AT_ONCE, seed: 5, faults: { throttle: 0.3, errorBefore: 0.2 } });
    for (let n = 1; n <= 20; n++) {
      // The operator's writes are not under test.
      const caller: Caller = { principal: { kind: 'operator' }, name: 'test', faultFree: true };
      void world.world.call({ service: 'dynamodb', operation: 'PutItem', input: { TableName: 'Items', Item: item('a', n) }, caller });
    }
    await world.run();
    expect(world.events('lambda.pollFailed').length).toBeGreaterThan(0);
    const starts = world.events('lambda.start').length;
    expect(starts).toBe(20);
  });

  it('reads with the function\'s role, and not without its permissions', async () => {
    const world = new SourceWorld(COLLECT());
    world.iam.denied.add('dynamodb:GetRecords');
    world.write(...a(1));
    await world.run(HOUR);
    expect(await world.seen()).toEqual([]);
    expect(world.events('lambda.pollFailed').length).toBeGreaterThan(0);
    world.iam.denied.clear();
    await world.run(HOUR);
    expect(await world.seen()).toEqual([['a/1']]);
    const asked = world.iam.requests.filter(({ principal }) => principal.kind === 'role').map(({ request }) => request.action);
    expect([...new Set(asked)]).toEqual(['dynamodb:DescribeStream', 'dynamodb:GetShardIterator', 'dynamodb:GetRecords']);
  });

  it('tells how old records were', async () => {
    const world = new SourceWorld(COLLECT(), { MaximumBatchingWindowInSeconds: 30 });
    world.write(...a(1));
    await world.run();
    const { metrics } = world.world.service<CloudWatchService>('cloudwatch');
    expect(metrics.total({ namespace: 'AWS/Lambda', name: 'IteratorAge', dimensions: { FunctionName: 'fn' } })).toBeGreaterThan(30_000);
  });

  it('does not read while it is disabled', async () => {
    const world = new SourceWorld(COLLECT(), { Enabled: false });
    world.write(...a(1));
    await world.run();
    expect(await world.seen()).toEqual([]);
  });

  it.each([
    [{ StartingPosition: undefined }, 'StartingPosition is undefined; allowed for DynamoDB streams: TRIM_HORIZON, LATEST'],
    [{ StartingPosition: 'AT_TIMESTAMP' }, 'StartingPosition is "AT_TIMESTAMP"'],
    [{ BatchSize: 10_001 }, 'BatchSize is 10001'],
    [{ ParallelizationFactor: 11 }, 'ParallelizationFactor is 11'],
    [{ MaximumRecordAgeInSeconds: 30 }, 'MaximumRecordAgeInSeconds is 30; allowed: -1, or 60 to 604800'],
    [{ MaximumRetryAttempts: -2 }, 'MaximumRetryAttempts is -2'],
    [{ DestinationConfig: { OnFailure: { Destination: `${DLQ}.fifo` } } }, 'is not simulated; simulated: standard queues and topics'],
    [{ FunctionResponseTypes: ['Other'] }, 'FunctionResponseTypes has \'Other\''],
    [{ ScalingConfig: { MaximumConcurrency: 2 } }, 'ScalingConfig is for queues'],
    [{ EventSourceArn: STREAM_ARN.replace('Items', 'Others') }, 'not found'],
  ])('refuses %j', (mapping, message) => {
    expect(() => new SourceWorld(COLLECT(), mapping)).toThrow(message);
  });

  it('refuses tumbling windows by name', () => {
    const { resources } = new LambdaWorld().lambda;
    const rule: any = resources.find(({ type }) => type === 'AWS::Lambda::EventSourceMapping')!.properties.TumblingWindowInSeconds;
    expect(rule(30)).toBe('tumbling windows are not simulated');
    expect(rule(0)).toBeUndefined();
  });
});
