import type { StudyTask } from './workload';

/**
 * No schedule ends earlier: the work that has come by any moment or comes later needs all places from then on, and no task is done sooner than it takes. When all
 * comes at once that is max(T1 ÷ P, longest task).
 */
export function earliestEnd(tasks: readonly StudyTask[], places: number): number {
  let end = 0;
  let later = 0;
  for (const { at, seconds } of [...tasks].sort((one, other) => other.at - one.at)) {
    later += seconds;
    end = Math.max(end, at + later / places, at + seconds);
  }
  return end;
}
