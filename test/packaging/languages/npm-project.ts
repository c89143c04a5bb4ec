import { existsSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import * as path from 'path';
import { ROOT, type Workspace } from './workspace';

/** What this repository is tested with. */
export const TESTED_WITH: Readonly<Record<string, string>> = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).devDependencies;

/** Packages of npm, each with its version. */
export type Versions = Readonly<Record<string, string>>;

/**
 * Installs the library's npm package into the workspace, for all apps below it.
 * @param versions what to install beside it
 */
export function installNpmPackage(workspace: Workspace, tarball: string, versions: Versions): void {
  writeFileSync(workspace.path('package.json'), JSON.stringify({ private: true, dependencies: { ...versions, 'cdk-integration-patterns': `file:${tarball}` } }));
  workspace.run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline']);
}

/** What examples ask for in any language, without the CDK's command line, which only calls their apps. */
export function npmVersions(examples: readonly string[]): Versions {
  const manifests = examples.flatMap((example) => readdirSync(path.join(ROOT, example)).map((language) => path.join(ROOT, example, language, 'package.json')));
  const wanted = manifests.filter((file) => existsSync(file)).flatMap((file) => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8'));
    return Object.entries<string>({ ...dependencies, ...devDependencies });
  });
  return Object.fromEntries(wanted.filter(([name]) => name !== 'aws-cdk').map(([name, range]) => [name, TESTED_WITH[name] ?? range]));
}
