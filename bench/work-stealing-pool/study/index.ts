import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { chart } from './chart';
import { beside, MAKESPAN_HEADER, makespanRow, placingRow, runsOf, spread, WARM_HEADER, warmRow } from './figures';
import { missedGains, missedMakespans, missedPlacings, MOST_PLACES } from './goals';
import { HERD, measurePlacing } from './herd';
import { type Cell, FIXED, measure, POOL, POOL_LATE, SHARED, STEALING, WORK_SECONDS } from './measure';
import { WORKLOADS } from './workload';
import type { Progress } from '../../bench';
import { section } from '../../section';
import { markdownTable } from '../../table';

const PLACES = [4, 8, 16, 32, 128, 512, 1_024];
const DESIGNS = [FIXED, SHARED, POOL, POOL_LATE];
const COLD_PENALTY = 0.3;
const LENGTHS = [30, 60, 150, 300, 600];
/** The workloads of the chart and of the last table. */
const CHARTED = ['tenants, Zipf costs', 'all of one tenant', 'bursts of one tenant each'];
const CHART = 'docs/work-stealing-pool-study.svg';

const seedsFor = (places: number) => places <= MOST_PLACES ? 7 : 3;

/** Makespans of the shipped planner and router, beside those of fixed queues and of one shared queue. */
export async function runStudy(progress: Progress): Promise<readonly string[]> {
  const each = (what: string, places: readonly number[], coldPenalty?: number): Cell[] => WORKLOADS.flatMap((workload) => {
    progress(`work-stealing-pool: ${what}, ${workload.name}`);
    return places.map((count) => measure(workload, count, DESIGNS, { seeds: seedsFor(count), ...(coldPenalty !== undefined && { coldPenalty }) }));
  });
  const few = PLACES.filter((places) => places <= MOST_PLACES);
  const cells = each('makespans', PLACES);
  const cold = each('makespans with caches', few, COLD_PENALTY);
  const lengths = LENGTHS.map((workSeconds) => {
    progress(`work-stealing-pool: ${workSeconds} s of work for each place`);
    const charted = WORKLOADS.filter(({ name }) => CHARTED.includes(name));
    return charted.map((workload) => measure(workload, MOST_PLACES, DESIGNS, { seeds: seedsFor(MOST_PLACES), workSeconds }));
  });
  progress('work-stealing-pool: placing by load');
  const { placings, shared } = measurePlacing();

  section('WorkStealingPool: makespans', [
    `${WORK_SECONDS} s of work for each place, ${PLACES.join(', ')} places in 2 to 10 groups; the shipped planner and router, looking every ${STEALING.intervalSeconds / 5} s. Makespan ÷ the best that any schedule`,
    'can do, max(T1 ÷ P, longest task) where all comes at once. Median, and the worst in brackets.',
  ], PLACES.map((places) => {
    return `**${places} places**\n\n${table(MAKESPAN_HEADER, cells.filter((cell) => cell.places === places), makespanRow)}`;
  }).join('\n\n'));
  section(`At most ${MOST_PLACES} places, together`, [], table(MAKESPAN_HEADER, cells.filter(({ places }) => places <= MOST_PLACES), makespanRow));
  section(`More than ${MOST_PLACES} places, together`, [], table(MAKESPAN_HEADER, cells.filter(({ places }) => places > MOST_PLACES), makespanRow));
  section(`With caches: a task takes ${COLD_PENALTY * 100} % longer away from home`, [
    `At most ${MOST_PLACES} places. In a shared queue a task is at home by chance, as often as there are groups.`,
  ], table(WARM_HEADER, cold, warmRow));
  section('How long the work is', [`${MOST_PLACES} places. Makespan ÷ bound with fresh depths, and ÷ shared queue, by the work of each place over the interval of ${STEALING.intervalSeconds} s.`],
    markdownTable(['', ...LENGTHS.map((seconds) => `${seconds} s: ${seconds / STEALING.intervalSeconds} intervals`)], CHARTED.flatMap((name) => {
      const of = lengths.map((found) => found.filter(({ workload }) => workload.name === name));
      return [
        [`${name}: ÷ bound`, ...of.map((found) => spread(runsOf(found, POOL).map(({ ratio }) => ratio)))],
        [`${name}: ÷ shared`, ...of.map((found) => spread(beside(found, POOL, SHARED)))],
      ];
    })));
  section('Placing by load', [
    `Tasks without a key come evenly for ${HERD.seconds / 60} minutes, ${HERD.load * 100} % of ${HERD.places} places in use; ten routers, each of which knows only what it sent itself. Mean wait; it is ${shared.toFixed(1)} s in one shared queue.`,
  ], markdownTable(['', 'without stealing', 'with it', 'stolen'], placings.map(placingRow)));

  writeFileSync(resolve(__dirname, '../../..', CHART), chart(CHARTED.map((name) => cells.filter(({ workload }) => workload.name === name))));
  console.log(`Chart: ${CHART}\n`);
  return [...missedMakespans(cells), ...missedGains(cold), ...missedPlacings(placings)];
}

function table(header: readonly string[], cells: readonly Cell[], rowOf: (name: string, cells: readonly Cell[]) => string[]): string {
  return markdownTable(header, WORKLOADS.map(({ name }) => rowOf(name, cells.filter(({ workload }) => workload.name === name))));
}
