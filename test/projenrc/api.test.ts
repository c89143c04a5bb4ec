import { execFileSync } from 'child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { baselineIn, type Npm } from '../../projenrc/api/baseline';
import { compare } from '../../projenrc/api/compare';

let directory: string;

beforeAll(() => { directory = mkdtempSync(path.join(tmpdir(), 'api-')); });
afterAll(() => rmSync(directory, { recursive: true }));

/** A package with an assembly that has one class with these methods. */
function packageWith(version: string, ...methods: string[]): string {
  const home = path.join(directory, version);
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, 'package.json'), JSON.stringify({ name: 'lib', version, jsii: {} }));
  writeFileSync(path.join(home, '.jsii'), JSON.stringify({
    schema: 'jsii/0.10.0',
    name: 'lib',
    version,
    types: {
      'lib.Pool': {
        assembly: 'lib',
        fqn: 'lib.Pool',
        kind: 'class',
        name: 'Pool',
        docs: { stability: 'experimental', summary: 'It pools.' },
        methods: methods.map((name) => ({ name, docs: { stability: 'experimental' } })),
      },
    },
  }));
  return home;
}

function ignoring(...lines: string[]): string {
  const file = path.join(directory, '.compatignore');
  writeFileSync(file, ['# why', ...lines].join('\n'));
  return file;
}

describe('comparing two releases', () => {
  const released = () => packageWith('0.1.0', 'submit', 'cancel');

  it('lets what is new pass', () => {
    expect(compare(released(), packageWith('0.1.1', 'submit', 'cancel', 'drain'), ignoring())).toEqual({ compatible: true, report: [] });
  });

  it('refuses that something is gone, although it was experimental', () => {
    const { compatible, report } = compare(released(), packageWith('0.1.2', 'submit'), ignoring());
    expect(compatible).toBe(false);
    expect(report).toEqual([expect.stringMatching(/^err .*lib\.Pool\.cancel: has been removed \[removed:lib\.Pool\.cancel\]$/)]);
  });

  it('lets it be gone where that is meant', () => {
    const { compatible, report } = compare(released(), packageWith('0.2.0', 'submit'), ignoring('removed:lib.Pool.cancel'));
    expect(compatible).toBe(true);
    expect(report).toEqual([expect.stringMatching(/^skip .*has been removed/)]);
  });

  it('refuses to keep what was meant once, and would let the same happen again', () => {
    const { compatible, report } = compare(released(), packageWith('0.1.3', 'submit', 'cancel'), ignoring('removed:lib.Pool.cancel'));
    expect(compatible).toBe(false);
    expect(report).toEqual(['err  - .compatignore names a change that was not made since: remove removed:lib.Pool.cancel']);
  });

  it('does not take for compatible what it cannot read', () => {
    expect(() => compare(path.join(directory, 'nowhere'), packageWith('0.1.4', 'submit'), ignoring())).toThrow('could not compare');
  });
});

describe('what is compared with', () => {
  const answering = (answer: object): Npm => () => JSON.stringify(answer);

  it('is nothing where the registry says that there is nothing', () => {
    expect(baselineIn(directory, 'lib', undefined, answering({ error: { code: 'E404', summary: 'Not Found' } }))).toBeUndefined();
  });

  it('is an error where the registry does not answer', () => {
    const silent = answering({ error: { code: 'ECONNREFUSED', summary: 'connect ECONNREFUSED' } });
    expect(() => baselineIn(directory, 'lib', undefined, silent)).toThrow('the registry did not say what was released of lib: connect ECONNREFUSED');
    expect(() => baselineIn(directory, 'lib', undefined, answering({}))).toThrow('did not say');
  });

  it('is the newest release, or the one that was asked for', () => {
    const unpackedIn = path.join(directory, 'unpacked');
    const tarball = path.join(directory, 'lib.tgz');
    execFileSync('tar', ['-czf', tarball, '-C', directory, path.basename(packageWith('0.3.0'))]);
    const asked: string[] = [];
    const npm: Npm = ([command, name]) => {
      asked.push(`${command} ${name}`);
      if (command === 'view') return JSON.stringify({ latest: '0.3.0' });
      execFileSync('cp', [tarball, unpackedIn]);
      return '';
    };
    expect(baselineIn(unpackedIn, 'lib', undefined, npm)).toBe(path.join(unpackedIn, 'package'));
    expect(baselineIn(unpackedIn, 'lib', '0.2.0', npm)).toBe(path.join(unpackedIn, 'package'));
    expect(asked).toEqual(['view lib', 'pack lib@0.3.0', 'pack lib@0.2.0']);
    expect(compare(path.join(unpackedIn, 'package'), packageWith('0.3.1'), ignoring()).compatible).toBe(true);
  });

  it('is a directory or a tarball, where one is named', () => {
    const home = packageWith('0.4.0', 'submit');
    expect(baselineIn(directory, 'lib', home)).toBe(home);
    const tarball = path.join(directory, 'local.tgz');
    execFileSync('tar', ['-czf', tarball, '-C', directory, path.basename(home)]);
    expect(baselineIn(directory, 'lib', tarball)).toBe(path.join(directory, 'package'));
  });
});
