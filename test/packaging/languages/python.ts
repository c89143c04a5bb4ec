import { spawnSync } from 'child_process';
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'fs';
import * as path from 'path';
import { pathToFileURL } from 'url';
import { differingCopies, isSource } from './copies';
import type { Language, Synthesized } from './language';
import { installNpmPackage, npmVersions, TESTED_WITH } from './npm-project';
import { onlyFile, ROOT, type Workspace } from './workspace';
import { patterns } from '../../../examples/example';

/** The lowest minor version of Python 3 that the package says it runs on. */
const LOWEST = 10;
const CDK = ['aws-cdk-lib', 'constructs'];
/** The apps that have every construct. */
const EVERYTHING = 'test/packaging';
const EXAMPLES = patterns().map((pattern) => `examples/${pattern}`);

/** Directories with an app per language, and what it is asked for by `-c`, as the READMEs say. */
const APPS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [EVERYTHING, {}],
  ...EXAMPLES.map((example) => [example, {}] as const),
  ['examples/scatter-gather', { slowBank: 'true' }],
  ['examples/work-stealing-pool', { stealing: 'disabled' }],
];

export const python: Language = {
  name: 'Python',
  missing,
  synthesize(workspace) {
    const unlike = EXAMPLES.flatMap((example) => differingCopies(`${example}/typescript`, `${example}/python`));
    if (unlike.length > 0) throw new Error(unlike.join('\n'));

    const dist = workspace.pack('python');
    const cdk = installWheel(workspace, onlyFile(dist, '.whl'));
    console.error(`both sides get ${CDK.map((name) => `${name} ${cdk[name]}`).join(' and ')}`);
    installNpmPackage(workspace, workspace.npmPackage(), { ...npmVersions(EXAMPLES), ...cdk });
    return APPS.map(([directory, asked], index): Synthesized => {
      const [actual, expected] = ['python', 'typescript'].map((language) => synthesizeApp(workspace, `${directory}/${language}`, asked, `${index}-${language}`));
      return { app: [directory, ...Object.entries(asked).map(([key, value]) => `-c ${key}=${value}`)].join(' '), actual, expected };
    });
  },
};

function missing(): string[] {
  const python3 = (code: string) => spawnSync('python3', ['-c', code], { encoding: 'utf8' });
  const { status, stdout } = python3('import sys; print(*sys.version_info[:2], sep=".")');
  const [major, minor] = status === 0 ? stdout.split('.').map(Number) : [];
  if (major !== 3 || minor < LOWEST) {
    return [`python3, 3.${LOWEST} or newer${status === 0 ? `, found ${stdout.trim()}` : ''}: apt-get install python3 python3-venv, or brew install python`];
  }
  return python3('import ensurepip, venv').status === 0 ? [] : ['the modules venv and ensurepip of python3: apt-get install python3-venv'];
}

/**
 * Installs the package and what the examples ask for into a virtual environment. Releases of the CDK reach the registries at different times: it gets the one that
 * this repository is tested with, or the newest before it.
 * @returns the versions of the CDK
 */
function installWheel(workspace: Workspace, wheel: string): Record<string, string> {
  const constraints = workspace.path('constraints.txt');
  writeFileSync(constraints, [...CDK.map((name) => `${name}<=${TESTED_WITH[name]}`), `cdk-integration-patterns @ ${pathToFileURL(wheel)}`].join('\n'));
  workspace.run('python3', ['-m', 'venv', workspace.path('venv')]);
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input'];
  const requirements = EXAMPLES.flatMap((example) => ['--requirement', path.join(ROOT, example, 'python/requirements.txt')]);
  const run = (...args: readonly string[]) => workspace.run(workspace.path('venv/bin/python'), [...pip, ...args]);
  run('install', '--quiet', '--no-compile', '--constraint', constraints, ...requirements);
  const installed: readonly { name: string; version: string }[] = JSON.parse(run('list', '--format', 'json'));
  return Object.fromEntries(installed.filter(({ name }) => CDK.includes(name)).map(({ name, version }) => [name, version]));
}

/** Synthesizes a copy of the app, as its `cdk.json` says. @returns the directory of the cloud assembly */
function synthesizeApp(workspace: Workspace, source: string, asked: Readonly<Record<string, string>>, name: string): string {
  const cwd = workspace.path(source);
  cpSync(path.join(ROOT, source), cwd, { recursive: true, filter: isSource });
  // It is where `NodejsFunction` takes the root of a project to be.
  copyFileSync(workspace.path('package-lock.json'), path.join(cwd, 'package-lock.json'));
  const { app, context } = JSON.parse(readFileSync(path.join(cwd, 'cdk.json'), 'utf8'));
  const [command, ...args] = app.split(' ');
  return workspace.synthesize(name, command, args, {
    cwd,
    context: { ...context, ...asked },
    env: {
      // As in an activated environment, and behind `npx cdk`.
      PATH: [workspace.path('venv/bin'), workspace.path('node_modules/.bin'), process.env.PATH].join(path.delimiter),
      // What TypeScript makes is checked, the examples' templates where they are simulated, and what Python makes is to be the same.
      CDK_VALIDATION: String(source === `${EVERYTHING}/typescript`),
    },
  });
}
