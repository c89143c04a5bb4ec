import type { Placing } from './herd';
import { type Cell, FIXED, POOL, POOL_LATE, type Run, SHARED, type StudyDesign } from './measure';
import { percentile } from '../../statistics';

/** Median, and the worst in brackets. */
export function spread(values: readonly number[], digits = 2): string {
  return `${percentile(values, 50).toFixed(digits)} (${Math.max(...values).toFixed(digits)})`;
}

export function runsOf(cells: readonly Cell[], design: StudyDesign): Run[] {
  return cells.flatMap(({ runs }) => runs.get(design) ?? []);
}

/** Makespan of one design ÷ that of another on the same tasks. */
export function beside(cells: readonly Cell[], design: StudyDesign, other: StudyDesign): number[] {
  return cells.flatMap(({ runs }) => runs.get(design)!.map(({ makespan }, seed) => makespan / runs.get(other)![seed].makespan));
}

export const MAKESPAN_HEADER = ['', 'fixed', 'shared', 'pool, fresh', 'pool, 0–60 s', 'fresh ÷ shared', '0–60 s ÷ shared', 'stolen'];

export function makespanRow(name: string, cells: readonly Cell[]): string[] {
  const ratios = (design: StudyDesign) => spread(runsOf(cells, design).map(({ ratio }) => ratio));
  return [
    name, ratios(FIXED), ratios(SHARED), ratios(POOL), ratios(POOL_LATE),
    spread(beside(cells, POOL, SHARED)), spread(beside(cells, POOL_LATE, SHARED)), share(runsOf(cells, POOL_LATE), 'stolen'),
  ];
}

export const WARM_HEADER = ['', 'fixed ÷ shared', 'pool, fresh ÷ shared', 'pool, 0–60 s ÷ shared', 'warm in the pool', 'warm in the shared queue'];

export function warmRow(name: string, cells: readonly Cell[]): string[] {
  return [
    name, spread(beside(cells, FIXED, SHARED)), spread(beside(cells, POOL, SHARED)), spread(beside(cells, POOL_LATE, SHARED)),
    share(runsOf(cells, POOL_LATE), 'warm'), share(runsOf(cells, SHARED), 'warm'),
  ];
}

export function placingRow({ name, fixed, pool, stolenShare }: Placing): string[] {
  return [name, `${fixed.toFixed(1)} s`, `${pool.toFixed(1)} s`, `${(stolenShare * 100).toFixed(0)} %`];
}

function share(runs: readonly Run[], of: 'stolen' | 'warm'): string {
  return `${percentile(runs.map(({ tasks, [of]: count }) => count / tasks * 100), 50).toFixed(0)} %`;
}
