import { invalidParameter, sqsError } from './errors';
import type { Message, MessageContent } from './message';
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
  private sweepScheduled = false;

  constructor(readonly settings: QueueSettings, private readonly around: QueueSurroundings) {
    this.shelf = settings.fifo
      ? new FifoShelf()
      : new StandardShelf(() => around.world.kernel.now, (shelf) => around.fair(this, shelf));
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
    message.state = delayMs > 0 ? 'delayed' : 'arriving';
    message.arrivedAt = world.kernel.now;
    if (message.state === 'delayed') this.delayed++;
    this.messages.set(message.copy, message);
    this.shelf.add(message);
    message.timer = world.kernel.schedule(delayMs + faultMs + world.latency.sample('sqs.delivery'), () => this.makeVisible(message));
    this.scheduleSweep();
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

  /** Deletes the message of a handle; a message that is gone already is a success. */
  delete(receiptHandle: string): Message | undefined {
    const { message, current } = this.find(receiptHandle);
    if (!message) return undefined;
    // FIFO queues refuse a handle whose visibility timeout has passed. A standard queue takes the latest handle even then, and
    // accepts an older one without deleting anything.
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
    if (this.settings.fifo && (!current || message.state !== 'inFlight')) {
      throw invalidParameter(receiptHandle, 'ReceiptHandle', 'The receipt handle has expired.');
    }
    if (!current) return undefined;
    this.count('NumberOfMessagesDeleted');
    this.remove(message);
    return message;
  }

  changeVisibility(receiptHandle: string, timeoutMs: number) {
    const { message, current } = this.find(receiptHandle);
    if (!message || !current) {
      throw invalidParameter(receiptHandle, 'ReceiptHandle', 'Message does not exist or is not available for visibility timeout change.');
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
  extendIfUntouched(receiptHandle: string, visibilityMs: number): Message | undefined {
    const { message, current } = this.find(receiptHandle);
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

  counts(): { visible: number; inFlight: number; delayed: number } {
    return { visible: this.messages.size - this.inFlight - this.delayed, inFlight: this.inFlight, delayed: this.delayed };
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
    return { message, receiptHandle: this.handleOf(message) };
  }

  private hide(message: Message, timeoutMs: number) {
    message.timer?.cancel();
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
    return message.sentAt + this.settings.retentionMs <= this.around.world.kernel.now;
  }

  private expire(message: Message) {
    this.expired++;
    this.record('sqs.expire', { message: message.id });
    this.remove(message);
  }

  private scheduleSweep() {
    if (this.sweepScheduled || this.messages.size === 0) return;
    let oldest = Infinity;
    for (const message of this.messages.values()) oldest = Math.min(oldest, message.sentAt);
    const { kernel } = this.around.world;
    this.sweepScheduled = true;
    kernel.schedule(Math.max(0, oldest + this.settings.retentionMs - kernel.now), () => {
      this.sweepScheduled = false;
      for (const message of [...this.messages.values()]) if (this.isExpired(message)) this.expire(message);
      this.scheduleSweep();
    }, { background: true });
  }

  private handleOf(message: Message): string {
    return Buffer.from(`${this.settings.name}|${message.copy}|${message.receiveCount}`).toString('base64');
  }

  private find(receiptHandle: unknown): { message: Message | undefined; current: boolean } {
    const [name, copy, receive] = Buffer.from(String(receiptHandle), 'base64').toString().split('|');
    if (receive === undefined) throw sqsError('ReceiptHandleIsInvalid', `The input receipt handle "${String(receiptHandle)}" is not a valid receipt handle.`);
    if (name !== this.settings.name) {
      throw sqsError('ReceiptHandleIsInvalid', `The receipt handle "${String(receiptHandle)}" is not valid for queue ${this.settings.name}.`);
    }
    const message = this.messages.get(Number(copy));
    return { message, current: message?.receiveCount === Number(receive) };
  }

  private count(metricName: string) {
    this.around.count(metricName, this.settings.name);
  }

  private record(event: string, detail: Record<string, unknown>) {
    this.around.world.trace.record({ at: this.around.world.kernel.now, subject: this.settings.label, event, detail });
  }
}
