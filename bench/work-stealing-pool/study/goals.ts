import { beside, runsOf } from './figures';
import type { Placing } from './herd';
import { type Cell, POOL, POOL_LATE, SHARED, type StudyDesign } from './measure';
import { percentile } from '../../statistics';

export const MOST_RATIO = 1.15;
export const MOST_BESIDE_SHARED = 1.05;
/** Goals are for pools of so many places. */
export const MOST_PLACES = 32;

/** The worst run counts beside the bound, the median beside the shared queue: there a single task that is begun last decides. */
export function missedMakespans(cells: readonly Cell[]): string[] {
  return cells.filter(({ places }) => places <= MOST_PLACES).flatMap((cell) => [
    // Bursts of which the leader hears a minute late are over before: no planner can help there, and the README says so.
    ...[POOL, ...(cell.workload.oneSided ? [] : [POOL_LATE])].flatMap((design) => missed(cell, design)),
  ]);
}

function missed(cell: Cell, design: StudyDesign): string[] {
  const what = `of '${cell.workload.name}' with ${cell.places} places in '${design.name}'`;
  const ratio = Math.max(...runsOf([cell], design).map((run) => run.ratio));
  const ofShared = percentile(beside([cell], design, SHARED), 50);
  return [
    ...(ratio <= MOST_RATIO ? [] : [`the makespan ${what} is ${ratio.toFixed(3)} of the bound, more than ${MOST_RATIO}`]),
    ...(ofShared <= MOST_BESIDE_SHARED ? [] : [`the makespan ${what} is ${ofShared.toFixed(3)} of the shared queue's, more than ${MOST_BESIDE_SHARED}`]),
  ];
}

/** Where caches matter. */
export function missedGains(cells: readonly Cell[]): string[] {
  return cells.filter(({ workload }) => !workload.oneSided).flatMap((cell) => [POOL, POOL_LATE].flatMap((design) => {
    const ofShared = Math.max(...beside([cell], design, SHARED));
    return ofShared < 1 ? [] : [`with caches '${cell.workload.name}' with ${cell.places} places takes '${design.name}' ${ofShared.toFixed(3)} of the shared queue's time`];
  }));
}

/** Two choices are there to wait less than with the herd that runs to the least loaded group. */
export function missedPlacings([leastFresh, twoFresh, leastLate, twoLate]: readonly Placing[]): string[] {
  return [[leastFresh, twoFresh], [leastLate, twoLate]]
    .filter(([least, two]) => two.fixed >= least.fixed || two.pool >= least.pool)
    .map(([least, two]) => `'${two.name}' waits no less than '${least.name}'`);
}
