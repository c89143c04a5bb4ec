import { Duration, Stack } from 'aws-cdk-lib';
import { ApiDestination } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { connection, inlineFunction } from './fixtures';
import { type FaultPlan, NO_FAULTS, type Simulation } from '../../simulator/src';
import { FanOutTarget, Rate, ThrottledFanOut, ThrottledFanOutProps } from '../../src';
import { itemKey } from '../../src/throttled-fan-out/contract';
import { messagesOf, operate, simulate } from '../simulate';

const TARGETS = ['Function', 'Queue', 'Machine', 'Http', 'Destination'];
const MINUTE = 60_000;

/** What no scenario can use, each with the reason why it stays. */
const JUSTIFIED: readonly (readonly [RegExp, string])[] = [
  [/ sqs:GetQueueUrl /, 'SqsEventSource grants it with queue.grantConsumeMessages; AWS lists it among what a consumer may need'],
];
/** What services ask of a customer's key, and the simulator does not, because it has no ciphertext. */
const USED_BY_AWS: readonly (readonly [RegExp, string])[] = [
  [/\/DispatchRole kms:/, 'https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html: whoever uses a table needs all of them'],
  [/\/Http\/Role kms:/, 'https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html'],
];

describe.each<[string, (stack: Stack) => ThrottledFanOutProps]>([
  ['with default props', () => ({})],
  ['with a customer\'s key', (stack) => ({ encryptionKey: new Key(stack, 'Key') })],
])('every permission of a fan-out %s', (_, propsOf) => {
  it('is used when messages are delivered, fail and expire, and none is missing', async () => {
    const { simulation, publish, pause, outage, partner } = staged(propsOf);
    await pause(true);
    await publish('too old');
    await pause(false);
    outage.down = true;
    await publish('failed');
    outage.down = false;
    await publish('delivered');

    for (const target of TARGETS) {
      expect([target, await messagesOf(simulation, `Notify/${target}/Expired`)]).toEqual([target, ['too old']]);
      expect([target, await messagesOf(simulation, `Notify/${target}/DeadLetters`)]).toEqual([target, ['failed']]);
      expect([target, await messagesOf(simulation, `Notify/${target}/normalQueue`)]).toEqual([target, []]);
    }
    partner.status = 400;
    await publish('refused');
    expect(await messagesOf(simulation, 'Notify/Destination/DeadLetters')).toEqual([expect.stringContaining('"message":"refused"')]);

    const { denials, unusedGrants } = simulation.report();
    expect(denials).toEqual([]);
    const unused = unusedGrants.map(({ name, action, resource }) => `${name} ${action} ${resource}`).filter((grant) => grant.startsWith('Notify/'));
    expect(unused.filter((grant) => ![...JUSTIFIED, ...USED_BY_AWS].some(([pattern]) => pattern.test(grant)))).toEqual([]);
  });
});

/** A fan-out with a target of each kind, which gives a message up at its first failure. */
function staged(propsOf: (stack: Stack) => ThrottledFanOutProps) {
  const outage = { down: false };
  const faults: FaultPlan = {
    ...NO_FAULTS,
    onCall: ({ caller, operation, target }) => {
      const delivers = caller.startsWith('Notify/') && DELIVERING.has(operation) && !/DeadLetters|Expired/.test(target ?? '');
      return outage.down && delivers ? { kind: 'error-before' } : undefined;
    },
  };
  const simulation = simulate((stack) => {
    const fanOut = new ThrottledFanOut(stack, 'Notify', propsOf(stack));
    const authorized = connection(stack);
    const targets: Record<string, FanOutTarget> = {
      Function: FanOutTarget.function(inlineFunction(stack, 'Send')),
      Queue: FanOutTarget.queue(new Queue(stack, 'Audit')),
      Machine: FanOutTarget.stateMachine(new StateMachine(stack, 'Orders', { definitionBody: DefinitionBody.fromChainable(new Pass(stack, 'Pass')) })),
      Http: FanOutTarget.http({ url: 'https://sms.example.com', connection: authorized }),
      Destination: FanOutTarget.apiDestination(new ApiDestination(stack, 'Partner', { connection: authorized, endpoint: 'https://p.example.com', rateLimitPerSecond: 5 })),
    };
    for (const id of TARGETS) fanOut.addTarget(id, targets[id], { rate: Rate.perSecond(5), maxAge: Duration.minutes(1), maxAttempts: 1 });
  }, { faults });
  const partner = { status: 200 };
  simulation.http.endpoint('https://sms.example.com', () => ({ status: 200 }));
  simulation.http.endpoint('https://p.example.com', () => partner);
  return {
    simulation,
    outage,
    /** What the API destination's endpoint answers: EventBridge does not try again after 400. */
    partner,
    publish: async (Message: string) => {
      await operate(simulation, 'sns', 'Publish', { TopicArn: simulation.find('Notify/Topic').provisioned.ref, Message });
      await pass(simulation, 20 * MINUTE);
    },
    pause: async (paused: boolean) => {
      const TableName = simulation.find('Notify/Table').provisioned.ref;
      for (const target of TARGETS) await operate(simulation, 'dynamodb', 'PutItem', { TableName, Item: { id: { S: itemKey.control(target) }, paused: { BOOL: paused } } });
      await pass(simulation, MINUTE);
    },
  };
}

const DELIVERING = new Set(['Invoke', 'SendMessage', 'StartExecution', 'StartSyncExecution', 'PutEvents']);

async function pass(simulation: Simulation, ms: number) {
  const end = simulation.world.kernel.now + ms;
  await simulation.run({ until: () => simulation.world.kernel.now >= end });
}
