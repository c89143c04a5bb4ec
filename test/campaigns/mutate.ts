import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import type { Plugin } from 'esbuild';
import type { Mutant } from './campaign';
import { bundleHandlers } from '../../projenrc/handler-bundles';
import { lambdaEntries } from '../../projenrc/lambda-sources';

const REPOSITORY = path.join(__dirname, '../..');

/**
 * A copy of an assembly whose handlers are bundled from mutated sources. Nothing else differs, so what the campaign then
 * finds is what the mutation broke.
 */
export async function mutate(assembly: string, mutant: Mutant): Promise<string> {
  const copy = mkdtempSync(path.join(tmpdir(), 'mutant-'));
  const assets = mkdtempSync(path.join(tmpdir(), 'mutant-assets-'));
  cpSync(assembly, copy, { recursive: true });
  await bundleHandlers({ sourceDir: path.join(REPOSITORY, 'lambda-src'), assetDir: assets, plugins: [mutation(mutant)] });
  let replaced = 0;
  for (const { pattern, name } of lambdaEntries(path.join(REPOSITORY, 'lambda-src'))) {
    const original = readFileSync(path.join(REPOSITORY, 'assets', pattern, name, 'index.js'));
    const mutated = readFileSync(path.join(assets, pattern, name, 'index.js'));
    if (mutated.equals(original)) continue;
    for (const directory of readdirSync(copy).filter((entry) => entry.startsWith('asset.'))) {
      const file = path.join(copy, directory, 'index.js');
      if (!existsSync(file) || !readFileSync(file).equals(original)) continue;
      writeFileSync(file, mutated);
      replaced++;
    }
  }
  if (replaced === 0) throw new Error(`the mutation of ${mutant.file} changed no handler of the assembly`);
  return copy;
}

function mutation(mutant: Mutant): Plugin {
  return {
    name: 'mutation',
    setup: (build) => build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      if (path.relative(REPOSITORY, file) !== mutant.file) return undefined;
      let contents = readFileSync(file, 'utf8');
      for (const [from, to] of mutant.replace) {
        if (!contents.includes(from)) throw new Error(`${mutant.file} does not contain what the mutation replaces: ${from}`);
        contents = contents.replace(from, to);
      }
      return { contents, loader: 'ts' };
    }),
  };
}
