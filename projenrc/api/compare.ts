import { spawnSync } from 'child_process';
import { existsSync, readFileSync } from 'fs';
import * as path from 'path';

const JSII_DIFF = path.join(__dirname, '../../node_modules/.bin/jsii-diff');

export interface Comparison {
  readonly compatible: boolean;
  /** For people: each change that breaks a user, with the key that `.compatignore` would have for it. */
  readonly report: readonly string[];
}

/**
 * Compares the public API of two packages, both with their assembly.
 *
 * All of it is experimental before 1.0, and jsii-diff only warns of what happens to that: here it counts like the rest.
 * @param ignored file with the keys of changes that are meant
 */
export function compare(released: string, current: string, ignored: string): Comparison {
  const args = [released, current, '--keys', '--error-on', 'all', '--default-stability', 'experimental', '--ignore-file', ignored];
  const { status, stderr, error } = spawnSync(JSII_DIFF, args, { encoding: 'utf8' });
  const changes = stderr.split('\n').filter((line) => /^(err |warn|skip) - /.test(line));
  // It answers 0 also where it could not compare, and 1 where changes are why.
  if (error || stderr.includes('Skipping analysis') || (status !== 0 && changes.length === 0)) throw new Error(`jsii-diff could not compare: ${error?.message ?? stderr}`);
  const stale = keysIn(ignored).filter((key) => !key.startsWith('move:') && !changes.some((line) => line.endsWith(`[${key}]`)));
  return {
    compatible: status === 0 && stale.length === 0,
    report: [...changes, ...stale.map((key) => `err  - ${path.basename(ignored)} names a change that was not made since: remove ${key}`)],
  };
}

function keysIn(ignored: string): string[] {
  if (!existsSync(ignored)) return [];
  return readFileSync(ignored, 'utf8').split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}
