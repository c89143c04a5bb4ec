/** The figures of one pattern. */
export interface Bench {
  readonly pattern: string;
  /** Measures, and prints Markdown to standard output. @returns a sentence for each goal that must be met and is not */
  run(progress: (step: string) => void): Promise<readonly string[]>;
}
