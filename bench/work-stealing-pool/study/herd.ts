import { FRESH, type Staleness, UP_TO_A_MINUTE } from './depth-readings';
import { STEALING } from './measure';
import { groupsOf } from './scene';
import { runSharedQueue } from './shared-queue';
import { StudyPool } from './study-pool';
import { steady } from './workload';
import { Random } from '../../../simulator/src';
import type { Routing } from '../../../src/work-stealing-pool/contract';
import { percentile } from '../../statistics';

export const HERD = { places: 32, load: 0.8, seconds: 1_800, seeds: 5 };

/** How long tasks without a key wait that come evenly. */
export interface Placing {
  readonly name: string;
  /** Seconds; medians over the seeds. */
  readonly fixed: number;
  readonly pool: number;
  readonly stolenShare: number;
}

const ROUTINGS: readonly (readonly [string, Routing])[] = [['least loaded', { kind: 'LEAST_LOADED' }], ['power of two choices', { kind: 'POWER_OF_TWO_CHOICES' }]];

export function measurePlacing(): { readonly placings: readonly Placing[]; readonly shared: number } {
  const scenes = Array.from({ length: HERD.seeds }, (_, seed) => {
    const random = new Random(`bench/work-stealing-pool/herd/${seed}`);
    return { random, groups: groupsOf(HERD.places), coldPenalty: 0, tasks: steady(HERD.load, HERD.seconds, HERD.places, random.fork('arrivals')) };
  });
  const placing = ([name, withoutKey]: (typeof ROUTINGS)[number], staleness: Staleness): Placing => {
    const fixed = scenes.map((scene) => new StudyPool(scene, { staleness, withoutKey }).run().meanWait);
    const pool = scenes.map((scene) => new StudyPool(scene, { staleness, withoutKey, stealing: STEALING }).run());
    return {
      name: `${name}, depths ${staleness.name}`,
      fixed: percentile(fixed, 50),
      pool: percentile(pool.map(({ meanWait }) => meanWait), 50),
      stolenShare: percentile(pool.map(({ stolen, tasks }) => stolen / tasks), 50),
    };
  };
  return {
    placings: [FRESH, UP_TO_A_MINUTE].flatMap((staleness) => ROUTINGS.map((routing) => placing(routing, staleness))),
    shared: percentile(scenes.map((scene) => runSharedQueue(scene).meanWait), 50),
  };
}
