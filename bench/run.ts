/**
 * `npm run bench [-- PATTERN]`: the figures of a pattern, or of all, beside the design that teams write first. Tables go to
 * standard output as Markdown, progress to standard error; the exit code is 1 when a goal is missed that does not depend on
 * the machine.
 */
import type { Bench } from './bench';
import { orchestratedSagas } from './orchestrated-saga';
import { PRICES_DATED } from './prices';
import { scatterGather } from './scatter-gather';
import { priceTable, section } from './section';
import { transactionalOutbox } from './transactional-outbox';

const BENCHES: readonly Bench[] = [scatterGather, transactionalOutbox, orchestratedSagas];

// The templates' own validation is tested elsewhere and would only take its time here.
process.env.CDK_VALIDATION = 'false';
// What the SDK thinks of the host's Node.js is no progress.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

async function main(args: readonly string[]): Promise<boolean> {
  const startedAt = performance.now();
  const missed: string[] = [];
  for (const bench of selected(args)) {
    missed.push(...await bench.run((step) => console.error(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${step}`)));
  }
  section(`Prices, as of ${PRICES_DATED}`, [], priceTable());
  for (const goal of missed) console.log(`MISSED: ${goal}\n`);
  console.log(`This took ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`);
  return missed.length === 0;
}

function selected(args: readonly string[]): readonly Bench[] {
  const patterns = BENCHES.map(({ pattern }) => pattern).join(', ');
  if (args.length > 1) throw new Error(`bench takes one pattern, received ${args.length}: ${args.join(' ')}; patterns: ${patterns}`);
  if (args.length === 0) return BENCHES;
  const found = BENCHES.filter(({ pattern }) => pattern === args[0]);
  if (found.length === 0) throw new Error(`there is no bench for '${args[0]}'; patterns: ${patterns}`);
  return found;
}

main(process.argv.slice(2)).then((met) => process.exit(met ? 0 : 1), (error: Error) => {
  console.error(error.message);
  process.exit(2);
});
