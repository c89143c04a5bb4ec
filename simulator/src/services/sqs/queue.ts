import { type Depth, DepthHistory } from './depth-history';
import { invalidParameter, sqsError } from './errors';
import type { Message, MessageContent } from './message';
import { parseReceiptHandle, receiptHandle } from './receipt-handle';
import { expiryOf, RetentionSweeps } from './retention-sweeps';
import { MAX_VISIBILITY_SECONDS, type QueueSettings } from './settings';
import { FifoShelf, type Shelf } from './shelf';
import { StandardShelf } from './standard-shelf';
import type { World } from '../../service';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_IN_FLIGHT = 120_000;

export interface QueueSurroundings {
  readonly world: World;
  readonly nextCopy: () => number;
  /** Counts something that happened, as a CloudWatch metric of the queue. */
  readonly count: (metricName: string, queueName: string) => void;
  /** Moves a message that was received too often to the dead-letter queue. */
  readonly deadLetter: (message: Message, from: Queue) => void;
  /** Is told when a standard queue has got its first message with a group, which makes it a fair one. */
  readonly fair: (queue: Queue, shelf: StandardShelf) => void;
}

export interface Received {
  readonly message: Message;
  readonly receiptHandle: string;
}

/** One queue: what is in it, who waits for it, and the timers of delays, visibility and retention. */
export class Queue {
  /** How many messages reached the end of the retention period. */
  expired = 0;
  private readonly messages = new Map<number, Message>();
  private readonly shelf: Shelf;
  private readonly waiters: Array<() => boolean> = [];
  private readonly listeners: Array<() => void> = [];
  private inFlight = 0;
  private delayed = 0;
  private readonly sweeps: RetentionSweeps;
  /** Absent where attributes tell the counts of now. */
  private readonly depths?: DepthHistory;

  constructor(readonly settings: QueueSettings, private readonly around: QueueSurroundings) {
    this.shelf = settings.fifo
      ? new FifoShelf()
      : new StandardShelf(() => around.world.kernel.now, (shelf) => around.fair(this, shelf));
    this.sweeps = new RetentionSweeps(around.world.kernel, settings, this.messages, (message) => this.expire(message));
    if (around.world.faults.onQueueDepth) this.depths = new DepthHistory();
  }

  /** Calls back whenever a message becomes receivable. */
  onVisible(listener: () => void) {
    this.listeners.push(listener);
  }

  hasVisible(): boolean {
    return this.shelf.receivable(1).length > 0;
  }

  /** Puts a new message into the queue; it becomes visible after the hop's latency, or its delay. */
  send(id: string, content: MessageContent, senderId: string, delayMs: number, sequenceNumber?: string) {
    const { world, nextCopy } = this.around;
    const now = world.kernel.now;
    const create = (): Message => ({
      id, copy: nextCopy(), content, senderId, sequenceNumber, sentAt: now, arrivedAt: now, receiveCount: 0, state: 'arriving',
    });
    this.count('NumberOfMessagesSent');
    const fault = world.faults.onDelivery({ kind: 'message', subject: this.settings.label });
    this.accept(create(), delayMs, fault?.delayMs);
    // FIFO queues do not deliver twice unless a visibility timeout passes; standard queues may, even after a delete.
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html
    if (this.settings.fifo) return;
    for (const after of fault?.duplicatesAfterMs ?? []) {
      this.record('fault.duplicate', { message: id });
      this.accept(create(), delayMs, (fault?.delayMs ?? 0) + after);
    }
  }

  /** Takes a message in from elsewhere (dead-lettering, redrive) or from a producer. */
  accept(message: Message, delayMs: number, faultMs: number = 0) {
    const { world } = this.around;
    this.depthChanges();
    message.state = delayMs > 0 ? 'delayed' : 'arriving';
    message.arrivedAt = world.kernel.now;
    if (message.state === 'delayed') this.delayed++;
    this.messages.set(message.copy, message);
    this.shelf.add(message);
    message.timer = world.kernel.schedule(delayMs + faultMs + world.latency.sample('sqs.delivery'), () => this.makeVisible(message));
    this.sweeps.schedule();
  }

  receive(max: number, visibilityMs: number): Received[] {
    if (this.inFlight >= MAX_IN_FLIGHT) {
      // Only standard queues say so; FIFO queues return nothing.
      if (this.settings.fifo) return [];
      throw sqsError('OverLimit', `Too many messages are in flight in queue ${this.settings.name}: the limit is ${MAX_IN_FLIGHT}.`);
    }
    const received: Received[] = [];
    while (received.length < max) {
      const candidates = this.shelf.receivable(max - received.length);
      if (candidates.length === 0) break;
      for (const message of candidates) {
        // In a FIFO queue, removing one may have handed the next to someone who was waiting.
        if (message.state !== 'visible') continue;
        if (this.isExpired(message)) this.expire(message);
        else if (this.isExhausted(message)) this.moveToDeadLetterQueue(message);
        else received.push(this.deliver(message, visibilityMs));
      }
    }
    return received;
  }

  /** Calls `attempt` when a message becomes receivable, until it returns true. The result stops that. */
  wait(attempt: () => boolean): { cancel(): void } {
    this.waiters.push(attempt);
    return { cancel: () => this.removeWaiter(attempt) };
  }

  /** The message of a handle, if it is still there, and whether that is its latest handle. */
  find(handle: unknown): { message: Message | undefined; current: boolean } {
    const { copy, receive } = parseReceiptHandle(this.settings.name, handle);
    const message = this.messages.get(copy);
    return { message, current: message?.receiveCount === receive };
  }

  /** Deletes the message of a handle; a message that is gone already is a success. */
  delete(handle: string): Message | undefined {
    const { message, current } = this.find(handle);
    if (!message) return undefined;
    // FIFO queues refuse a handle whose visibility timeout has passed. A standard queue takes the latest handle even then, and
    // accepts an older one without deleting anything.
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
    if (this.settings.fifo && (!current || message.state !== 'inFlight')) {
      throw invalidParameter(handle, 'ReceiptHandle', 'The receipt handle has expired.');
    }
    if (!current) return undefined;
    this.count('NumberOfMessagesDeleted');
    this.remove(message);
    return message;
  }

  changeVisibility(handle: string, timeoutMs: number) {
    const { message, current } = this.find(handle);
    if (!message || !current) {
      throw invalidParameter(handle, 'ReceiptHandle', 'Message does not exist or is not available for visibility timeout change.');
    }
    if (message.state !== 'inFlight') {
      throw sqsError('MessageNotInflight', 'The message referred to is not in flight: its visibility timeout has passed.');
    }
    // The limit counts from the receive: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
    const total = this.around.world.kernel.now - message.lastReceivedAt! + timeoutMs;
    if (total > MAX_VISIBILITY_SECONDS * 1000) {
      throw invalidParameter(timeoutMs / 1000, 'VisibilityTimeout', `Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY_SECONDS} seconds]`);
    }
    this.hide(message, timeoutMs);
  }

  /** Hands a received message out again under the same handle, with a fresh visibility timeout; undefined when it has changed since. */
  extendIfUntouched(handle: string, visibilityMs: number): Message | undefined {
    const { message, current } = this.find(handle);
    if (!message || !current || message.state !== 'inFlight') return undefined;
    this.hide(message, visibilityMs);
    return message;
  }

  purge() {
    for (const message of [...this.messages.values()]) this.remove(message);
  }

  /** Takes out the next visible messages without counting a receive, for a message move task. */
  takeVisible(max: number): Message[] {
    const taken: Message[] = [];
    while (taken.length < max) {
      const messages = this.shelf.receivable(max - taken.length);
      if (messages.length === 0) break;
      for (const message of messages) this.remove(message);
      taken.push(...messages);
    }
    return taken;
  }

  counts(): Depth {
    return { visible: this.messages.size - this.inFlight - this.delayed, inFlight: this.inFlight, delayed: this.delayed };
  }

  /** The counts as attributes tell them: those of a while ago, if the fault plan says so. */
  toldCounts(): Depth {
    const { faults, kernel } = this.around.world;
    const lagMs = faults.onQueueDepth?.(this.settings.label) ?? 0;
    return (lagMs > 0 ? this.depths?.before(kernel.now, lagMs) : undefined) ?? this.counts();
  }

  /**
   * Seconds since the oldest message entered this queue. A message that was received more than three times does not count.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
   */
  ageOfOldestSeconds(counts: (message: Message) => boolean = () => true): number {
    let oldest = this.around.world.kernel.now;
    for (const message of this.messages.values()) {
      if (message.receiveCount <= 3 && message.arrivedAt < oldest && counts(message)) oldest = message.arrivedAt;
    }
    return (this.around.world.kernel.now - oldest) / 1000;
  }

  private deliver(message: Message, visibilityMs: number): Received {
    const { now } = this.around.world.kernel;
    message.receiveCount++;
    message.firstReceivedAt ??= now;
    message.lastReceivedAt = now;
    this.count('NumberOfMessagesReceived');
    this.hide(message, visibilityMs);
    return { message, receiptHandle: receiptHandle(this.settings.name, message) };
  }

  private hide(message: Message, timeoutMs: number) {
    message.timer?.cancel();
    this.depthChanges();
    if (message.state !== 'inFlight') this.inFlight++;
    message.state = 'inFlight';
    this.shelf.changed(message);
    // Also for a timeout of 0 the message comes back only after whoever asked has finished its turn.
    message.timer = this.around.world.kernel.schedule(timeoutMs, () => this.makeVisible(message));
  }

  private makeVisible(message: Message) {
    this.uncount(message);
    message.state = 'visible';
    message.timer = undefined;
    this.shelf.changed(message);
    this.announce();
  }

  private remove(message: Message) {
    message.timer?.cancel();
    message.timer = undefined;
    this.uncount(message);
    message.state = 'gone';
    this.messages.delete(message.copy);
    this.shelf.remove(message);
    // In a FIFO queue this may free the next message of the group.
    if (this.settings.fifo) this.announce();
  }

  private uncount({ state }: Message) {
    this.depthChanges();
    if (state === 'inFlight') this.inFlight--;
    else if (state === 'delayed') this.delayed--;
  }

  private announce() {
    while (this.waiters.length > 0 && this.hasVisible()) {
      const waiter = this.waiters.shift()!;
      if (waiter()) continue;
      // It found nothing to take (all went to the dead-letter queue) and keeps its place.
      this.waiters.unshift(waiter);
      break;
    }
    if (this.listeners.length > 0 && this.hasVisible()) for (const listener of this.listeners) listener();
  }

  private removeWaiter(attempt: () => boolean) {
    const index = this.waiters.indexOf(attempt);
    if (index >= 0) this.waiters.splice(index, 1);
  }

  /** A message goes to the dead-letter queue instead of being received once more than `maxReceiveCount` times. */
  private isExhausted(message: Message): boolean {
    const { redrive } = this.settings;
    return redrive !== undefined && message.receiveCount >= redrive.maxReceiveCount;
  }

  private moveToDeadLetterQueue(message: Message) {
    this.record('sqs.dead-letter', { message: message.id, receives: message.receiveCount });
    this.remove(message);
    this.around.deadLetter(message, this);
  }

  private isExpired(message: Message): boolean {
    return expiryOf(message, this.settings) <= this.around.world.kernel.now;
  }

  private expire(message: Message) {
    this.expired++;
    this.record('sqs.expire', { message: message.id });
    this.remove(message);
  }

  private depthChanges() {
    this.depths?.changing(this.around.world.kernel.now, () => this.counts());
  }

  private count(metricName: string) {
    this.around.count(metricName, this.settings.name);
  }

  private record(event: string, detail: Record<string, unknown>) {
    this.around.world.trace.record({ at: this.around.world.kernel.now, subject: this.settings.label, event, detail });
  }
}
