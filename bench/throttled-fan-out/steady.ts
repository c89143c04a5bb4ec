import type { Design } from './design';
import { MINUTE, Scene, SECOND } from './scene';
import { difference, type Units } from '../units';

/** Messages a second: 60 % of what the target takes. */
export const STEADY = { critical: 2, normal: 8, bulk: 20 };
const WARM_UP_MS = 30 * SECOND;
const MEASURED_MS = 3 * MINUTE;

/** Messages come as fast as they are delivered: what they cost. */
export interface Steady {
  readonly design: Design;
  readonly messages: number;
  readonly limiterWrites: number;
  /** Of all but the target's own function. */
  readonly units: Units;
  readonly target: Units;
}

export function measureSteady(design: Design): Promise<Steady> {
  return Scene.open(design, async (scene) => {
    for (const priority of ['critical', 'normal', 'bulk'] as const) scene.stream(priority, STEADY[priority], WARM_UP_MS + MEASURED_MS);
    await scene.pass(WARM_UP_MS);
    const before = { ...scene.units(), messages: scene.arrivals.length, limiterWrites: scene.limiterWrites };
    await scene.pass(MEASURED_MS);
    const after = scene.units();
    return {
      design,
      messages: scene.arrivals.length - before.messages,
      limiterWrites: scene.limiterWrites - before.limiterWrites,
      units: difference(after.design, before.design),
      target: difference(after.target, before.target),
    };
  });
}
