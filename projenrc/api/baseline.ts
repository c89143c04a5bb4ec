import { execFileSync, spawnSync } from 'child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'fs';
import * as path from 'path';

/** How npm is asked; what it answers is JSON, also what went wrong. */
export type Npm = (args: readonly string[]) => string;

/**
 * Gets the package to compare with: a directory or a tarball as it is, a version from the registry, the newest one unless told otherwise.
 *
 * @param directory where it may be unpacked; packages that it depends on must be found from there
 * @returns its directory; nothing if nothing has ever been released
 * @throws when the registry does not answer: that nothing is known is not that nothing was released
 */
export function baselineIn(directory: string, name: string, which: string | undefined, npm: Npm = runNpm): string | undefined {
  if (which !== undefined && existsSync(which)) return statSync(which).isDirectory() ? which : unpacked(path.resolve(which), directory);
  const version = which ?? newestRelease(name, npm);
  if (version === undefined) return undefined;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  npm(['pack', `${name}@${version}`, '--pack-destination', directory]);
  return unpacked(path.join(directory, readdirSync(directory)[0]), directory);
}

function newestRelease(name: string, npm: Npm): string | undefined {
  const answer = JSON.parse(npm(['view', name, 'dist-tags', '--json']));
  if (answer.error?.code === 'E404') return undefined;
  if (typeof answer.latest !== 'string') throw new Error(`the registry did not say what was released of ${name}: ${answer.error?.summary ?? JSON.stringify(answer)}`);
  return answer.latest;
}

function unpacked(tarball: string, directory: string): string {
  const target = path.join(directory, 'package');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', target]);
  return target;
}

function runNpm(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
  // With --json it says on its standard output what is wrong.
  if (status !== 0 && !args.includes('--json')) throw new Error(`npm ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}
