import type { Workspace } from './workspace';

interface Packaged {
  readonly name: string;
  /** What this machine lacks for it, each with what to install; nothing if all is there. */
  missing(): readonly string[];
}

/** A language that the library is packaged for, and an app in it that installs the package. */
export interface UsedLanguage extends Packaged {
  /**
   * Builds the package, installs it into the app that is the twin of `../typescript/app.ts`, and has both synthesize.
   * @returns the cloud assemblies, by what they are to be equal to
   */
  synthesize(workspace: Workspace): readonly Synthesized[];
}

/** A language whose package is looked at, and not used. */
export interface ReadLanguage extends Packaged {
  check(workspace: Workspace): readonly Checked[];
}

export type Language = UsedLanguage | ReadLanguage;

/** Two cloud assemblies whose templates are to be the same. */
export interface Synthesized {
  /** What it is, for people. */
  readonly app: string;
  /** The directory of the cloud assembly that came out of the language. */
  readonly actual: string;
  /** The directory of its TypeScript twin's. */
  readonly expected: string;
}

export interface Checked {
  /** What was looked at, and how, for people. */
  readonly what: string;
  /** A line each; nothing if all is well. */
  readonly problems: readonly string[];
  /** Where to look further. */
  readonly hint?: readonly string[];
}
