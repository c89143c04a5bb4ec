import type { Hops } from './hops';
import type { MessageQueue } from './message-queue';
import type { VirtualTime } from './virtual-time';
import type { Meter } from '../../../simulator/src/kernel/meter';

export interface EventSourceSettings {
  readonly batchSize: number;
  readonly windowMs: number;
  readonly maximumConcurrency: number;
}

/** Answers which messages stay in the queue. */
export type Consumer = (messages: readonly number[]) => Promise<{ readonly kept: number }>;

/** One ReceiveMessage or DeleteMessageBatch takes ten messages. */
export const MESSAGES_PER_CALL = 10;
/** Lambda has more than that only after it has scaled, which is left out here. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const FIRST_BATCHES = 5;

/**
 * Reads a queue for a function as the simulator's poller does (simulator/src/services/lambda/sqs-poller.ts), and looks at the queue only when it could do
 * something about a message.
 */
export class EventSource {
  private active = 0;
  private readonly gathering: (() => void)[] = [];
  private armedFor = Infinity;

  constructor(
    private readonly time: VirtualTime, private readonly queue: MessageQueue, private readonly settings: EventSourceSettings,
    private readonly consumer: Consumer, private readonly hops: Hops, private readonly meter: Meter,
  ) {
    if (settings.maximumConcurrency > FIRST_BATCHES) throw new Error(`an event source of this study has at most ${FIRST_BATCHES} batches at once, received ${settings.maximumConcurrency}`);
    queue.onComeBack(() => this.arm());
  }

  /** Makes sure that it notices the next message, if it could do something about it. */
  arm(): void {
    if (this.gathering.length === 0 && this.active >= this.settings.maximumConcurrency) return;
    const at = this.queue.nextVisible();
    if (at >= this.armedFor || at === Infinity) return;
    this.armedFor = at;
    this.time.schedule(at - this.time.now, () => this.messageVisible(at));
  }

  private messageVisible(at: number): void {
    if (this.armedFor !== at) return;
    this.armedFor = Infinity;
    if (this.hasVisible()) {
      const gathering = this.gathering.shift();
      if (gathering) gathering();
      else this.startBatch();
    }
    this.arm();
  }

  private startBatch(): void {
    if (this.active >= this.settings.maximumConcurrency) return;
    this.active++;
    this.poll();
  }

  /** Reads and processes batches until the queue has nothing more. */
  private poll(): void {
    const { batchSize, windowMs } = this.settings;
    this.receive(batchSize, (first) => {
      if (first.length > 0) this.gather(first, this.time.now + windowMs);
      else if (this.hasVisible()) this.poll();
      else this.rest();
    });
  }

  private rest(): void {
    this.active--;
    this.arm();
  }

  /** What comes before the window ends, too, up to a batch. */
  private gather(messages: number[], end: number): void {
    const { batchSize } = this.settings;
    if (messages.length >= batchSize || this.time.now >= end) {
      this.process(messages);
      return;
    }
    this.receive(batchSize - messages.length, (more) => {
      messages.push(...more);
      if (more.length > 0 || this.hasVisible()) this.gather(messages, end);
      else this.gatherWhenVisible(messages, end);
    });
  }

  private gatherWhenVisible(messages: number[], end: number): void {
    let waiting = true;
    const wake = () => {
      if (!waiting) return;
      waiting = false;
      this.gather(messages, end);
    };
    this.gathering.push(wake);
    this.time.schedule(end - this.time.now, () => {
      if (waiting) this.gathering.splice(this.gathering.indexOf(wake), 1);
      wake();
    });
    this.arm();
  }

  private receive(most: number, then: (messages: number[]) => void): void {
    const oneWay = this.hops.sqs() / 2;
    this.time.schedule(oneWay, () => {
      const messages = this.queue.receive(Math.min(most, MESSAGES_PER_CALL), this.time.now);
      this.meter.add('sqs.requests');
      this.time.schedule(oneWay, () => {
        if (messages.length > 0 && this.hasVisible()) this.startBatch();
        then(messages);
      });
    });
  }

  private process(messages: readonly number[]): void {
    this.time.schedule(this.hops.lambda(), () => {
      void this.consumer(messages).then(({ kept }) => this.delete(messages.length - kept));
    }, true);
  }

  /** Ten a call, one call after the other. */
  private delete(left: number): void {
    if (left <= 0) {
      this.poll();
      return;
    }
    this.meter.add('sqs.requests');
    this.time.schedule(this.hops.sqs(), () => this.delete(left - MESSAGES_PER_CALL));
  }

  private hasVisible(): boolean {
    return this.queue.hasVisible(this.time.now);
  }
}
