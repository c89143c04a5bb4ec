import type { Workspace } from './workspace';

/** A language that the library is packaged for, and an app in it that installs the package. */
export interface Language {
  readonly name: string;
  /** What this machine lacks for it, each with what to install; nothing if all is there. */
  missing(): readonly string[];
  /**
   * Builds the package, installs it into the app beside `app.ts` of `../typescript`, and has the app synthesize.
   * @returns the cloud assemblies, by what they are to be equal to
   */
  synthesize(workspace: Workspace): readonly Synthesized[];
}

/** Two cloud assemblies whose templates are to be the same. */
export interface Synthesized {
  /** What it is, for people. */
  readonly app: string;
  /** The directory of the cloud assembly that came out of the language. */
  readonly actual: string;
  /** The directory of its TypeScript twin's. */
  readonly expected: string;
}
