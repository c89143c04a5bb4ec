import { CHANNEL, functionOf, LIMITS, type Target, TARGETS } from './stack';
import { type Illness, MINUTE, POISON, SECOND, type Workload } from './workload';
import type { FunctionOverride, Random, Simulation } from '../../../simulator/src';
import { type ControlItem, itemKey } from '../../../src/throttled-fan-out/contract';
import { type Behaviour, Books, type Published } from '../../throttled-fan-out/books';
import type { LimitInForce } from '../../throttled-fan-out/invariants';
import { entryOf } from '../../throttled-fan-out/scene';

const OPERATOR = { principal: { kind: 'operator' }, name: 'operator', faultFree: true } as const;
const MOST_ENTRIES = 10;
export const LONGEST_RUN_MS = 6 * 60 * MINUTE;
/** How long an operator's word takes to reach all workers, at most, when the table is slow; and what was booked before. */
export const IN_FORCE_AFTER_MS = 12 * SECOND;

/** Publishes, falls ill and intervenes as the workload says. */
export class Driver {
  readonly books: Books;
  private simulation!: Simulation;
  private startedAt = 0;

  constructor(private readonly plan: Workload, private readonly random: Random) {
    this.books = new Books(() => this.simulation.world.kernel.now);
  }

  /** The targets, to be put in place of their functions' code. */
  get functionOverrides(): Record<string, FunctionOverride> {
    return Object.fromEntries(TARGETS.map((target) => [functionOf(target), this.books.target(this.behaviour(target, this.random.fork(target)))]));
  }

  begin(simulation: Simulation) {
    this.simulation = simulation;
    this.startedAt = simulation.world.kernel.now;
    for (const { atMs, messages } of this.plan.publications) this.at(atMs, () => this.publish(messages));
    for (const { target, fromMs, toMs, control } of this.plan.interventions) {
      this.at(fromMs, () => void this.control(target, control));
      this.at(toMs, () => void this.control(target, {}));
    }
  }

  /** Lets events happen until nothing is left to happen, or for longer than anything may take. @returns whether nothing is left */
  async settle(): Promise<boolean> {
    const { kernel } = this.simulation.world;
    return await this.simulation.run({ until: () => kernel.now > this.startedAt + LONGEST_RUN_MS }) === 'quiet';
  }

  /** What a target could get at most, and when. */
  limits(target: Target): LimitInForce[] {
    const { ratePerSecond, burst } = LIMITS[target];
    const changed = this.plan.interventions.filter((each) => each.target === target && each.control.ratePerSecond !== undefined);
    if (changed.length === 0) return [{ ratePerSecond, burst, from: -Infinity, to: Infinity }];
    const [{ fromMs, toMs, control }] = changed as [(typeof changed)[0]];
    return [
      { ratePerSecond, burst, from: -Infinity, to: this.startedAt + fromMs + IN_FORCE_AFTER_MS },
      { ratePerSecond: control.ratePerSecond!, burst: control.burst!, from: this.startedAt + fromMs, to: this.startedAt + toMs + IN_FORCE_AFTER_MS },
      { ratePerSecond, burst, from: this.startedAt + toMs, to: Infinity },
    ];
  }

  /** Texts of the messages that a target has to get. */
  wanted(target: Target): string[] {
    const forIt = this.books.published.filter(({ attributes = {} }) => target === 'Mail' || attributes[CHANNEL.attribute] === CHANNEL.push);
    return forIt.map(({ text }) => text);
  }

  private publish(messages: readonly Published[]) {
    const TopicArn = this.simulation.find('Notify/Topic', ['AWS::SNS::Topic']).provisioned.ref;
    for (let from = 0; from < messages.length; from += MOST_ENTRIES) {
      const batch = messages.slice(from, from + MOST_ENTRIES);
      for (const message of batch) this.books.publishes(message);
      void this.call('sns', 'PublishBatch', { TopicArn, PublishBatchRequestEntries: batch.map(entryOf) });
    }
  }

  private control(target: Target, control: ControlItem) {
    const values = Object.entries(control).map(([name, value]) => [
      name, typeof value === 'number' ? { N: String(value) } : typeof value === 'boolean' ? { BOOL: value } : { S: value },
    ]);
    const TableName = this.simulation.find('Notify/Table', ['AWS::DynamoDB::Table']).provisioned.ref;
    return this.call('dynamodb', 'PutItem', { TableName, Item: { id: { S: itemKey.control(target) }, ...Object.fromEntries(values) } });
  }

  private behaviour(target: Target, random: Random): Behaviour {
    const illnesses = this.plan.illnesses.filter((illness) => illness.target === target);
    return async ({ message }, { sleep }) => {
      const elapsed = this.simulation.world.kernel.now - this.startedAt;
      const ill = illnesses.find(({ fromMs, toMs, share }) => fromMs <= elapsed && elapsed < toMs && random.chance(share));
      await sleep(random.integer(20, 200));
      if (message.startsWith(POISON)) throw new Error('this message cannot be taken');
      return ill && suffer(ill, sleep);
    };
  }

  private call(service: string, operation: string, input: object): Promise<unknown> {
    return this.simulation.world.call({ service, operation, input, caller: OPERATOR });
  }

  private at(ms: number, act: () => void) {
    this.simulation.world.kernel.schedule(ms, act);
  }
}

const HANGS_MS = 20 * SECOND;
const SLOW_MS = 3 * SECOND;

async function suffer({ kind, retryAfterSeconds }: Illness, sleep: (ms: number) => Promise<void>) {
  switch (kind) {
    case 'fails': throw new Error('the target is down');
    case 'hangs': return sleep(HANGS_MS);
    case 'slow': return sleep(SLOW_MS);
    case 'throttles': return { throttled: true };
    case 'asks for silence': return { throttled: true, retryAfterSeconds };
  }
}
