import { execFileSync } from 'child_process';
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'fs';
import * as path from 'path';
import { unzipSync } from 'fflate';
import { directoryWith, sha256 } from './scene';
import { zipDirectory } from '../../src/portable/zip';

const FILES = { 'index.js': 'exports.handler = 1;', 'lib/b.js': 'b', 'lib/a.js': 'a', 'lib.js': 'l', 'bin/tool': '#!/bin/sh', '.hidden': 'h' };

/** Names and contents, as any reader of zip files has them. */
function contents(zip: Uint8Array): Record<string, string> {
  return Object.fromEntries(Object.entries(unzipSync(zip)).map(([name, content]) => [name, Buffer.from(content).toString('utf8')]));
}

/** The central directory's entries, as APPNOTE.TXT 4.3.12 lays them out. */
function entries(zip: Uint8Array) {
  const bytes = Buffer.from(zip);
  const found = [];
  for (let at = bytes.indexOf('PK\x01\x02', 0, 'latin1'); at !== -1; at = bytes.indexOf('PK\x01\x02', at + 4, 'latin1')) {
    found.push({
      name: bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28)),
      system: bytes.readUInt8(at + 5),
      time: bytes.readUInt16LE(at + 12),
      date: bytes.readUInt16LE(at + 14),
      mode: (Math.floor(bytes.readUInt32LE(at + 38) / 0x10000)).toString(8),
    });
  }
  return found;
}

describe('the zip file of a directory', () => {
  it('has every file, hidden ones too, by its path, and no directories', () => {
    const directory = directoryWith(FILES);
    mkdirSync(path.join(directory, 'empty'));
    expect(contents(zipDirectory(directory))).toEqual(FILES);
  });

  it('has its entries in the order of their names, dated 1980', () => {
    const found = entries(zipDirectory(directoryWith(FILES)));
    expect(found.map(({ name }) => name)).toEqual(['.hidden', 'bin/tool', 'index.js', 'lib.js', 'lib/a.js', 'lib/b.js']);
    // MS-DOS: years since 1980, month, day.
    expect(new Set(found.map(({ date, time }) => `${date} ${time}`))).toEqual(new Set(['33 0']));
  });

  it('keeps executables executable and lets everybody read everything', () => {
    const directory = directoryWith(FILES);
    chmodSync(path.join(directory, 'bin/tool'), 0o700);
    chmodSync(path.join(directory, 'index.js'), 0o600);
    const found = entries(zipDirectory(directory));
    expect(Object.fromEntries(found.map(({ name, mode }) => [name, mode]))).toMatchObject({ 'bin/tool': '100755', 'index.js': '100644', 'lib/a.js': '100644' });
    expect(new Set(found.map(({ system }) => system))).toEqual(new Set([3]));
  });

  it('is the same, to the byte, wherever and whenever the files were written', () => {
    const first = directoryWith(FILES);
    const second = directoryWith(Object.fromEntries(Object.entries(FILES).reverse()));
    for (const name of Object.keys(FILES)) {
      utimesSync(path.join(second, name), new Date('2001-02-03'), new Date('2001-02-03'));
      chmodSync(path.join(second, name), 0o664);
    }
    expect(sha256(zipDirectory(second))).toBe(sha256(zipDirectory(first)));
    writeFileSync(path.join(second, 'index.js'), 'exports.handler = 2;');
    expect(sha256(zipDirectory(second))).not.toBe(sha256(zipDirectory(first)));
  });

  it.each(['Pacific/Kiritimati', 'America/Los_Angeles'])('is the same in the time zone %s', (TZ) => {
    const directory = directoryWith(FILES);
    const program = `process.stdout.write(require(${JSON.stringify(require.resolve('../../src/portable/zip'))}).zipDirectory(${JSON.stringify(directory)}))`;
    const elsewhere = execFileSync(process.execPath, ['--import', 'tsx', '--eval', program], { env: { ...process.env, TZ } });
    expect(sha256(elsewhere)).toBe(sha256(zipDirectory(directory)));
  });
});

describe('links in a directory', () => {
  it('count as what they lead to, if that is inside: so does the CDK', () => {
    const directory = directoryWith(FILES);
    symlinkSync('index.js', path.join(directory, 'same.js'));
    symlinkSync('lib', path.join(directory, 'copy'));
    expect(contents(zipDirectory(directory))).toEqual({ ...FILES, 'same.js': FILES['index.js'], 'copy/a.js': 'a', 'copy/b.js': 'b' });
  });

  it.each<[string, (parent: string) => string, string]>([
    ['lead out of it', (parent) => path.join(parent, 'passwords.txt'), 'its link lib/link leads out of it, to '],
    ['lead to a neighbour whose name begins as its own', (parent) => path.join(parent, 'code-2'), 'its link lib/link leads out of it, to '],
    ['lead nowhere', () => 'gone.js', 'its link lib/link leads nowhere'],
    ['lead to a directory above', () => '..', 'its link lib/link leads to a directory above itself, and so has no end; delete it'],
  ])('are refused where they %s', (_, target, message) => {
    const parent = directoryWith({ 'code/lib/a.js': 'a', 'code-2/b.js': 'b', 'passwords.txt': 'p' });
    symlinkSync(target(parent), path.join(parent, 'code/lib/link'));
    expect(() => zipDirectory(path.join(parent, 'code'))).toThrow(message);
  });
});

it('refuses what is neither a file nor a directory', () => {
  const directory = directoryWith(FILES);
  execFileSync('mkfifo', [path.join(directory, 'pipe')]);
  expect(() => zipDirectory(directory)).toThrow('pipe is neither a file nor a directory');
});

it('refuses more files than a zip file holds', () => {
  const directory = directoryWith();
  for (let index = 0; index <= 0xffff; index++) writeFileSync(path.join(directory, String(index)), '');
  expect(() => zipDirectory(directory)).toThrow('it has 65536 files, and a zip file holds 65535');
});
