/**
 * `npm run bench [-- PATTERN [--STUDY]]`: the figures of a pattern, or of all, beside the design that teams write first; or a longer study of one. Tables go to
 * standard output as Markdown, progress to standard error; the exit code is 1 when a goal is missed that does not depend on
 * the machine.
 */
import type { Bench } from './bench';
import { orchestratedSagas } from './orchestrated-saga';
import { installCost } from './package';
import { PRICES_DATED } from './prices';
import { scatterGather } from './scatter-gather';
import { priceTable, section } from './section';
import { throttledFanOut } from './throttled-fan-out';
import { transactionalOutbox } from './transactional-outbox';
import { workStealingPool } from './work-stealing-pool';

const BENCHES: readonly Bench[] = [scatterGather, transactionalOutbox, orchestratedSagas, throttledFanOut, workStealingPool, installCost];

// The templates' own validation is tested elsewhere and would only take its time here.
process.env.CDK_VALIDATION = 'false';
// What the SDK thinks of the host's Node.js is no progress.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

async function main(args: readonly string[]): Promise<boolean> {
  const startedAt = performance.now();
  const missed: string[] = [];
  for (const run of selected(args)) {
    missed.push(...await run((step) => console.error(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${step}`)));
  }
  section(`Prices, as of ${PRICES_DATED}`, [], priceTable());
  for (const goal of missed) console.log(`MISSED: ${goal}\n`);
  console.log(`This took ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`);
  return missed.length === 0;
}

function selected(args: readonly string[]): readonly Bench['run'][] {
  const patterns = BENCHES.map(({ pattern }) => pattern).join(', ');
  if (args.length > 2) throw new Error(`bench takes one pattern and one study of it, received ${args.length} arguments: ${args.join(' ')}; patterns: ${patterns}`);
  const [pattern, study] = args;
  if (pattern === undefined) return BENCHES.map(({ run }) => run);
  const found = BENCHES.find((bench) => bench.pattern === pattern);
  if (!found) throw new Error(`there is no bench for '${pattern}'; patterns: ${patterns}`);
  if (study === undefined) return [found.run];
  const run = found.studies?.[study];
  if (!run) throw new Error(`'${pattern}' has no study '${study}'; studies: ${Object.keys(found.studies ?? {}).join(', ') || 'none'}`);
  return [run];
}

main(process.argv.slice(2)).then((met) => process.exit(met ? 0 : 1), (error: Error) => {
  console.error(error.message);
  process.exit(2);
});
