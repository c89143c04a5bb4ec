import { spawnSync } from 'child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';

/** An example as `examples/<pattern>/example.json` describes it. */
export interface Example {
  readonly pattern: string;
  /** The example's folder. */
  readonly directory: string;
  readonly title: string;
  /** The CDK app, relative to the folder. */
  readonly app: string;
}

const REPOSITORY = path.join(__dirname, '..');

/** Every pattern that has an example. */
export function patterns(): string[] {
  return readdirSync(__dirname).filter((name) => existsSync(path.join(__dirname, name, 'example.json'))).sort();
}

/** @throws a sentence that names the pattern and those that exist */
export function readExample(pattern: string): Example {
  const directory = path.join(__dirname, pattern);
  const file = path.join(directory, 'example.json');
  if (!existsSync(file)) throw new Error(`there is no pattern '${pattern}'; patterns: ${patterns().join(', ')}`);
  return { pattern, directory, ...JSON.parse(readFileSync(file, 'utf8')) };
}

/**
 * Synthesizes an example's app as `cdk synth` does, in a process of its own, against this repository's sources.
 * @param before modules that are loaded before the app
 * @returns the directory of the cloud assembly
 */
export function synthesize(
  example: Example,
  context: Readonly<Record<string, string>> = {},
  outdir?: string,
  before: readonly string[] = [],
): string {
  const directory = outdir ?? mkdtempSync(path.join(tmpdir(), `${example.pattern}-`));
  const app = path.join(example.directory, example.app);
  const config = JSON.parse(readFileSync(path.join(path.dirname(app), 'cdk.json'), 'utf8'));
  const { status, stderr, stdout } = spawnSync(process.execPath, [...['tsx', ...before].flatMap((module) => ['--import', module]), app], {
    cwd: REPOSITORY,
    encoding: 'utf8',
    env: {
      ...process.env,
      TSX_TSCONFIG_PATH: path.join(__dirname, 'tsconfig.json'),
      CDK_OUTDIR: directory,
      CDK_CONTEXT_JSON: JSON.stringify({ ...config.context, ...context }),
    },
  });
  if (status !== 0) throw new Error(`${path.relative(REPOSITORY, app)} does not synthesize:\n${stderr}${stdout}`);
  return directory;
}
