/** A way to break a pattern's handlers on purpose, to see that the campaign would notice. */
export interface Mutant {
  readonly description: string;
  /** Source file below the repository's root, and what to replace in it. */
  readonly file: string;
  readonly replace: readonly (readonly [from: string, to: string])[];
}

/** A pattern's fault campaign: many seeds, each another workload under other faults, and what must hold at the end of each. */
export interface Campaign {
  readonly pattern: string;
  /** Negative controls by name: each must turn the campaign red. */
  readonly mutants: Readonly<Record<string, Mutant>>;
  /** Synthesizes what is simulated. @returns the directory of the cloud assembly */
  synthesize(): string;
  /** Runs one seed to its end. @returns a sentence for each violated invariant */
  run(assembly: string, seed: number): Promise<readonly string[]>;
}

/** Collects what did not hold. */
export class Violations {
  readonly list: string[] = [];

  expect(holds: boolean, sentence: () => string) {
    if (!holds) this.list.push(sentence());
  }
}

