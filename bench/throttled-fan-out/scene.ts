import { Stack } from 'aws-cdk-lib';
import { type Arrival } from './arrivals';
import { DEAD_LETTERS, type Design, type Priority, TARGET, TOPIC, USUAL_TARGET_MS } from './design';
import { type FunctionOverride, type OverrideTools, Random, Simulation, type SqsService, type TraceEntry } from '../../simulator/src';
import { withAssembly } from '../assembly';
import { FunctionUse } from '../function-use';
import { difference, type Units } from '../units';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

const PUBLISHER = { principal: { kind: 'operator' }, name: 'publisher', faultFree: true } as const;
const MOST_ENTRIES = 10;
const TARGET_MEMORY_MB = 128;

/** A design that is deployed, with its publishers and its target. */
export class Scene {
  static open<Result>(design: Design, play: (scene: Scene) => Promise<Result>): Promise<Result> {
    return withAssembly((app) => design.build(new Stack(app, 'Bench')), (assembly) => play(new Scene(design, assembly)));
  }

  readonly published: { readonly priority: Priority; readonly at: number }[] = [];
  /** In the order of time. */
  readonly arrivals: Arrival[] = [];
  /** The target takes half of it, twice of it, or something between. */
  targetTakesMs = USUAL_TARGET_MS;
  targetIsDown = false;
  limiterWrites = 0;
  private readonly simulation: Simulation;
  private readonly targetUse = new FunctionUse(isTarget, TARGET_MEMORY_MB);
  private readonly random = new Random('bench/throttled-fan-out');
  private readonly taken = new Set<number>();

  private constructor(readonly design: Design, assembly: string) {
    this.simulation = Simulation.load(assembly, {
      functionOverrides: { [TARGET]: design.direct ? this.batchTarget() : (delivery, _context, tools) => this.take(delivery.message, tools) },
      trace: { listener: (entry) => this.observe(entry) },
    });
  }

  get now(): number {
    return this.simulation.world.kernel.now;
  }

  /** Publishes so many at this moment, ten a call. */
  publish(priority: Priority, count: number): void {
    for (let left = count; left > 0; left -= MOST_ENTRIES) {
      const entries = Array.from({ length: Math.min(left, MOST_ENTRIES) }, (_, index) => ({ Id: String(index), ...this.message(priority) }));
      this.call('PublishBatch', { PublishBatchRequestEntries: entries });
    }
  }

  /** Publishes from now on, one by one and at random, so many a second on average. */
  stream(priority: Priority, perSecond: number, lastsMs: number): void {
    const { kernel } = this.simulation.world;
    for (let inMs = this.pauseMs(perSecond); inMs < lastsMs; inMs += this.pauseMs(perSecond)) {
      kernel.schedule(inMs, () => this.call('Publish', this.message(priority)));
    }
  }

  /** So many a second, ten a call: a flood has a publisher that is in a hurry. */
  flood(priority: Priority, perSecond: number, lastsMs: number): void {
    const { kernel } = this.simulation.world;
    const everyMs = MOST_ENTRIES * SECOND / perSecond;
    for (let inMs = 0; inMs < lastsMs; inMs += everyMs) kernel.schedule(inMs, () => this.publish(priority, MOST_ENTRIES));
  }

  async pass(ms: number): Promise<void> {
    await this.simulation.run({ deadline: this.now + ms });
  }

  /** Until each message is delivered or given up, or for so long at most. */
  async settle(atMostMs: number): Promise<void> {
    for (const end = this.now + atMostMs; this.now < end && this.unsettled() > 0;) await this.pass(10 * SECOND);
  }

  /** Messages that are still on their way. */
  unsettled(): number {
    return this.published.length - this.taken.size - this.deadLettered();
  }

  /** Messages in dead-letter queues; one that was delivered all the same is counted as delivered. */
  deadLettered(): number {
    return this.queues().filter(({ name }) => DEAD_LETTERS.test(name)).reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0);
  }

  /** Times of all arrivals, of those taken by the target only if told so. */
  times(takenOnly: boolean = false): number[] {
    return this.arrivals.filter(({ taken }) => taken || !takenOnly).map(({ at }) => at);
  }

  /** From publishing to the target, of messages of a priority that were published in a span of time; those not delivered are left out. */
  waits(priority: Priority, from: number, to: number): { readonly waitedMs: number[]; readonly missing: number } {
    const firstAt = new Map<number, number>();
    for (const { message, at } of this.arrivals) if (!firstAt.has(message)) firstAt.set(message, at);
    const chosen = this.published.map((message, index) => ({ ...message, index }))
      .filter((message) => message.priority === priority && message.at >= from && message.at < to);
    const waitedMs = chosen.flatMap(({ index, at }) => (firstAt.has(index) ? [firstAt.get(index)! - at] : []));
    return { waitedMs, missing: chosen.length - waitedMs.length };
  }

  /** Billable units so far: of the target's own function, and of all else. */
  units(): { readonly target: Units; readonly design: Units } {
    const target = this.targetUse.units();
    return { target, design: difference(this.simulation.world.meter.totals(), target) };
  }

  private message(priority: Priority) {
    const index = this.published.push({ priority, at: this.now }) - 1;
    return { Message: String(index), MessageAttributes: { priority: text(priority), channel: text('email') } };
  }

  private call(operation: string, input: object): void {
    const TopicArn = this.simulation.find(TOPIC, ['AWS::SNS::Topic']).provisioned.ref;
    void this.simulation.world.call({ service: 'sns', operation, input: { TopicArn, ...input }, caller: PUBLISHER });
  }

  private pauseMs(perSecond: number): number {
    return -Math.log(1 - this.random.next()) * SECOND / perSecond;
  }

  private async take(body: string, { sleep }: OverrideTools): Promise<void> {
    const message = Number(body);
    const taken = !this.targetIsDown;
    this.arrivals.push({ message, at: this.now, taken });
    await sleep(this.targetTakesMs * (0.5 + this.random.next()));
    if (!taken) throw new Error('the target is down');
    this.taken.add(message);
  }

  private batchTarget(): FunctionOverride {
    return async ({ Records }, _context, tools) => {
      const batchItemFailures: object[] = [];
      for (const { body, messageId } of Records) await this.take(body, tools).catch(() => batchItemFailures.push({ itemIdentifier: messageId }));
      return { batchItemFailures };
    };
  }

  private queues() {
    return this.simulation.world.service<SqsService>('sqs').queues();
  }

  private observe(entry: TraceEntry): void {
    this.targetUse.observe(entry);
    if (entry.event === this.design.limiterWrite) this.limiterWrites++;
  }
}

function text(StringValue: string) {
  return { DataType: 'String', StringValue };
}

function isTarget(functionName: string): boolean {
  return functionName.endsWith(TARGET);
}
