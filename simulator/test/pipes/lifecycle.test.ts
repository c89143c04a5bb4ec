import { a, ACCEPT, BUS, HOUR, PipeWorld, QUEUE, refuse, ROLE, SOURCE_QUEUE } from './pipe-world';
import type { PipesService } from '../../src/services/pipes';
import { item, STREAM_ARN } from '../streams/stream-world';

const KEYS = { TargetParameters: { InputTemplate: '<$.dynamodb.Keys.sk.N>' } };
const pipes = (world: PipeWorld) => world.world.service<PipesService>('pipes');
const FROM_THE_OLDEST = { DynamoDBStreamParameters: { StartingPosition: 'TRIM_HORIZON' } };

describe('a pipe that is deleted and created again', () => {
  it('delivers everything of the last 24 hours again, and nothing older', async () => {
    const world = new PipeWorld();
    world.pipe(KEYS);
    world.write(item('a', 1));
    await world.run(20 * HOUR);
    world.write(item('a', 2), item('b', 3));
    await world.run(5 * HOUR);
    expect((await world.bodies()).sort()).toEqual([1, 2, 3]);
    pipes(world).recreate('relay');
    await world.run(HOUR);
    expect((await world.bodies()).sort()).toEqual([2, 3]);
    expect(world.events('pipes.lost')).toEqual([]);
  });

  it('is gone between DeletePipe and CreatePipe, which take what the API takes', async () => {
    const world = new PipeWorld();
    world.pipe(KEYS);
    expect(await world.answer('pipes', 'DeletePipe', { Name: 'relay' })).toMatchObject({ DesiredState: 'DELETED', CurrentState: 'DELETING' });
    world.write(...['a', 'b', 'c', 'd', 'e', 'f'].map((partition) => item(partition, 1)));
    await world.run(30 * HOUR);
    await expect(world.answer('pipes', 'DescribePipe', { Name: 'relay' })).rejects.toMatchObject({ name: 'NotFoundException' });
    expect(await world.messages()).toEqual([]);
    world.write(item('a', 2));
    await world.run(HOUR);
    const input = { Name: 'relay', RoleArn: ROLE, Source: STREAM_ARN, SourceParameters: FROM_THE_OLDEST, Target: QUEUE, ...KEYS };
    expect(await world.answer('pipes', 'CreatePipe', input)).toMatchObject({ Name: 'relay', DesiredState: 'RUNNING', CurrentState: 'CREATING' });
    await world.run(HOUR);
    expect(await world.bodies()).toEqual([2]);
    // What the stream forgot while no pipe was there was no pipe's to lose.
    expect(world.events('pipes.lost')).toEqual([]);
    expect(world.iam.requests).toContainEqual(expect.objectContaining({
      request: { action: 'iam:PassRole', resource: ROLE, context: { 'iam:PassedToService': 'pipes.amazonaws.com' } },
    }));
  });

  it('stops for good, also from a queue', async () => {
    const world = new PipeWorld();
    world.queuePipe({ Target: QUEUE });
    await world.answer('pipes', 'DeletePipe', { Name: 'relay' });
    world.send({ n: 1 });
    await world.run(HOUR);
    expect(await world.messages()).toEqual([]);
    expect(await world.messages(SOURCE_QUEUE)).toHaveLength(1);
  });

  it.each([
    ['ConflictException', { Name: 'relay' }, 'Pipe relay already exists.'],
    ['ValidationException', { Name: 'not a name' }, 'Name is not valid'],
    ['ValidationException', { Name: 'other', SourceParameters: {} }, 'SourceParameters.DynamoDBStreamParameters are required'],
  ])('is refused with %s when the request is wrong', async (name, changes, message) => {
    const world = new PipeWorld();
    world.pipe(KEYS);
    const input = { Name: 'new', RoleArn: ROLE, Source: STREAM_ARN, SourceParameters: FROM_THE_OLDEST, Target: QUEUE, ...changes as object };
    await expect(world.answer('pipes', 'CreatePipe', input)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });
});

describe('the parameters of a bus', () => {
  const parameters = (EventBridgeEventBusParameters: object) => ({ Target: BUS, TargetParameters: { InputTemplate: '{"a": 1}', EventBridgeEventBusParameters } });
  const published = async (own: object, row: any) => {
    const world = new PipeWorld({ putEvents: ACCEPT });
    world.pipe(parameters(own));
    world.write(row);
    await world.run();
    return world.puts[0].input.Entries[0];
  };

  it('take time, source and resources from the record', async () => {
    const row = { ...item('a', 1), at: { S: '2026-01-01T12:00:00.123Z' }, from: { S: 'shop.orders' } };
    const paths = { Time: '$.dynamodb.NewImage.at.S', Source: '$.dynamodb.NewImage.from.S', Resources: ['$.dynamodb.Keys.pk.S', '$.dynamodb.none'] };
    expect(await published(paths, row)).toEqual({
      EventBusName: BUS, Source: 'shop.orders', DetailType: 'Event from aws:dynamodb', Detail: '{"a": 1}', Resources: ['a'], Time: '2026-01-01T12:00:00.123Z',
    });
    expect((await published({ Time: '$.dynamodb.ApproximateCreationDateTime' }, row)).Time).toBe(Date.UTC(2026, 0, 1) / 1000);
  });

  it('leave out a time that the record does not have', async () => {
    expect(await published({ Time: '$.dynamodb.NewImage.at.S' }, item('a', 1))).not.toHaveProperty('Time');
  });

  it('take no fixed time', () => {
    expect(() => new PipeWorld().pipe(parameters({ Time: '2026-01-01T00:00:00Z' }))).toThrow("Time is '2026-01-01T00:00:00Z'; it must be a JSON path");
  });
});

describe('an execution that takes too long', () => {
  it('ends after five minutes as a timeout, not as a failure, and is tried again', async () => {
    const world = new PipeWorld();
    world.deploy('fn', 'exports.handler = async () => { if (Date.now() < Date.UTC(2026, 0, 1, 0, 4)) await new Promise((r) => setTimeout(r, 400_000)); };', { Timeout: 900 });
    world.pipe({ Target: 'arn:aws:lambda:us-east-1:123456789012:function:fn' }, { MaximumRetryAttempts: 1 });
    world.write(...a(1));
    await world.run();
    expect(['ExecutionTimeout', 'ExecutionFailed', 'Invocations'].map((name) => world.metric(name))).toEqual([1, 0, 2]);
    expect(world.events('pipes.failed')).toMatchObject([{ detail: { error: 'the execution took longer than 300 seconds' } }]);
    expect(world.events('pipes.lost')).toEqual([]);
  });

  it('is counted once when it was throttled', async () => {
    let calls = 0;
    const world = new PipeWorld({ putEvents: (input) => (calls++ < 2 ? refuse('ThrottlingException', { retryable: true }) : ACCEPT(input)) });
    world.pipe({ Target: BUS });
    world.write(...a(1));
    await world.run();
    expect(['ExecutionThrottled', 'ExecutionFailed', 'ExecutionTimeout', 'Invocations'].map((name) => world.metric(name))).toEqual([2, 0, 0, 3]);
  });
});
