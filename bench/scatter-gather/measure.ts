import { BANK_MEMORY_MB, bankNames, isBank, REQUEST, ThinkTimes } from './banks';
import { type Design, MACHINE } from './design';
import { Simulation } from '../../simulator/src';
import { withAssembly } from '../assembly';
import { FunctionUse } from '../function-use';
import { difference, type Units } from '../units';

export interface MeasuredRun {
  readonly tookMs: number;
  /** Over the slowest bank's own time. */
  readonly overheadMs: number;
  readonly replies: number;
}

/** What a design did in its runs. */
export interface Measurement {
  readonly design: Design;
  readonly banks: number;
  readonly runs: readonly MeasuredRun[];
  /** Billable units of all runs. */
  readonly units: Units;
  /** Those of the units that the banks' own invocations are billed. */
  readonly bankUnits: Units;
}

export interface Conditions {
  readonly runs: number;
  /** Runs before those that count: the first find no warm function. */
  readonly warmUp: number;
  /** Virtual time between two starts. */
  readonly everyMs: number;
  /** How many of the replies take 12 s. */
  readonly slowShare?: number;
}

export function measure(design: Design, banks: number, conditions: Conditions): Promise<Measurement> {
  return withAssembly((app) => new design.stack(app, 'Bench', banks), (assembly) => measureAssembly(design, banks, assembly, conditions));
}

async function measureAssembly(design: Design, banks: number, assembly: string, conditions: Conditions): Promise<Measurement> {
  const { runs: count, warmUp, everyMs, slowShare } = conditions;
  const names = bankNames(banks);
  const thinkTimes = new ThinkTimes(slowShare);
  const bankUse = new FunctionUse(isBank, BANK_MEMORY_MB);
  const simulation: Simulation = Simulation.load(assembly, {
    functionOverrides: Object.fromEntries(names.map((name) => [name, design.bank(name, thinkTimes, () => simulation)])),
    states: { keepHistory: 0 },
    trace: { listener: (entry) => bankUse.observe(entry) },
  });
  const { kernel, meter } = simulation.world;

  const runs: MeasuredRun[] = [];
  const startAll = (from: number, to: number, whenEnded: (run: MeasuredRun) => void) => {
    for (let index = from; index < to; index++) {
      kernel.schedule((index - from) * everyMs, () => {
        const correlationId = `loan-${index}`;
        const startedAt = kernel.now;
        void simulation.start(MACHINE, { correlationId, request: REQUEST }).result().then((outcome) => {
          const tookMs = kernel.now - startedAt;
          whenEnded({ tookMs, overheadMs: tookMs - thinkTimes.slowest(correlationId, names), replies: design.replies(outcome) });
        });
      });
    }
  };
  startAll(0, warmUp, () => {});
  await simulation.run();
  const before = meter.totals();
  const banksBefore = bankUse.units();
  startAll(warmUp, warmUp + count, (run) => runs.push(run));
  await simulation.run();
  if (runs.length < count) throw new Error(`${design.name} with ${banks} banks: only ${runs.length} of ${count} runs have ended`);
  return { design, banks, runs, units: difference(meter.totals(), before), bankUnits: difference(bankUse.units(), banksBefore) };
}
