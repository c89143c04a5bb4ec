import { Duration, Stack } from 'aws-cdk-lib';
import { type Behaviour, Books, type Published, takesAll } from './books';
import { inlineFunction } from './fixtures';
import { Simulation, type SimulationOptions } from '../../simulator/src';
import { FanOutTarget, Rate, ThrottledFanOut, type ThrottledFanOutProps, type ThrottledTargetOptions } from '../../src';
import { type ControlItem, GIVEN_UP_ATTRIBUTES, itemKey, PRIORITY_ATTRIBUTE } from '../../src/throttled-fan-out/contract';
import { operate, synthesize } from '../simulate';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** What every target here takes, unless its test says otherwise. */
export const RATE = 10;
export const BURST = 10;
const OPERATOR = { principal: { kind: 'operator' }, name: 'operator', faultFree: true } as const;
const MOST_ENTRIES = 10;

/**
 * The way to the target takes the same time each time, and its environments are there: what it sees is when its messages were sent. A limiter
 * answers for that, not for what the network adds.
 */
const STEADY_LATENCY = { 'lambda.call': { median: 10, p99: 10 }, 'lambda.init': { median: 0, p99: 0 } };

export interface AssemblyOptions {
  readonly props?: ThrottledFanOutProps;
  readonly options?: Partial<ThrottledTargetOptions>;
  readonly target?: (stack: Stack) => FanOutTarget;
  readonly more?: (fanOut: ThrottledFanOut, stack: Stack) => void;
}

/** A fan-out of three priorities to one target, `Mail`. @returns the directory of the assembly */
export function assemble({ props, options, target, more }: AssemblyOptions = {}): string {
  return synthesize((stack) => {
    const fanOut = new ThrottledFanOut(stack, 'Notify', { priorities: ['critical', 'normal', 'bulk'], ...props });
    fanOut.addTarget('Mail', target?.(stack) ?? FanOutTarget.function(inlineFunction(stack, 'SendMail')), {
      rate: Rate.perSecond(RATE, { burst: BURST }), deliveryTimeout: Duration.seconds(5), ...options,
    });
    more?.(fanOut, stack);
  });
}

export interface SceneOptions {
  /** What the target does, by the function's id. */
  readonly behaviours?: Readonly<Record<string, Behaviour>>;
  readonly simulation?: SimulationOptions;
}

/** A message that a dispatcher gave up. */
export interface GivenUpMessage {
  readonly text: string;
  readonly reason: string | undefined;
  readonly priority: string | undefined;
  readonly messageId: string | undefined;
}

/** A deployed fan-out with its publishers, its operator and its targets. */
export class Scene {
  readonly simulation: Simulation;
  readonly books: Books;

  constructor(assembly: string, { behaviours = {}, simulation }: SceneOptions = {}) {
    this.books = new Books(() => this.now);
    const targets = { SendMail: takesAll, ...behaviours };
    this.simulation = Simulation.load(assembly, {
      ...simulation,
      latency: { ...STEADY_LATENCY, ...simulation?.latency },
      functionOverrides: Object.fromEntries(Object.entries(targets).map(([id, behaviour]) => [id, this.books.target(behaviour)])),
    });
  }

  get now(): number {
    return this.simulation.world.kernel.now;
  }

  /** Publishes at this moment, as many as one call takes at once. Nothing is waited for. */
  publish(messages: readonly Published[]): void {
    const TopicArn = this.simulation.find('Notify/Topic', ['AWS::SNS::Topic']).provisioned.ref;
    for (let from = 0; from < messages.length; from += MOST_ENTRIES) {
      const batch = messages.slice(from, from + MOST_ENTRIES);
      for (const message of batch) this.books.publishes(message);
      const input = { TopicArn, PublishBatchRequestEntries: batch.map(entryOf) };
      void this.simulation.world.call({ service: 'sns', operation: 'PublishBatch', input, caller: OPERATOR });
    }
  }

  /** Publishes so many messages a second, for so long, from now on. */
  stream(priority: string, perSecond: number, lastsMs: number, more: (index: number) => Partial<Published> = () => ({})): void {
    const everyMs = Math.max(SECOND / perSecond, SECOND);
    const atOnce = perSecond * everyMs / SECOND;
    for (let round = 0; round * everyMs < lastsMs; round++) {
      this.at(round * everyMs, () => this.publish(Array.from({ length: atOnce }, (_, place) => {
        const index = round * atOnce + place;
        return { text: `${priority}-${index}`, priority, ...more(index) };
      })));
    }
  }

  at(inMs: number, act: () => unknown): void {
    this.simulation.world.kernel.schedule(inMs, () => void act());
  }

  /** So long, whatever happens. */
  async pass(ms: number): Promise<void> {
    await this.simulation.run({ deadline: this.now + ms });
  }

  /** Until nothing is left to happen. */
  async rest(): Promise<void> {
    await this.simulation.run();
  }

  /** What an operator does: one update of the control item. */
  async control(wanted: ControlItem, target: string = 'Mail'): Promise<void> {
    const names = Object.keys(wanted) as (keyof ControlItem)[];
    await operate(this.simulation, 'dynamodb', 'UpdateItem', {
      TableName: this.simulation.find('Notify/Table', ['AWS::DynamoDB::Table']).provisioned.ref,
      Key: { id: { S: itemKey.control(target) } },
      UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, attribute(wanted[name]!)])),
    });
  }

  /** What is in a queue of the target, and was given up. */
  async givenUp(queue: 'DeadLetters' | 'Expired', target: string = 'Mail'): Promise<GivenUpMessage[]> {
    return givenUpIn(this.simulation, `Notify/${target}/${queue}`);
  }

  /** Messages that are still in the target's own queues, also those under way. */
  queued(target: string = 'Mail'): number {
    const waiting = Object.entries(this.simulation.report().undelivered);
    return waiting.reduce((sum, [queue, messages]) => sum + (queue.startsWith(`Notify/${target}/`) && !queue.endsWith('/Expired') ? messages : 0), 0);
  }
}

export async function givenUpIn(simulation: Simulation, queue: string): Promise<GivenUpMessage[]> {
  const QueueUrl = simulation.find(queue, ['AWS::SQS::Queue']).provisioned.ref;
  const found: GivenUpMessage[] = [];
  for (;;) {
    const { Messages = [] } = await operate<{ Messages?: any[] }>(simulation, 'sqs', 'ReceiveMessage', {
      QueueUrl, MaxNumberOfMessages: MOST_ENTRIES, VisibilityTimeout: 43_200, MessageAttributeNames: ['All'],
    });
    if (Messages.length === 0) return found;
    for (const { Body, MessageAttributes = {} } of Messages) {
      const value = (name: string): string | undefined => MessageAttributes[name]?.StringValue;
      found.push({
        text: Body, reason: value(GIVEN_UP_ATTRIBUTES.REASON), priority: value(GIVEN_UP_ATTRIBUTES.PRIORITY), messageId: value(GIVEN_UP_ATTRIBUTES.MESSAGE_ID),
      });
    }
  }
}

/** An entry of SNS's PublishBatch. */
export function entryOf({ text, priority, tenant, attributes = {} }: Published, index: number): object {
  const all = { ...attributes, ...(priority !== undefined && { [PRIORITY_ATTRIBUTE]: priority }) };
  return {
    Id: String(index),
    Message: text,
    MessageAttributes: Object.fromEntries(Object.entries(all).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }])),
    ...(tenant !== undefined && { MessageGroupId: tenant }),
  };
}

function attribute(value: string | number | boolean): object {
  if (typeof value === 'boolean') return { BOOL: value };
  return typeof value === 'number' ? { N: String(value) } : { S: value };
}
