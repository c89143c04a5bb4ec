import { crossCheck, MEASURED_MS } from './cross-check';
import { simulateDay } from './day';
import { billRows, crossCheckRows, DAY_FIGURES } from './figures';
import { missedInCrossCheck, missedInDay } from './goals';
import { deployedKinds, KINDS } from './target-kind';
import type { Progress } from '../../bench';
import { figureTable, section } from '../../section';
import { markdownTable } from '../../table';

/** One day at 1,000 messages a second for 20 targets, with the shipped dispatcher and limiter. */
export async function runDay(progress: Progress): Promise<readonly string[]> {
  const deployed = await deployedKinds();
  progress('throttled-fan-out: the study beside the simulator');
  const check = await crossCheck(deployed);
  section(`The study beside the simulator: ${MEASURED_MS / 1000} s, a target of each kind`, ['Units a thousand messages.'],
    markdownTable(['', 'simulator', 'study', 'difference'], crossCheckRows(check)));
  const day = await simulateDay(deployed, progress);
  section(`A day: 1,000 messages a second for ${day.targets} targets`, [
    `Each target gets ${KINDS.map(({ meanPerSecond }) => meanPerSecond).join(', ')} messages a second on average and takes ${KINDS.map(({ perSecond }) => perSecond).join(', ')}; a wave over the day, and six`,
    'campaigns of five minutes. The shipped dispatcher and limiter, among services that are played for this.',
  ], figureTable([day], ({ targets }) => `${targets} targets`, DAY_FIGURES));
  section('What the day costs', ['Without what the targets cost by themselves.'],
    markdownTable(['', 'units', '$', '$ a million messages'], billRows({ day, logBytesOfAnInvocation: check.logBytesOfAnInvocation })));
  return [...missedInCrossCheck(check), ...missedInDay(day)];
}
