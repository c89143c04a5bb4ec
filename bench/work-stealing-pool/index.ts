import { WORK_SECONDS } from './burst';
import { titleOf } from './design';
import {
  COLD_HEADER, coldRow, COST_FIGURES, IDLE_FIGURES, MAKESPAN_HEADER, makespanRow, WRITES_HEADER, writesRow,
} from './figures';
import { fixedQueues } from './fixed-queues-stack';
import { LONGEST_RECOVERY_SECONDS, missedGains, missedIdle, missedMakespans, missedRecovery, missedWrites } from './goals';
import { IDLE_GROUPS, measureIdle } from './idle';
import { ours } from './ours-stack';
import { measureRecovery, UNDER_WAY } from './recovery';
import { COLD_PENALTY, measureCases } from './runs';
import { sharedQueue } from './shared-queue-stack';
import { runStudy } from './study';
import type { Bench } from '../bench';
import { figureTable, section } from '../section';
import { percentile } from '../statistics';
import { markdownTable } from '../table';

export const workStealingPool: Bench = {
  pattern: 'work-stealing-pool',
  studies: { '--study': runStudy },

  async run(progress) {
    const even = await measureCases(0, progress);
    const cold = await measureCases(COLD_PENALTY, progress);
    progress('work-stealing-pool: nothing to do');
    const idle = [await measureIdle(ours), await measureIdle(fixedQueues), await measureIdle(sharedQueue)];
    progress('work-stealing-pool: runners die');
    const recovery = await measureRecovery(ours);

    section('WorkStealingPool', [
      `Groups × places. ${WORK_SECONDS} s of work for each place, submitted at once, of 100 tenants of which the first has a fifth of the tasks. A task takes 2 to 30 s (Zipf), or 2 s`,
      'and one of ten 20 s (bimodal). Makespan ÷ max(T1 ÷ P, longest task): median of three draws, and the worst in brackets.',
    ], markdownTable(MAKESPAN_HEADER, even.map(makespanRow)));
    section(`With caches: a task takes ${COLD_PENALTY * 100} % longer away from home`, [
      'In a shared queue a task is at home by chance, as often as there are groups. Makespans.',
    ], markdownTable(COLD_HEADER, cold.map(coldRow)));
    section('Conditional writes', ['WorkStealingPool, all three draws.'], markdownTable(WRITES_HEADER, even.map(writesRow)));
    const [{ runs: [first] }] = even;
    section('What a million tasks cost', [
      'Of the runs above with Zipf costs, without caches: $. Logs, metrics, alarms and X-Ray are not in it.',
    ], figureTable(
      [...even.filter(({ burst }) => burst === first.ours.burst).map(({ runs: [run] }) => run.ours), first.fixed, first.shared],
      ({ design, shape }) => (design === ours ? `${design.name}, ${titleOf(shape)}` : design.name), COST_FIGURES,
    ));
    section('What idle groups cost', [
      `$ a month, an hour of ${IDLE_GROUPS} groups that have nothing to do, and the empty polls of event sources. Alarms ($ 0.10 each) are not in it; metrics are told only while there is work.`,
    ], figureTable(idle, ({ design }) => design.name, IDLE_FIGURES));
    section('A runner dies', [
      `${recovery.deaths} times, at different moments between two heartbeats, with ${UNDER_WAY.tasks} tasks of ${UNDER_WAY.seconds} s under way. Seconds until a task is begun anew, at most ${LONGEST_RECOVERY_SECONDS}.`,
    ], markdownTable(['', 'shortest', 'median', 'longest'], [
      ['WorkStealingPool', ...[Math.min(...recovery.seconds), percentile(recovery.seconds, 50), Math.max(...recovery.seconds)].map((seconds) => seconds.toFixed(1))],
    ]));

    return [
      ...missedMakespans(even), ...missedGains(cold), ...missedWrites([...even, ...cold]), ...missedIdle(idle[0]), ...missedRecovery(recovery),
    ];
  },
};
