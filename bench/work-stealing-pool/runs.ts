import { type Burst, BURSTS, type BurstName, measureBurst } from './burst';
import { type Design, type PoolShape } from './design';
import { fixedQueues } from './fixed-queues-stack';
import { ours } from './ours-stack';
import { sharedQueue } from './shared-queue-stack';
import type { Progress } from '../bench';

export const SHAPES: readonly PoolShape[] = [{ groups: 2, placesEach: 2 }, { groups: 4, placesEach: 4 }, { groups: 4, placesEach: 8 }];
/** How much longer a task takes where its caches are cold. */
export const COLD_PENALTY = 0.3;
const SEEDS = [0, 1, 2];

/** The same tasks in all designs. */
export interface Run {
  readonly fixed: Burst;
  readonly shared: Burst;
  readonly ours: Burst;
}

/** One kind of costs in pools of one shape, by seed. */
export interface Case {
  readonly shape: PoolShape;
  readonly burst: BurstName;
  readonly runs: readonly Run[];
}

export async function measureCases(coldPenalty: number, progress: Progress): Promise<Case[]> {
  const cases: Case[] = [];
  for (const shape of SHAPES) {
    for (const burst of Object.keys(BURSTS) as BurstName[]) {
      const runs: Run[] = [];
      for (const seed of SEEDS) {
        progress(`work-stealing-pool: ${shape.groups} × ${shape.placesEach} places, ${burst}, ${coldPenalty * 100} % longer where cold, seed ${seed}`);
        const measure = (design: Design) => measureBurst(design, { shape, burst, coldPenalty, seed });
        runs.push({ fixed: await measure(fixedQueues), shared: await measure(sharedQueue), ours: await measure(ours) });
      }
      cases.push({ shape, burst, runs });
    }
  }
  return cases;
}
