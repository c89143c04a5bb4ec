import type { Footprint } from './footprint';
import type { LoadTime } from './loading';
import type { Spread } from './rounds';
import type { SynthTimes } from './synthesis';

const MEGABYTE = 1024 * 1024;
const MOST_MEGABYTES = 3;
const MOST_LOAD_MS = 150;
/** Of the time that plain resources take. */
const MOST_SYNTH_RATIO = 2;

export interface Goal {
  readonly what: string;
  readonly measured: string;
  readonly limit: string;
  readonly met: boolean;
  /** A faster machine would meet it sooner: a miss is shown, and is no failure. */
  readonly dependsOnMachine: boolean;
}

export function goalsOf(ours: Footprint, load: LoadTime, { ratio, ratioAgain }: SynthTimes): readonly Goal[] {
  const megabytes = ours.packedBytes / MEGABYTE;
  const synthGoal = (what: string, measured: Spread): Goal => ({
    what,
    measured: between(measured, 2),
    limit: `< ${MOST_SYNTH_RATIO}`,
    met: measured.median < MOST_SYNTH_RATIO,
    dependsOnMachine: false,
  });
  return [
    { what: 'tarball (MB)', measured: megabytes.toFixed(2), limit: `< ${MOST_MEGABYTES}`, met: megabytes < MOST_MEGABYTES, dependsOnMachine: false },
    {
      what: 'what `require` adds to aws-cdk-lib (ms)',
      measured: between(load.adds, 0),
      limit: `< ${MOST_LOAD_MS}`,
      met: load.adds.median < MOST_LOAD_MS,
      dependsOnMachine: true,
    },
    synthGoal('synthesis of all five ÷ of as many plain resources, in a fresh process', ratio),
    synthGoal('the same, repeated in that process', ratioAgain),
  ];
}

export function missedGoals(goals: readonly Goal[]): readonly string[] {
  return goals.filter(({ met, dependsOnMachine }) => !met && !dependsOnMachine)
    .map(({ what, measured, limit }) => `${what}: ${measured}, ${limit} is allowed`);
}

/** The median, and where half of the measurements are. */
export function between({ median, lower, upper }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${lower.toFixed(digits)}–${upper.toFixed(digits)})`;
}
