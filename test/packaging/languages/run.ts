/**
 * `npm run test:<language>`: builds the language's package, installs it into the app below `test/packaging/<language>`, and compares the templates that come
 * out with those of the TypeScript app. Of .NET the sources are generated, and looked at. Exit code 0: all is well; 1: templates differ, or something failed;
 * 69: this machine lacks the toolchain (EX_UNAVAILABLE of sysexits.h).
 */
import { rmSync } from 'fs';
import { dotnet } from './dotnet';
import { go } from './go';
import { java } from './java';
import type { Checked, Language, Synthesized } from './language';
import { python } from './python';
import { differences, templatesOf } from './templates';
import { Workspace } from './workspace';

const LANGUAGES: Readonly<Record<string, Language>> = { python, java, go, dotnet };
const SHOWN = 20;
const MISSING_TOOLCHAIN = 69;

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
    const checked = 'check' in language ? language.check(workspace) : language.synthesize(workspace).map(compared);
    if (checked.map(isWell).includes(false)) throw new Error(`the package for ${language.name} is not what it should be`);
  } catch (error) {
    // What went wrong is there to look at.
    throw new Error(`${(error as Error).message}\nsee ${workspace.directory}`, { cause: error });
  }
  rmSync(workspace.directory, { recursive: true, force: true });
  return 0;
}

function compared({ app, actual, expected }: Synthesized): Checked {
  const templates = templatesOf(actual);
  const problems = differences(templatesOf(expected), templates);
  return { what: `equal templates of ${app}: ${[...templates.keys()].join(', ')}`, problems, hint: [`compare ${expected} with ${actual}`] };
}

function isWell({ what, problems, hint = [] }: Checked): boolean {
  const more = problems.length > SHOWN ? [`and ${problems.length - SHOWN} more`] : [];
  console.log(problems.length === 0 ? `ok      ${what}` : [`FAILED  ${what}`, ...problems.slice(0, SHOWN), ...more, ...hint].join('\n  '));
  return problems.length === 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
