import { earliestEnd } from './bound';
import { FRESH, type Staleness, UP_TO_A_MINUTE } from './depth-readings';
import type { Outcome } from './outcome';
import { groupsOf, type Scene } from './scene';
import { runSharedQueue } from './shared-queue';
import { StudyPool } from './study-pool';
import type { Workload } from './workload';
import { Random } from '../../../simulator/src';
import type { StealingSettings } from '../../../src/work-stealing-pool/contract';

/** What the construct's defaults are. */
export const STEALING: StealingSettings = { intervalSeconds: 15, minimumGainSeconds: 2 };
/** Work of each place, at once or in bursts. */
export const WORK_SECONDS = 300;

export interface StudyDesign {
  readonly name: string;
  run(scene: Scene): Outcome;
}

const pool = (name: string, staleness: Staleness, stealing?: StealingSettings): StudyDesign => ({
  name, run: (scene) => new StudyPool(scene, { staleness, ...(stealing && { stealing }) }).run(),
});

export const FIXED = pool('fixed queues', FRESH);
export const SHARED: StudyDesign = { name: 'one shared queue', run: runSharedQueue };
export const POOL = pool('pool, depths fresh', FRESH, STEALING);
export const POOL_LATE = pool('pool, depths 0–60 s old', UP_TO_A_MINUTE, STEALING);

/** A design on one workload with one seed. */
export interface Run extends Outcome {
  /** Makespan ÷ the earliest end that any schedule has. */
  readonly ratio: number;
}

export interface Cell {
  readonly workload: Workload;
  readonly places: number;
  /** By design, in the order of the seeds. */
  readonly runs: ReadonlyMap<StudyDesign, readonly Run[]>;
}

export interface CellProps {
  readonly seeds: number;
  readonly coldPenalty?: number;
  readonly workSeconds?: number;
}

/** Each design gets the same tasks. */
export function measure(
  workload: Workload, places: number, designs: readonly StudyDesign[], { seeds, coldPenalty = 0, workSeconds = WORK_SECONDS }: CellProps,
): Cell {
  const runs = new Map<StudyDesign, Run[]>(designs.map((design) => [design, []]));
  for (let seed = 0; seed < seeds; seed++) {
    const random = new Random(`bench/work-stealing-pool/study/${seed}`);
    const tasks = workload.tasks(workSeconds * places, places, random.fork(workload.name));
    const bound = earliestEnd(tasks, places);
    for (const [design, found] of runs) {
      const outcome = design.run({ tasks, groups: groupsOf(places), coldPenalty, random });
      found.push({ ...outcome, ratio: outcome.makespan / bound });
    }
  }
  return { workload, places, runs };
}
