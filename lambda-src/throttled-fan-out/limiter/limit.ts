import type { Limit } from './acquisition';
import type { ControlItem, DispatcherSettings } from '../../../src/throttled-fan-out/contract';

/** What comes on top of a delivery's longest time before its probe counts as lost. */
const PROBE_MARGIN_MS = 5_000;

/** The limit of one shard that holds now: as deployed, but for what the operator has set. */
export function limitOf({ limit, priorities, deliveryTimeoutMs }: DispatcherSettings, control: ControlItem): Limit {
  const { shards, adaptive, ...deployed } = limit;
  const ratePerSecond = (control.ratePerSecond ?? deployed.ratePerSecond) / shards;
  // At least two at once, or a slot that is used late would be one too many.
  const burst = Math.max(2, (control.burst ?? deployed.burst) / shards);
  return {
    ...deployed,
    ratePerSecond,
    burst,
    ...(adaptive && {
      adaptive: { ...adaptive, floorPerSecond: adaptive.floorPerSecond / shards, increasePerSecond: adaptive.increasePerSecond / shards },
    }),
    paused: control.paused ?? false,
    killSwitchControl: control.killSwitch ?? 'AUTO',
    heldBack: priorities.map(({ heldBack }) => heldBack),
    probeLeaseMs: deliveryTimeoutMs + PROBE_MARGIN_MS,
  };
}
