import type { Arrivals } from './demand';
import { DispatcherFunction } from './dispatcher-function';
import { EventSource } from './event-source';
import { Hops } from './hops';
import { LimiterTable } from './limiter-table';
import { MessageQueue } from './message-queue';
import type { DeployedTarget } from './target-kind';
import { VirtualTime } from './virtual-time';
import { DELIVERED, type DeliveryOutcome } from '../../../lambda-src/throttled-fan-out/outcome';
import { Random } from '../../../simulator/src';
import { Meter } from '../../../simulator/src/kernel/meter';
import type { Units } from '../../units';
import { Excess } from '../arrivals';
import { USUAL_TARGET_MS } from '../design';

const MINUTE_MS = 60_000;
/** As each invocation of a function has it in the simulator. */
const CPU_MS = [1, 5] as const;

/** One target of the fan-out, from its queues to its deliveries. Targets share nothing that would let one notice the other. */
export class TargetStudy {
  readonly time = new VirtualTime();
  delivered = 0;
  /** The most messages that waited at the end of a minute. */
  longestQueue = 0;
  readonly excess: Excess;
  private readonly meter = new Meter();
  private readonly queues: readonly MessageQueue[];

  constructor({ settings, memoryMb, sources }: DeployedTarget, arrivals: readonly Arrivals[], seed: string) {
    const random = new Random(seed);
    const { time, meter } = this;
    const hops = new Hops(random.fork('hops'));
    this.excess = new Excess(settings.limit.ratePerSecond, settings.limit.burst);
    this.queues = arrivals.map((each) => new MessageQueue(each));
    const dispatcher = new DispatcherFunction({
      settings, memoryMb, time, hops, meter,
      random: random.fork('environments'),
      table: new LimiterTable(time, hops, meter),
      queues: this.queues,
      deliver: () => this.deliver(hops),
    });
    this.queues.forEach((queue, rank) => {
      new EventSource(time, queue, sources[rank], (messages) => dispatcher.invoke(rank, messages), hops, meter).arm();
    });
  }

  /** Lets a span of time pass. */
  async pass(ms: number): Promise<void> {
    for (const end = this.time.now + ms; this.time.now < end;) {
      await this.time.run(Math.min(end, this.time.now + MINUTE_MS));
      this.longestQueue = Math.max(this.longestQueue, this.queues.reduce((sum, { waiting }) => sum + waiting, 0));
    }
  }

  /** Until nothing is left to happen. */
  finish(): Promise<void> {
    return this.time.run();
  }

  get sent(): number {
    return this.queues.reduce((sum, queue) => sum + queue.sent, 0);
  }

  /** Billable units, and `deferred` messages. The topic has published each message by itself, and sent it to one queue. */
  units(): Units {
    const { 'deferred': _deferred, 'sqs.requests': requests = 0, ...units } = this.meter.totals();
    return { ...units, 'sqs.requests': requests + this.sent, 'sns.requests': this.sent, 'sns.deliveries.sqs': this.sent };
  }

  get deferred(): number {
    return this.meter.get('deferred');
  }

  /** A function that takes half of the usual time, or half as much again. */
  private deliver(hops: Hops): Promise<DeliveryOutcome> {
    const { time } = this;
    const oneWay = hops.lambda() / 2;
    return new Promise((resolve) => {
      time.schedule(oneWay, () => {
        this.delivered++;
        this.excess.add(time.now);
        time.schedule(hops.between(...CPU_MS) + hops.between(0.5, 1.5) * USUAL_TARGET_MS + oneWay, () => resolve(DELIVERED), true);
      });
    });
  }
}
