import { Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type Behaviour, Books, type Published, takesAll } from './books';
import { type LimitInForce, noneGivenUpForWaiting, noneLost, prioritiesTold, rateKept } from './invariants';
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
export const PRIORITIES = ['critical', 'normal', 'bulk'];
const MAX_ATTEMPTS = 5;
const DELIVERY_TIMEOUT = Duration.seconds(5);
/** From here on a delivery has failed for its dispatcher. */
const FAILED_AFTER_MS = DELIVERY_TIMEOUT.toMilliseconds() - 100;
const ALWAYS: LimitInForce = { ratePerSecond: RATE, burst: BURST, from: -Infinity, to: Infinity };
const OPERATOR = { principal: { kind: 'operator' }, name: 'operator', faultFree: true } as const;
const MOST_ENTRIES = 10;

/**
 * The way to the target takes the same time each time, and its environments are there: what it sees is when its messages were sent. A limiter
 * answers for that, not for what the network adds.
 */
export const STEADY_LATENCY = { 'lambda.call': { median: 10, p99: 10 }, 'lambda.init': { median: 0, p99: 0 } };

export interface AssemblyOptions {
  readonly props?: ThrottledFanOutProps;
  readonly options?: Partial<ThrottledTargetOptions>;
  readonly target?: (stack: Stack) => FanOutTarget;
  readonly more?: (fanOut: ThrottledFanOut, stack: Stack) => void;
}

/** A fan-out of three priorities to one target, `Mail`. @returns the directory of the assembly */
export function assemble({ props, options, target, more }: AssemblyOptions = {}): string {
  return synthesize((stack) => {
    const fanOut = new ThrottledFanOut(stack, 'Notify', { priorities: PRIORITIES, ...props });
    fanOut.addTarget('Mail', target?.(stack) ?? FanOutTarget.function(targetFunction(stack, 'SendMail')), {
      rate: Rate.perSecond(RATE, { burst: BURST }), deliveryTimeout: DELIVERY_TIMEOUT, ...options,
    });
    more?.(fanOut, stack);
  });
}

/** A target whose code a scene plays: it may take longer than anybody waits for it. */
export function targetFunction(stack: Stack, id: string): lambda.Function {
  return new lambda.Function(stack, id, {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => null;'),
    timeout: Duration.minutes(1),
  });
}

export interface SceneOptions {
  /** What the target does, by the function's id. */
  readonly behaviours?: Readonly<Record<string, Behaviour>>;
  readonly simulation?: SimulationOptions;
}

/** What is another than the assembly's defaults. */
export interface Expected {
  readonly limits?: readonly LimitInForce[];
  readonly maxAttempts?: number;
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
  private readonly seen: Record<string, GivenUpMessage[]> = {};

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
  publish(all: readonly Published[]): void {
    const TopicArn = this.simulation.find('Notify/Topic', ['AWS::SNS::Topic']).provisioned.ref;
    for (let from = 0; from < all.length; from += MOST_ENTRIES) {
      const batch = all.slice(from, from + MOST_ENTRIES);
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

  /** What does not hold of the promises that hold in every scene. */
  async violations({ limits = [ALWAYS], maxAttempts = MAX_ATTEMPTS }: Expected = {}): Promise<string[]> {
    const { books, simulation } = this;
    const { denials, lost } = simulation.report();
    const remains = {
      target: 'Mail',
      books,
      wanted: books.published.map(({ text }) => text),
      queued: this.queued(),
      deadLetters: await this.givenUp('DeadLetters'),
      expired: await this.givenUp('Expired'),
      maxAttempts,
      timeoutMs: FAILED_AFTER_MS,
    };
    return [
      ...rateKept('Mail', books.of('Mail'), limits),
      ...noneLost(remains),
      ...noneGivenUpForWaiting(remains),
      ...prioritiesTold('Mail', books, PRIORITIES),
      ...denials.map(({ name, action }) => `${name} may not ${action}`),
      ...lost.map(({ subject, event }) => `${subject}: ${event}`),
    ];
  }

  /** How long messages waited from their publication to their delivery. */
  waits(priority: string, text: string = ''): number[] {
    const publishedAt = new Map(this.books.published.map((message) => [message.text, message.at]));
    const arrivals = this.books.of('Mail').filter(({ delivery }) => delivery.priority === priority && delivery.message.startsWith(text));
    return arrivals.map(({ at, delivery }) => at - publishedAt.get(delivery.message)!);
  }

  /** How many deliveries came in a while. */
  deliveries(from: number, to: number): number {
    return this.books.of('Mail').filter(({ at }) => from <= at && at < to).length;
  }

  /** What is in a queue of the target, and was given up. */
  async givenUp(queue: 'DeadLetters' | 'Expired', target: string = 'Mail'): Promise<GivenUpMessage[]> {
    // Who has received messages sees them no more for a while.
    const seen = this.seen[queue] ??= [];
    seen.push(...await givenUpIn(this.simulation, `Notify/${target}/${queue}`));
    return seen;
  }

  /** Messages that are still in the target's own queues, also those under way. */
  queued(target: string = 'Mail'): number {
    const waiting = (queue: string) => queue.startsWith(`Notify/${target}/`) && !queue.endsWith('/Expired');
    return Object.entries(this.simulation.report().undelivered).reduce((sum, [queue, depth]) => sum + (waiting(queue) ? depth : 0), 0);
  }
}

/** Messages of one priority; their texts are its name and a number. */
export function messages(priority: string, count: number, more: (index: number) => Partial<Published> = () => ({})): Published[] {
  return Array.from({ length: count }, (_, index) => ({ text: `${priority}-${index}`, priority, ...more(index) }));
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
      const { REASON, PRIORITY, MESSAGE_ID } = GIVEN_UP_ATTRIBUTES;
      found.push({ text: Body, reason: value(REASON), priority: value(PRIORITY), messageId: value(MESSAGE_ID) });
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
