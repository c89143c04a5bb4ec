import type { Arrivals } from './demand';

/** Of the visible messages, as many are forgotten at a time as have been received. */
const FORGOTTEN_AT_A_TIME = 10_000;

/** A standard queue. A message is a number, the time at which it was sent: nothing else of it decides what becomes of it here. */
export class MessageQueue {
  sent = 0;
  private readonly visible: number[] = [];
  private received = 0;
  private nextArrival: number;
  private readonly away: { readonly until: number; readonly sentAt: number }[] = [];
  private cameBack?: () => void;

  constructor(private readonly arrivals: Arrivals) {
    this.nextArrival = arrivals();
  }

  receive(most: number, now: number): number[] {
    this.show(now);
    const messages = this.visible.slice(this.received, this.received + most);
    this.received += messages.length;
    if (this.received >= FORGOTTEN_AT_A_TIME) {
      this.visible.splice(0, this.received);
      this.received = 0;
    }
    return messages;
  }

  hasVisible(now: number): boolean {
    this.show(now);
    return this.visible.length > this.received;
  }

  /** When the next message becomes visible; Infinity when none is to come. */
  nextVisible(): number {
    return Math.min(this.nextArrival, this.away[0]?.until ?? Infinity);
  }

  /** A received message comes again then. */
  comeBack(sentAt: number, at: number): void {
    const later = this.away.findIndex(({ until }) => until > at);
    this.away.splice(later < 0 ? this.away.length : later, 0, { until: at, sentAt });
    this.cameBack?.();
  }

  /** Calls back when a message is to come again. */
  onComeBack(callback: () => void): void {
    this.cameBack = callback;
  }

  /** What is neither delivered nor on its way out. */
  get waiting(): number {
    return this.visible.length - this.received + this.away.length;
  }

  private show(now: number): void {
    while (this.nextArrival <= now) {
      this.visible.push(this.nextArrival);
      this.sent++;
      this.nextArrival = this.arrivals();
    }
    while (this.away.length > 0 && this.away[0].until <= now) this.visible.push(this.away.shift()!.sentAt);
  }
}
