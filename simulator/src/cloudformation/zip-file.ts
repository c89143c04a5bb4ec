import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { unzipSync } from 'fflate';

/** By sum, so that many worlds in one process unpack a zip file once. */
const UNPACKED = new Map<string, string>();
let root: string | undefined;

/** The directory with the content of the zip file that has this sum; it is there as long as the process. */
export function unpacked(file: string, sha256: string): string {
  const known = UNPACKED.get(sha256);
  if (known) return known;
  const directory = path.join(temporaryRoot(), sha256);
  mkdirSync(directory, { recursive: true });
  for (const [name, content] of Object.entries(entries(file))) {
    const target = path.join(directory, inside(name, file));
    if (name.endsWith('/')) continue;
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  UNPACKED.set(sha256, directory);
  return directory;
}

function temporaryRoot(): string {
  if (root === undefined) {
    const created = root = mkdtempSync(path.join(tmpdir(), 'simulated-assets-'));
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
  }
  return root;
}

function entries(file: string) {
  try {
    return unzipSync(readFileSync(file));
  } catch (error: any) {
    throw new Error(`${file} is not a zip file that can be read: ${error?.message}`);
  }
}

/** @throws for a name that would be written elsewhere than below the directory, on any system */
export function inside(name: string, where: string): string {
  const leaves = name.split('/').includes('..') || path.win32.isAbsolute(name) || /^[A-Za-z]:|\\/.test(name);
  if (leaves) throw new Error(`${where} names a file outside of it: ${name}`);
  return name;
}
