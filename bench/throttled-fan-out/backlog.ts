import { excessOf, rateBetween } from './arrivals';
import { type Design, LIMIT, USUAL_TARGET_MS } from './design';
import { MINUTE, Scene, SECOND } from './scene';
import type { Units } from '../units';

export const BACKLOG = { critical: 1_000, normal: 5_000, bulk: 20_000 };
/** How fast the target is, one after the other, as a multiple of the usual time. */
export const SPEEDS = [1, 0.5, 2];
const PHASE_MS = 120 * SECOND;
/** Of each phase, until all runs evenly. */
const SETTLING_MS = 20 * SECOND;
const PATIENCE_MS = 30 * MINUTE;

/** Far more messages than the target takes. */
export interface Backlog {
  readonly design: Design;
  /** Share of the rate that is used, by the target's speed. */
  readonly utilisation: readonly number[];
  /** Deliveries above rate · t + burst in the worst window. */
  readonly excess: number;
  readonly deadLettered: number;
  readonly messages: number;
  readonly arrivals: number;
  readonly limiterWrites: number;
  readonly units: Units;
}

export function measureBacklog(design: Design): Promise<Backlog> {
  return Scene.open(design, async (scene) => {
    const startedAt = scene.now;
    scene.publish('critical', BACKLOG.critical);
    scene.publish('normal', BACKLOG.normal);
    scene.publish('bulk', BACKLOG.bulk);
    const messages = scene.published.length;
    for (const speed of SPEEDS) {
      scene.targetTakesMs = USUAL_TARGET_MS * speed;
      await scene.pass(PHASE_MS);
    }
    const times = scene.times();
    const utilisation = SPEEDS.map((_, index) => (
      rateBetween(times, startedAt + index * PHASE_MS + SETTLING_MS, startedAt + (index + 1) * PHASE_MS) / LIMIT.perSecond
    ));
    scene.targetTakesMs = USUAL_TARGET_MS;
    await scene.settle(PATIENCE_MS);
    return {
      design,
      utilisation,
      excess: excessOf(scene.times(), LIMIT),
      deadLettered: scene.deadLettered(),
      messages,
      arrivals: scene.arrivals.length,
      limiterWrites: scene.limiterWrites,
      units: scene.units().design,
    };
  });
}
