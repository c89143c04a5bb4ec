import { fakeService, type FakeCall, LambdaWorld } from './lambda-world';
import { type FaultPlan, NO_FAULTS } from '../../src/kernel/faults';
import { ServiceError } from '../../src/service';

const BUS = 'arn:aws:events:us-east-1:123456789012:event-bus/quotes';
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:failures';
const FN = 'arn:aws:lambda:us-east-1:123456789012:function:fn';
const FAILING = 'exports.handler = async (event) => { throw new RangeError("no " + event.n); }';

describe('an asynchronous invocation', () => {
  const calls: FakeCall[] = [];
  beforeEach(() => calls.splice(0));

  const deliveries: Record<string, (input: any) => any> = { PutEvents: () => ({ FailedEntryCount: 0, Entries: [{}] }) };
  const asyncWorld = (source: string, config: any = {}, properties: any = {}, faults: FaultPlan = NO_FAULTS, putEvents: any = deliveries) => {
    const world = new LambdaWorld({
      faults,
      services: [fakeService('events', putEvents, calls), fakeService('sqs', { SendMessage: () => ({ MessageId: 'm' }) }, calls)],
    });
    world.deploy('fn', source, properties);
    world.create('AWS::Lambda::EventInvokeConfig', { FunctionName: 'fn', Qualifier: '$LATEST', ...config }, 'Stack/Config');
    return world;
  };
  const starts = (world: LambdaWorld) => world.world.trace.entries.filter(({ event }) => event === 'lambda.start').map(({ at }) => at);
  const event = { InvocationType: 'Event' };

  it('is accepted at once and runs later', async () => {
    const world = asyncWorld('exports.handler = async () => 1');
    const answer = await world.invoke('fn', { n: 1 }, event);
    expect(answer).toMatchObject({ StatusCode: 202 });
    expect(answer.Payload).toBeUndefined();
    expect(starts(world)).toHaveLength(1);
  });

  it('puts a success record on a bus as AWS writes it, with the function\'s role', async () => {
    const world = asyncWorld('exports.handler = async (event) => ({ rate: event.n })', { DestinationConfig: { OnSuccess: { Destination: BUS } } });
    await world.invoke('fn', { n: 3 }, event);
    const [put] = calls;
    expect(put).toMatchObject({ operation: 'PutEvents', caller: { principal: { kind: 'role' }, name: 'fn' } });
    const { Detail, ...entry } = put.input.Entries[0];
    expect(entry).toEqual({
      Source: 'lambda', DetailType: 'Lambda Function Invocation Result - Success', EventBusName: BUS, Resources: [BUS, `${FN}:$LATEST`],
    });
    expect(JSON.parse(Detail)).toEqual({
      version: '1.0',
      timestamp: expect.stringMatching(/^2026-01-01T00:00:0\d\.\d{3}Z$/),
      requestContext: { requestId: expect.any(String), functionArn: `${FN}:$LATEST`, condition: 'Success', approximateInvokeCount: 1 },
      requestPayload: { n: 3 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST' },
      responsePayload: { rate: 3 },
    });
  });

  it('retries function errors after one and two minutes, then sends a failure record', async () => {
    const world = asyncWorld(FAILING, { DestinationConfig: { OnFailure: { Destination: BUS } } });
    await world.invoke('fn', { n: 1 }, event);
    const at = starts(world);
    expect(at).toHaveLength(3);
    expect(Math.round((at[1] - at[0]) / 1000)).toBe(60);
    expect(Math.round((at[2] - at[1]) / 1000)).toBe(120);
    const [{ input: { Entries: [entry] } }] = calls;
    expect(entry.DetailType).toBe('Lambda Function Invocation Result - Failure');
    expect(JSON.parse(entry.Detail)).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType: 'RangeError', errorMessage: 'no 1', trace: [expect.any(String), expect.any(String)] },
    });
  });

  it('retries as often as its configuration says', async () => {
    const world = asyncWorld(FAILING, { MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: QUEUE } } });
    await world.invoke('fn', {}, event);
    expect(starts(world)).toHaveLength(1);
    expect(calls).toMatchObject([{ operation: 'SendMessage', input: { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/failures' } }]);
    expect(JSON.parse(calls[0].input.MessageBody).requestContext.approximateInvokeCount).toBe(1);
  });

  it('gives up when the event gets older than it may', async () => {
    const world = asyncWorld(FAILING, { MaximumEventAgeInSeconds: 90, DestinationConfig: { OnFailure: { Destination: BUS } } });
    await world.invoke('fn', {}, event);
    expect(starts(world)).toHaveLength(2);
    expect(JSON.parse(calls[0].input.Entries[0].Detail).requestContext).toMatchObject({ condition: 'EventAgeExceeded', approximateInvokeCount: 2 });
  });

  it('waits for concurrency with exponential backoff, without counting as an invocation', async () => {
    const world = asyncWorld('exports.handler = async () => { await new Promise((r) => setTimeout(r, 20000)); }', {}, {
      ReservedConcurrentExecutions: 1, Timeout: 30,
    });
    void world.call('lambda', 'Invoke', { FunctionName: 'fn', ...event });
    await world.invoke('fn', {}, event);
    const [first, second] = starts(world);
    // 1 + 2 + 4 + 8 + 16 seconds after the throttle.
    expect(Math.round((second - first) / 1000)).toBe(31);
  });

  it('is given up without any attempt when the function has reserved no concurrency at all', async () => {
    const world = asyncWorld('exports.handler = async () => 1', { DestinationConfig: { OnFailure: { Destination: BUS } } }, { ReservedConcurrentExecutions: 0 });
    await world.invoke('fn', {}, event);
    expect(starts(world)).toHaveLength(0);
    expect(JSON.parse(calls[0].input.Entries[0].Detail).requestContext.approximateInvokeCount).toBe(0);
  });

  it('sends the event to the dead-letter queue, with the error as attributes', async () => {
    const world = asyncWorld(FAILING, { MaximumRetryAttempts: 0 }, { DeadLetterConfig: { TargetArn: QUEUE } });
    await world.invoke('fn', { n: 2 }, event);
    expect(calls).toMatchObject([{
      operation: 'SendMessage',
      input: { MessageBody: '{"n":2}', MessageAttributes: { ErrorCode: { StringValue: '200' }, ErrorMessage: { StringValue: 'no 2' } } },
    }]);
  });

  it('invokes a destination function', async () => {
    const world = asyncWorld('exports.handler = async () => 1', {
      DestinationConfig: { OnSuccess: { Destination: 'arn:aws:lambda:us-east-1:123456789012:function:next' } },
    });
    world.deploy('next', 'const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs"); exports.handler = async (event) => {'
      + ' await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: "q", MessageBody: JSON.stringify(event.responsePayload) })); }');
    await world.invoke('fn', {}, event);
    expect(calls.map(({ input }) => input.MessageBody)).toEqual(['1']);
  });

  it('delivers its record again when the destination throttles or fails the entry', async () => {
    const answers = [
      () => {
        throw new ServiceError('ThrottlingException', 'slow', { retryable: true });
      },
      () => ({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] }),
      () => ({ FailedEntryCount: 0, Entries: [{ EventId: 'e' }] }),
    ];
    const world = asyncWorld('exports.handler = async () => 1', { DestinationConfig: { OnSuccess: { Destination: BUS } } }, {}, NO_FAULTS, {
      PutEvents: () => answers.shift()!(),
    });
    await world.invoke('fn', {}, event);
    expect(calls).toHaveLength(3);
  });

  it('records when a destination refuses the record', async () => {
    const world = asyncWorld('exports.handler = async () => 1', { DestinationConfig: { OnSuccess: { Destination: BUS } } });
    world.iam.denied.add('events:PutEvents');
    await world.invoke('fn', {}, event);
    expect(calls).toHaveLength(0);
    expect(world.world.trace.entries.find((entry) => entry.event === 'lambda.destinationFailed')?.detail).toMatchObject({
      destination: BUS, problem: expect.stringContaining('events:PutEvents'),
    });
  });

  it('drops a success record over 1 MB, and the payloads of such a failure record', async () => {
    const big = 'exports.handler = async (event) => { if (event.fail) throw new Error("x".repeat(600000)); return "x".repeat(600000); }';
    const pad = 'y'.repeat(500_000);
    const destinations = { MaximumRetryAttempts: 0, DestinationConfig: { OnSuccess: { Destination: BUS }, OnFailure: { Destination: BUS } } };
    const success = asyncWorld(big, destinations);
    await success.invoke('fn', { pad }, event);
    expect(calls).toHaveLength(0);
    await asyncWorld(big, destinations).invoke('fn', { pad, fail: true }, event);
    const record = JSON.parse(calls[0].input.Entries[0].Detail);
    expect(record).not.toHaveProperty('requestPayload');
    expect(record.requestContext.condition).toBe('RetriesExhausted');
  });

  it('may be delivered twice, with the same request id', async () => {
    const source = 'exports.handler = async (event, context) => context.awsRequestId';
    const faults: FaultPlan = { ...NO_FAULTS, onDelivery: ({ kind }) => (kind === 'async-invoke' ? { duplicatesAfterMs: [500], delayMs: 2000 } : undefined) };
    const world = asyncWorld(source, { DestinationConfig: { OnSuccess: { Destination: BUS } } }, {}, faults);
    await world.invoke('fn', {}, event);
    const ids = calls.map(({ input }) => JSON.parse(input.Entries[0].Detail).requestContext.requestId);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
  });
});
