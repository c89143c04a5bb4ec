export type Progress = (step: string) => void;

/** The figures of one pattern. */
export interface Bench {
  readonly pattern: string;
  /** Studies that take longer, each by the option that asks for it instead. */
  readonly studies?: Readonly<Record<string, Bench['run']>>;
  /** Measures, and prints Markdown to standard output. @returns a sentence for each goal that must be met and is not */
  run(progress: Progress): Promise<readonly string[]>;
}
