import type { AcquisitionRequest, ItemTime, Limit, Outcomes, WaitReason } from './acquisition';
import * as killSwitch from './kill-switch';
import { judge } from './pace';
import { type Booking, book, burstOf, toleranceOf } from './slots';
import type { LimiterState } from './state';

/** So far ahead slots are booked: what a message that comes next may have to wait behind. Where there is one priority only, nobody minds. */
const HORIZON_MS = { only: 2_000, highest: 1_000, others: 350 };
/** A wait whose end nobody knows is looked at again after so long. */
const LOOK_AGAIN_MS = 5_000;
/** How long after its messages a full batch is taken to have more behind it. */
const PRESSING_MS = 1_000;

export type Decision =
  | { readonly kind: 'GRANTED'; readonly state: LimiterState; readonly slots: readonly ItemTime[]; readonly probe: boolean }
  | { readonly kind: 'WAIT'; readonly ms: number; readonly reason: WaitReason };

/** Deliveries a second that the limit and the target's health allow. */
export function rateOf({ pace }: LimiterState, { ratePerSecond, adaptive }: Limit): number {
  return ratePerSecond * (adaptive ? pace.share : 1);
}

/** The state after deliveries ended so. */
export function told(state: LimiterState, outcomes: Outcomes, limit: Limit, now: ItemTime): LimiterState {
  return { ...state, pace: judge(state.pace, outcomes, limit, now), killSwitch: killSwitch.observe(state.killSwitch, outcomes, limit, now) };
}

/** Whether this worker may deliver, how many and when. `state` has been told the request's outcomes. */
export function acquire(state: LimiterState, request: AcquisitionRequest, limit: Limit, now: ItemTime): Decision {
  if (limit.paused) return wait(LOOK_AGAIN_MS, 'PAUSED');
  if (state.pace.silentUntil > now) return wait(state.pace.silentUntil - now, 'RETRY_AFTER');
  const passage = killSwitch.passage(state.killSwitch, limit, now);
  if (typeof passage === 'object') return wait(Math.min(passage.waitMs, LOOK_AGAIN_MS), 'KILL_SWITCH');

  const probe = passage === 'ONE';
  const wanted = probe ? 1 : request.wanted;
  const blockedUntil = probe ? now : Math.max(now, ...state.pressing.slice(0, request.rank));
  const regular = blockedUntil > now ? undefined : regularly(state, wanted, request.rank, limit, now);
  if (regular && regular.waitMs === 0) return granted(state, request, limit, now, regular.booking, probe);

  const aged = request.aged && request.rank > 0 ? asAged(state, wanted, request.rank, limit, now) : undefined;
  if (aged && aged.booking.slots.length > 0) {
    return granted({ ...state, agedArrival: aged.agedArrival }, request, limit, now, aged.booking, probe);
  }
  return regular ? wait(regular.waitMs, 'RATE') : wait(Math.min(blockedUntil - now, HORIZON_MS.others), 'PRIORITY');
}

interface RegularBooking {
  readonly booking: Booking;
  /** 0: it is booked. */
  readonly waitMs: number;
}

interface AgedBooking {
  readonly booking: Booking;
  readonly agedArrival: ItemTime;
}

/** A block that is worth its write: half the horizon's slots, unless fewer are wanted. */
function regularly(state: LimiterState, wanted: number, rank: number, limit: Limit, now: ItemTime): RegularBooking {
  const intervalMs = 1000 / rateOf(state, limit);
  const toleranceMs = toleranceOf(limit, rank);
  const horizonMs = horizonOf(limit, rank);
  const booking = book(state.arrival, wanted, { now, intervalMs, toleranceMs, horizon: now + horizonMs });
  const worthIt = Math.max(1, Math.min(wanted, Math.ceil(horizonMs / intervalMs / 2)));
  if (booking.slots.length >= worthIt) return { booking, waitMs: 0 };
  const lastOfBlock = state.arrival + (worthIt - 1) * intervalMs - toleranceMs;
  return { booking, waitMs: Math.max(1, lastOfBlock - horizonMs - now) };
}

/** How far ahead a priority books. */
export function horizonOf({ heldBack }: Limit, rank: number): number {
  return rank > 0 ? HORIZON_MS.others : heldBack.length > 1 ? HORIZON_MS.highest : HORIZON_MS.only;
}

/** A small share of the rate for messages that have waited too long, whoever else presses: no priority starves. */
function asAged(state: LimiterState, wanted: number, rank: number, limit: Limit, now: ItemTime): AgedBooking | undefined {
  if (state.agedArrival > now) return undefined;
  const intervalMs = 1000 / rateOf(state, limit);
  const count = Math.min(wanted, Math.max(1, Math.ceil(HORIZON_MS.others * limit.agedShare / intervalMs)));
  const toleranceMs = toleranceOf(limit, rank);
  // Behind all that the highest priority may have booked, and what it need not leave to this one.
  const behind = HORIZON_MS.highest + (toleranceOf(limit, 0) - toleranceMs) + count * intervalMs;
  const booking = book(state.arrival, count, { now, intervalMs, toleranceMs, horizon: now + behind });
  return { booking, agedArrival: now + booking.slots.length * intervalMs / limit.agedShare };
}

function granted(
  state: LimiterState, request: AcquisitionRequest, limit: Limit, now: ItemTime, { slots, arrival }: Booking, probe: boolean,
): Decision {
  const lasts = slots.length * 1000 / rateOf(state, limit) + PRESSING_MS;
  const pressing = limit.heldBack.map((_, rank) => (rank === request.rank && request.more ? now + lasts : state.pressing[rank] ?? now));
  const { probeLeaseMs } = limit;
  return {
    kind: 'GRANTED',
    slots,
    probe,
    state: { ...state, arrival, pressing, killSwitch: probe ? killSwitch.probing(state.killSwitch, probeLeaseMs, now) : state.killSwitch },
  };
}

function wait(ms: number, reason: WaitReason): Decision {
  return { kind: 'WAIT', ms: Math.ceil(ms), reason };
}

/**
 * The state as a worker must take it that writes after another one. Who is not sure of the item's time may be late, and so are the slots that it has:
 * then nobody knows that any time has passed since it wrote, and all that was granted moves by as much, and so does the silence that a target asked for.
 */
export function afterUncertainWriter(state: LimiterState, uncertainty: number, sinceItWrote: number, limit: Limit): LimiterState {
  if (uncertainty <= toleratedUncertainty(limit)) return state;
  const late = Math.min(uncertainty, Math.max(0, sinceItWrote));
  const { arrival, agedArrival, pace } = state;
  return { ...state, arrival: arrival + late, agedArrival: agedArrival + late, pace: { ...pace, silentUntil: pace.silentUntil + late } };
}

/** A worker that is surer of the time than this uses its slots for so much shorter instead. */
export function toleratedUncertainty(limit: Limit): number {
  return burstOf(limit).usableMs / 2;
}
