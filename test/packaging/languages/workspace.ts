import { spawnSync } from 'child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';

export const ROOT = path.join(__dirname, '../../..');
export const PACKAGING = path.join(ROOT, 'test/packaging');

/** The apps check their templates as `cdk synth` of the examples does. */
export const CONTEXT = { '@aws-cdk/core:validateAgainstDefaultRules': true };

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface PackOptions {
  /** Of jsii-pacmak. */
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface SynthesizeOptions extends RunOptions {
  /** @default CONTEXT */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** A directory of its own for what is built and installed, and the commands that are run in it. */
export class Workspace {
  readonly directory: string;

  constructor(language: string) {
    this.directory = mkdtempSync(path.join(tmpdir(), `${language}-`));
  }

  path(...parts: readonly string[]): string {
    return path.join(this.directory, ...parts);
  }

  /**
   * Runs a command and answers its standard output.
   * @throws when it fails, with all that it printed
   */
  run(command: string, args: readonly string[], { cwd = this.directory, env = {} }: RunOptions = {}): string {
    console.error(`$ ${[command, ...args].join(' ')}`);
    const { status, stdout, stderr, error } = spawnSync(command, args, {
      cwd, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, env: { ...process.env, ...env },
    });
    if (error) throw error;
    if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  /**
   * Has jsii-pacmak make the package of a language, and the npm package, which is inside it.
   * @returns the directory of the language's
   */
  pack(target: string, { options = [], env }: PackOptions = {}): string {
    const outdir = this.path('dist');
    this.run('npx', ['--no-install', 'jsii-pacmak', '--target', target, '--target', 'js', '--outdir', outdir, ...options], { cwd: ROOT, env });
    return path.join(outdir, target);
  }

  /** The npm package that was made with that of a language. */
  npmPackage(): string {
    return onlyFile(this.path('dist/js'), '.tgz');
  }

  /** Synthesizes a CDK app, by the command that `cdk.json` of its language would name. @returns the directory of the cloud assembly */
  synthesize(name: string, command: string, args: readonly string[], { env, context = CONTEXT, ...options }: SynthesizeOptions = {}): string {
    const outdir = this.path('cdk.out', name);
    mkdirSync(outdir, { recursive: true });
    this.run(command, args, { ...options, env: { ...env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) } });
    return outdir;
  }
}

/** Whether a command is on the PATH. */
export function isInstalled(command: string): boolean {
  return (process.env.PATH ?? '').split(path.delimiter).some((directory) => existsSync(path.join(directory, command)));
}

/** The file below a directory whose name ends so; there must be one only. */
export function onlyFile(directory: string, ending: string): string {
  const found = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending));
  if (found.length !== 1) throw new Error(`expected one *${ending} in ${directory}, found ${found.length}: ${found.join(', ')}`);
  return path.join(directory, found[0]);
}
