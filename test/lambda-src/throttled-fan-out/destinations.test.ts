import { awsError, FakeClient, message, NOON, text } from './fakes';
import { type Deliverer, delivering } from '../../../lambda-src/throttled-fan-out/delivering';
import { ApiDestination } from '../../../lambda-src/throttled-fan-out/destinations/api-destination';
import { FunctionDestination } from '../../../lambda-src/throttled-fan-out/destinations/function';
import { HttpDestination } from '../../../lambda-src/throttled-fan-out/destinations/http';
import { QueueDestination } from '../../../lambda-src/throttled-fan-out/destinations/queue';
import { StateMachineDestination } from '../../../lambda-src/throttled-fan-out/destinations/state-machine';
import type { Message } from '../../../lambda-src/throttled-fan-out/message';
import { inTime, sleep } from '../shared/timers';

const FAILED = { kind: 'FAILED' };
const PUBLISHED = message('m-1', { attributes: { priority: text('bulk') }, group: 'tenant-7' });
const DELIVERY = {
  id: 'm-1', fanOut: 'Notify', target: 'Email', priority: 'normal', tenant: 'tenant-7', message: '{"order":"m-1"}', attributes: { priority: 'bulk' },
  publishedAt: '2026-11-20T12:00:00.000Z',
};

/** The outcome as the dispatcher sees it. */
function deliver(deliverer: Deliverer, what: Message = PUBLISHED) {
  return delivering(deliverer, 10_000)(what);
}

describe('a function', () => {
  const answering = (answer: unknown) => {
    const client = new FakeClient(() => answer);
    return { client, destination: new FunctionDestination(client.as(), 'arn:email') };
  };
  const payload = (value: unknown) => Buffer.from(JSON.stringify(value));

  it('gets the delivery and answers whatever it likes', async () => {
    for (const answer of [undefined, payload(null), payload({ ok: true }), payload({ throttled: 'no' }), Buffer.from('not JSON')]) {
      const { client, destination } = answering({ Payload: answer });
      expect(await deliver(destination)).toEqual({ kind: 'DELIVERED' });
      expect(client.inputs).toMatchObject([{ FunctionName: 'arn:email', InvocationType: 'RequestResponse' }]);
      expect(JSON.parse(client.inputs[0]!.Payload)).toEqual(DELIVERY);
    }
  });

  it('fails by an error, of which only the type is told', async () => {
    const { destination } = answering({ FunctionError: 'Unhandled', Payload: payload({ errorType: 'TypeError', errorMessage: 'it quotes a secret' }) });
    expect(await deliver(destination)).toEqual({ kind: 'FAILED', error: 'TypeError' });
    expect(await deliver(answering({ FunctionError: 'Unhandled' }).destination)).toEqual({ kind: 'FAILED', error: 'Unhandled' });
  });

  it('says that it is throttled', async () => {
    expect(await deliver(answering({ Payload: payload({ throttled: true }) }).destination)).toEqual({ kind: 'THROTTLED' });
    expect(await deliver(answering({ Payload: payload({ throttled: true, retryAfterSeconds: 30 }) }).destination)).toEqual({ kind: 'THROTTLED', retryAfterMs: 30_000 });
  });

  it.each([[0, undefined], [-5, undefined], ['soon', undefined], [null, undefined], [{}, undefined], ['17', 17_000], [86_400, 900_000]])(
    'takes %j seconds for %j ms', async (retryAfterSeconds, ms) => {
      const { destination } = answering({ Payload: payload({ throttled: true, retryAfterSeconds }) });
      expect(await deliver(destination)).toEqual({ kind: 'THROTTLED', ...(ms && { retryAfterMs: ms }) });
    });

  it('is throttled by Lambda', async () => {
    expect(await deliver(answering(awsError('TooManyRequestsException', { retryAfterSeconds: '2' })).destination)).toEqual({ kind: 'THROTTLED', retryAfterMs: 2_000 });
  });

  it('never gets what Lambda does not take', async () => {
    expect(await deliver(answering(awsError('RequestTooLargeException')).destination)).toEqual({ kind: 'REFUSED', error: 'RequestTooLargeException' });
  });

  it('fails when Lambda does, or when there is none', async () => {
    for (const name of ['ServiceException', 'ResourceNotFoundException', 'AccessDeniedException', 'TimeoutError']) {
      expect(await deliver(answering(awsError(name)).destination)).toEqual({ kind: 'FAILED', error: name });
    }
  });
});

describe('a delivery that takes too long', () => {
  beforeEach(() => jest.useFakeTimers({ now: NOON }));
  afterEach(() => jest.useRealTimers());

  it('has failed, and is aborted', async () => {
    let signal: AbortSignal | undefined;
    const slow: Deliverer = {
      deliver: async (_, given) => {
        signal = given;
        await sleep(60_000);
        return { kind: 'DELIVERED' };
      },
    };
    expect(await inTime(deliver(slow))).toEqual({ kind: 'FAILED', error: 'no answer within 10000 ms' });
    expect(Date.now()).toBe(NOON + 10_000);
    expect(signal!.aborted).toBe(true);
  });

  it('leaves no timer behind when it does not', async () => {
    await deliver({ deliver: async () => ({ kind: 'DELIVERED' }) });
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a queue', () => {
  it('gets the message as it was published, its group, and the id beside', async () => {
    const client = new FakeClient();
    const binary = { dataType: 'Binary', binaryValue: Buffer.from([1, 2]).toString('base64') };
    const published = message('m-1', { body: 'hello', attributes: { priority: text('bulk'), seal: binary }, group: 'tenant-7' });
    expect(await deliver(new QueueDestination(client.as(), 'url'), published)).toEqual({ kind: 'DELIVERED' });
    expect(client.inputs).toEqual([{
      QueueUrl: 'url',
      MessageBody: 'hello',
      MessageGroupId: 'tenant-7',
      MessageAttributes: {
        priority: { DataType: 'String', StringValue: 'bulk' },
        seal: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2]) },
        id: { DataType: 'String', StringValue: 'm-1' },
      },
    }]);
  });

  it('gets the publisher\'s own id, and all attributes when there are ten', async () => {
    const client = new FakeClient();
    const destination = new QueueDestination(client.as(), 'url');
    await deliver(destination, message('m-1', { attributes: { id: text('own') } }));
    expect(client.inputs[0]!.MessageAttributes).toEqual({ id: { DataType: 'String', StringValue: 'own' } });
    expect(client.inputs[0]).not.toHaveProperty('MessageGroupId');
    const ten = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`a${index}`, text('x')]));
    await deliver(destination, message('m-1', { attributes: ten }));
    expect(Object.keys(client.inputs[1]!.MessageAttributes)).toEqual(Object.keys(ten));
  });
});

describe('a state machine', () => {
  it('is started once a message: a second start has arrived', async () => {
    for (const answer of [{}, awsError('ExecutionAlreadyExists')]) {
      const client = new FakeClient(() => answer);
      expect(await deliver(new StateMachineDestination(client.as(), 'arn:machine'))).toEqual({ kind: 'DELIVERED' });
      expect(client.inputs).toMatchObject([{ stateMachineArn: 'arn:machine', name: 'm-1' }]);
      expect(JSON.parse(client.inputs[0]!.input)).toEqual(DELIVERY);
    }
  });

  it('gets a name that Step Functions takes, the same each time', async () => {
    const client = new FakeClient();
    const destination = new StateMachineDestination(client.as(), 'arn:machine');
    for (const id of ['a/b', 'a/b', 'x'.repeat(81)]) await deliver(destination, message(id));
    const [one, same, long] = client.inputs.map(({ name }) => name as string);
    expect(one).toBe(same);
    expect(long).not.toBe(one);
    for (const name of [one, long]) expect(name).toMatch(/^[a-z0-9]{1,80}$/);
  });

  it('is throttled by Step Functions, and never gets an input that is too large', async () => {
    for (const name of ['ThrottlingException', 'ExecutionLimitExceeded']) {
      expect(await deliver(new StateMachineDestination(new FakeClient(() => awsError(name)).as(), 'arn'))).toEqual({ kind: 'THROTTLED' });
    }
    expect(await deliver(new StateMachineDestination(new FakeClient(() => awsError('InvalidExecutionInput')).as(), 'arn'))).toMatchObject({ kind: 'REFUSED' });
  });
});

describe('an HTTP endpoint', () => {
  const outcome = (answer: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    deliver(new HttpDestination(new FakeClient(() => ({ status: 'SUCCEEDED', output: JSON.stringify(answer), ...more })).as(), 'arn:http'));

  it('gets the delivery through the workflow', async () => {
    const client = new FakeClient(() => ({ status: 'SUCCEEDED', output: '{"status":202}' }));
    expect(await deliver(new HttpDestination(client.as(), 'arn:http'))).toEqual({ kind: 'DELIVERED' });
    expect(client.inputs).toMatchObject([{ stateMachineArn: 'arn:http', name: 'm-1' }]);
    expect(JSON.parse(client.inputs[0]!.input)).toEqual(DELIVERY);
  });

  it.each([
    [{ status: 200 }, { kind: 'DELIVERED' }],
    [{ status: 204 }, { kind: 'DELIVERED' }],
    [{ status: 429 }, { kind: 'THROTTLED' }],
    [{ status: 408 }, { kind: 'THROTTLED' }],
    [{ status: 425 }, { kind: 'THROTTLED' }],
    [{ status: 503 }, { kind: 'FAILED', error: 'HTTP 503' }],
    [{ status: 500 }, { kind: 'FAILED', error: 'HTTP 500' }],
    [{ status: 404 }, { kind: 'FAILED', error: 'HTTP 404' }],
    [{ status: 302 }, { kind: 'FAILED', error: 'HTTP 302' }],
    [{}, { kind: 'FAILED', error: 'HTTP NaN' }],
  ])('answers %j: %j', async (answer, expected) => expect(await outcome(answer)).toEqual(expected));

  it('fails when the workflow does', async () => {
    expect(await outcome({}, { status: 'FAILED', error: 'States.Http.Socket', cause: 'it quotes a secret' })).toEqual({ kind: 'FAILED', error: 'States.Http.Socket' });
    expect(await outcome({}, { status: 'TIMED_OUT' })).toEqual({ kind: 'FAILED', error: 'TIMED_OUT' });
  });
});

describe('an API destination', () => {
  const answering = (answer: unknown) => {
    const client = new FakeClient(() => answer);
    return { client, destination: new ApiDestination(client.as(), 'bus') };
  };

  it('gets the delivery as an event', async () => {
    const { client, destination } = answering({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
    expect(await deliver(destination)).toEqual({ kind: 'DELIVERED' });
    const [{ Entries: [entry] }] = client.inputs as [Record<string, any>];
    expect(entry).toMatchObject({ EventBusName: 'bus', Source: 'cdk-integration-patterns.throttled-fan-out', DetailType: 'Throttled Delivery' });
    expect(JSON.parse(entry.Detail)).toEqual(DELIVERY);
  });

  it('has not got an event whose entry failed', async () => {
    const failing = (ErrorCode: string) => deliver(answering({ FailedEntryCount: 1, Entries: [{ ErrorCode }] }).destination);
    expect(await failing('ThrottlingException')).toEqual({ kind: 'THROTTLED' });
    expect(await failing('InternalFailure')).toMatchObject(FAILED);
    expect(await failing('MalformedDetail')).toMatchObject({ kind: 'REFUSED' });
  });
});

it('every call can be aborted', async () => {
  const client = new FakeClient(() => ({ status: 'SUCCEEDED', output: '{"status":200}' }));
  const all = [
    new FunctionDestination(client.as(), 'arn'), new QueueDestination(client.as(), 'url'), new StateMachineDestination(client.as(), 'arn'),
    new HttpDestination(client.as(), 'arn'), new ApiDestination(client.as(), 'bus'),
  ];
  for (const destination of all) await deliver(destination);
  expect(client.options).toHaveLength(5);
  for (const { abortSignal } of client.options) expect(abortSignal).toBeInstanceOf(AbortSignal);
});
