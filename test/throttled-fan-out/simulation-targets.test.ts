import { Duration, Stack } from 'aws-cdk-lib';
import { ApiDestination } from 'aws-cdk-lib/aws-events';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { connection } from './fixtures';
import { rateKept } from './invariants';
import { assemble, BURST, messages, MINUTE, RATE, Scene, SECOND } from './scene';
import type { HttpAnswer, HttpRequest } from '../../simulator/src';
import { AdaptiveRate, FanOutTarget, Rate } from '../../src';
import type { Delivery } from '../../src/throttled-fan-out/contract';
import { messagesOf, operate } from '../simulate';

const ENDPOINT = 'https://sms.example.com/messages';
/** The network's and the services' own time, always the same, so that what arrives is in the rhythm of what is sent. */
const STEADY = Object.fromEntries(['http.call', 'states.call', 'states.transition', 'sqs.call', 'events.call'].map((hop) => [hop, { median: 10, p99: 10 }]));
const limits = [{ ratePerSecond: RATE, burst: BURST, from: -Infinity, to: Infinity }];

const http = (stack: Stack) => FanOutTarget.http({ url: ENDPOINT, connection: connection(stack) });

interface Requested {
  readonly at: number;
  readonly request: HttpRequest;
  readonly status: number;
}

/** A fan-out to an endpoint outside, which answers as the test says. */
function calling(assembly: string, answer: (index: number, delivery: Delivery) => HttpAnswer) {
  const scene = new Scene(assembly, { simulation: { latency: STEADY } });
  const requests: Requested[] = [];
  scene.simulation.http.endpoint(ENDPOINT, async (request, { sleep }) => {
    const at = scene.now;
    const answered = answer(requests.length, JSON.parse(request.body));
    requests.push({ at, request, status: answered.status });
    await sleep(50);
    return answered;
  });
  return { scene, requests };
}

describe('an HTTP endpoint', () => {
  let assembly: string;
  beforeAll(() => {
    assembly = assemble({ target: http, options: { maxAttempts: 3, adaptive: AdaptiveRate.aimd({ floor: Rate.perSecond(1) }) } });
  });

  it('gets each message once, at the rate, with its id as the idempotency key', async () => {
    const { scene, requests } = calling(assembly, () => ({ status: 202 }));
    scene.publish(messages('normal', 80));
    await scene.rest();
    expect(rateKept('Mail', requests, limits)).toEqual([]);
    const deliveries = requests.map(({ request }): Delivery => JSON.parse(request.body));
    expect(deliveries.map(({ message }) => message).sort()).toEqual(messages('normal', 80).map(({ text }) => text).sort());
    expect(requests.map(({ request }) => request.headers['idempotency-key'])).toEqual(deliveries.map(({ id }) => id));
    expect(await scene.givenUp('DeadLetters')).toEqual([]);
  });

  it('that answers 429 is asked at a lower rate, and 429 is no failed attempt', async () => {
    const { scene, requests } = calling(assembly, (index) => ({ status: index % 4 === 0 && index < 80 ? 429 : 200 }));
    scene.publish(messages('normal', 100));
    await scene.rest();
    expect(requests.filter(({ status }) => status === 200)).toHaveLength(100);
    const [first, last] = [requests[0]!.at, requests[79]!.at];
    expect(80 / (last - first) * SECOND).toBeLessThan(0.7 * RATE);
    expect(await scene.givenUp('DeadLetters')).toEqual([]);
  });

  it('that always answers 400 to a message gets it as often as it may fail', async () => {
    const { scene, requests } = calling(assembly, (_, { message }) => ({ status: message === 'normal-2' ? 400 : 200 }));
    scene.publish(messages('normal', 20));
    await scene.rest();
    expect(requests.filter(({ status }) => status === 400)).toHaveLength(3);
    expect(await scene.givenUp('DeadLetters')).toEqual([expect.objectContaining({ text: 'normal-2', reason: 'FAILED', priority: 'normal' })]);
  });
});

it('an API destination gets each message at the rate, and EventBridge obeys its Retry-After', async () => {
  const assembly = assemble({
    target: (stack) => FanOutTarget.apiDestination(new ApiDestination(stack, 'Sms', { connection: connection(stack), endpoint: ENDPOINT, rateLimitPerSecond: RATE })),
  });
  const { scene, requests } = calling(assembly, (index) => (index === 5 ? { status: 429, headers: { 'Retry-After': '15' } } : { status: 200 }));
  scene.publish(messages('normal', 60));
  await scene.rest();

  const delivered = requests.filter(({ status }) => status === 200).map(({ request }): Delivery => JSON.parse(request.body));
  expect(delivered.map(({ message }) => message).sort()).toEqual(messages('normal', 60).map(({ text }) => text).sort());
  const refused = requests[5]!;
  const again = requests.slice(6).find(({ request }) => JSON.parse(request.body).id === JSON.parse(refused.request.body).id)!;
  expect(again.at - refused.at).toBeGreaterThanOrEqual(15 * SECOND);
  expect(requests.at(-2)!.at - requests[0]!.at).toBeGreaterThan((60 - BURST) / RATE * SECOND - SECOND);
  expect(scene.simulation.report().deadLetters).toEqual({});
});

it('a queue gets each message as it was published, at the rate, with its tenant as the message group', async () => {
  const scene = new Scene(assemble({ target: (stack) => FanOutTarget.queue(new Queue(stack, 'Audit', { retentionPeriod: Duration.days(14) })) }));
  scene.publish(messages('normal', 50, () => ({ tenant: 'acme', attributes: { channel: 'audit' } })));
  const depth = () => scene.simulation.report().undelivered.Audit ?? 0;
  await scene.pass(2 * SECOND);
  expect(depth()).toBeLessThanOrEqual(2 * RATE + BURST);
  await scene.rest();
  expect(depth()).toBe(50);

  const { Messages: [message] } = await operate(scene.simulation, 'sqs', 'ReceiveMessage', {
    QueueUrl: scene.simulation.find('Audit', ['AWS::SQS::Queue']).provisioned.ref, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'],
  });
  expect(message).toMatchObject({
    Body: expect.stringMatching(/^normal-\d+$/),
    Attributes: { MessageGroupId: 'acme' },
    MessageAttributes: { channel: { StringValue: 'audit' }, priority: { StringValue: 'normal' }, id: { StringValue: expect.stringMatching(/^[0-9a-f-]{36}$/) } },
  });
});

it('a state machine is started once for each message, at the rate, also for one that comes again', async () => {
  const assembly = assemble({
    target: (stack) => FanOutTarget.stateMachine(new StateMachine(stack, 'Orders', { definitionBody: DefinitionBody.fromChainable(new Pass(stack, 'Pass')) })),
  });
  let last = 0;
  const scene: Scene = new Scene(assembly, {
    simulation: {
      latency: STEADY,
      // Every third start is made, and the dispatcher does not hear of it.
      faults: {
        onCall: ({ operation }) => (operation === 'StartExecution' && ++last % 3 === 0 ? { kind: 'error-after' } : undefined),
        onDelivery: () => undefined,
        onEventuallyConsistentRead: () => false,
      },
    },
  });
  scene.publish(messages('normal', 40));
  await scene.rest();
  const stateMachineArn = scene.simulation.find('Orders', ['AWS::StepFunctions::StateMachine']).provisioned.ref;
  const { executions } = await operate(scene.simulation, 'states', 'ListExecutions', { stateMachineArn });
  expect(executions).toHaveLength(40);
  const texts: string[] = [];
  for (const { executionArn } of executions) {
    texts.push(JSON.parse((await operate(scene.simulation, 'states', 'DescribeExecution', { executionArn })).input).message);
  }
  expect(texts.sort()).toEqual(messages('normal', 40).map(({ text }) => text).sort());
  const starts: { at: number }[] = executions.map(({ startDate }: { startDate: Date }) => ({ at: startDate.getTime() }));
  expect(rateKept('Mail', starts, limits)).toEqual([]);
  expect(rateKept('Mail', starts, [{ ...limits[0]!, burst: BURST / 2, ratePerSecond: RATE / 2 }])).toHaveLength(1);
  expect(last).toBeGreaterThan(40);
  expect(scene.simulation.report().deadLetters).toEqual({});
});

it('a message that a target\'s service will never take goes to the dead-letter queue at once, and says nothing of the target', async () => {
  const assembly = assemble({
    target: (stack) => FanOutTarget.stateMachine(new StateMachine(stack, 'Orders', { definitionBody: DefinitionBody.fromChainable(new Pass(stack, 'Pass')) })),
  });
  const scene = new Scene(assembly);
  // A state machine's input holds less than a message, once it is quoted.
  scene.publish([{ text: '"'.repeat(200_000), priority: 'normal' }]);
  scene.publish(messages('normal', 3));
  await scene.pass(MINUTE);
  const [given] = await scene.givenUp('DeadLetters');
  expect(given).toMatchObject({ reason: 'INVALID', priority: 'normal' });
  expect(await messagesOf(scene.simulation, 'Notify/Mail/normalQueue')).toEqual([]);
});
