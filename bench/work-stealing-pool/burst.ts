import { type BillParts, used } from './bill';
import { type BenchTask, type Design, placesOf, type PoolShape } from './design';
import { HOUR, Scene, SECOND } from './scene';
import { earliestEnd } from './study/bound';
import { WORKLOADS } from './study/workload';
import { Random } from '../../simulator/src';

/** Work of each place, all of it submitted at once. */
export const WORK_SECONDS = 300;
/** Of a hundred tenants; the first has a fifth of the tasks. */
export const BURSTS = { 'Zipf costs': 'tenants, Zipf costs', 'bimodal costs': 'tenants, bimodal costs' } as const;
export type BurstName = keyof typeof BURSTS;
/** What is left to be written and deleted when the last task is done. */
const AFTERWARDS_MS = 30 * SECOND;

export interface BurstProps {
  readonly shape: PoolShape;
  readonly burst: BurstName;
  readonly coldPenalty: number;
  /** Which draw of the tasks; the same for all designs. */
  readonly seed: number;
}

export interface Burst extends BurstProps {
  readonly design: Design;
  readonly tasks: number;
  readonly makespanSeconds: number;
  /** max(T1 ÷ P, longest task): no schedule ends earlier. */
  readonly boundSeconds: number;
  /** Share of the tasks that were done where their caches were cold. */
  readonly coldShare: number;
  readonly conditionalWrites: { readonly made: number; readonly failed: number };
  readonly bill: BillParts;
}

export function measureBurst(design: Design, props: BurstProps, workSeconds: number = WORK_SECONDS): Promise<Burst> {
  return Scene.open(design, props, async (scene) => {
    const { shape, burst, seed } = props;
    const { name, tasks: drawn } = WORKLOADS.find((workload) => workload.name === BURSTS[burst])!;
    const work = drawn(workSeconds * placesOf(shape), placesOf(shape), new Random(`bench/work-stealing-pool/${seed}`).fork(name));
    const tasks = work.map(({ seconds, key }, index): BenchTask => ({ id: `task-${index}`, payload: { tenant: key!, seconds } }));
    const [before, startedAt] = [scene.used(), scene.now];
    scene.submit(tasks);
    await scene.finish(HOUR);
    const makespanSeconds = (scene.now - startedAt) / SECOND;
    await scene.pass(AFTERWARDS_MS);
    return {
      ...props,
      design,
      tasks: tasks.length,
      makespanSeconds,
      boundSeconds: earliestEnd(work, placesOf(shape)),
      coldShare: scene.beginnings.filter(({ cold }) => cold).length / scene.beginnings.length,
      conditionalWrites: scene.conditionalWrites,
      bill: used(scene.used(), before),
    };
  });
}
