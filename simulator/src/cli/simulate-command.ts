import { readFileSync } from 'fs';
import { parseArgs } from 'util';
import { traceLines } from './trace-lines';
import { Simulation } from '../simulation';

export const USAGE = `npm run simulate -- CDK_OUT --start TARGET [--input JSON|@FILE] [--stack NAME]... [--seed N]

Runs a synthesized cloud assembly (cdk.out), a portable directory or one template file under a virtual clock until nothing is left to happen.

  CDK_OUT         directory that cdk synth wrote, a portable one in it, or a template file
  --start TARGET  state machine, function, queue, topic or event bus: logical id, construct path or physical name
  --input JSON    its input, or the message or event; @FILE reads it from a file (default {})
  --stack NAME    only this stack and those that it depends on; may be repeated
  --seed N        whole number; the same seed gives the same run (default 1)
  --help          this text

Prints what happened, and as its last line one JSON object: { "status", "output" | "error", "report" };
an error may have a "cause" beside it.
Exit code: 0 it succeeded; 1 it failed or never ended; 2 an argument, the input or the assembly is wrong.`;

export interface Terminal {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

interface Command {
  readonly location: string;
  readonly target: string;
  readonly input: unknown;
  readonly stacks: readonly string[];
  readonly seed: number;
}

export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    terminal.out(USAGE);
    return 0;
  }
  try {
    return await simulate(parse(argv), terminal);
  } catch (error: any) {
    const sentence = String(error?.message ?? error);
    terminal.err(sentence);
    terminal.out(JSON.stringify({ status: 'ERROR', error: sentence }));
    return 2;
  }
}

async function simulate(command: Command, { out }: Terminal): Promise<number> {
  const simulation = Simulation.load(command.location, { seed: command.seed, stacks: command.stacks, trace: { keep: true } });
  const start = simulation.world.kernel.now;
  const run = simulation.start(command.target, command.input);
  await simulation.run();
  for (const line of traceLines(simulation.world.trace.entries, start)) out(line);
  const { status, output, error, cause } = run.outcome ?? { status: 'RUNNING', error: 'it has not ended, and nothing is left to happen' };
  const result = error === undefined ? { output } : { error, cause };
  out(JSON.stringify({ status, ...result, report: simulation.report() }));
  return status === 'SUCCEEDED' ? 0 : 1;
}

function parse(argv: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      start: { type: 'string' },
      input: { type: 'string' },
      stack: { type: 'string', multiple: true },
      seed: { type: 'string' },
    },
  });
  if (positionals.length !== 1) {
    throw new Error(`give one cloud assembly directory, got ${positionals.length === 0 ? 'none' : positionals.join(' ')}; see --help`);
  }
  if (values.start === undefined) throw new Error('--start is missing: the logical id or construct path of what to start; see --help');
  return {
    location: positionals[0],
    target: values.start,
    input: parseInput(values.input ?? '{}'),
    stacks: values.stack ?? [],
    seed: parseSeed(values.seed ?? '1'),
  };
}

function parseSeed(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`--seed must be a whole number, got '${text}'`);
  return Number(text);
}

function parseInput(given: string): unknown {
  const file = given.startsWith('@') ? given.slice(1) : undefined;
  try {
    return JSON.parse(file === undefined ? given : readFileSync(file, 'utf8'));
  } catch (error: any) {
    const what = file === undefined ? '--input' : `--input file ${file}`;
    throw new Error(error?.code === 'ENOENT' ? `${what} does not exist` : `${what} is not valid JSON: ${error?.message}`);
  }
}
