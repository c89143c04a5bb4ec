import type { ItemTime } from './acquisition';

/** What the limiter's item remembers. */
export interface LimiterState {
  /** Theoretical arrival time of GCRA: when all that was granted is paid for by the rate. */
  readonly arrival: ItemTime;
  /** The same for the share of aged messages. */
  readonly agedArrival: ItemTime;
  /** Until when each priority is known to have more messages than one batch; highest first. */
  readonly pressing: readonly ItemTime[];
  readonly pace: Pace;
  readonly killSwitch: KillSwitchState;
}

/** The adaptive part of the rate. */
export interface Pace {
  /** Of the limit: above 0, at most 1. */
  readonly share: number;
  /** When outcomes were last taken into account. */
  readonly judgedAt: ItemTime;
  readonly loweredAt?: ItemTime;
  /** The target asked for silence. */
  readonly silentUntil: ItemTime;
}

/** CLOSED lets deliveries pass, OPEN none, PROBING one. */
export interface KillSwitchState {
  readonly position: 'CLOSED' | 'OPEN' | 'PROBING';
  /** When an open switch may be probed, or a probe counts as lost. */
  readonly until: ItemTime;
  readonly window: { readonly since: ItemTime; readonly delivered: number; readonly failed: number };
}

export function initialState(now: ItemTime): LimiterState {
  return {
    arrival: now,
    agedArrival: now,
    pressing: [],
    pace: { share: 1, judgedAt: now, silentUntil: now },
    killSwitch: { position: 'CLOSED', until: now, window: { since: now, delivered: 0, failed: 0 } },
  };
}
