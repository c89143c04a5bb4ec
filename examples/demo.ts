/**
 * `npm run demo [-- PATTERN]`: plays a pattern's example in the simulator: synthesizes the app, deploys the template and the
 * handlers' bundles into a simulated account, and prints what happens step by step, then the result.
 */
import { patterns, readExample } from './example';
import { Stage, type Story } from './stage';

async function main(args: readonly string[]) {
  if (args.length > 1) throw new Error(`demo takes one pattern, received ${args.length}: ${args.join(' ')}; patterns: ${patterns().join(', ')}`);
  for (const pattern of args.length === 1 ? args : patterns()) {
    const example = readExample(pattern);
    console.log(`\n${example.title}`);
    const { play }: { play: Story } = await import(`./${pattern}/demo`);
    const stage = new Stage(example);
    await play(stage);
    if (stage.failed) process.exitCode = 1;
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
