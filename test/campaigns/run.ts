/**
 * `npm run campaign -- PATTERN [--seeds N] [--from S] [--mutant NAME | --mutants]`: runs a pattern under faults, one
 * simulated account a seed, and checks its invariants. Seeds are spread over processes; the same seed always gives the same run.
 * `--mutant` breaks the pattern on purpose first: then the campaign is expected to find it, and its exit code says that it did.
 */
import { fork } from 'child_process';
import { availableParallelism } from 'os';
import * as path from 'path';
import { parseArgs } from 'util';
import { type Campaign } from './campaign';
import { bundleCampaignHandlers, mutate } from './mutate';
import { orchestratedSaga } from './orchestrated-saga';
import { scatterGather } from './scatter-gather';
import { throttledFanOut } from './throttled-fan-out';
import { transactionalOutbox } from './transactional-outbox';
import { workStealingPool } from './work-stealing-pool';

const CAMPAIGNS: readonly Campaign[] = [scatterGather, transactionalOutbox, orchestratedSaga, throttledFanOut, workStealingPool];
/** Seeds that a process runs before it reports. */
const CHUNK = 10;

interface Work {
  readonly pattern: string;
  readonly assembly: string;
  readonly seeds: readonly number[];
}

interface SeedResult {
  readonly seed: number;
  readonly violations: readonly string[];
  /** The run came to no end, and says nothing of the pattern: a mutant that cannot even be deployed is not one that was noticed. */
  readonly broke?: boolean;
}

async function main() {
  const { campaign, seeds, from, mutants } = readArguments(process.argv.slice(2));
  const assembly = campaign.synthesize(path.join(await bundleCampaignHandlers(), campaign.pattern));
  if (mutants.length === 0) {
    const failed = await runSeeds(campaign, assembly, from, seeds, { stopAtFirst: false });
    summary(seeds - failed.length, failed.length);
    return failed.length === 0;
  }
  let survivors = 0;
  for (const name of mutants) {
    const mutant = campaign.mutants[name];
    const failed = await runSeeds(campaign, await mutate(assembly, mutant), from, seeds, { stopAtFirst: true });
    const noticed = failed.some(({ broke }) => !broke);
    if (!noticed) survivors++;
    console.log(noticed ? `red, as it must be: ${name} (${mutant.description})` : `NOT NOTICED in ${seeds} seeds: ${name} (${mutant.description})`);
  }
  summary(mutants.length - survivors, survivors);
  return survivors === 0;
}

function readArguments(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { seeds: { type: 'string' }, from: { type: 'string' }, mutant: { type: 'string' }, mutants: { type: 'boolean' } },
  });
  const patterns = CAMPAIGNS.map(({ pattern }) => pattern).join(', ');
  if (positionals.length !== 1) throw new Error(`campaign takes one pattern, received ${positionals.length}; patterns: ${patterns}`);
  const campaign = CAMPAIGNS.find(({ pattern }) => pattern === positionals[0]);
  if (!campaign) throw new Error(`there is no campaign for '${positionals[0]}'; patterns: ${patterns}`);
  const known = Object.keys(campaign.mutants);
  if (values.mutant !== undefined && !known.includes(values.mutant)) throw new Error(`there is no mutant '${values.mutant}'; mutants: ${known.join(', ')}`);
  return {
    campaign,
    seeds: wholeNumber('--seeds', values.seeds ?? '100', 1),
    from: wholeNumber('--from', values.from ?? '1', 0),
    mutants: values.mutants ? known : values.mutant === undefined ? [] : [values.mutant],
  };
}

function wholeNumber(option: string, text: string, minimum: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < minimum) throw new Error(`${option} must be a whole number of at least ${minimum}, received '${text}'`);
  return value;
}

/** Runs seeds in as many processes as there are processors. @returns what failed, by seed */
async function runSeeds(campaign: Campaign, assembly: string, from: number, count: number, options: { stopAtFirst: boolean }): Promise<SeedResult[]> {
  const chunks: number[][] = [];
  for (let seed = from; seed < from + count; seed += CHUNK) {
    chunks.push(Array.from({ length: Math.min(CHUNK, from + count - seed) }, (_, index) => seed + index));
  }
  const failed: SeedResult[] = [];
  let done = 0;
  const processes = Array.from({ length: Math.min(availableParallelism(), chunks.length) }, () => new Promise<void>((resolve, reject) => {
    const child = fork(__filename, { env: { ...process.env, CAMPAIGN_WORKER: '1', CDK_VALIDATION: 'false' } });
    const next = () => {
      const seeds = options.stopAtFirst && failed.some(({ broke }) => !broke) ? undefined : chunks.shift();
      if (seeds) return void child.send({ pattern: campaign.pattern, assembly, seeds } satisfies Work);
      child.disconnect();
      resolve();
    };
    child.on('message', (results: SeedResult[]) => {
      done += results.length;
      for (const result of results.filter(({ violations }) => violations.length > 0)) {
        failed.push(result);
        for (const violation of result.violations) console.log(`seed ${result.seed}: ${violation}`);
      }
      if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${count} seeds, ${failed.length} failed `);
      else if (done % 100 < results.length) console.error(`${done} of ${count} seeds, ${failed.length} failed`);
      next();
    });
    child.on('error', reject);
    child.on('exit', (code) => code ? reject(new Error(`a campaign process ended with code ${code}`)) : resolve());
    next();
  }));
  await Promise.all(processes);
  return failed.sort((a, b) => a.seed - b.seed);
}

function summary(passed: number, failed: number) {
  console.log(`${passed} passed, ${failed} failed`);
}

/** The other side of the fork: runs chunks of seeds as they come. */
function work() {
  process.on('message', async ({ pattern, assembly, seeds }: Work) => {
    const campaign = CAMPAIGNS.find((one) => one.pattern === pattern)!;
    const results: SeedResult[] = [];
    for (const seed of seeds) {
      results.push(await campaign.run(assembly, seed).then(
        (violations) => ({ seed, violations }),
        (error: Error) => ({ seed, violations: [`the run broke: ${error.stack}`], broke: true }),
      ));
    }
    process.send!(results);
  });
}

if (process.env.CAMPAIGN_WORKER) {
  work();
} else {
  main().then((held) => process.exit(held ? 0 : 1), (error: Error) => {
    console.error(error.message);
    process.exit(2);
  });
}
