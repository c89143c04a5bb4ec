/**
 * `npm run synth [-- PATTERN]`: writes the examples' CloudFormation templates and assets to `cdk.out/<pattern>`.
 * `npm run synth -- --portable DIR [PATTERN]`: writes what deploys them without the CDK to `DIR/<pattern>/<stack>`.
 */
import { readdirSync } from 'fs';
import * as path from 'path';
import { type Example, patterns, readExample, synthesize } from './example';
import { deployCommands, filesOf, synthesizePortable } from './portable';

const PORTABLE = '--portable';

function main(args: readonly string[]) {
  const { pattern, directory } = parse(args);
  for (const example of (pattern === undefined ? patterns() : [pattern]).map(readExample)) {
    if (directory === undefined) writeTemplates(example);
    else writePortable(example, path.join(directory, example.pattern));
  }
}

function parse(args: readonly string[]): { readonly pattern?: string; readonly directory?: string } {
  const at = args.indexOf(PORTABLE);
  const [directory] = at === -1 ? [undefined] : args.slice(at + 1);
  if (at !== -1 && (directory === undefined || directory.startsWith('-'))) throw new Error(`${PORTABLE} needs a directory, received ${directory ?? 'none'}`);
  const rest = at === -1 ? args : [...args.slice(0, at), ...args.slice(at + 2)];
  const option = rest.find((arg) => arg.startsWith('-'));
  if (option !== undefined) throw new Error(`synth has no option ${option} here; it takes ${PORTABLE} DIR once, and a pattern`);
  if (rest.length > 1) throw new Error(`synth takes one pattern, received ${rest.length}: ${rest.join(' ')}; patterns: ${patterns().join(', ')}`);
  return { pattern: rest[0], directory };
}

function writeTemplates(example: Example) {
  const outdir = path.join('cdk.out', example.pattern);
  synthesize(example, {}, path.resolve(outdir));
  for (const file of readdirSync(outdir).filter((name) => name.endsWith('.template.json'))) console.log(path.join(outdir, file));
}

function writePortable(example: Example, directory: string) {
  for (const stack of synthesizePortable(example, directory)) {
    for (const file of filesOf(stack)) console.log(file);
    console.log(`\ndeploy it with BUCKET set to a bucket in the region, as docs/portable-templates.md tells:\n\n${deployCommands(stack).join('\n')}\n`);
  }
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
