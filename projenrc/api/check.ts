/**
 * Fails if the public API has a change that breaks users of the newest release, unless `.compatignore` says that it is meant.
 *
 *   npm run check:api
 *   npm run check:api -- 0.3.1                  that release
 *   npm run check:api -- dist/js/it.tgz         that package: a tarball, or a directory
 */
import * as path from 'path';
import { baselineIn } from './baseline';
import { compare } from './compare';

const ROOT = path.join(__dirname, '../..');
const NAME = 'cdk-integration-patterns';

function main([which, ...more]: readonly string[]): number {
  if (more.length > 0) throw new Error(`say one release, tarball or directory to compare with, received '${[which, ...more].join(' ')}'`);
  const released = baselineIn(path.join(ROOT, '.cache/api'), NAME, which);
  if (released === undefined) {
    console.log(`nothing of ${NAME} has been released: there is nothing that the API must be compatible with`);
    return 0;
  }
  const { compatible, report } = compare(released, ROOT, path.join(ROOT, '.compatignore'));
  for (const line of report) console.log(line);
  console.log(compatible ? 'the API is compatible' : 'the API is not compatible: mend it, or say in .compatignore that this is meant');
  return compatible ? 0 : 1;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
