import { type FaultPlan, NO_FAULTS, ScriptedFaults } from '../../src/kernel/faults';
import { ServiceError } from '../../src/service';
import { fakeService, type FakeCall, LambdaWorld } from '../lambda/lambda-world';

const DYNAMODB = 'const { DynamoDBClient, DynamoDB, GetItemCommand, PutItemCommand, ConditionalCheckFailedException, TransactionCanceledException,'
  + " TransactWriteItemsCommand, paginateQuery, DynamoDBServiceException } = require('@aws-sdk/client-dynamodb'); const client = new DynamoDBClient({});";
const DOCUMENT = "const { DynamoDBDocumentClient, GetCommand, PutCommand } = require('@aws-sdk/lib-dynamodb'); const documents = DynamoDBDocumentClient.from(client);";

describe('AWS SDK clients in a handler', () => {
  const calls: FakeCall[] = [];
  beforeEach(() => calls.splice(0));

  const run = async (source: string, operations: Record<string, (input: any) => any> = {}, service: string = 'dynamodb', faults: FaultPlan = NO_FAULTS) => {
    const world = new LambdaWorld({ services: [fakeService(service, operations, calls)], faults });
    world.deploy('fn', source, { Timeout: 900 });
    return world.invoke('fn');
  };

  it('reach the simulated service with the input as it is, as the function\'s role', async () => {
    const source = `${DYNAMODB} exports.handler = async () => (await client.send(new GetItemCommand({ TableName: 't', Key: { id: { S: 'a' } }, X: undefined }))).Item`;
    const { result } = await run(source, { GetItem: () => ({ Item: { n: { N: '7' } } }) });
    expect(result).toEqual({ n: { N: '7' } });
    expect(calls).toMatchObject([{
      operation: 'GetItem',
      input: { TableName: 't', Key: { id: { S: 'a' } } },
      caller: { principal: { kind: 'role', arn: 'arn:aws:iam::123456789012:role/FunctionRole' }, name: 'fn', callIndex: 0 },
    }]);
  });

  it('marshall and unmarshall with the document client', async () => {
    const source = `${DYNAMODB} ${DOCUMENT} exports.handler = async () => {
      await documents.send(new PutCommand({ TableName: 't', Item: { id: 'a', list: [1, { b: true }], set: new Set(['x']), bytes: new Uint8Array([1, 2]) } }));
      return (await documents.send(new GetCommand({ TableName: 't', Key: { id: 'a' } }))).Item; }`;
    const { result } = await run(source, { PutItem: () => ({}), GetItem: () => ({ Item: { id: { S: 'a' }, l: { L: [{ N: '1' }] } } }) });
    expect(result).toEqual({ id: 'a', l: [1] });
    expect(calls[0].input.Item).toMatchObject({ id: { S: 'a' }, list: { L: [{ N: '1' }, { M: { b: { BOOL: true } } }] }, set: { SS: ['x'] } });
    expect(calls[1].input.Key).toEqual({ id: { S: 'a' } });
  });

  it('throw the SDK\'s exception classes, with their fields and metadata', async () => {
    const source = `${DYNAMODB} exports.handler = async () => {
      try { await client.send(new PutItemCommand({ TableName: 't', Item: {} })); } catch (error) {
        return { modeled: error instanceof ConditionalCheckFailedException, base: error instanceof DynamoDBServiceException, error: error instanceof Error,
          name: error.name, message: error.message, item: error.Item, fault: error.$fault, status: error.$metadata.httpStatusCode,
          attempts: error.$metadata.attempts, retryable: error.$retryable ?? null };
      } }`;
    const { result } = await run(source, {
      PutItem: () => {
        throw new ServiceError('ConditionalCheckFailedException', 'The conditional request failed', { fields: { Item: { id: { S: 'a' } } } });
      },
    });
    expect(result).toEqual({
      modeled: true,
      base: true,
      error: true,
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      item: { id: { S: 'a' } },
      fault: 'client',
      status: 400,
      attempts: 1,
      retryable: null,
    });
  });

  it('keep the cancellation reasons of a transaction', async () => {
    const source = `${DYNAMODB} exports.handler = async () => {
      try { await client.send(new TransactWriteItemsCommand({ TransactItems: [] })); } catch (error) {
        return [error instanceof TransactionCanceledException, error.CancellationReasons]; } }`;
    const { result } = await run(source, {
      TransactWriteItems: () => {
        throw new ServiceError('TransactionCanceledException', 'cancelled', { fields: { CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }] } });
      },
    });
    expect(result).toEqual([true, [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }]]);
  });

  it('throw the service\'s general exception for an error that is not modeled', async () => {
    const source = `${DYNAMODB} exports.handler = async () => {
      try { await client.send(new GetItemCommand({ TableName: 't', Key: {} })); } catch (error) { return [error.name, error instanceof DynamoDBServiceException]; } }`;
    const { result } = await run(source, {
      GetItem: () => {
        throw new ServiceError('AccessDeniedException', 'no');
      },
    });
    expect(result).toEqual(['AccessDeniedException', true]);
  });

  describe('retry', () => {
    const failing = (times: number, error: () => Error) => {
      let left = times;
      return () => {
        if (left-- > 0) throw error();
        return { ok: true };
      };
    };
    const serverError = () => new ServiceError('InternalServerError', 'oops', { fault: 'server' });
    const SQS = "const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');";
    const sending = (client: string) => `${SQS} const client = new SQSClient(${client});
      exports.handler = async () => { const start = Date.now();
        try { const { $metadata } = await client.send(new SendMessageCommand({ QueueUrl: 'q', MessageBody: 'b' })); return { ...$metadata, waited: Date.now() - start }; }
        catch (error) { return { error: error.name, ...error.$metadata, waited: Date.now() - start }; } }`;

    it('transient errors up to three attempts, with backoff in virtual time', async () => {
      const { result } = await run(sending('{}'), { SendMessage: failing(2, serverError) }, 'sqs');
      expect(calls).toHaveLength(3);
      expect(result.attempts).toBe(3);
      expect(result.totalRetryDelay).toBeLessThanOrEqual(50 + 100);
      expect(result.waited).toBeGreaterThan(result.totalRetryDelay);
    });

    it('and give up after the last attempt', async () => {
      const { result } = await run(sending('{}'), { SendMessage: failing(3, serverError) }, 'sqs');
      expect(result).toMatchObject({ error: 'InternalServerError', attempts: 3, httpStatusCode: 500 });
      expect(calls).toHaveLength(3);
    });

    it('throttling with longer waits', async () => {
      const throttled = () => new ServiceError('RequestThrottled', 'slow down', { retryable: true });
      const delays = [];
      for (let seed = 0; seed < 5; seed++) {
        const world = new LambdaWorld({ seed, services: [fakeService('sqs', { SendMessage: failing(2, throttled) })] });
        world.deploy('fn', sending('{}'), { Timeout: 60 });
        delays.push((await world.invoke('fn')).result.totalRetryDelay);
      }
      expect(Math.max(...delays)).toBeGreaterThan(500);
      expect(Math.max(...delays)).toBeLessThanOrEqual(1000 + 2000);
    });

    it('as often as the client or AWS_MAX_ATTEMPTS says', async () => {
      await run(sending('{ maxAttempts: 1 }'), { SendMessage: failing(9, serverError) }, 'sqs');
      expect(calls).toHaveLength(1);
      const world = new LambdaWorld({ services: [fakeService('sqs', { SendMessage: failing(9, serverError) }, calls)] });
      world.deploy('fn', sending('{}'), { Timeout: 60, Environment: { Variables: { AWS_MAX_ATTEMPTS: '5' } } });
      await world.invoke('fn');
      expect(calls).toHaveLength(1 + 5);
    });

    it('DynamoDB calls up to four times', async () => {
      const source = `${DYNAMODB} exports.handler = async () => { try { await client.send(new GetItemCommand({})); } catch {} }`;
      await run(source, { GetItem: failing(9, serverError) });
      expect(calls).toHaveLength(4);
    });

    it('no client errors', async () => {
      const { result } = await run(sending('{}'), { SendMessage: failing(1, () => new ServiceError('InvalidMessageContents', 'no')) }, 'sqs');
      expect(result).toMatchObject({ error: 'InvalidMessageContents', attempts: 1 });
    });

    it('until the quota is used up', async () => {
      const source = `${SQS} const client = new SQSClient({});
        exports.handler = async () => { for (let i = 0; i < 40; i++) { try { await client.send(new SendMessageCommand({})); } catch {} } }`;
      await run(source, { SendMessage: failing(1e9, serverError) }, 'sqs');
      // 500 tokens are worth 35 retries at 14 each; the remaining calls get one attempt.
      expect(calls).toHaveLength(40 + 35);
    });
  });

  it('support callbacks, aggregated clients, paginators and destroy', async () => {
    const source = `${DYNAMODB} exports.handler = async () => {
      const called = await new Promise((resolve, reject) => client.send(new GetItemCommand({ TableName: 't' }), (error, data) => error ? reject(error) : resolve(data.Item)));
      const aggregated = (await new DynamoDB({}).getItem({ TableName: 't' })).Item;
      const pages = [];
      for await (const page of paginateQuery({ client }, { TableName: 't' })) pages.push(...page.Items);
      client.destroy();
      return { called, aggregated, pages }; }`;
    const { result } = await run(source, {
      GetItem: () => ({ Item: { a: { N: '1' } } }),
      Query: (input) => (input.ExclusiveStartKey ? { Items: [2] } : { Items: [1], LastEvaluatedKey: { id: { S: 'x' } } }),
    });
    expect(result).toEqual({ called: { a: { N: '1' } }, aggregated: { a: { N: '1' } }, pages: [1, 2] });
  });

  it('run the middlewares that a handler adds', async () => {
    const source = `${DYNAMODB}
      client.middlewareStack.add((next) => async (args) => next({ ...args, input: { ...args.input, TableName: 'other' } }), { step: 'initialize' });
      exports.handler = async () => { await client.send(new GetItemCommand({ TableName: 't' })); }`;
    await run(source, { GetItem: () => ({}) });
    expect(calls[0].input.TableName).toBe('other');
  });

  it('take a middleware beside that of the user agent, as Powertools adds it, which sees no request', async () => {
    const source = `${DYNAMODB} const seen = [];
      client.middlewareStack.addRelativeTo((next) => (args) => { seen.push(args); return next(args); }, { relation: 'after', toMiddleware: 'getUserAgentMiddleware' });
      exports.handler = async () => { await client.send(new GetItemCommand({ TableName: 't', Key: {} })); return seen; }`;
    expect((await run(source, { GetItem: () => ({}) })).result).toEqual([]);
    expect(calls).toHaveLength(1);
  });

  it('run the middlewares that a handler adds to one command, also to a document command', async () => {
    const source = `${DYNAMODB} ${DOCUMENT}
      const renamed = (command) => {
        command.middlewareStack.add((next) => (args) => next({ ...args, input: { ...args.input, TableName: 'renamed' } }), { step: 'initialize' });
        return command;
      };
      exports.handler = async () => {
        await client.send(renamed(new GetItemCommand({ TableName: 't', Key: {} })));
        await client.send(new GetItemCommand({ TableName: 't', Key: {} }));
        await documents.send(renamed(new GetCommand({ TableName: 't', Key: {} })));
      }`;
    await run(source, { GetItem: () => ({}) });
    expect(calls.map(({ input }) => input.TableName)).toEqual(['renamed', 't', 'renamed']);
  });

  it('write to the logger that a handler gives them', async () => {
    const source = `${DYNAMODB} const lines = [];
      const talkative = new DynamoDBClient({ logger: { info: ({ commandName }) => lines.push(commandName), debug() {}, warn() {}, error() {} } });
      exports.handler = async () => { await talkative.send(new GetItemCommand({ TableName: 't', Key: {} })); return lines; }`;
    expect((await run(source, { GetItem: () => ({}) })).result).toEqual(['GetItemCommand']);
  });

  it('stop waiting when an abort signal fires', async () => {
    const source = `${DYNAMODB} exports.handler = async () => {
      const start = Date.now();
      const outcome = await client.send(new GetItemCommand({ TableName: 't' }), { abortSignal: AbortSignal.timeout(2) }).catch((error) => error.name);
      return [outcome, Date.now() - start]; }`;
    const { result } = await run(source, { GetItem: () => new Promise(() => {}) });
    expect(result).toEqual(['AbortError', 2]);
  });

  it('share nothing with the service: later changes to input and output stay the handler\'s own', async () => {
    const stored = { Item: { tags: { L: [{ S: 'a' }] } } };
    const source = `${DYNAMODB} exports.handler = async () => {
      const { Item } = await client.send(new GetItemCommand({ TableName: 't' })); Item.tags.L.push({ S: 'b' }); }`;
    await run(source, { GetItem: () => stored });
    expect(stored.Item.tags.L).toHaveLength(1);
  });

  it('give Lambda payloads as bytes that know transformToString', async () => {
    const world = new LambdaWorld();
    world.deploy('callee', 'exports.handler = async (event) => ({ got: event })');
    world.deploy('fn', `const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda'); const client = new LambdaClient({});
      exports.handler = async () => {
        const { Payload, StatusCode } = await client.send(new InvokeCommand({ FunctionName: 'callee', Payload: new TextEncoder().encode('{"a":1}') }));
        return [StatusCode, Payload.transformToString(), Buffer.from(Payload).toString(), Payload instanceof Uint8Array]; }`);
    expect((await world.invoke('fn')).result).toEqual([200, '{"got":{"a":1}}', '{"got":{"a":1}}', true]);
  });

  it('name a service or operation that is not simulated', async () => {
    const source = `${DYNAMODB} exports.handler = async () => client.send(new GetItemCommand({ TableName: 't' }))`;
    expect((await run(source, {}, 'sqs')).result.errorMessage).toMatch(/^service 'dynamodb' is not simulated; simulated: lambda, sqs/);
    expect((await run(source, { PutItem: () => ({}) })).result.errorMessage).toBe("operation 'GetItem' of dynamodb is not simulated");
    expect((await run("require('@aws-sdk/client-nowhere')")).result.errorMessage).toMatch(/^@aws-sdk\/client-nowhere is not installed here/);
    expect((await run("const { SQSClient } = require('@aws-sdk/client-sqs'); new SQSClient({ region: 'eu-west-1' })")).result.errorMessage)
      .toBe("SQSClient: region 'eu-west-1' is not simulated; the simulated account has only us-east-1");
  });

  it('never answer after the fault plan has killed the function, before or after the effect', async () => {
    const source = `${DYNAMODB} let after = 0; exports.handler = async () => { await client.send(new GetItemCommand({ TableName: 't' })); return ++after; }`;
    for (const kind of ['crash-before', 'crash-after'] as const) {
      calls.splice(0);
      const faults = new ScriptedFaults([{ operation: 'GetItem', nth: 2, fault: { kind } }]);
      const world = new LambdaWorld({ services: [fakeService('dynamodb', { GetItem: () => ({}) }, calls)], faults });
      world.deploy('fn', source);
      expect((await world.invoke('fn')).result).toBe(1);
      const crashed = await world.invoke('fn');
      expect(crashed.FunctionError).toBe('Unhandled');
      expect(crashed.result.errorType).toBe('Runtime.ExitError');
      expect(crashed.result.errorMessage).toMatch(/Runtime exited with error: signal: killed$/);
      expect(calls).toHaveLength(kind === 'crash-before' ? 1 : 2);
      // The environment is gone: the next invocation starts afresh.
      expect((await world.invoke('fn')).result).toBe(1);
    }
  });

  it('leave a call in flight frozen until the next invocation', async () => {
    const source = `${DYNAMODB} let answered = false; exports.handler = async () => {
      const before = answered;
      client.send(new GetItemCommand({ TableName: 't' })).then(() => { answered = true; });
      await null; await null;
      return before; }`;
    const world = new LambdaWorld({ services: [fakeService('dynamodb', { GetItem: () => ({}) })] });
    world.deploy('fn', source);
    expect((await world.invoke('fn')).result).toBe(false);
    await world.invoke('fn');
    expect((await world.invoke('fn')).result).toBe(true);
  });

  it('kill only the environment when a call that was left in flight crashes it', async () => {
    const source = `${DYNAMODB} let n = 0; exports.handler = async (event) => {
      if (event.leave) void client.send(new GetItemCommand({ TableName: 't' }));
      return ++n; }`;
    const faults = new ScriptedFaults([{ operation: 'GetItem', nth: 1, fault: { kind: 'crash-after' } }]);
    const world = new LambdaWorld({ services: [fakeService('dynamodb', { GetItem: () => ({}) })], faults });
    world.deploy('fn', source);
    expect((await world.invoke('fn', { leave: true })).result).toBe(1);
    expect((await world.invoke('fn')).result).toBe(1);
    expect((await world.invoke('fn')).result).toBe(2);
  });
});
