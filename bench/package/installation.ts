import { execFileSync, spawnSync } from 'child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { buildSync } from 'esbuild';
import { SCOPE, type Contender } from './contenders';
import { type Footprint, footprint, installedFor, type Lock, type Tarball, together } from './footprint';
import type { Progress } from '../bench';

const ROOT = path.join(__dirname, '../..');
const MANIFEST = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
/** What this repository publishes. */
export const OURS: string = MANIFEST.name;
const PEERS = ['aws-cdk-lib', 'constructs'];
/** What runs where the packages are installed. */
const PROCESSES = ['load-process', 'synth-process', 'inventory', 'our-uses', 'plain-stack', 'their-uses'];

/** A project with the packed library, its contenders and their peers from the registry, and nothing else. */
export interface Installation {
  readonly ours: Footprint;
  readonly theirs: readonly Footprint[];
  readonly theirsTogether: Footprint;
  /** Calls one of the processes. @returns what it answers */
  call(process: 'load-process' | 'synth-process', request: object): any;
  /** A new directory in the project. */
  directory(): string;
}

/**
 * Builds and packs the library, installs it, and deletes all that after its use.
 * @throws when the library does not build, or the registry cannot be reached
 */
export function withInstallation<Result>(contenders: readonly Contender[], progress: Progress, use: (installation: Installation) => Result): Result {
  const project = mkdtempSync(path.join(tmpdir(), 'package-bench-'));
  try {
    progress('package: builds the library');
    command('npx', ['--no-install', 'projen', 'build:library'], ROOT);
    progress('package: packs it');
    const [packed] = pack([], ROOT, project);
    progress(`package: installs it beside ${contenders.length} packages of ${SCOPE}`);
    const specs = [...PEERS.map((peer) => `${peer}@${MANIFEST.devDependencies[peer]}`), ...contenders.map(({ name, version }) => `${name}@${version}`)];
    writeFileSync(path.join(project, 'package.json'), JSON.stringify({ name: 'package-bench', private: true }));
    // Each of theirs asks for its own version of the core as a peer, too: npm would take only one of them.
    command('npm', ['install', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', `./${packed.filename}`, ...specs], project);
    const lock: Lock = JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8'));

    const installed = contenders.map(({ name }) => installedFor(lock, name, PEERS));
    const published = installed.flat().filter(({ bundled }) => !bundled).map(({ name, version }) => `${name}@${version}`);
    const tarballs = [packed, ...pack([...new Set(published)], project, project)];
    compile(project);
    return use({
      ours: footprint(OURS, installedFor(lock, OURS, PEERS), tarballs),
      theirs: contenders.map(({ name }, index) => footprint(name, installed[index], tarballs)),
      theirsTogether: footprint('all five of theirs, with one core', together(installed), tarballs),
      call: (process, request) => call(project, process, request),
      directory: () => mkdtempSync(path.join(project, 'out-')),
    });
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

/** Packs what is in `cwd`, or packages of the registry. */
function pack(specs: readonly string[], cwd: string, destination: string): readonly (Tarball & { readonly filename: string })[] {
  mkdirSync(destination, { recursive: true });
  // npm 12 answers an object by package name, earlier ones a list.
  return Object.values(JSON.parse(command('npm', ['pack', '--json', '--prefer-offline', '--pack-destination', destination, ...specs], cwd)));
}

function compile(project: string) {
  buildSync({
    entryPoints: PROCESSES.map((name) => path.join(__dirname, `${name}.ts`)),
    outdir: project,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    supported: { 'dynamic-import': false },
  });
}

function call(project: string, process: string, request: object): unknown {
  return JSON.parse(execFileSync(globalThis.process.execPath, [path.join(project, `${process}.js`), JSON.stringify(request)], {
    cwd: project, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'pipe'],
  }));
}

/** Standard output of a command. @throws with all that it printed, when it fails */
function command(file: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (error) throw error;
  if (status !== 0) throw new Error(`the bench of the package needs '${[file, ...args].join(' ')}', which ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}
