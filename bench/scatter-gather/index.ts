import { type Design } from './design';
import { FIGURES, SLOW_FIGURES, transitionsPerRun } from './figures';
import { fixedWait } from './fixed-wait-stack';
import { type Conditions, measure, type Measurement } from './measure';
import { express, standard } from './ours-stack';
import { measureSpeed, type Speed } from './speed';
import type { Bench } from '../bench';
import { figureTable, section } from '../section';
import { markdownTable } from '../table';

const DESIGNS: readonly Design[] = [standard, express, fixedWait];
const SIZES = [3, 10, 100];
const CONDITIONS: Conditions = { runs: 200, warmUp: 20, everyMs: 1_000 };
const SLOW_SIZE = 10;
const SLOW_SHARE = 0.01;

const MOST_TRANSITIONS = 5;
const SPEED_GATHERINGS = 10_000;
const LEAST_INVOCATIONS_PER_SECOND = 2_000;
const MOST_RSS_BYTES = 1_000_000_000;

export const scatterGather: Bench = {
  pattern: 'scatter-gather',

  async run(progress) {
    const all: Measurement[] = [];
    for (const design of DESIGNS) {
      for (const size of SIZES) {
        progress(`scatter-gather: ${CONDITIONS.runs} runs, ${size} responders, ${design.name}`);
        all.push(await measure(design, size, CONDITIONS));
      }
    }
    const slow: Measurement[] = [];
    for (const design of DESIGNS) {
      progress(`scatter-gather: ${CONDITIONS.runs} runs, ${SLOW_SIZE} responders of which some are slow, ${design.name}`);
      slow.push(await measure(design, SLOW_SIZE, { ...CONDITIONS, slowShare: SLOW_SHARE }));
    }
    progress(`scatter-gather: ${SPEED_GATHERINGS} gatherings, to see how fast the simulator is`);
    const speed = await measureSpeed(SPEED_GATHERINGS);

    const { runs, warmUp, everyMs } = CONDITIONS;
    section('ScatterGather', [
      `Simulated time and billable units of ${runs} runs, started ${everyMs / 1000} s apart after ${warmUp} that warm the functions up. Replies take`,
      '50–800 ms, the same draws in each design. STANDARD and EXPRESS are ScatterGather\'s modes. Fixed wait: publish one event, wait 10 s,',
      'read the table that the responders write to. Empty long polls of an idle queue are not counted.',
    ], figureTable(all, titleOf, FIGURES));
    section(`1 % of the replies take 12 s, ${SLOW_SIZE} responders`, [], figureTable(slow, titleOf, SLOW_FIGURES));
    section('The simulator\'s speed', [
      `${speed.gatherings} gatherings of the loan broker with three banks, started 20 virtual ms apart: real handler bundles, IAM enforced,`,
      'one process. These figures depend on the machine and on what else it does.',
    ], speedTable(speed));

    return all.filter((measurement) => measurement.design !== fixedWait && transitionsPerRun(measurement) > MOST_TRANSITIONS)
      .map((measurement) => `${measurement.design.name} with ${measurement.banks} responders takes ${transitionsPerRun(measurement)} transitions a run, at most ${MOST_TRANSITIONS} are allowed`);
  },
};

function titleOf({ design, banks }: Measurement): string {
  return `${design.name}, ${banks}`;
}

function speedTable({ invocations, wallMs, cpuMs, virtualMs, peakRssBytes }: Speed): string {
  const perSecond = invocations / (wallMs / 1000);
  const verdict = (met: boolean) => met ? 'met' : 'MISSED';
  return markdownTable(['', 'measured', 'goal', ''], [
    ['handler invocations per wall-clock second', perSecond.toFixed(0), `≥ ${LEAST_INVOCATIONS_PER_SECOND}`, verdict(perSecond >= LEAST_INVOCATIONS_PER_SECOND)],
    ['peak memory (RSS, MB)', (peakRssBytes / 1e6).toFixed(0), `< ${MOST_RSS_BYTES / 1e6}`, verdict(peakRssBytes < MOST_RSS_BYTES)],
    ['handler invocations', String(invocations), '', ''],
    ['handler invocations per second of processor time', (invocations / (cpuMs / 1000)).toFixed(0), '', ''],
    ['wall-clock time (s)', (wallMs / 1000).toFixed(1), '', ''],
    ['virtual time (s)', (virtualMs / 1000).toFixed(1), '', ''],
  ]);
}
