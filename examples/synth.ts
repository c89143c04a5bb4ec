/** `npm run synth [-- PATTERN]`: writes the examples' CloudFormation templates and assets to `cdk.out/<pattern>`. */
import { readdirSync } from 'fs';
import * as path from 'path';
import { patterns, readExample, synthesize } from './example';

function main(args: readonly string[]) {
  if (args.length > 1) throw new Error(`synth takes one pattern, received ${args.length}: ${args.join(' ')}; patterns: ${patterns().join(', ')}`);
  for (const pattern of args.length === 1 ? args : patterns()) {
    const outdir = path.join('cdk.out', pattern);
    synthesize(readExample(pattern), {}, path.resolve(outdir));
    for (const file of readdirSync(outdir).filter((name) => name.endsWith('.template.json'))) console.log(path.join(outdir, file));
  }
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
