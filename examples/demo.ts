/**
 * `npm run demo [-- PATTERN]`: runs a pattern's example on its real input, in the simulator: synthesizes the app, deploys the
 * template and the handlers' bundles into a simulated account, and prints what happens step by step, then the result.
 */
import { readFileSync } from 'fs';
import * as path from 'path';
import { type Example, patterns, readExample, type Scenario, synthesize } from './example';
import { Simulation, type TraceEntry } from '../simulator/src';

async function main(args: readonly string[]) {
  if (args.length > 1) throw new Error(`demo takes one pattern, received ${args.length}: ${args.join(' ')}; patterns: ${patterns().join(', ')}`);
  for (const pattern of args.length === 1 ? args : patterns()) {
    const example = readExample(pattern);
    console.log(`\n${example.title}`);
    for (const scenario of example.scenarios) await play(example, scenario);
  }
}

async function play(example: Example, scenario: Scenario) {
  console.log(`\n── ${scenario.title}\n`);
  const input = JSON.parse(readFileSync(path.join(example.directory, scenario.input), 'utf8'));
  console.log(`input   ${JSON.stringify(input)}`);
  const assembly = synthesize(example, scenario.context);
  let start: number | undefined;
  const simulation = Simulation.load(assembly, {
    seed: 1,
    trace: {
      listener: (entry) => {
        start ??= entry.at;
        const line = describe(entry);
        if (line) console.log(`${seconds(entry.at - start)}  ${line}`);
      },
    },
  });
  console.log(`deployed ${simulation.resources.length} resources into a simulated account\n`);
  const outcome = await simulation.complete(scenario.start, input);
  // What comes after the result belongs to the story too: a late reply, for one.
  await simulation.run();
  const { billable, denials, lost, virtualMs } = simulation.report();
  const units = Object.entries(billable).filter(([unit]) => unit !== 'logs.bytes').map(([unit, quantity]) => `${round(quantity)} ${unit}`);
  console.log(`\n${seconds(virtualMs).trim()} of virtual time; billed: ${units.join(', ')}`);
  if (denials.length > 0 || lost.length > 0) throw new Error(`${denials.length} requests were denied and ${lost.length} deliveries lost`);
  console.log(`\nresult  ${outcome.status}`);
  console.log(JSON.stringify(outcome.output ?? { error: outcome.error, cause: outcome.cause }, null, 2));
  if (outcome.status !== 'SUCCEEDED') process.exitCode = 1;
}

/** The steps that tell the story; reads, polls and bookkeeping stay out of it. */
const STORY: Readonly<Record<string, (entry: TraceEntry) => string>> = {
  'states.start': () => 'execution starts',
  'states.enter': ({ detail }) => `enters state ${detail?.state}`,
  'states.end': ({ detail }) => `execution ends: ${detail?.status}`,
  'lambda.start': ({ detail }) => detail?.cold ? 'runs (cold start)' : 'runs',
  'lambda.end': () => 'has run',
  'events.PutEvents': () => 'puts events on the bus',
  'events.delivered': () => 'the rule delivers an event',
  'dynamodb.UpdateItem': ({ detail }) => `updates its item${detail?.error ? `: refused, ${detail.error}` : ''}`,
  'dynamodb.PutItem': ({ detail }) => `stores an item${detail?.error ? `: refused, ${detail.error}` : ''}`,
  'states.SendTaskSuccess': () => 'wakes the workflow',
};

function describe(entry: TraceEntry): string | undefined {
  const tell = STORY[entry.event];
  return tell && `${entry.subject.padEnd(32)} ${tell(entry)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3).padStart(8)} s`;
}

function round(quantity: number): number {
  return Math.round(quantity * 1000) / 1000;
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
