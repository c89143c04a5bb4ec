import { besideBound, besideShared, conditionalWrites } from './figures';
import type { Idle } from './idle';
import type { Recovery } from './recovery';
import type { Case } from './runs';
import { percentile } from '../statistics';
import { MOST_BESIDE_SHARED, MOST_RATIO } from './study/goals';

const MOST_FAILED_WRITES = 0.05;
const MOST_IDLE_DOLLARS = 0.1;
const LEASE_SECONDS = 30;
export const LONGEST_RECOVERY_SECONDS = LEASE_SECONDS + 10;

const titleOf = ({ shape: { groups, placesEach }, burst }: Case) => `${groups} × ${placesEach} places with ${burst}`;

/** The worst run counts beside the bound, the median beside the shared queue: there a single task that is begun last decides. */
export function missedMakespans(cases: readonly Case[]): string[] {
  return cases.flatMap((each) => {
    const worst = Math.max(...each.runs.map(({ ours }) => besideBound(ours)));
    const ofShared = percentile(each.runs.map(besideShared), 50);
    return [
      ...(worst <= MOST_RATIO ? [] : [`the makespan of ${titleOf(each)} is ${worst.toFixed(3)} of the bound, more than ${MOST_RATIO}`]),
      ...(ofShared <= MOST_BESIDE_SHARED ? [] : [`the makespan of ${titleOf(each)} is ${ofShared.toFixed(3)} of the shared queue's, more than ${MOST_BESIDE_SHARED}`]),
    ];
  });
}

/** Where caches matter. */
export function missedGains(cases: readonly Case[]): string[] {
  return cases.flatMap((each) => {
    const worst = Math.max(...each.runs.map(besideShared));
    return worst < 1 ? [] : [`with caches ${titleOf(each)} take ${worst.toFixed(3)} of the shared queue's time, not less`];
  });
}

export function missedWrites(cases: readonly Case[]): string[] {
  const { made, failed } = conditionalWrites(cases);
  return failed < MOST_FAILED_WRITES * made ? [] : [`${failed} of ${made} conditional writes have failed, less than ${MOST_FAILED_WRITES * 100} % are allowed`];
}

export function missedIdle({ design, group }: Idle): string[] {
  return group <= MOST_IDLE_DOLLARS ? [] : [`an idle group of ${design.name} costs $ ${group.toFixed(2)} a month, at most $ ${MOST_IDLE_DOLLARS.toFixed(2)} are allowed`];
}

export function missedRecovery({ deaths, seconds }: Recovery): string[] {
  if (deaths === 0 || seconds.length === 0) return ['no runner died with tasks under way'];
  const longest = Math.max(...seconds);
  return longest <= LONGEST_RECOVERY_SECONDS ? [] : [`tasks of a runner that died are begun anew after ${longest.toFixed(1)} s, at most ${LONGEST_RECOVERY_SECONDS} s are allowed`];
}
