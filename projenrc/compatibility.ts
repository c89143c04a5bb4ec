/**
 * Compiles and tests the library against releases of aws-cdk-lib other than the one of everyday work.
 *
 *   npm run compatibility                  the floor of the peer range, with the floor of constructs
 *   npm run compatibility -- 2.200.0 latest
 *
 * Each release gets a directory in .cache/compatibility with copies of the sources and of what the build made of them, and a node_modules with
 * this release; all tools come from the repository's own node_modules above it.
 */
import { execFileSync, spawnSync } from 'child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import * as path from 'path';

const ROOT = path.join(__dirname, '..');
/** What is no source, and no part of what a test reads; folders of tools begin with a dot. */
const LEFT_OUT = ['node_modules', 'lib', 'dist', 'coverage', 'test-reports', 'package.json', 'package-lock.json'];
/** Of each pattern, beside the test that is named after it: what depends on the release, and one run of what it synthesizes. */
const TESTS = ['misuse', 'grants', 'logical-ids', 'workflow', 'http-workflow', 'permissions', 'simulation'];
const SKIPPED = [
  'nag tests: cdk-nag 3 needs aws-cdk-lib 2.257 or newer',
  'other tests of what the patterns do: the release makes templates, and does not run them',
  'comparison of snapshots: they are those of the newest release',
];
const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

interface Release {
  readonly cdk: string;
  readonly constructs: string;
}

function releases(args: readonly string[]): Release[] {
  const { 'aws-cdk-lib': cdk, constructs } = manifest.peerDependencies as Record<string, string>;
  if (args.length === 0) return [{ cdk: cdk.replace(/^\^/, ''), constructs: constructs.replace(/^\^/, '') }];
  return args.map((version) => {
    if (!/^(\d+\.\d+\.\d+|latest)$/.test(version)) throw new Error(`a release of aws-cdk-lib must be like 2.200.0, or latest, received '${version}'`);
    return { cdk: version, constructs };
  });
}

/** Answers what went wrong, if anything. */
function check(release: Release): string | undefined {
  const directory = path.join(ROOT, '.cache/compatibility', release.cdk);
  for (const name of readdirSync(ROOT).filter((one) => !one.startsWith('.') && !LEFT_OUT.includes(one))) {
    rmSync(path.join(directory, name), { recursive: true, force: true });
    cpSync(path.join(ROOT, name), path.join(directory, name), { recursive: true, filter: isSource });
  }
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify({
    name: 'compatibility',
    private: true,
    dependencies: { ...manifest.dependencies, 'aws-cdk-lib': release.cdk, 'constructs': release.constructs },
  }, undefined, 2));
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  const installed = ['aws-cdk-lib', 'constructs'].map((name) => `${name} ${versionIn(directory, name)}`).join(', ');
  console.log(`\n${installed}`);

  if (run(directory, 'tsc', ['--noEmit', '--project', 'tsconfig.json']) !== 0) return `${installed}: does not compile`;
  console.log('compiles');
  for (const what of SKIPPED) console.log(`SKIPPED ${what}`);
  writeFileSync(path.join(directory, 'jest.config.json'), JSON.stringify(jestConfig(), undefined, 2));
  if (run(directory, 'jest', ['--ci', '--config', 'jest.config.json']) !== 0) return `${installed}: tests fail`;
  return undefined;
}

function jestConfig(): object {
  const patterns = readdirSync(path.join(ROOT, 'test')).filter((name) => existsSync(path.join(ROOT, 'src', name)));
  const tests = patterns.map((pattern) => `${pattern}/{${[pattern, ...TESTS].join(',')}}.test.ts`);
  const { moduleFileExtensions, moduleNameMapper, testTimeout, transform } = manifest.jest;
  return {
    moduleFileExtensions,
    moduleNameMapper,
    testTimeout,
    transform,
    // No haste map of the repository above, whose package.json files have the same names.
    roots: ['<rootDir>/test', '<rootDir>/src', '<rootDir>/simulator'],
    testMatch: [...tests, 'packaging/handlers.test.ts'].map((test) => `<rootDir>/test/${test}`),
    setupFilesAfterEnv: ['<rootDir>/projenrc/without-snapshots.ts'],
    reporters: ['default'],
  };
}

function isSource(file: string): boolean {
  return !/\/(node_modules|cdk\.out|__snapshots__)(\/|$)/.test(path.relative(ROOT, file).replace(/^/, '/'));
}

function versionIn(directory: string, name: string): string {
  return JSON.parse(readFileSync(path.join(directory, 'node_modules', name, 'package.json'), 'utf8')).version;
}

function run(directory: string, tool: string, args: readonly string[]): number {
  const { status } = spawnSync(path.join(ROOT, 'node_modules/.bin', tool), args, { cwd: directory, stdio: 'inherit' });
  return status ?? 1;
}

try {
  const failures = releases(process.argv.slice(2)).map(check).filter((failure) => failure !== undefined);
  for (const failure of failures) console.error(failure);
  process.exitCode = failures.length > 0 ? 1 : 0;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
