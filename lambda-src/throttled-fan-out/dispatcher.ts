import type { Attempts } from './attempts';
import type { Deferral } from './deferral';
import type { GiveUp, GivenUp } from './give-up';
import type { Acquisition } from './limiter/acquisition';
import type { Message } from './message';
import type { DeliveryOutcome } from './outcome';
import { Duration, Places } from './places';
import type { RateLimiter } from './rate-limiter';
import { Tally } from './tally';
import { Undelivered } from './undelivered';
import type { DispatcherSettings, GivenUpReason, PrioritySettings } from '../../src/throttled-fan-out/contract';

/** A limiter that cannot be reached is tried again after a while that doubles, up to the longest. */
const UNREACHABLE = { FIRST_MS: 200, LONGEST_MS: 5_000 };
/** And when the invocation's time is over, its messages come again after so long. */
const RECOVERY_MS = 30_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** A target that says it is too much and not until when: the limiter paces what comes. */
const THROTTLED_AGAIN_MS = 1_000;

/** All that the dispatcher needs of the world around it. */
export interface DispatcherSurroundings {
  readonly settings: Pick<DispatcherSettings, 'limit' | 'maxAttempts' | 'retryDelaySeconds' | 'longestRetryDelaySeconds' | 'maxAgeSeconds'>;
  readonly limiter: RateLimiter;
  /** Never throws. */
  readonly deliver: (message: Message) => Promise<DeliveryOutcome>;
  readonly attempts: Attempts;
  readonly giveUp: GiveUp;
  readonly log: Log;
  readonly sleep: (ms: number) => Promise<void>;
  /** Wall clock, for the age of messages alone. */
  readonly now: () => number;
}

export interface Log {
  warn(message: string, details: Record<string, unknown>): void;
  error(message: string, details: Record<string, unknown>): void;
}

/** What one invocation gets: messages of one priority. */
export interface Batch {
  readonly messages: readonly Message[];
  /** Records that are no messages, on their way to the dead-letter queue. */
  readonly invalid: readonly GivenUp[];
  /** Index of the priority. */
  readonly rank: number;
  readonly priority: PrioritySettings;
  readonly deferral: Deferral;
  /** No slot is asked for after so long. */
  readonly budgetMs: number;
}

export interface Dispatched {
  /** They come again. */
  readonly comingBack: readonly string[];
  readonly counts: Counts & { readonly expired: number; readonly deadLettered: number };
}

interface Counts {
  delivered: number;
  deferred: number;
  failed: number;
  throttled: number;
  wouldHaveWaited: number;
}

/** Delivers at the pace that the limiter gives, invocation after invocation of one environment. */
export class Dispatcher {
  private readonly tally = new Tally();
  private readonly duration = new Duration();

  constructor(private readonly surroundings: DispatcherSurroundings) {}

  dispatch(batch: Batch): Promise<Dispatched> {
    return new Dispatch(batch, this.surroundings, this.tally, this.duration).run();
  }
}

/** One invocation's work. */
class Dispatch {
  private readonly counts: Counts = { delivered: 0, deferred: 0, failed: 0, throttled: 0, wouldHaveWaited: 0 };
  /** Oldest first; those under way are in it no more. */
  private readonly pending: Message[];
  private readonly deliveries: Promise<void>[] = [];
  private readonly places: Places;
  private readonly undelivered: Undelivered;
  private readonly deadline: number;
  private lastLimiterCall: Promise<unknown> = Promise.resolve();
  /** What was left of the limiter's last wait when the time was over. */
  private waitLeftMs = 0;
  private unreachable = 0;
  private silentUntil = -Infinity;

  constructor(
    private readonly batch: Batch,
    private readonly surroundings: DispatcherSurroundings,
    private readonly tally: Tally,
    private readonly duration: Duration,
  ) {
    surroundings.limiter.resume();
    this.pending = [...batch.messages].sort((one, other) => one.sentAt - other.sentAt);
    this.places = new Places(batch.priority.parallel, duration);
    this.undelivered = new Undelivered(batch.invalid, () => surroundings.limiter.now());
    this.deadline = surroundings.limiter.now() + batch.budgetMs;
  }

  async run(): Promise<Dispatched> {
    await this.deliverAll();
    await Promise.all(this.deliveries);
    if (this.tally.hasDrops) await this.tell();
    this.deferPending();
    const { comingBack, ...givenUp } = await this.undelivered.settle(this.surroundings.giveUp, this.batch.deferral);
    return { comingBack, counts: { ...this.counts, ...givenUp } };
  }

  private async deliverAll(): Promise<void> {
    while (this.hasPending() && this.timeLeft() > 0) {
      const wanted = Math.min(this.pending.length, this.places.perSecond());
      if (wanted < 1) {
        await this.places.one();
        continue;
      }
      const acquisition = await this.acquire(wanted);
      if (this.isDryRun()) await this.deliverAtOnce(acquisition, wanted);
      else if (acquisition.kind === 'GRANTED') await this.deliverInSlots(acquisition);
      else await this.hold(acquisition.ms);
    }
  }

  private async acquire(wanted: number): Promise<Acquisition> {
    const { limiter, settings, log, now } = this.surroundings;
    const { rank, messages, invalid, priority } = this.batch;
    try {
      const acquisition = await this.afterLastLimiterCall(() => limiter.acquire({
        rank,
        wanted,
        more: messages.length + invalid.length >= priority.batchSize,
        aged: now() - this.pending[0]!.sentAt >= settings.limit.ageingSeconds * 1000,
        outcomes: this.tally.take(),
      }));
      this.unreachable = 0;
      return acquisition;
    } catch (error) {
      if (this.unreachable++ === 0) log.warn('the limiter cannot be reached; nothing is delivered without it', { error: (error as Error).name });
      return { kind: 'WAIT', ms: Math.min(UNREACHABLE.FIRST_MS * 2 ** (this.unreachable - 1), UNREACHABLE.LONGEST_MS), reason: 'RATE' };
    }
  }

  private async deliverInSlots({ slots, usableForMs, probe }: Acquisition & { kind: 'GRANTED' }): Promise<void> {
    const { limiter, sleep } = this.surroundings;
    for (const slot of probe ? slots.slice(0, 1) : slots) {
      for (let early = slot - limiter.now(); early > 0; early = slot - limiter.now()) await sleep(Math.ceil(early));
      await this.places.one();
      if (this.silentUntil > limiter.now()) return;
      // Too late: the slot is lost, and the message asks again.
      if (limiter.now() > slot + usableForMs) continue;
      if (!this.hasPending()) return;
      const delivery = this.deliver(this.pending.shift()!, probe);
      if (probe) await delivery;
    }
  }

  /** Dry run: what the limiter says is counted, and nobody waits for it. */
  private async deliverAtOnce(acquisition: Acquisition, wanted: number): Promise<void> {
    const { limiter } = this.surroundings;
    const probe = acquisition.kind === 'GRANTED' && acquisition.probe;
    const count = acquisition.kind === 'GRANTED' ? acquisition.slots.length : wanted;
    this.counts.wouldHaveWaited += acquisition.kind === 'GRANTED' ? acquisition.slots.filter((slot) => slot > limiter.now()).length : wanted;
    for (const message of this.pending.splice(0, count)) {
      await this.places.one();
      const delivery = this.deliver(message, probe);
      if (probe) await delivery;
    }
  }

  private isDryRun(): boolean {
    const { dryRun = false, paused = false, killSwitch } = this.surroundings.limiter.control();
    return dryRun && !paused && killSwitch !== 'OPEN';
  }

  /**
   * Waits inside the invocation, also when that is not long enough: an invocation that gave all back at once would be followed by the next one,
   * until the whole backlog is away and nothing is there to be delivered when the wait is over.
   */
  private async hold(ms: number): Promise<void> {
    const held = Math.min(ms, this.timeLeft());
    await this.surroundings.sleep(Math.ceil(held));
    this.waitLeftMs = ms - held;
  }

  private deliver(message: Message, probe: boolean): Promise<void> {
    const { limiter, deliver } = this.surroundings;
    const startedAt = limiter.now();
    const outcome = deliver(message);
    this.places.take(outcome);
    const delivery = outcome.then((how) => this.ended(message, how, limiter.now() - startedAt, probe));
    this.deliveries.push(delivery);
    return delivery;
  }

  private async ended(message: Message, outcome: DeliveryOutcome, durationMs: number, probe: boolean): Promise<void> {
    const { limiter, settings } = this.surroundings;
    this.duration.add(durationMs);
    switch (outcome.kind) {
      case 'DELIVERED':
        this.counts.delivered++;
        this.tally.add({ delivered: 1, slow: durationMs > (settings.limit.adaptive?.latencyTargetMs ?? Infinity) ? 1 : 0, ...(probe && { probe: 'DELIVERED' }) });
        break;
      case 'THROTTLED': {
        const { retryAfterMs } = outcome;
        this.counts.throttled++;
        this.tally.add({ throttled: 1, ...(retryAfterMs !== undefined && { retryAfterMs }), ...(probe && { probe: 'FAILED' }) });
        if (retryAfterMs !== undefined) this.silentUntil = Math.max(this.silentUntil, limiter.now() + retryAfterMs);
        this.defer(message, retryAfterMs ?? THROTTLED_AGAIN_MS);
        break;
      }
      case 'FAILED':
        this.counts.failed++;
        this.tally.add({ failed: 1, ...(probe && { probe: 'FAILED' }) });
        if (probe) this.defer(message, settings.retryDelaySeconds * 1000);
        else await this.attempted(message, outcome.error);
        break;
      case 'REFUSED':
        this.give(message, 'INVALID', outcome.error);
    }
    // The rest tells more with the next acquisition: a failure by itself is a share of all.
    if (outcome.kind === 'THROTTLED' || probe) await this.tell();
  }

  private async attempted(message: Message, error: string): Promise<void> {
    const { attempts, settings, log } = this.surroundings;
    const { maxAttempts, retryDelaySeconds, longestRetryDelaySeconds } = settings;
    const failures = await attempts.failed(message.record).catch((fault: unknown) => {
      log.warn('a failed delivery could not be counted', { messageId: message.delivery.id, error: (fault as Error).name });
      return 1;
    });
    if (failures >= maxAttempts) {
      this.give(message, 'FAILED', error);
      return;
    }
    log.warn('a delivery failed; it is tried again', { messageId: message.delivery.id, failures, error });
    this.undelivered.comeBack(message.record, Math.min(retryDelaySeconds * 2 ** (failures - 1), longestRetryDelaySeconds) * 1000);
  }

  /** Takes out what has become too old. */
  private hasPending(): boolean {
    const { settings, now } = this.surroundings;
    const oldest = now() - settings.maxAgeSeconds * 1000;
    while (this.pending.length > 0 && this.pending[0]!.sentAt < oldest) this.undelivered.give(this.pending.shift()!, 'EXPIRED');
    return this.pending.length > 0;
  }

  private give(message: Message, reason: GivenUpReason, error: string): void {
    this.surroundings.log.error('a message is given up', { messageId: message.delivery.id, reason, error });
    this.undelivered.give(message, reason);
  }

  /** Each by its place in the line, so that they do not all come back for the first slot. */
  private deferPending(): void {
    const { limiter } = this.surroundings;
    const intervalMs = 1000 / limiter.reading().ratePerSecond;
    const firstMs = this.unreachable > 0 ? RECOVERY_MS : this.waitLeftMs;
    this.pending.forEach((message, index) => this.defer(message, Math.min(firstMs + index * intervalMs, LONGEST_WAIT_MS)));
  }

  /** Waiting is no failed attempt. */
  private defer({ record }: Message, ms: number): void {
    this.counts.deferred++;
    this.undelivered.comeBack(record, ms);
  }

  private tell(): Promise<void> {
    return this.afterLastLimiterCall(async () => {
      if (this.tally.hasDrops) await this.surroundings.limiter.report(this.tally.take());
    });
  }

  /** A worker that wrote the limiter's item twice at a time would stand in its own way. */
  private afterLastLimiterCall<T>(call: () => Promise<T>): Promise<T> {
    const answer = this.lastLimiterCall.then(call);
    this.lastLimiterCall = answer.catch(() => {});
    return answer;
  }

  private timeLeft(): number {
    return this.deadline - this.surroundings.limiter.now();
  }
}
