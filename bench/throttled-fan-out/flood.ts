import type { Design } from './design';
import { LIMIT } from './design';
import { MINUTE, Scene, SECOND } from './scene';
import { percentile } from '../statistics';

export const FLOOD = { timesTheRate: 10, seconds: 30, criticalPerSecond: 5 };
const WARM_UP_MS = 30 * SECOND;
/** Critical messages are watched so long: during the flood, and while its backlog is worked off. */
export const WATCHED_MS = 2 * MINUTE;
const PATIENCE_MS = 20 * MINUTE;

/** A trickle of critical messages, alone and in a flood of bulk. */
export interface Flood {
  readonly design: Design;
  readonly unloadedP99Ms: number;
  readonly floodedP99Ms: number;
  /** Critical messages that never came. */
  readonly missing: number;
}

export async function measureFlood(design: Design): Promise<Flood> {
  const unloaded = await criticalWaits(design, 0);
  const flooded = await criticalWaits(design, FLOOD.timesTheRate * LIMIT.perSecond);
  return {
    design,
    unloadedP99Ms: percentile(unloaded.waitedMs, 99),
    floodedP99Ms: percentile(flooded.waitedMs, 99),
    missing: unloaded.missing + flooded.missing,
  };
}

function criticalWaits(design: Design, bulkPerSecond: number) {
  return Scene.open(design, async (scene) => {
    const from = scene.now + WARM_UP_MS;
    scene.stream('critical', FLOOD.criticalPerSecond, WARM_UP_MS + WATCHED_MS);
    await scene.pass(WARM_UP_MS);
    if (bulkPerSecond > 0) scene.flood('bulk', bulkPerSecond, FLOOD.seconds * SECOND);
    await scene.pass(WATCHED_MS);
    const watched = () => scene.waits('critical', from, from + WATCHED_MS);
    for (const end = scene.now + PATIENCE_MS; watched().missing > 0 && scene.unsettled() > 0 && scene.now < end;) await scene.pass(10 * SECOND);
    return watched();
  });
}
