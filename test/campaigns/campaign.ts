/** A CloudFormation template. */
export interface Template {
  Resources: Record<string, { Type: string; Properties?: any; [section: string]: unknown }>;
  [section: string]: unknown;
}

/** A way to break a pattern on purpose, to see that the campaign would notice: in what its code does, or in what it deploys. */
export type Mutant = SourceMutant | TemplateMutant;

/** Breaks handlers, or the library that they are bundled with. */
export interface SourceMutant {
  readonly kind: 'source';
  readonly description: string;
  /** Source file below the repository's root, and what to replace in it. */
  readonly file: string;
  readonly replace: readonly (readonly [from: string, to: string])[];
  /** What its code needs to do harm: permissions that the constructs do not give. */
  readonly mutate?: TemplateMutant['mutate'];
}

/** Breaks what the constructs have synthesized. */
export interface TemplateMutant {
  readonly kind: 'template';
  readonly description: string;
  /** Answers the broken template; what it is given stays as it is. */
  readonly mutate: (template: Template) => Template;
}

/** A pattern's fault campaign: many seeds, each another workload under other faults, and what must hold at the end of each. */
export interface Campaign {
  readonly pattern: string;
  /** Negative controls by name: each must turn the campaign red. */
  readonly mutants: Readonly<Record<string, Mutant>>;
  /**
   * Synthesizes what is simulated. `handlers`: directory with a bundle `<name>/index.js` of each `<name>.lambda.ts` in the campaign's folder.
   * @returns the directory of the cloud assembly
   */
  synthesize(handlers: string): string;
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

/** The template with changed properties of each resource of a type: `change` is given a copy of them. */
export function withResources(template: Template, type: string, change: (properties: any) => void): Template {
  const copy = structuredClone(template);
  for (const { Type, Properties } of Object.values(copy.Resources)) if (Type === type) change(Properties);
  return copy;
}
