import { type GroupState, runningOf } from './look';
import type { GroupView, WorkerView } from './planning/plan';
import type { RegisteredWorker } from './registered-worker';
import type { GroupLoad } from '../../src/work-stealing-pool/contract';

/**
 * A group as the planner sees it.
 * @param pool names of all groups
 * @param before what was last known of its load
 */
export function groupView(state: GroupState, pool: readonly string[], before: GroupLoad | undefined): GroupView {
  const { settings, waiting, inFlight, retired, living, taking, runner } = state;
  const { name, stealsFrom = pool, typicalSeconds, capacity } = settings;
  const common = {
    name, waiting, inFlight, stealsFrom, retired,
    meanSeconds: mean(living, 'meanSeconds') ?? before?.meanSeconds ?? typicalSeconds,
    meanSquareSeconds: mean(living, 'meanSquareSeconds'),
  };
  if (capacity === undefined) {
    const places = taking.reduce((sum, worker) => sum + worker.capacity, 0);
    return { ...common, capacity: places, alive: taking.length > 0, workers: taking.map(externalView) };
  }
  const awake = taking.find(({ isRunner }) => isRunner);
  return {
    ...common,
    capacity,
    // Its runner can be woken.
    alive: true,
    workers: [{
      capacity,
      free: Math.max(0, capacity - runningOf(living)),
      // One that is about to be woken for its own tasks has none to spare.
      idle: awake?.idle ?? waiting === 0,
      dry: runner?.dry ?? {},
    }],
  };
}

function externalView({ worker, capacity, running, idle, dry }: RegisteredWorker): WorkerView {
  return { worker, capacity, free: Math.max(0, capacity - running), idle, dry };
}

/** Of those that have measured it; who does more tasks at once has measured more of them. */
function mean(workers: readonly RegisteredWorker[], measure: 'meanSeconds' | 'meanSquareSeconds'): number | undefined {
  const measured = workers.flatMap(({ capacity, [measure]: seconds }) => (seconds === undefined ? [] : [{ capacity, seconds }]));
  const places = measured.reduce((sum, { capacity }) => sum + capacity, 0);
  return places === 0 ? undefined : measured.reduce((sum, { capacity, seconds }) => sum + capacity * seconds, 0) / places;
}
