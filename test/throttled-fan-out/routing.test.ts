import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { addEmail, THREE_PRIORITIES } from './fixtures';
import { ThrottledFanOut, ThrottledTargetOptions } from '../../src';
import type { Delivery } from '../../src/throttled-fan-out/contract';
import { messagesOf, operate, simulate } from '../simulate';

type Attributes = Readonly<Record<string, { DataType: string; StringValue?: string; BinaryValue?: Uint8Array }>>;

const text = (StringValue: string) => ({ DataType: 'String', StringValue });
const EMAIL = { channel: text('email') };

/** What is published, and with which priority it has to arrive. */
const MESSAGES: readonly (readonly [string, Attributes, string])[] = [
  ['critical', { priority: text('critical') }, 'critical'],
  ['normal', { priority: text('normal') }, 'normal'],
  ['bulk', { priority: text('bulk') }, 'bulk'],
  ['of an unknown priority', { priority: text('urgent') }, 'bulk'],
  ['of a priority that is a number', { priority: { DataType: 'Number', StringValue: '1' } }, 'bulk'],
  ['without priority', { other: text('x') }, 'bulk'],
];

describe('each message reaches the target once, with its priority', () => {
  it('where the target wants all of them, also one without any attribute', async () => {
    const stage = staged({});
    const messages = [...MESSAGES, ['without any attribute', {}, 'bulk']] as const;
    await stage.publish(messages);
    expect(stage.arrived()).toEqual(messages.map(([message, , priority]) => [message, priority]).sort());
  });

  it('where the target wants some of them', async () => {
    const stage = staged({ filter: { channel: ['email', 'letter'] } });
    await stage.publish([
      ...MESSAGES.map(([message, attributes, priority]) => [message, { ...attributes, ...EMAIL }, priority] as const),
      ['for others', { priority: text('critical'), channel: text('sms') }, ''],
      ['for others, without priority', { channel: text('sms') }, ''],
      ['for nobody', {}, ''],
    ]);
    expect(stage.arrived()).toEqual(MESSAGES.map(([message, , priority]) => [message, priority]).sort());
  });

  it('where a policy says which', async () => {
    const stage = staged({ filterPolicy: { amount: SubscriptionFilter.numericFilter({ greaterThan: 100 }) } });
    const amount = (StringValue: string) => ({ DataType: 'Number', StringValue });
    await stage.publish([['large', { amount: amount('101') }, 'bulk'], ['small', { amount: amount('100') }, '']]);
    expect(stage.arrived()).toEqual([['large', 'bulk']]);
  });

  it('where there is one priority, and the attribute means nothing', async () => {
    const stage = staged({}, ['normal']);
    await stage.publish([...MESSAGES, ['without any attribute', {}, 'normal']]);
    expect(stage.arrived()).toEqual([...MESSAGES.map(([message]) => message), 'without any attribute'].map((message) => [message, 'normal']).sort());
  });
});

it('messages that the queues cannot take wait in the undelivered queue', async () => {
  const stage = staged({}, THREE_PRIORITIES, ({ targets: [{ queues }] }) => {
    const everybody = { effect: Effect.DENY, principals: [new AnyPrincipal()], actions: ['sqs:SendMessage'], resources: [queues.critical.queueArn] };
    queues.critical.addToResourcePolicy(new PolicyStatement(everybody));
  });
  await stage.publish([['critical', { priority: text('critical') }, '']]);
  expect(stage.arrived()).toEqual([]);
  expect(await messagesOf(stage.simulation, 'Notify/Undelivered')).toEqual(['critical']);
});

/** A fan-out in the simulator, and what its target got. */
function staged(options: Partial<ThrottledTargetOptions>, priorities = THREE_PRIORITIES, more: (fanOut: ThrottledFanOut) => void = () => {}) {
  const deliveries: Delivery[] = [];
  const simulation = simulate((stack) => {
    const fanOut = new ThrottledFanOut(stack, 'Notify', { priorities });
    addEmail(fanOut, options);
    more(fanOut);
  }, { functionOverrides: { SendEmail: (delivery: Delivery) => void deliveries.push(delivery) } });
  const TopicArn = simulation.find('Notify/Topic').provisioned.ref;
  return {
    simulation,
    async publish(messages: readonly (readonly [string, Attributes, string])[]) {
      for (const [Message, MessageAttributes] of messages) await operate(simulation, 'sns', 'Publish', { TopicArn, Message, MessageAttributes });
      const end = simulation.world.kernel.now + 10 * 60_000;
      await simulation.run({ until: () => simulation.world.kernel.now >= end });
    },
    arrived: () => deliveries.map(({ message, priority }) => [message, priority]).sort(),
  };
}
