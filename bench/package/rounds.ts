import { percentile } from '../statistics';

/**
 * Runs each case once in each round, so that what else the machine does meets all of them alike. The first round only warms up.
 * @returns the results by case, in the order of the rounds
 */
export function interleaved<Case, Result>(cases: readonly Case[], rounds: number, run: (each: Case) => Result): readonly (readonly Result[])[] {
  const results = cases.map((): Result[] => []);
  for (let round = 0; round <= rounds; round++) {
    cases.forEach((each, index) => {
      const result = run(each);
      if (round > 0) results[index].push(result);
    });
  }
  return results;
}

/** Where a measurement lies, and how far half of its repetitions are apart. */
export interface Spread {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: percentile(values, 50), lower: percentile(values, 25), upper: percentile(values, 75) };
}

/** Of two cases, round by round: what slows a round down, slows both. */
export function ratioOf(values: readonly number[], to: readonly number[]): Spread {
  return spreadOf(values.map((value, round) => value / to[round]));
}
