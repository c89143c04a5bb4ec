import { reachesRate } from './arrivals';
import { type Design, LIMIT } from './design';
import { MINUTE, Scene, SECOND } from './scene';

export const OUTAGE = { minutes: 60, perSecond: 5 };
const BEFORE_MS = 2 * MINUTE;
const WATCHED_MS = 10 * MINUTE;
const SPAN_MS = 10 * SECOND;
export const RECOVERED_SHARE = 0.9;

/** The target fails for an hour, while messages go on coming. */
export interface Outage {
  readonly design: Design;
  readonly published: number;
  /** Deliveries that the target had to refuse, of messages that came again or not. */
  readonly refused: number;
  readonly deadLettered: number;
  /** Until it has nine tenths of its rate again; undefined when that never came. */
  readonly recoveryMs: number | undefined;
}

export function measureOutage(design: Design): Promise<Outage> {
  return Scene.open(design, async (scene) => {
    const lastsMs = OUTAGE.minutes * MINUTE;
    scene.stream('normal', OUTAGE.perSecond, BEFORE_MS + lastsMs);
    await scene.pass(BEFORE_MS);
    scene.targetIsDown = true;
    await scene.pass(lastsMs);
    scene.targetIsDown = false;
    const backAt = scene.now;
    await scene.pass(WATCHED_MS);
    const recoveredAt = reachesRate(scene.times(true), backAt, RECOVERED_SHARE * LIMIT.perSecond, SPAN_MS);
    return {
      design,
      published: scene.published.length,
      refused: scene.arrivals.filter(({ taken }) => !taken).length,
      deadLettered: scene.deadLettered(),
      recoveryMs: recoveredAt === undefined ? undefined : recoveredAt - backAt,
    };
  });
}
