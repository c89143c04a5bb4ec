import type { LimitSettings } from '../../../src/throttled-fan-out/contract';

/** Milliseconds of the limiter item's own clock (item-clock.ts): no worker's wall clock, and no epoch that others know. */
export type ItemTime = number;

/** The limit that holds now: as deployed, and as the operator has it; of one shard. */
export interface Limit extends Omit<LimitSettings, 'shards'> {
  readonly paused: boolean;
  readonly killSwitchControl: 'OPEN' | 'CLOSED' | 'AUTO';
  /** Share of the burst that each priority must leave to higher ones; highest priority first. */
  readonly heldBack: readonly number[];
  /** A probe that has told nothing for so long is lost. */
  readonly probeLeaseMs: number;
}

/** How deliveries ended since this worker reported last. */
export interface Outcomes {
  readonly delivered: number;
  /** Of those delivered: slower than the latency target. */
  readonly slow: number;
  /** The target said that it is too much. */
  readonly throttled: number;
  readonly failed: number;
  /** The longest that the target asked for. */
  readonly retryAfterMs?: number;
  /** How the probe ended, when one of these was the probe of an open switch. */
  readonly probe?: 'DELIVERED' | 'FAILED';
}

export const NO_OUTCOMES: Outcomes = { delivered: 0, slow: 0, throttled: 0, failed: 0 };

export interface AcquisitionRequest {
  /** Index of the priority, 0 for the highest. */
  readonly rank: number;
  /** How many messages this worker could deliver in the next second. */
  readonly wanted: number;
  /** The batch was a full one: there are more messages behind it. Lower priorities wait then. */
  readonly more: boolean;
  /** The oldest of the messages has waited beyond the ageing time. */
  readonly aged: boolean;
  readonly outcomes: Outcomes;
}

/** Why there is nothing to have now. */
export type WaitReason = 'RATE' | 'PRIORITY' | 'RETRY_AFTER' | 'PAUSED' | 'KILL_SWITCH';

export type Acquisition =
  | {
    readonly kind: 'GRANTED';
    /** When each message may go, ascending, in the time of `RateLimiter.now`. A slot is usable until `usableForMs` later, not after. */
    readonly slots: readonly number[];
    readonly usableForMs: number;
    /** This is the one delivery that probes an open switch; its outcome is reported as `probe`. */
    readonly probe: boolean;
  }
  | { readonly kind: 'WAIT'; readonly ms: number; readonly reason: WaitReason };

/** What an acquisition tells besides, for metrics. */
export interface LimiterReading {
  /** The rate that holds now, deliveries a second. */
  readonly ratePerSecond: number;
  readonly switchOpen: boolean;
}
