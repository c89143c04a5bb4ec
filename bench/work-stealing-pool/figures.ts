import { type BillParts, dollarsOf } from './bill';
import type { Burst } from './burst';
import { titleOf } from './design';
import type { Idle } from './idle';
import { IDLE_GROUPS } from './idle';
import type { Case, Run } from './runs';
import { costOf } from '../prices';
import type { Figure } from '../section';
import { percentile } from '../statistics';
import { spread } from './study/figures';

const MILLION = 1_000_000;

export const besideBound = ({ makespanSeconds, boundSeconds }: Burst) => makespanSeconds / boundSeconds;
export const besideShared = ({ ours, shared }: Run) => ours.makespanSeconds / shared.makespanSeconds;

const caseTitle = ({ shape, burst }: Case) => `${titleOf(shape)}, ${burst}`;
const percent = (share: number, digits = 0) => `${(share * 100).toFixed(digits)} %`;
const median = (values: readonly number[]) => percentile(values, 50);

export const MAKESPAN_HEADER = ['', 'tasks', 'T1 ÷ P (s)', 'fixed queues', 'shared queue', 'WorkStealingPool', '… ÷ shared', 'stolen'];

export function makespanRow(each: Case): string[] {
  const { runs } = each;
  return [
    caseTitle(each),
    Math.round(median(runs.map(({ ours }) => ours.tasks))).toLocaleString('en'),
    median(runs.map(({ ours }) => ours.boundSeconds)).toFixed(0),
    ...(['fixed', 'shared', 'ours'] as const).map((design) => spread(runs.map((run) => besideBound(run[design])))),
    spread(runs.map(besideShared)),
    percent(median(runs.map(({ ours }) => ours.coldShare))),
  ];
}

export const COLD_HEADER = ['', 'fixed ÷ shared', 'WorkStealingPool ÷ shared', 'cold in the pool', 'cold in the shared queue'];

export function coldRow(each: Case): string[] {
  const { runs } = each;
  return [
    caseTitle(each),
    spread(runs.map(({ fixed, shared }) => fixed.makespanSeconds / shared.makespanSeconds)),
    spread(runs.map(besideShared)),
    percent(median(runs.map(({ ours }) => ours.coldShare))),
    percent(median(runs.map(({ shared }) => shared.coldShare))),
  ];
}

export function conditionalWrites(cases: readonly Case[]): { readonly made: number; readonly failed: number } {
  const each = cases.flatMap(({ runs }) => runs.map(({ ours }) => ours.conditionalWrites));
  return { made: each.reduce((sum, { made }) => sum + made, 0), failed: each.reduce((sum, { failed }) => sum + failed, 0) };
}

export const WRITES_HEADER = ['', 'conditional writes', 'failed', 'share'];

export function writesRow(each: Case): string[] {
  const { made, failed } = conditionalWrites([each]);
  return [caseTitle(each), made.toLocaleString('en'), failed.toLocaleString('en'), percent(failed / made, 2)];
}

const perMillion = (name: string, dollars: (parts: BillParts) => number): Figure<Burst> => (
  { name, of: ({ bill, tasks }) => (dollars(bill) / tasks * MILLION).toFixed(2) }
);

export const COST_FIGURES: readonly Figure<Burst>[] = [
  perMillion('submitting and routing', ({ submit }) => costOf(submit)),
  perMillion('queues', ({ queues }) => costOf(queues)),
  perMillion('table', ({ table }) => costOf(table)),
  perMillion('runners', ({ runner }) => costOf(runner)),
  perMillion('coordinator', ({ coordinator }) => costOf(coordinator)),
  perMillion('**all**', dollarsOf),
  perMillion('the tasks\' own functions, apart', ({ tasks }) => costOf(tasks)),
];

export const IDLE_FIGURES: readonly Figure<Idle>[] = [
  { name: 'each group', of: ({ group }) => group.toFixed(3) },
  { name: 'whatever the number of groups', of: ({ pool }) => pool.toFixed(3) },
  { name: `${IDLE_GROUPS} groups, all`, of: ({ group, pool }) => (IDLE_GROUPS * group + pool).toFixed(2) },
];
