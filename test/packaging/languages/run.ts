/**
 * `npm run test:<language>`: builds the language's package, installs it into the app below `test/packaging/<language>`, and compares the templates that come
 * out with those of the TypeScript app. Exit code 0: they are equal; 1: they are not, or something failed; 3: this machine lacks the toolchain.
 */
import { rmSync } from 'fs';
import { dotnet } from './dotnet';
import { go } from './go';
import { java } from './java';
import type { Language, Synthesized } from './language';
import { python } from './python';
import { differences, templatesOf } from './templates';
import { Workspace } from './workspace';

const LANGUAGES: Readonly<Record<string, Language>> = { python, java, go, dotnet };
const SHOWN = 20;
const MISSING_TOOLCHAIN = 3;

function main(args: readonly string[]): number {
  const language = args.length === 1 ? LANGUAGES[args[0]] : undefined;
  if (!language) throw new Error(`say one language, received '${args.join(' ')}'; languages: ${Object.keys(LANGUAGES).join(', ')}`);
  const missing = language.missing();
  if (missing.length > 0) {
    console.error(`the package for ${language.name} was not tested, because this machine lacks:\n${missing.map((line) => `  ${line}`).join('\n')}`);
    return MISSING_TOOLCHAIN;
  }
  const workspace = new Workspace(args[0]);
  try {
    if (language.synthesize(workspace).map(areEqual).includes(false)) throw new Error('the templates are to be the same');
  } catch (error) {
    // What went wrong is there to look at.
    throw new Error(`${(error as Error).message}\nsee ${workspace.directory}`, { cause: error });
  }
  rmSync(workspace.directory, { recursive: true, force: true });
  return 0;
}

function areEqual({ app, actual, expected }: Synthesized): boolean {
  const templates = templatesOf(actual);
  const found = differences(templatesOf(expected), templates);
  if (found.length === 0) {
    console.log(`equal      ${app}: ${[...templates.keys()].join(', ')}`);
    return true;
  }
  const more = found.length > SHOWN ? [`and ${found.length - SHOWN} more`] : [];
  console.log([`DIFFERENT  ${app}`, ...found.slice(0, SHOWN), ...more, `compare ${expected} with ${actual}`].join('\n  '));
  return false;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
