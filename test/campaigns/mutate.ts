import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import type { Plugin } from 'esbuild';
import type { Mutant, SourceMutant, Template, TemplateMutant } from './campaign';
import { bundleHandlers } from '../../projenrc/handler-bundles';
import { lambdaEntries } from '../../projenrc/lambda-sources';

const REPOSITORY = path.join(__dirname, '../..');
/** Where handlers are: the library's, and those that a campaign needs beside them. */
const HANDLER_SOURCES = [path.join(REPOSITORY, 'lambda-src'), __dirname];

/** Bundles the handlers of all campaigns. @returns a directory with `<pattern>/<name>/index.js` */
export async function bundleCampaignHandlers(): Promise<string> {
  return bundled(__dirname);
}

/** A copy of an assembly with the mutation. Nothing else differs, so what the campaign then finds is what the mutation broke. */
export async function mutate(assembly: string, mutant: Mutant): Promise<string> {
  const copy = mkdtempSync(path.join(tmpdir(), 'mutant-'));
  cpSync(assembly, copy, { recursive: true });
  if (mutant.kind === 'source') await mutateHandlers(copy, mutant);
  if (mutant.mutate) mutateTemplates(copy, mutant.description, mutant.mutate);
  return copy;
}

async function mutateHandlers(assembly: string, mutant: SourceMutant) {
  let replaced = 0;
  for (const sources of HANDLER_SOURCES) {
    const [originals, mutants] = [await bundled(sources), await bundled(sources, mutation(mutant))];
    for (const { pattern, name } of lambdaEntries(sources)) {
      const [original, mutated] = [originals, mutants].map((directory) => readFileSync(path.join(directory, pattern, name, 'index.js')));
      if (!mutated.equals(original)) replaced += replaceAssets(assembly, original, mutated);
    }
  }
  if (replaced === 0) throw new Error(`the mutation of ${mutant.file} changed no handler of the assembly`);
}

async function bundled(sourceDir: string, ...plugins: Plugin[]): Promise<string> {
  const assetDir = mkdtempSync(path.join(tmpdir(), 'campaign-handlers-'));
  await bundleHandlers({ sourceDir, assetDir, plugins });
  return assetDir;
}

function replaceAssets(assembly: string, original: Buffer, mutated: Buffer): number {
  const files = readdirSync(assembly)
    .filter((entry) => entry.startsWith('asset.'))
    .map((entry) => path.join(assembly, entry, 'index.js'))
    .filter((file) => existsSync(file) && readFileSync(file).equals(original));
  for (const file of files) writeFileSync(file, mutated);
  return files.length;
}

function mutation(mutant: SourceMutant): Plugin {
  return {
    name: 'mutation',
    setup: (build) => build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      if (path.relative(REPOSITORY, file) !== mutant.file) return undefined;
      let contents = readFileSync(file, 'utf8');
      for (const [from, to] of mutant.replace) {
        if (!contents.includes(from)) throw new Error(`${mutant.file} does not contain what the mutation replaces: ${from}`);
        contents = contents.replace(from, () => to);
      }
      return { contents, loader: 'ts' };
    }),
  };
}

function mutateTemplates(assembly: string, description: string, change: TemplateMutant['mutate']) {
  let changed = 0;
  for (const file of readdirSync(assembly).filter((entry) => entry.endsWith('.template.json')).map((entry) => path.join(assembly, entry))) {
    const original = readFileSync(file, 'utf8');
    const before: Template = JSON.parse(original);
    const after = change(before);
    if (JSON.stringify(before) !== JSON.stringify(JSON.parse(original))) throw new Error(`the mutation '${description}' changes the template that it is given`);
    if (JSON.stringify(after) === JSON.stringify(before)) continue;
    writeFileSync(file, JSON.stringify(after));
    changed++;
  }
  if (changed === 0) throw new Error(`the mutation '${description}' changed no template of the assembly`);
}
