import { LambdaWorld } from './lambda-world';

const SLOW = 'exports.handler = async (event) => { await new Promise((r) => setTimeout(r, event.ms ?? 1000)); return event; }';

describe('Invoke', () => {
  it('answers a dry run without running the function', async () => {
    const world = new LambdaWorld();
    world.deploy('fn', 'exports.handler = async () => { throw new Error("ran"); }');
    expect(await world.invoke('fn', {}, { InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204 });
    expect(world.world.meter.get('lambda.requests')).toBe(0);
  });

  it('asks for permission on the function as the caller names it', async () => {
    const world = new LambdaWorld();
    world.deploy('fn', 'exports.handler = async () => 1');
    world.create('AWS::Lambda::Version', { FunctionName: 'fn' }, 'Stack/Version');
    world.create('AWS::Lambda::Alias', { FunctionName: 'fn', FunctionVersion: '1', Name: 'live' }, 'Stack/Alias');
    const arn = 'arn:aws:lambda:us-east-1:123456789012:function:fn';
    expect((await world.invoke(arn)).ExecutedVersion).toBe('$LATEST');
    expect((await world.invoke(`${arn}:live`)).ExecutedVersion).toBe('1');
    expect((await world.invoke('fn', {}, { Qualifier: '1' })).ExecutedVersion).toBe('1');
    expect(world.iam.requests.map(({ request }) => `${request.action} ${request.resource}`)).toEqual([
      `lambda:InvokeFunction ${arn}`, `lambda:InvokeFunction ${arn}:live`, `lambda:InvokeFunction ${arn}:1`,
    ]);
    world.iam.denied.add('lambda:InvokeFunction');
    await expect(world.invoke('fn')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it.each([
    ['an unknown function', 'nobody', {}, 'ResourceNotFoundException', 'Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody'],
    ['an unknown version', 'fn', { Qualifier: '3' }, 'ResourceNotFoundException', 'function:fn:3'],
    ['a payload that is not JSON', 'fn', { Payload: '{' }, 'InvalidRequestContentException', 'Could not parse request body into json'],
    ['a synchronous payload over 6 MB', 'fn', { Payload: `"${'x'.repeat(6_291_456)}"` }, 'RequestTooLargeException', '6291456 bytes'],
    ['an asynchronous payload over 1 MB', 'fn', { InvocationType: 'Event', Payload: `"${'x'.repeat(1_048_576)}"` }, 'RequestTooLargeException', '1048576 bytes'],
    ['an unknown invocation type', 'fn', { InvocationType: 'Later' }, 'InvalidParameterValueException', "'Later'"],
  ])('refuses %s', async (_what, name, input, error, message) => {
    const world = new LambdaWorld();
    world.deploy('fn', 'exports.handler = async () => 1');
    await expect(world.invoke(name, {}, input)).rejects.toMatchObject({ name: error, message: expect.stringContaining(message) });
  });

  it('runs concurrent invocations in environments of their own, and reuses the one that was used last', async () => {
    const world = new LambdaWorld();
    world.deploy('fn', 'let n = 0; const id = Math.random(); exports.handler = async (event) => { n++; await new Promise((r) => setTimeout(r, event.ms)); return [id, n]; }');
    const both = Promise.all([1, 2].map(() => world.call('lambda', 'Invoke', { FunctionName: 'fn', Payload: '{"ms": 1000}' })));
    await world.world.kernel.run();
    const [[first], [second]] = (await both).map(({ Payload }) => JSON.parse(Payload));
    expect(first).not.toBe(second);
    const again = await world.invoke('fn', { ms: 1 });
    expect(again.result[1]).toBe(2);
    expect((await world.invoke('fn', { ms: 1 })).result).toEqual([again.result[0], 3]);
  });

  it('starts cold again after the environment was idle for minutes', async () => {
    const world = new LambdaWorld();
    world.deploy('fn', 'let n = 0; exports.handler = async () => ++n;');
    await world.invoke('fn');
    expect((await world.invoke('fn')).result).toBe(2);
    await world.world.kernel.run({ deadline: world.world.kernel.now + 11 * 60_000 });
    expect((await world.invoke('fn')).result).toBe(1);
  });

  describe('concurrency', () => {
    const throttles = async (world: LambdaWorld, times: number) => {
      const calls = Array.from({ length: times }, () => world.call('lambda', 'Invoke', { FunctionName: 'fn', Payload: '{}' }).catch((error) => error));
      await world.world.kernel.run();
      return (await Promise.all(calls)).filter((outcome) => outcome.name === 'TooManyRequestsException');
    };

    it('throttles beyond what a function has reserved', async () => {
      const world = new LambdaWorld();
      world.deploy('fn', SLOW, { ReservedConcurrentExecutions: 2, Timeout: 10 });
      const refused = await throttles(world, 5);
      expect(refused).toHaveLength(3);
      expect(refused[0]).toMatchObject({ retryable: true, Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' });
      expect(await throttles(world, 2)).toHaveLength(0);
    });

    it('throttles beyond the account, less what others have reserved', async () => {
      const world = new LambdaWorld({ lambda: { accountConcurrency: 103 } });
      world.deploy('other', SLOW, { ReservedConcurrentExecutions: 3 });
      world.deploy('fn', SLOW, { Timeout: 10 });
      expect(await throttles(world, 105)).toHaveLength(5);
    });

    it('refuses a reservation that leaves less than 100 for the others', () => {
      const world = new LambdaWorld();
      world.deploy('fn', SLOW, { ReservedConcurrentExecutions: 900 });
      expect(() => world.deploy('more', SLOW, { ReservedConcurrentExecutions: 1 })).toThrow(/below its minimum value of \[100\]/);
    });
  });

  it('bills requests and gigabyte-seconds: initialization and each started millisecond', async () => {
    const world = new LambdaWorld({ latency: { 'lambda.init': { median: 0, p99: 0 } } });
    world.deploy('fn', SLOW, { MemorySize: 512, Timeout: 5 });
    await world.invoke('fn', { ms: 1500 });
    expect(world.world.meter.totals()).toEqual({ 'lambda.requests': 1, 'lambda.gbSeconds': 0.5 * 1.5 });
    await world.invoke('fn', { ms: 60_000 });
    expect(world.world.meter.get('lambda.gbSeconds')).toBeCloseTo(0.5 * (1.5 + 5), 9);
    const cold = new LambdaWorld({ latency: { 'lambda.init': { median: 250, p99: 250 } } });
    cold.deploy('fn', SLOW, { MemorySize: 1024 });
    await cold.invoke('fn', { ms: 100 });
    expect(cold.world.meter.get('lambda.gbSeconds')).toBeCloseTo(0.35, 9);
  });

  it('has the same trace for the same seed, and another for another', async () => {
    const hash = async (seed: number) => {
      const world = new LambdaWorld({ seed, lambda: { executionTime: { minMs: 1, maxMs: 5 } } });
      world.deploy('fn', 'exports.handler = async () => Math.random()');
      await Promise.all([world.invoke('fn'), world.invoke('fn')]);
      return world.world.trace.hash();
    };
    expect(await hash(1)).toBe(await hash(1));
    expect(await hash(1)).not.toBe(await hash(2));
  });

  it('describes a function', async () => {
    const world = new LambdaWorld();
    world.deploy('fn', SLOW, { Timeout: 9 });
    const answer = world.call('lambda', 'GetFunctionConfiguration', { FunctionName: 'fn' });
    await world.world.kernel.run();
    expect(await answer).toMatchObject({ FunctionName: 'fn', Timeout: 9, Runtime: 'nodejs24.x', MemorySize: 128 });
  });
});

describe('Lambda resources', () => {
  const world = new LambdaWorld();
  world.deploy('fn', 'exports.handler = async () => 1');

  it('turn a permission into a statement of the function\'s policy', () => {
    world.create('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction', FunctionName: 'fn', Principal: 'events.amazonaws.com', SourceArn: 'arn:aws:events:us-east-1:123456789012:rule/r',
    }, 'Stack/Permission');
    expect(world.iam.resourcePolicies).toEqual([{
      arn: 'arn:aws:lambda:us-east-1:123456789012:function:fn',
      document: {
        Version: '2012-10-17',
        Statement: [{
          Sid: 'StackPermission',
          Effect: 'Allow',
          Action: 'lambda:InvokeFunction',
          Resource: 'arn:aws:lambda:us-east-1:123456789012:function:fn',
          Principal: { Service: 'events.amazonaws.com' },
          Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:events:us-east-1:123456789012:rule/r' } },
        }],
      },
    }]);
  });

  it.each([
    ['a timeout out of range', { Timeout: 901 }, /Timeout is 901; allowed: an integer from 1 to 900/],
    ['a memory size out of range', { MemorySize: 64 }, /MemorySize is 64; allowed: an integer from 128 to 10240/],
    ['a dead-letter target other than a queue or topic', { DeadLetterConfig: { TargetArn: 'arn:aws:lambda:us-east-1:1:function:f' } }, /neither a queue nor a topic/],
  ])('refuse %s in one sentence', (_what, properties, message) => {
    expect(() => world.deploy('other', 'exports.handler = 1', properties)).toThrow(message);
  });

  it('refuse a role that does not trust Lambda', () => {
    const strict = new LambdaWorld();
    strict.iam.assumable = false;
    expect(() => strict.deploy('fn', 'exports.handler = 1')).toThrow(/role\/FunctionRole defined for the function Stack\/fn cannot be assumed by Lambda/);
  });

  it('refuse destinations and layers that are not simulated, by name', () => {
    const config = (Destination: string) => () => world.create('AWS::Lambda::EventInvokeConfig', {
      FunctionName: 'fn', Qualifier: '$LATEST', DestinationConfig: { OnFailure: { Destination } },
    });
    expect(config('arn:aws:s3:::bucket')).toThrow(/arn:aws:s3:::bucket is not simulated; simulated: event buses, functions, standard queues and standard topics/);
    expect(config('arn:aws:sns:us-east-1:1:t.fifo')).toThrow(/FIFO topic/);
    expect(config('arn:aws:sqs:us-east-1:1:q.fifo')).toThrow(/FIFO queue/);
    expect(() => world.create('AWS::Lambda::LayerVersion', {}, 'Stack/Layer')).toThrow(/AWS::Lambda::LayerVersion is not simulated/);
  });
});
