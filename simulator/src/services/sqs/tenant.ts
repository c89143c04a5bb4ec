import { Line } from './line';
import type { Message } from './message';

/** More than this share of what is in flight, and at least so many messages of its own, make a tenant noisy. */
const CONCURRENCY_SHARE = 0.1;
const LEAST_IN_FLIGHT = 30;
/** More than this share of the consumers' recent time makes it noisy, too. */
const PROCESSING_SHARE = 0.1;
/** A tenant that has not sent for so long is not noisy any more. */
const SILENCE_MS = 5 * 60_000;
/** AWS does not say what is recent: here what has happened counts less and less, by a factor of e each minute. */
const MEMORY_MS = 60_000;
/** Less than this is taken for nothing. */
const FORGOTTEN_MS = 1;

/** The time that consumers have spent on messages of late. */
export class ProcessingTime {
  private spent = 0;
  private inFlight = 0;
  private at = 0;

  /** So many messages more, or fewer, are in flight from now on. */
  change(by: number, now: number) {
    this.spent = this.until(now);
    this.at = now;
    this.inFlight += by;
  }

  until(now: number): number {
    if (now === this.at) return this.spent;
    const kept = Math.exp((this.at - now) / MEMORY_MS);
    return this.spent * kept + this.inFlight * MEMORY_MS * (1 - kept);
  }
}

/** How many messages are in which state. */
export type Counts = Record<Exclude<Message['state'], 'gone'>, number>;

/** The messages of one MessageGroupId in a standard queue. */
export class Tenant {
  readonly line = new Line();
  readonly counts: Counts = { arriving: 0, delayed: 0, visible: 0, inFlight: 0 };
  readonly processing = new ProcessingTime();
  lastSentAt = 0;
  noisy = false;

  constructor(readonly id: string | undefined) {}

  /**
   * Whether it keeps consumers from the messages of others. AWS calls it quiet again when its backlog is used up, when it has not sent for
   * five minutes, and when its shares have come down to those of quiet tenants: here when they are below the limits.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
   */
  disturbs(allInFlight: number, allProcessing: number, now: number): boolean {
    const { visible, inFlight } = this.counts;
    if (visible === 0 || now - this.lastSentAt >= SILENCE_MS) return false;
    return (inFlight >= LEAST_IN_FLIGHT && inFlight > CONCURRENCY_SHARE * allInFlight)
      || this.processing.until(now) > PROCESSING_SHARE * allProcessing;
  }

  /** Nothing of it is in flight, nor was of late. */
  isIdle(now: number): boolean {
    return this.counts.inFlight === 0 && this.processing.until(now) < FORGOTTEN_MS;
  }

  isGone(): boolean {
    const { arriving, delayed, visible, inFlight } = this.counts;
    return arriving + delayed + visible + inFlight === 0;
  }
}
