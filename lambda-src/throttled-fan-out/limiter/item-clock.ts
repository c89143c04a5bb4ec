import type { ItemTime } from './acquisition';

/** How far a worker's wall clock may be off, either way. Amazon's time service keeps it within milliseconds. */
export const CLOCK_SKEW_MS = 5_000;
const BETWEEN_TWO_CLOCKS = 2 * CLOCK_SKEW_MS;
/** Stands for "any" where the item cannot hold an infinite number. */
const ANY_MS = 1e12;

/** A worker's own clocks, in milliseconds. */
export interface TimeSource {
  /** Measures durations; what it shows means nothing to others. */
  monotonic(): number;
  /** Right but for a constant error, at most `CLOCK_SKEW_MS`. */
  wall(): number;
}

/** What each write of the limiter's item says of the time. */
export interface TimeStamp {
  readonly revision: number;
  /** The revision whose writer looked at the time; those after it kept what it wrote. */
  readonly stamped: number;
  /** Names the write from which the item's time runs. */
  readonly epoch: string;
  /** The item's time when it was written, or earlier. */
  readonly at: ItemTime;
  /** How much earlier at most. */
  readonly uncertainty: number;
  /** The writer's wall clock at that moment. */
  readonly wallAt: number;
}

/** A wall clock shows whole milliseconds. */
const TICK_MS = 1;

/**
 * The limiter item's own time, as one worker knows it.
 *
 * The first write of the item sets its time; from then on it runs as real time does, and nobody's wall clock is it. A worker measures durations, which
 * need no agreement, and learns from each revision that it sees. The item's time is not before what the writer wrote, for it was written before it was
 * read. And it is not after that plus the time since this worker's own write, if its writer knew that one when it looked at the time; nor plus the time
 * since this worker saw the item without the revision that its writer knew. Two workers' wall clocks bound nothing but long silences, with twice the
 * skew that either may have. Both bounds get tighter with each exchange, as in NTP, and the lower one is the time that counts: a worker may
 * be late, never early, and it says by how much at most. When no worker is left that is sure of the time, one begins a new epoch with its own.
 * @see https://www.rfc-editor.org/rfc/rfc5905#section-11.2 the intersection of intervals, which NTP has from Marzullo
 */
export class ItemClock {
  /** The item's time is the monotonic clock plus something between these two. */
  private lowest = -Infinity;
  private highest = Infinity;
  private newest = 0;
  /** Who wrote a revision above `revision` had looked at the time after `since`. */
  private heard: { readonly revision: number; readonly since: number } | undefined;
  private epoch: string | undefined;
  private readonly start: { readonly monotonic: number; readonly wall: number };
  private frozenMs = 0;

  constructor(private readonly source: TimeSource) {
    this.start = { monotonic: source.monotonic(), wall: source.wall() };
  }

  /**
   * After a pause in which this worker may have been frozen: the monotonic clock may have stood still, so by the wall clock more time may be over.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html the environment is frozen between invocations
   */
  resume(): void {
    const { monotonic, wall } = this.start;
    const frozenMs = Math.max(this.frozenMs, this.source.wall() - wall - (this.source.monotonic() - monotonic) + TICK_MS);
    // What was measured before may have been two ticks too much.
    const longer = frozenMs > this.frozenMs ? frozenMs - this.frozenMs + 2 * TICK_MS : 0;
    this.frozenMs = frozenMs;
    this.highest += longer;
    if (this.heard) this.heard = { ...this.heard, since: this.heard.since - longer };
  }

  /** The item's time: never ahead of it. -Infinity before the first observation. */
  now(): ItemTime {
    return this.source.monotonic() + this.lowest;
  }

  /** How far `now` may be behind. */
  uncertainty(): number {
    return Math.min(ANY_MS, this.highest - this.lowest);
  }

  /** The moment of this worker's monotonic clock at which `now` is `time`. */
  monotonicAt(time: ItemTime): number {
    return time - this.lowest;
  }

  /** What this worker's next write says. */
  stamp(revision: number): TimeStamp {
    return { revision, stamped: revision, epoch: this.epoch!, at: this.now(), uncertainty: this.uncertainty(), wallAt: this.source.wall() };
  }

  /** From this worker's write on, the item's time is this worker's: it was `at` when the write was sent. */
  began(epoch: string, at: ItemTime, sentAt: number): void {
    this.forget();
    this.epoch = epoch;
    this.lowest = at - sentAt;
    this.highest = at - sentAt;
  }

  /** This worker's write is the newest revision; it had looked at the time at `sentAt`. */
  wrote(revision: number, sentAt: number): void {
    // Its successors know it.
    this.heard = { revision, since: sentAt };
    this.newest = revision;
  }

  /** Somebody's write was read, with a request that was sent at `sentAt` of the monotonic clock. */
  observe({ revision, stamped, epoch, at, uncertainty, wallAt }: TimeStamp, sentAt: number): void {
    if (epoch !== this.epoch) this.forget();
    this.epoch = epoch;
    const received = this.source.monotonic();
    const byWalls = this.source.wall() - wallAt;
    const atMost = at + uncertainty;
    this.lowest = Math.max(this.lowest, at - received + Math.max(0, byWalls - BETWEEN_TWO_CLOCKS));
    this.highest = Math.min(this.highest, atMost - received + Math.max(0, byWalls + BETWEEN_TWO_CLOCKS));
    if (this.heard && stamped > this.heard.revision) this.highest = Math.min(this.highest, atMost - this.heard.since);
    // A clock was further off than it may be: nothing is known of how late this one is.
    if (this.highest < this.lowest) this.highest = Infinity;
    if (revision === this.newest) return;
    // Its successor may have been under way already; the one after that knows it.
    this.heard = { revision: revision + 1, since: sentAt };
    this.newest = revision;
  }

  private forget(): void {
    this.lowest = -Infinity;
    this.highest = Infinity;
    this.heard = undefined;
    this.newest = 0;
  }
}
