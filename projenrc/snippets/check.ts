/**
 * Compiles every TypeScript snippet that a reader sees, by jsii-rosetta, and translates those about constructs into every language.
 *
 *   npm run check:snippets
 *
 * Those of the assembly, in README.md and in `@example`s, leave their translations in `.jsii.tabl.json`. It ships, and jsii-pacmak puts them into the packages
 * of the other languages. Those of other documents are compiled in the same fixtures, by the same compiler.
 */
import { spawnSync } from 'child_process';
import { rmSync } from 'fs';
import * as path from 'path';
import { formatLocation, LanguageTablet } from 'jsii-rosetta';
import { compile, projectOfUser, snippetsOfDocuments } from './documents';
import { parse, type Translated } from './translations';

const ROOT = path.join(__dirname, '../..');
const TABLET = path.join(ROOT, '.jsii.tabl.json');

async function main(): Promise<number> {
  const assembly = await compileAssembly();
  const snippets = snippetsOfDocuments(ROOT);
  const documents = compile(snippets, ROOT);
  const translations = parse([...assembly.translated, ...documents.translated]);

  const faults = [...assembly.faults, ...documents.faults, ...translations.faults];
  for (const fault of faults) console.error(fault);
  for (const language of translations.unparsed) console.log(`SKIPPED parsing what came out in ${language}: its parser is not on this machine`);
  console.log(`${assembly.count} snippets of the assembly, ${snippets.length} of other documents, ${faults.length} faults`);
  return faults.length === 0 ? 0 : 1;
}

async function compileAssembly(): Promise<{ count: number; faults: string[]; translated: Translated[] }> {
  // What is in it would count as compiled.
  rmSync(TABLET, { force: true });
  const rosetta = path.join(ROOT, 'node_modules/.bin/jsii-rosetta');
  const { status } = spawnSync(rosetta, ['extract', '--strict', '--batch=1000', '--directory', projectOfUser(ROOT), ROOT], { stdio: 'inherit' });
  if (status !== 0) {
    rmSync(TABLET, { force: true });
    return { count: 0, faults: ['snippets of the assembly do not compile, see above'], translated: [] };
  }
  const { translatedSnippets } = await LanguageTablet.fromFile(TABLET);
  const translated = translatedSnippets.flatMap((snippet) => snippet.languages.map((language) => (
    { where: formatLocation(snippet.snippet.location), language, source: snippet.get(language)!.source }
  )));
  return { count: translatedSnippets.length, faults: [], translated };
}

main().then(
  (code) => { process.exitCode = code; },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
