import { constants, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'fs';
import * as path from 'path';
import type * as fflate from 'fflate';

/** Loaded with the first directory: most apps zip none, and should not wait for it. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const loadZip = (): typeof fflate => require('fflate');

/** ZIP's own limits; beyond them there is ZIP64, which few readers need and fflate does not write. */
const MAX_ENTRIES = 0xffff;
const MAX_BYTES = 0xffffffff;
/** The earliest that ZIP knows, as local time: what is written are the fields of a local date. */
const MODIFIED = new Date(1980, 0, 1);
/** Of the systems that ZIP knows the one whose file modes are in the upper half of an entry's attributes. */
const UNIX = 3;
const ATTRIBUTES = { executable: 0o100755 * 0x10000, other: 0o100644 * 0x10000 };

/** A directory as a zip file: sorted entries, one date, and of each file's mode only whether it is executable, so that the same files give the same bytes. */
export function zipDirectory(directory: string): Uint8Array {
  const files = filesBelow(directory);
  if (files.length > MAX_ENTRIES) throw new Error(`it has ${files.length} files, and a zip file holds ${MAX_ENTRIES}`);
  const entries: fflate.Zippable = {};
  let bytes = 0;
  for (const { name, file, executable } of files) {
    const content = readFileSync(file);
    bytes += content.length;
    if (bytes > MAX_BYTES) throw new Error(`its files have more than ${MAX_BYTES} bytes, and a zip file holds no more`);
    // Lambda runs the code as another user than its owner: all may read.
    // https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html
    entries[name] = [content, { attrs: executable ? ATTRIBUTES.executable : ATTRIBUTES.other }];
  }
  return loadZip().zipSync(entries, { mtime: MODIFIED, os: UNIX });
}

interface FileInside {
  /** With slashes, from the directory on. */
  readonly name: string;
  readonly file: string;
  readonly executable: boolean;
}

/** Every file below a directory, in the order of their names' characters. Links inside the directory count as what they lead to, as the CDK's own zips have it. */
function filesBelow(root: string): FileInside[] {
  const realRoot = realpathSync(root);
  const walk = (directory: string, name: string, above: readonly string[]): FileInside[] => {
    const real = realpathSync(directory);
    if (above.includes(real)) throw new Error(`its link ${name} leads to a directory above itself, and so has no end; delete it`);
    return readdirSync(directory).flatMap((child) => {
      const file = path.join(directory, child);
      const inside = name === '' ? child : `${name}/${child}`;
      if (lstatSync(file).isSymbolicLink()) requireInside(realRoot, file, inside);
      const stat = statSync(file);
      if (stat.isDirectory()) return walk(file, inside, [...above, real]);
      if (!stat.isFile()) throw new Error(`${inside} is neither a file nor a directory`);
      // eslint-disable-next-line no-bitwise
      return [{ name: inside, file, executable: (stat.mode & constants.S_IXUSR) !== 0 }];
    });
  };
  return walk(root, '', []).sort((a, b) => a.name < b.name ? -1 : 1);
}

function requireInside(root: string, link: string, name: string) {
  let target: string;
  try {
    target = realpathSync(link);
  } catch {
    throw new Error(`its link ${name} leads nowhere`);
  }
  if (target !== root && !target.startsWith(root + path.sep)) {
    throw new Error(`its link ${name} leads out of it, to ${target}; have its content copied (followSymlinks: SymlinkFollowMode.ALWAYS)`);
  }
}
