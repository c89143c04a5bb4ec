import { Bell } from '../../../runtime-src/work-stealing-pool/bell';
import type { QueuedTask } from '../../../src/work-stealing-pool/contract';

interface Held {
  readonly id: string;
  readonly body: string;
  visibleAt: number;
  receiveCount: number;
  receipt: string;
}

/** A standard queue in memory, with visibility, receive counts, receipt handles and redrive. */
export class Queue {
  readonly deadLetters: string[] = [];
  /** When which message was received. */
  readonly received: { readonly id: string; readonly at: number }[] = [];
  private readonly arrivals = new Bell();
  private held: Held[] = [];
  private receipts = 0;
  private sent = 0;

  constructor(readonly name: string, private readonly visibilitySeconds: number, private readonly maxReceiveCount = 5) {}

  send(task: Partial<QueuedTask> | string): string {
    const id = `${this.name}-${++this.sent}`;
    const body = typeof task === 'string' ? task : JSON.stringify({ payload: null, home: this.name, submittedAt: '2026-11-20T12:00:00.000Z', ...task });
    this.held.push({ id, body, visibleAt: 0, receiveCount: 0, receipt: '' });
    this.arrivals.ring();
    return id;
  }

  /** Messages in it, received or not. */
  get size(): number {
    return this.held.length;
  }

  get inFlight(): number {
    return this.held.filter(({ visibleAt }) => visibleAt > Date.now()).length;
  }

  /** For how long a message will not be received. */
  hiddenMs(id: string): number {
    return this.held.find((each) => each.id === id)!.visibleAt - Date.now();
  }

  async receive({ MaxNumberOfMessages, WaitTimeSeconds, MessageSystemAttributeNames }: any) {
    if (MaxNumberOfMessages < 1 || MaxNumberOfMessages > 10) throw Object.assign(new Error('MaxNumberOfMessages'), { name: 'ReadCountOutOfRange' });
    for (const until = Date.now() + WaitTimeSeconds * 1000; ; await this.arrivals.wait(this.nextVisible(until) - Date.now())) {
      const found = this.visible().slice(0, MaxNumberOfMessages).map((message) => {
        message.visibleAt = Date.now() + this.visibilitySeconds * 1000;
        message.receiveCount++;
        message.receipt = `${message.id}/${++this.receipts}`;
        this.received.push({ id: message.id, at: Date.now() });
        const Attributes = MessageSystemAttributeNames?.includes('ApproximateReceiveCount') && { ApproximateReceiveCount: String(message.receiveCount) };
        return { MessageId: message.id, ReceiptHandle: message.receipt, Body: message.body, Attributes };
      });
      if (found.length > 0 || Date.now() >= until) return found.length > 0 ? { Messages: found } : {};
    }
  }

  /** An old receipt handle deletes nothing. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html */
  delete({ ReceiptHandle }: any) {
    this.held = this.held.filter(({ receipt }) => receipt !== ReceiptHandle);
    return {};
  }

  hide({ Entries }: any) {
    if (Entries.length < 1 || Entries.length > 10) throw Object.assign(new Error('Entries'), { name: 'TooManyEntriesInBatchRequest' });
    const Failed = Entries.flatMap(({ Id, ReceiptHandle, VisibilityTimeout }: any) => {
      const message = this.held.find(({ receipt }) => receipt === ReceiptHandle);
      if (!message) return [{ Id, Code: 'InvalidParameterValue' }];
      message.visibleAt = Date.now() + VisibilityTimeout * 1000;
      this.arrivals.ring();
      return [];
    });
    return { Failed };
  }

  private nextVisible(until: number): number {
    return Math.min(until, ...this.held.map(({ visibleAt }) => visibleAt));
  }

  private visible(): Held[] {
    const visible = this.held.filter(({ visibleAt }) => visibleAt <= Date.now());
    const spent = visible.filter(({ receiveCount }) => receiveCount >= this.maxReceiveCount);
    this.deadLetters.push(...spent.map(({ id }) => id));
    this.held = this.held.filter((each) => !spent.includes(each));
    return visible.filter((each) => !spent.includes(each));
  }
}
