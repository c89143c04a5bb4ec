import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { acquire, afterUncertainWriter, type Decision, horizonOf, rateOf, toleratedUncertainty, told } from './limiter/acquire';
import { type Acquisition, type AcquisitionRequest, type ItemTime, type Limit, type LimiterReading, NO_OUTCOMES, type Outcomes } from './limiter/acquisition';
import { ItemClock, type TimeSource, type TimeStamp } from './limiter/item-clock';
import { limitOf } from './limiter/limit';
import { burstOf } from './limiter/slots';
import { initialState, type LimiterState } from './limiter/state';
import { type LimiterItem, type LimiterStore, TableLimiterStore } from './limiter-store';
import type { RateLimiter } from './rate-limiter';
import type { ControlItem, DispatcherSettings } from '../../src/throttled-fan-out/contract';
import { sleep } from '../shared/clock';

/** So often a write is tried against other workers' writes, with a wait in between that grows. */
const WRITE_ATTEMPTS = 8;
const LONGEST_STEP_ASIDE_MS = 20;
/** When nobody sure of the time has written for so long, nobody is; who is sure and busy writes at least every two seconds. */
const LONGEST_UNSURE_MS = 3_000;
/** So often a worker that is not sure of the time asks for it. */
const ASKING_INTERVAL_MS = 150;
/** How long the slots of the first block of an epoch are. */
const FIRST_BLOCK_MS = 250;

type Granted = Decision & { kind: 'GRANTED' };
/** What to do with the limiter's state. With `mostMs` it grants slots for so long only. */
type Decide = (state: LimiterState, limit: Limit, now: ItemTime, mostMs?: number) => Decision;

export interface SharedLimiterProps {
  readonly settings: DispatcherSettings;
  readonly control: () => Promise<ControlItem>;
  readonly documents: DynamoDBDocumentClient;
  readonly tableName: string;
}

/** What a limiter needs of the world around it. */
export interface LimiterSurroundings {
  readonly store: LimiterStore;
  readonly time: TimeSource;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** What this worker has of a shard. */
interface Shard {
  readonly clock: ItemClock;
  /** Not yet told. */
  outcomes: Outcomes;
  askedAt: number;
}

/**
 * One worker's view of a target's limiter, which all its workers share: they compute the next state of its item from the one that they know, and write
 * it on condition that nobody was faster.
 */
export class SharedLimiter implements RateLimiter {
  private readonly surroundings: LimiterSurroundings;
  private readonly shards: readonly Shard[];
  private readonly writer: string;
  private writes = 0;
  private lastControl: ControlItem = {};
  private lastReading: LimiterReading;
  /** Of the shard that gave the last probe: what comes of it is that shard's. */
  private probed = 0;

  constructor(private readonly props: SharedLimiterProps, surroundings?: LimiterSurroundings) {
    const { settings, documents, tableName } = props;
    this.surroundings = surroundings ?? {
      store: new TableLimiterStore(documents, tableName, settings.target),
      time: { monotonic: () => performance.now(), wall: Date.now },
      random: Math.random,
      sleep,
    };
    this.shards = Array.from({ length: settings.limit.shards }, () => (
      { clock: new ItemClock(this.surroundings.time), outcomes: NO_OUTCOMES, askedAt: -Infinity }
    ));
    this.writer = `${this.surroundings.random().toString(36).slice(2)}${this.surroundings.random().toString(36).slice(2)}`;
    this.lastReading = { ratePerSecond: settings.limit.ratePerSecond, switchOpen: false };
  }

  resume(): void {
    for (const { clock } of this.shards) clock.resume();
  }

  now(): number {
    return this.surroundings.time.monotonic();
  }

  reading(): LimiterReading {
    return this.lastReading;
  }

  control(): ControlItem {
    return this.lastControl;
  }

  async acquire(request: AcquisitionRequest): Promise<Acquisition> {
    const index = Math.floor(this.surroundings.random() * this.shards.length);
    this.keep(request.outcomes, index);
    const acquisition = await this.write(index, (state, limit, now, mostMs = Infinity) => {
      const wanted = Math.min(request.wanted, Math.max(1, Math.floor(rateOf(state, limit) * mostMs / 1000)));
      return spread(acquire(state, { ...request, wanted }, limit, now), horizonOf(limit, request.rank), this.surroundings.random);
    });
    return acquisition ?? { kind: 'WAIT', ms: LONGEST_STEP_ASIDE_MS, reason: 'RATE' };
  }

  async report(outcomes: Outcomes): Promise<void> {
    const index = outcomes.probe === undefined ? Math.floor(this.surroundings.random() * this.shards.length) : this.probed;
    this.keep(outcomes, index);
    try {
      await this.write(index, (state) => ({ kind: 'GRANTED', state, slots: [], probe: false }));
    } catch {
      // They are kept for the next write.
    }
  }

  private keep(outcomes: Outcomes, index: number): void {
    const shard = this.shards[outcomes.probe === undefined ? index : this.probed]!;
    shard.outcomes = together(shard.outcomes, outcomes);
  }

  /** Answers undefined when others were always faster. */
  private async write(index: number, decide: Decide): Promise<Acquisition | undefined> {
    const { time, random, sleep: pause } = this.surroundings;
    const shard = this.shards[index]!;
    this.lastControl = await this.props.control();
    const limit = limitOf(this.props.settings, this.lastControl);
    for (let attempt = 1; attempt <= WRITE_ATTEMPTS; attempt++) {
      // A read costs a fifth of a write that is refused because others have written since.
      const newest = await this.read(index);
      const { outcomes } = shard;
      const now = newest ? shard.clock.now() : time.wall();
      const state = told(this.takenOver(newest, now, limit), outcomes, limit, now);
      const decision = decide(state, limit, now);
      this.note(decision.kind === 'GRANTED' ? decision.state : state, limit);
      // An open switch or a lower rate that nobody else heard of would hold back this worker alone, each time anew.
      if (decision.kind === 'WAIT' && !hasDrops(outcomes)) return decision;

      const unsure = newest !== undefined && shard.clock.uncertainty() > toleratedUncertainty(limit);
      const begins = !newest || (unsure && now - newest.sureAt > LONGEST_UNSURE_MS);
      // Booked slots are for those who are sure of the time; what may go at once may go.
      if (unsure && !begins && decision.kind === 'GRANTED' && decision.slots.some((slot) => slot > now)) return this.ask(index, newest);
      // The others are not sure until this worker writes again: soon.
      const first = begins ? decide(state, limit, now, FIRST_BLOCK_MS) : decision;
      const granted: Granted = first.kind === 'GRANTED' ? first : { kind: 'GRANTED', state, slots: [], probe: false };
      const write = this.name();
      const stamp = begins ? this.beginning(newest, write, now) : shard.clock.stamp(newest.revision + 1);
      const item = { ...stamp, at: now, sureAt: unsure && !begins ? newest.sureAt : now, state: granted.state, writer: this.writer, write };
      if (await this.put(index, item, begins ? now : undefined)) {
        shard.outcomes = without(shard.outcomes, outcomes);
        return decision.kind === 'WAIT' ? decision : this.grant(granted, shard.clock, limit, index);
      }
      await pause(random() * Math.min(LONGEST_STEP_ASIDE_MS, 2 ** attempt));
    }
    return undefined;
  }

  /** The first item, or the first of a new epoch: its time is this worker's. */
  private beginning(newest: LimiterItem | undefined, epoch: string, at: ItemTime): TimeStamp {
    const revision = (newest?.revision ?? 0) + 1;
    return { revision, stamped: revision, epoch, at, uncertainty: 0, wallAt: this.surroundings.time.wall() };
  }

  /** Writes the item as it is: the next worker that is sure of the time knows that, and so tells this one how late it may be. */
  private async ask(index: number, newest: LimiterItem): Promise<Acquisition> {
    const shard = this.shards[index]!;
    if (this.now() - shard.askedAt > ASKING_INTERVAL_MS) {
      const asked = await this.put(index, { ...newest, revision: newest.revision + 1, write: this.name() });
      if (asked) shard.askedAt = this.now();
    }
    return { kind: 'WAIT', ms: ASKING_INTERVAL_MS * (0.3 + 0.4 * this.surroundings.random()), reason: 'RATE' };
  }

  private async put(index: number, item: LimiterItem, beginsAt?: ItemTime): Promise<boolean> {
    const { store, time } = this.surroundings;
    const { clock } = this.shards[index]!;
    const sentAt = time.monotonic();
    // When a write's answer is lost, the SDK writes again, and is refused by its own first attempt.
    if (!await store.write(index, item) && (await this.read(index))?.write !== item.write) return false;
    if (beginsAt !== undefined) clock.began(item.epoch, beginsAt, sentAt);
    clock.wrote(item.revision, sentAt);
    return true;
  }

  private name(): string {
    return `${this.writer}-${++this.writes}`;
  }

  private grant({ slots, probe }: Granted, clock: ItemClock, limit: Limit, index: number): Acquisition {
    if (probe) this.probed = index;
    const { usableMs } = burstOf(limit);
    return {
      kind: 'GRANTED',
      slots: slots.map((slot) => clock.monotonicAt(slot)),
      // Who may be late for others' clocks uses its slots for so much shorter. Who may be later than is tolerated has said so in the item, but whoever
      // takes that into account may itself be late by what is tolerated.
      usableForMs: usableMs - Math.min(clock.uncertainty(), toleratedUncertainty(limit)),
      probe,
    };
  }

  private takenOver(newest: LimiterItem | undefined, now: ItemTime, limit: Limit): LimiterState {
    if (!newest) return initialState(now);
    return newest.writer === this.writer ? newest.state : afterUncertainWriter(newest.state, newest.uncertainty, now - newest.at, limit);
  }

  private async read(index: number): Promise<LimiterItem | undefined> {
    const { store, time } = this.surroundings;
    const sentAt = time.monotonic();
    const item = await store.read(index);
    if (item) this.shards[index]!.clock.observe(item, sentAt);
    return item;
  }

  private note(state: LimiterState, limit: Limit): void {
    this.lastReading = { ratePerSecond: rateOf(state, limit) * this.shards.length, switchOpen: state.killSwitch.position !== 'CLOSED' };
  }
}

/** Those that wait for the same do not come back at the same moment. Slots are booked far enough ahead for that. */
function spread(decision: Decision, horizonMs: number, random: () => number): Decision {
  return decision.kind === 'WAIT' ? { ...decision, ms: Math.ceil(decision.ms + random() * horizonMs / 4) } : decision;
}

function hasDrops({ slow, throttled, failed, probe }: Outcomes): boolean {
  return slow + throttled + failed > 0 || probe !== undefined;
}

function together(one: Outcomes, other: Outcomes): Outcomes {
  const retryAfterMs = Math.max(one.retryAfterMs ?? 0, other.retryAfterMs ?? 0);
  const probe = other.probe ?? one.probe;
  return {
    delivered: one.delivered + other.delivered,
    slow: one.slow + other.slow,
    throttled: one.throttled + other.throttled,
    failed: one.failed + other.failed,
    ...(retryAfterMs > 0 && { retryAfterMs }),
    ...(probe && { probe }),
  };
}

/** What came in while the others were written. */
function without(all: Outcomes, written: Outcomes): Outcomes {
  if (all === written) return NO_OUTCOMES;
  const { retryAfterMs, probe, ...counts } = all;
  return {
    ...counts,
    delivered: all.delivered - written.delivered,
    slow: all.slow - written.slow,
    throttled: all.throttled - written.throttled,
    failed: all.failed - written.failed,
    ...(retryAfterMs !== written.retryAfterMs && { retryAfterMs }),
    ...(probe !== written.probe && { probe }),
  };
}
