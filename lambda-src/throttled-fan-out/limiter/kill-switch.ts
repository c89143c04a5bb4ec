import type { ItemTime, Limit, Outcomes } from './acquisition';
import type { KillSwitchState } from './state';

/** The switch after these outcomes: it opens at a share of failures, and closes when a probe arrives. */
export function observe(state: KillSwitchState, { delivered, failed, probe }: Outcomes, { killSwitch }: Limit, now: ItemTime): KillSwitchState {
  if (!killSwitch) return { ...state, position: 'CLOSED' };
  if (state.position !== 'CLOSED') {
    if (probe === 'DELIVERED') return { position: 'CLOSED', until: now, window: { since: now, delivered: 0, failed: 0 } };
    if (probe === 'FAILED') return { ...state, position: 'OPEN', until: now + killSwitch.probeEveryMs };
    return state;
  }
  const fresh = now - state.window.since > killSwitch.windowMs;
  const window = {
    since: fresh ? now : state.window.since,
    delivered: (fresh ? 0 : state.window.delivered) + delivered,
    failed: (fresh ? 0 : state.window.failed) + failed,
  };
  const all = window.delivered + window.failed;
  const opens = all >= killSwitch.minimumDeliveries && window.failed >= all * killSwitch.errorShare;
  return { position: opens ? 'OPEN' : 'CLOSED', until: opens ? now + killSwitch.probeEveryMs : now, window };
}

/** What the switch, and the operator's hand on it, let pass. */
export function passage(state: KillSwitchState, { killSwitch, killSwitchControl }: Limit, now: ItemTime): 'ALL' | 'ONE' | { readonly waitMs: number } {
  if (killSwitchControl === 'OPEN') return { waitMs: Infinity };
  if (killSwitchControl === 'CLOSED' || !killSwitch || state.position === 'CLOSED') return 'ALL';
  return now >= state.until ? 'ONE' : { waitMs: state.until - now };
}

/** One delivery is under way to see whether the target is back. A probe that is lost counts so long. */
export function probing(state: KillSwitchState, leaseMs: number, now: ItemTime): KillSwitchState {
  return { ...state, position: 'PROBING', until: now + leaseMs };
}
