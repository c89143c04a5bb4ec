import { spawnSync } from 'child_process';
import { existsSync, readFileSync, rmSync } from 'fs';
import * as path from 'path';
import { pathToFileURL } from 'url';
import type { Language } from './language';
import { TESTED_WITH, type Versions } from './npm-project';
import { copyApp, synthesizeTwin } from './twin';
import { onlyFile, ROOT } from './workspace';

/** The app is written for it; the library's jar is content with Java 8. */
const LOWEST_JAVA = 11;
/** What the jar's own build enforces. */
const LOWEST_MAVEN = '3.6';
const INSTALL = 'apt-get install maven openjdk-17-jdk-headless, or brew install maven';

/** A local repository of its own: in that of the user a library of an earlier build, or of nobody's wish, would be left. */
const LOCAL_REPOSITORY = path.join(ROOT, '.cache/maven');
const LIBRARY = 'io/github/cdk-integration-patterns/cdk-integration-patterns';

export const java: Language = {
  name: 'Java',
  missing,
  synthesize(workspace) {
    rmSync(path.join(LOCAL_REPOSITORY, LIBRARY), { recursive: true, force: true });
    // Beside the jar there would be two of its sources and their documentation, which nobody installs.
    const skipped = ['install', 'javadoc', 'source'].map((plugin) => `-Dmaven.${plugin}.skip=true`);
    const repository = workspace.pack('java', { env: { MAVEN_OPTS: [`-Dmaven.repo.local=${LOCAL_REPOSITORY}`, ...skipped].join(' ') } });
    const pom = onlyFile(repository, '.pom');
    const cdk = releases(readFileSync(pom, 'utf8'));
    const properties = {
      'maven.repo.local': LOCAL_REPOSITORY,
      'library.repository': pathToFileURL(repository).href,
      'library.version': path.basename(path.dirname(pom)),
      'cdk.version': cdk['aws-cdk-lib'],
      'constructs.version': cdk.constructs,
    };
    const define = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
    const actual = workspace.synthesize('java', 'mvn', ['--batch-mode', '--quiet', '--errors', ...define, 'compile', 'exec:java'], {
      cwd: copyApp(workspace, 'java'),
      env: { MAVEN_OPTS: '-XX:TieredStopAtLevel=1', CDK_VALIDATION: 'false' },
    });
    return [{ app: 'test/packaging', actual, expected: synthesizeTwin(workspace, cdk) }];
  },
};

function missing(): string[] {
  const { stdout, stderr, error } = spawnSync('mvn', ['--version'], { encoding: 'utf8' });
  if (error) return [`Maven ${LOWEST_MAVEN} or newer, and a JDK ${LOWEST_JAVA} or newer: ${INSTALL}`];
  const [, maven] = /Apache Maven ([\d.]+)/.exec(stdout) ?? [];
  // `1.8.0` is Java 8.
  const [, version, home] = /Java version: (?:1\.)?([\d]+).*runtime: ([^\n]+)/.exec(stdout) ?? [];
  if (!maven || !version) return [`a JDK ${LOWEST_JAVA} or newer that Maven finds: ${(stderr || stdout).trim()}`];
  return [
    ...isOlder(maven, LOWEST_MAVEN) ? [`Maven ${LOWEST_MAVEN} or newer: mvn is ${maven}; ${INSTALL}`] : [],
    ...Number(version) < LOWEST_JAVA ? [`a JDK ${LOWEST_JAVA} or newer: mvn runs on Java ${version} in ${home}; ${INSTALL}`] : [],
    ...existsSync(path.join(home, 'bin/javac')) ? [] : [`a JDK: there is no bin/javac in ${home}, which mvn runs on; ${INSTALL}`],
  ];
}

/**
 * Releases of the CDK reach the registries at different times: the jar names the newest that Maven Central had when it was built. The app gets the one that this
 * repository is tested with, or that one if it is older.
 */
function releases(pom: string): Versions {
  return Object.fromEntries(['aws-cdk-lib', 'constructs'].map((name) => {
    const newest = new RegExp(`<artifactId>${name}</artifactId>\\s*<version>([\\d.]+)<`).exec(pom)?.[1];
    if (!newest) throw new Error(`the jar's pom does not say which ${name} it needs:\n${pom}`);
    return [name, isOlder(newest, TESTED_WITH[name]) ? newest : TESTED_WITH[name]];
  }));
}

function isOlder(version: string, other: string): boolean {
  return version.localeCompare(other, undefined, { numeric: true }) < 0;
}
