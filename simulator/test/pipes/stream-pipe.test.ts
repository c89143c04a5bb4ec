import { a, ACCEPT, AT_ONCE, BUS, DLQ, FIFO, FUNCTION, HOUR, PipeWorld, refuse } from './pipe-world';
import { NO_FAULTS } from '../../src/kernel/faults';
import type { PipesService } from '../../src/services/pipes';
import { item, STREAM_ARN } from '../streams/stream-world';

const EVENT_BUS = {
  Target: BUS,
  TargetParameters: {
    InputTemplate: '{"id": <$.dynamodb.Keys.sk.N>}',
    EventBridgeEventBusParameters: { Source: 'shop', DetailType: '$.dynamodb.NewImage.type.S', Resources: ['$.dynamodb.Keys.pk.S', 'static'] },
  },
};
const ids = (world: PipeWorld) => world.puts.map(({ input }) => input.Entries.map(({ Detail }: any) => Number(JSON.parse(Detail).id)));
const KEYS = '{"key": <$.dynamodb.Keys.sk.N>}';
/** Refuses the event 13 for good, as a malformed detail would be. */
const poison = (input: any) => {
  const failed = input.Entries.map(({ Detail }: any) => JSON.parse(Detail).id === '13');
  return { FailedEntryCount: failed.filter(Boolean).length, Entries: failed.map((each: boolean) => (each ? { ErrorCode: 'MalformedDetail' } : { EventId: 'x' })) };
};

describe('a pipe from a DynamoDB stream', () => {
  it('delivers each change, as the target is to have it', async () => {
    const world = new PipeWorld();
    world.pipe({ TargetParameters: { InputTemplate: '{"name": <$.eventName>, "image": <$.dynamodb.NewImage>, "pipe": <aws.pipes.pipe-name>}' } });
    world.write(item('a', 1, { note: { S: 'é "x"' } }));
    await world.run();
    expect(await world.bodies()).toEqual([{ name: 'INSERT', image: item('a', 1, { note: { S: 'é "x"' } }), pipe: 'relay' }]);
    expect(world.world.meter.get('lambda.requests')).toBe(0);
  });

  it('delivers the record of the stream without a template', async () => {
    const world = new PipeWorld();
    world.pipe();
    world.write(...a(1));
    await world.run();
    expect(await world.bodies()).toEqual([{
      eventID: expect.any(String), eventName: 'INSERT', eventVersion: '1.1', eventSource: 'aws:dynamodb', awsRegion: 'us-east-1', eventSourceARN: STREAM_ARN,
      dynamodb: expect.objectContaining({ Keys: item('a', 1), NewImage: item('a', 1), StreamViewType: 'NEW_AND_OLD_IMAGES' }),
    }]);
  });

  it('costs nothing while nothing is written', async () => {
    const world = new PipeWorld();
    world.pipe();
    expect(await world.run()).toBe('quiet');
    await world.run(10 * HOUR);
    expect(world.world.trace.count).toBe(0);
  });

  it('takes only what a filter matches, by DynamoDB-typed values, and pays only for that', async () => {
    const world = new PipeWorld();
    const Pattern = JSON.stringify({ eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: ['event'] }, n: { N: ['2'] } } } });
    world.pipe({ FilterCriteria: { Filters: [{ Pattern }] } });
    const row = (sk: number, kind: string, n: string) => item('a', sk, { kind: { S: kind }, n: { N: n } });
    world.write(row(1, 'event', '2'), row(2, 'other', '2'), row(3, 'event', '3'), item('a', 4));
    await world.run();
    expect((await world.bodies()).map(({ dynamodb }) => dynamodb.Keys.sk.N)).toEqual(['1']);
    expect(world.world.meter.get('pipes.requests')).toBe(1);
  });

  it('can leave out removals by Time to Live', async () => {
    for (const [pattern, expected] of [[{ eventName: ['REMOVE'] }, 1], [{ eventName: ['REMOVE'], userIdentity: { type: [{ exists: false }] } }, 0]] as const) {
      const world = new PipeWorld();
      world.pipe({ FilterCriteria: { Filters: [{ Pattern: JSON.stringify(pattern) }] } });
      world.write(item('a', 1, { expires: { N: String(Date.UTC(2026, 0, 1) / 1000 + 60) } }));
      await world.run(72 * HOUR);
      expect(await world.messages()).toHaveLength(expected);
    }
  });

  it('publishes events with parameters from the record, ten at a time', async () => {
    const world = new PipeWorld({ putEvents: ACCEPT });
    world.pipe(EVENT_BUS, { BatchSize: 10, MaximumBatchingWindowInSeconds: 5 });
    world.write(...a(11, 12, 13).map((each) => ({ ...each, type: { S: 'OrderPlaced' } })));
    await world.run();
    expect(world.puts).toHaveLength(1);
    expect(world.puts[0].input.Entries[0]).toEqual({
      EventBusName: BUS, Source: 'shop', DetailType: 'OrderPlaced', Detail: '{"id": "11"}', Resources: ['a', 'static'],
    });
    expect(world.puts[0].caller.principal).toEqual({ kind: 'role', arn: 'arn:aws:iam::123456789012:role/PipeRole' });
    expect(() => new PipeWorld().pipe(EVENT_BUS, { BatchSize: 11 })).toThrow(`BatchSize is 11; target ${BUS} takes at most 10 events`);
  });

  it('gives events a source and a type of their own by default', async () => {
    const world = new PipeWorld({ putEvents: ACCEPT });
    world.pipe({ Target: BUS });
    world.write(...a(1));
    await world.run();
    expect(world.puts[0].input.Entries[0]).toMatchObject({ Source: 'Pipe relay', DetailType: 'Event from aws:dynamodb' });
  });

  it('sends to a FIFO queue with the group and deduplication ids of the record, in order', async () => {
    const world = new PipeWorld();
    world.pipe({
      Target: FIFO,
      TargetParameters: {
        InputTemplate: KEYS, SqsQueueParameters: { MessageGroupId: '$.dynamodb.Keys.pk.S', MessageDeduplicationId: '$.dynamodb.Keys.sk.N' },
      },
    });
    world.write(...a(11, 12, 13, 14));
    await world.run();
    world.write(item('a', 11, { again: { BOOL: true } }));
    await world.run(60_000);
    const messages = await world.messages(FIFO);
    expect(messages.map(({ Body }) => JSON.parse(Body).key)).toEqual(['11', '12', '13', '14']);
    expect(messages[0].Attributes).toMatchObject({ MessageGroupId: 'a', MessageDeduplicationId: '11' });
    expect(() => new PipeWorld().pipe({ Target: FIFO })).toThrow('SqsQueueParameters.MessageGroupId is required');
  });

  it('retries without end by default: a poison record blocks its shard until the stream forgets it', async () => {
    const world = new PipeWorld({ putEvents: poison });
    world.pipe(EVENT_BUS);
    world.write(...a(11, 12, 13, 14), item('e', 21));
    await world.run(23 * HOUR);
    const during = ids(world).flat();
    expect(during.filter((id) => id === 13).length).toBeGreaterThan(1000);
    expect(during).not.toContain(14);
    expect(during).toContain(21);
    expect(world.events('pipes.lost')).toEqual([]);
    await world.run();
    expect(world.events('pipes.lost').map(({ detail }) => detail!.because)).toEqual(Array(2).fill('the stream has trimmed it'));
  });

  it('gives up after MaximumRetryAttempts, and tells the dead-letter queue where the record was', async () => {
    const world = new PipeWorld({ putEvents: poison });
    world.pipe(EVENT_BUS, { MaximumRetryAttempts: 2, DeadLetterConfig: { Arn: DLQ } });
    world.write(...a(11, 12, 13, 14));
    await world.run();
    expect(ids(world)).toEqual([[11], [12], [13], [13], [13], [14]]);
    expect(await world.bodies(DLQ)).toEqual([{
      context: { partnerResourceArn: 'arn:aws:pipes:us-east-1:123456789012:pipe/relay', condition: 'RetryAttemptsExhausted' },
      version: '1.0',
      timestamp: expect.stringMatching(/^2026-01-01T/),
      DDBStreamBatchInfo: {
        shardId: expect.stringMatching(/^shardId-/),
        startSequenceNumber: expect.stringMatching(/002$/),
        endSequenceNumber: expect.stringMatching(/002$/),
        approximateArrivalOfFirstRecord: '2026-01-01T00:00:00Z',
        approximateArrivalOfLastRecord: '2026-01-01T00:00:00Z',
        batchSize: 1,
        streamArn: STREAM_ARN,
      },
    }]);
    expect(world.events('pipes.lost')).toEqual([]);
  });

  it('loses what it gives up when there is no dead-letter queue, or its role may not send there', async () => {
    for (const DeadLetterConfig of [undefined, { Arn: DLQ }]) {
      const world = new PipeWorld({ putEvents: poison });
      world.iam.denied.add('sqs:SendMessage');
      world.pipe(EVENT_BUS, { MaximumRetryAttempts: 0, DeadLetterConfig });
      world.write(...a(13));
      await world.run();
      expect(world.events('pipes.lost')).toHaveLength(1);
    }
  });

  it('goes on from the first entry that the bus refused', async () => {
    const flaky = (input: any, earlier: number) => (earlier === 0
      ? { FailedEntryCount: 1, Entries: input.Entries.map((_: any, index: number) => (index === 1 ? { ErrorCode: 'InternalFailure' } : { EventId: 'x' })) }
      : ACCEPT(input));
    const world = new PipeWorld({ putEvents: flaky });
    world.pipe(EVENT_BUS, { BatchSize: 10, MaximumRetryAttempts: 0 });
    world.write(...a(11, 12, 13));
    await world.run();
    expect(ids(world)).toEqual([[11, 12, 13], [12, 13]]);
    expect(world.metric('ExecutionPartiallyFailed')).toBe(1);
  });

  it('halves batches with AUTOMATIC_BISECT until the poison is alone', async () => {
    const world = new PipeWorld({ putEvents: poison });
    world.pipe(EVENT_BUS, { BatchSize: 10, MaximumRetryAttempts: 1, OnPartialBatchItemFailure: 'AUTOMATIC_BISECT', DeadLetterConfig: { Arn: DLQ } });
    world.write(...a(11, 12, 13, 14, 15));
    await world.run();
    expect(ids(world)).toEqual([[11, 12, 13, 14, 15], [13, 14], [13], [13], [14], [15]]);
    expect((await world.bodies(DLQ)).map(({ DDBStreamBatchInfo }) => DDBStreamBatchInfo.batchSize)).toEqual([1]);
  });

  it.each([
    ['throttled', 'ThrottlingException', { retryable: true }], ['failing', 'InternalException', { fault: 'server' as const }],
  ])('uses up no retries while the target is %s', async (_name, error, options) => {
    let down = true;
    const world = new PipeWorld({ putEvents: (input) => (down ? refuse(error, options) : ACCEPT(input)) });
    world.pipe(EVENT_BUS, { MaximumRetryAttempts: 0 });
    world.write(...a(11));
    await world.run(10 * 60_000);
    down = false;
    const before = world.puts.length;
    await world.run();
    expect(before).toBeGreaterThan(5);
    expect(world.puts).toHaveLength(before + 1);
    expect(world.events('pipes.lost')).toEqual([]);
  });

  it('counts a missing permission of the target against the retries', async () => {
    const world = new PipeWorld();
    world.iam.denied.add('sqs:SendMessage');
    world.pipe({}, { MaximumRetryAttempts: 2 });
    world.write(...a(1));
    await world.run();
    expect(world.events('pipes.failed')).toHaveLength(3);
    expect(world.events('pipes.lost')).toHaveLength(1);
  });

  it('gives up records that are older than MaximumRecordAgeInSeconds', async () => {
    const world = new PipeWorld({ putEvents: poison });
    world.pipe(EVENT_BUS, { MaximumRecordAgeInSeconds: 120, DeadLetterConfig: { Arn: DLQ } });
    world.write(...a(13, 14));
    await world.run();
    expect((await world.bodies(DLQ)).map(({ context }) => context.condition)).toEqual(['RecordAgeExceeded', 'RecordAgeExceeded']);
    expect(ids(world).flat()).not.toContain(14);
  });

  it('loses after an outage of 30 hours what the stream has forgotten, and delivers the rest', async () => {
    const world = new PipeWorld();
    world.pipe({ TargetParameters: { InputTemplate: KEYS } });
    world.write(...a(1));
    await world.run();
    await world.answer('pipes', 'StopPipe', { Name: 'relay' });
    expect(await world.answer('pipes', 'DescribePipe', { Name: 'relay' })).toMatchObject({ CurrentState: 'STOPPED', DesiredState: 'STOPPED' });
    world.write(...a(2, 3), item('e', 5));
    await world.run(20 * HOUR);
    world.write(...a(4));
    await world.run(10 * HOUR);
    expect(world.events('pipes.lost')).toHaveLength(3);
    await world.answer('pipes', 'StartPipe', { Name: 'relay' });
    await world.run();
    expect((await world.bodies()).map(({ key }) => key)).toEqual(['1', '4']);
    expect(world.events('pipes.lost')).toHaveLength(3);
  });

  it('goes on after a short stop where it was', async () => {
    const world = new PipeWorld();
    world.pipe({ TargetParameters: { InputTemplate: KEYS }, DesiredState: 'STOPPED' });
    world.write(...a(1, 2));
    await world.run(HOUR);
    expect(await world.bodies()).toEqual([]);
    await world.answer('pipes', 'StartPipe', { Name: 'relay' });
    await world.run();
    world.world.service<PipesService>('pipes').disable('relay', 'Pipes does not have required permissions');
    expect(await world.answer('pipes', 'DescribePipe', { Name: 'relay' })).toMatchObject({ StateReason: 'Pipes does not have required permissions' });
    world.write(...a(3));
    await world.run(HOUR);
    await world.answer('pipes', 'StartPipe', { Name: 'relay' });
    await world.run();
    expect((await world.bodies()).map(({ key }) => key)).toEqual(['1', '2', '3']);
  });

  it('with LATEST misses what was written before it first polled', async () => {
    for (const [StartingPosition, expected] of [['LATEST', ['2']], ['TRIM_HORIZON', ['1', '2']]] as const) {
      const world = new PipeWorld();
      world.pipe({ TargetParameters: { InputTemplate: KEYS } }, { StartingPosition });
      world.write(...a(1));
      await world.run(120_000);
      world.write(...a(2));
      await world.run();
      expect((await world.bodies()).map(({ key }) => key)).toEqual(expected);
    }
  });

  it('needs to read the stream with its role, which pipes must be allowed to assume', async () => {
    const world = new PipeWorld();
    world.iam.denied.add('dynamodb:GetRecords');
    world.pipe();
    world.write(...a(1));
    await world.run(HOUR);
    expect(await world.bodies()).toEqual([]);
    expect(world.events('pipes.pollFailed').length).toBeGreaterThan(0);
    const other = new PipeWorld();
    other.iam.assumable = false;
    expect(() => other.pipe()).toThrow('Stack/Relay/Resource: pipes.amazonaws.com may not assume arn:aws:iam::123456789012:role/PipeRole');
  });

  it('tells CloudWatch what it did', async () => {
    const world = new PipeWorld({ putEvents: poison });
    world.pipe(EVENT_BUS, { MaximumRetryAttempts: 1 });
    world.write(...a(12, 13));
    await world.run();
    expect([world.metric('Invocations'), world.metric('EventCount'), world.metric('ExecutionFailed'), world.metric('TargetStageFailed')]).toEqual([3, 3, 2, 2]);
  });

  it('delivers a batch twice when it fails to keep its place, before what comes after it', async () => {
    const world = new PipeWorld({ putEvents: ACCEPT, faults: { ...NO_FAULTS, onDelivery: () => ({ duplicatesAfterMs: [1] }) } });
    world.pipe(EVENT_BUS);
    world.write(...a(11, 12));
    await world.run();
    expect(ids(world)).toEqual([[11], [11], [12], [12]]);
  });

  it('is the same for the same seed', async () => {
    const hashes = [7, 7, 8].map(async (seed) => {
      const world = new PipeWorld({ ...AT_ONCE, seed, faults: { throttle: 0.1, errorAfter: 0.1 } });
      world.pipe();
      world.write(...a(1, 2, 3, 4));
      await world.run();
      return world.world.trace.hash();
    });
    const [first, second, third] = await Promise.all(hashes);
    expect(first).toBe(second);
    expect(first).not.toBe(third);
  });

  it.each([
    [{ Source: 'arn:aws:kinesis:us-east-1:123456789012:stream/s' }, {}, 'source arn:aws:kinesis:us-east-1:123456789012:stream/s is not simulated'],
    [{ Target: 'arn:aws:kinesis:us-east-1:123456789012:stream/s' }, {}, 'is not simulated; simulated: event buses'],
    [{ Target: 'arn:aws:sns:us-east-1:123456789012:t.fifo' }, {}, 'is a FIFO topic, which pipes do not support'],
    [{ Enrichment: 'arn:aws:execute-api:us-east-1:123456789012:x' }, {}, 'is not simulated; simulated: functions and Express state machines'],
    [{ TargetParameters: { SqsQueueParameters: {} }, Target: FUNCTION }, {}, 'TargetParameters has SqsQueueParameters'],
    [{ Target: FUNCTION, TargetParameters: { LambdaFunctionParameters: { InvocationType: 'Event' } } }, {}, 'InvocationType is \'Event\''],
    [{ DesiredState: 'PAUSED' }, {}, 'DesiredState is \'PAUSED\'; allowed: RUNNING, STOPPED'],
    [{}, { StartingPosition: 'AT_TIMESTAMP' }, 'StartingPosition is "AT_TIMESTAMP"; allowed: TRIM_HORIZON, LATEST'],
    [{}, { OnPartialBatchItemFailure: 'YES' }, 'OnPartialBatchItemFailure is "YES"; allowed: AUTOMATIC_BISECT'],
    [{}, { MaximumRetryAttempts: 10_001 }, 'MaximumRetryAttempts is 10001'],
    [{}, { DeadLetterConfig: { Arn: `${DLQ}.fifo` } }, 'allowed: standard queues and topics'],
    [{ FilterCriteria: { Filters: Array(6).fill({ Pattern: '{"a":[1]}' }) } }, {}, 'FilterCriteria has 6 filters'],
    [{ FilterCriteria: { Filters: [{ Pattern: '{"a":1}' }] } }, {}, '\'a\' must be an object or an array'],
  ])('refuses %j with %j', (properties, stream, message) => {
    expect(() => new PipeWorld().pipe(properties, stream)).toThrow(message);
  });
});
