/**
 * `npm run synth [-- PATTERN]`: writes the examples' CloudFormation templates and assets to `cdk.out/<pattern>`.
 * `npm run synth -- --portable DIR [PATTERN]`: writes what deploys them without the CDK to `DIR/<pattern>/<stack>`.
 */
import { readdirSync } from 'fs';
import * as path from 'path';
import { type Example, patterns, readExample, synthesize } from './example';
import { deployCommands, filesOf, synthesizePortable } from './portable';
import { parseSynthArguments } from './synth-arguments';

function main(args: readonly string[]) {
  const { pattern, portable } = parseSynthArguments(args);
  for (const example of (pattern === undefined ? patterns() : [pattern]).map(readExample)) {
    if (portable === undefined) writeTemplates(example);
    else writePortable(example, path.join(portable, example.pattern));
  }
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
