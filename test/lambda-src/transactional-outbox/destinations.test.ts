import { awsError, ORIGIN, row } from './fakes';
import { EventBusPublisher } from '../../../lambda-src/transactional-outbox/destinations/event-bus';
import { FifoQueuePublisher } from '../../../lambda-src/transactional-outbox/destinations/fifo-queue';
import { FunctionPublisher } from '../../../lambda-src/transactional-outbox/destinations/function';
import type { Publisher } from '../../../lambda-src/transactional-outbox/destinations/publisher';
import { StateMachinePublisher } from '../../../lambda-src/transactional-outbox/destinations/state-machine';
import { TopicPublisher } from '../../../lambda-src/transactional-outbox/destinations/topic';
import { envelopeOfRow } from '../../../lambda-src/transactional-outbox/envelope';

const event = envelopeOfRow(row('Order#1', 1, { payload: { S: '{"card":"4111"}' } }), ORIGIN);
const text = JSON.stringify(event);
const TRANSIENT = ['AccessDeniedException', 'AccessDenied', 'ThrottlingException', 'TooManyRequestsException', 'ResourceNotFoundException', 'InternalFailure',
  'ServiceUnavailable', 'TimeoutError', 'ECONNRESET', 'KMSAccessDeniedException'];

const PUBLISHERS: Record<string, (client: FakeClient) => Publisher> = {
  'a bus': (client) => new EventBusPublisher(client.as(), 'the-bus'),
  'a FIFO queue': (client) => new FifoQueuePublisher(client.as(), 'https://queue'),
  'a topic': (client) => new TopicPublisher(client.as(), 'arn:topic'),
  'a state machine': (client) => new StateMachinePublisher(client.as(), 'arn:machine'),
  'a function': (client) => new FunctionPublisher(client.as(), 'arn:function', client.sleep),
};

describe.each<[string, Record<string, unknown>, string[], string[]]>([
  ['a bus',
    { Entries: [{ EventBusName: 'the-bus', Source: 'shop.orders', DetailType: 'OrderPlaced', Detail: text, Time: new Date(event.time) }] },
    ['ValidationException'], ['InternalException']],
  ['a FIFO queue',
    { QueueUrl: 'https://queue', MessageBody: text, MessageGroupId: 'Order#1', MessageDeduplicationId: 'Order#1/1' },
    ['InvalidMessageContents', 'InvalidParameterValue', 'MissingParameter'], ['QueueDoesNotExist', 'RequestThrottled', 'KmsAccessDenied', 'OverLimit']],
  ['a topic',
    { TopicArn: 'arn:topic', Message: text },
    ['InvalidParameterException', 'InvalidParameterValueException', 'ValidationException'], ['NotFoundException', 'AuthorizationErrorException', 'ThrottledException']],
  ['a state machine',
    { stateMachineArn: 'arn:machine', input: `[${text}]` },
    ['InvalidExecutionInput', 'ValidationException'], ['StateMachineDoesNotExist', 'StateMachineDeleting', 'ExecutionLimitExceeded', 'InvalidArn']],
  ['a function',
    { FunctionName: 'arn:function', InvocationType: 'RequestResponse', Payload: `[${text}]` },
    ['InvalidRequestContentException', 'RequestTooLargeException'], ['ResourceNotReadyException', 'ServiceException', 'InvalidParameterValueException']],
])('%s', (destination, request, faults, others) => {
  const publish = (client: FakeClient) => PUBLISHERS[destination]!(client).publish(event);

  it('gets the event as the pipe would send it', async () => {
    const client = new FakeClient();
    expect(await publish(client)).toBe('PUBLISHED');
    expect(client.requests).toEqual([request]);
  });

  it.each(faults)('refuses the event for good by %s, and the reason quotes nothing of it', async (name) => {
    const client = new FakeClient([awsError(name, text)]);
    expect(await publish(client)).toEqual({ refused: expect.stringMatching(new RegExp(`^the destination refuses the event, a message of \\d+ bytes: ${name}$`)) });
  });

  it.each([...TRANSIENT, ...others])('may take the event after %s', async (name) => {
    await expect(publish(new FakeClient([awsError(name)]))).rejects.toMatchObject({ name });
  });
});

describe('a bus whose entry failed in a call that succeeded', () => {
  const publish = (ErrorCode: string) =>
    new EventBusPublisher(new FakeClient([{ FailedEntryCount: 1, Entries: [{ ErrorCode, ErrorMessage: text }] }]).as(), 'the-bus').publish(event);

  it.each(['MalformedDetail', 'InvalidArgument'])('refuses the event for good by %s', async (code) => {
    expect(await publish(code)).toEqual({ refused: `the destination refuses the event, a message of ${Buffer.byteLength(text)} bytes: ${code}` });
  });

  it.each(['InternalFailure', 'ThrottlingException', 'AccessDeniedException', 'NotAuthorizedForSourceException', 'NotAuthorizedForDetailTypeException', 'RedactionFailure'])(
    'may take the event after %s', async (name) => {
      await expect(publish(name)).rejects.toMatchObject({ name, message: "an event could not be put on bus 'the-bus'" });
    });
});

it('a bus sets the time itself for an event that has none', async () => {
  const client = new FakeClient();
  await new EventBusPublisher(client.as(), 'the-bus').publish({ ...event, time: '' });
  expect(client.requests[0]!.Entries[0]).not.toHaveProperty('Time');
});

it('a FIFO queue gets a deduplication id that it takes, however long the id of the event is', async () => {
  const client = new FakeClient();
  await new FifoQueuePublisher(client.as(), 'https://queue').publish({ ...event, id: `snapshot#${'x'.repeat(200)}` });
  expect(client.requests[0]!.MessageDeduplicationId).toMatch(/^[0-9a-f]{64}$/);
});

describe('a function that fails', () => {
  const failed = { FunctionError: 'Unhandled', Payload: Buffer.from('{"errorType":"CardRefused","errorMessage":"card 4111"}') };
  const publish = (client: FakeClient) => new FunctionPublisher(client.as(), 'arn:function', client.sleep).publish(event);

  it('is invoked again, after a pause that grows', async () => {
    const client = new FakeClient([failed, failed, { Payload: Buffer.from('null') }]);
    expect(await publish(client)).toBe('PUBLISHED');
    expect(client.pauses).toEqual([1000, 2000]);
  });

  it('three times in a row refuses the event, by the name of its error', async () => {
    const client = new FakeClient([failed, failed, failed]);
    expect(await publish(client)).toEqual({ refused: 'the function failed 3 times in a row: CardRefused' });
    expect(client.requests).toHaveLength(3);
  });

  it('has failed too when it answers so, as it may answer a pipe', async () => {
    const reported = { Payload: Buffer.from('{"batchItemFailures":[{"itemIdentifier":"1"}]}') };
    expect(await publish(new FakeClient([reported, reported, reported]))).toEqual({ refused: 'the function failed 3 times in a row: it answers that the event failed' });
    expect(await publish(new FakeClient([{ Payload: Buffer.from('{"batchItemFailures":[]}') }]))).toBe('PUBLISHED');
  });

  it.each([['', 'Unhandled'], ['no JSON', 'Unhandled'], ['null', 'Unhandled'], ['{"errorType":"Sandbox.Timedout"}', 'Sandbox.Timedout']])(
    'with answer %p is refused by %s', async (payload, name) => {
      const answer = { FunctionError: 'Unhandled', Payload: Buffer.from(payload) };
      expect(await publish(new FakeClient([answer, answer, answer]))).toEqual({ refused: `the function failed 3 times in a row: ${name}` });
    });
});

/** Answers what is listed for each call in turn, then that all is well. */
class FakeClient {
  readonly requests: Record<string, any>[] = [];
  readonly pauses: number[] = [];

  constructor(private readonly answers: (Error | Record<string, unknown>)[] = []) {}

  as<T>(): T {
    return this as unknown as T;
  }

  readonly sleep = async (ms: number) => void this.pauses.push(ms);

  async send({ input }: { input: Record<string, any> }) {
    this.requests.push(input);
    const answer = this.answers.shift() ?? {};
    if (answer instanceof Error) throw answer;
    return answer;
  }
}
