import type { Measurement } from './measure';
import { costOf } from '../prices';
import type { Figure } from '../section';
import { percentile } from '../statistics';
import { difference } from '../units';

const MILLION = 1_000_000;

const seconds = (ms: number) => (ms / 1000).toFixed(2);
const dollars = (amount: number) => amount.toFixed(2);
/** Whole where it is whole, or two digits. */
const perRun = (total: number, { runs }: Measurement) => String(Math.round((total / runs.length) * 100) / 100);

export function transitionsPerRun({ units, runs }: Measurement): number {
  return (units['states.transitions'] ?? 0) / runs.length;
}

function unitsPerRun(unit: string): Figure<Measurement>['of'] {
  return (measurement) => perRun(measurement.units[unit] ?? 0, measurement);
}

function own({ units, bankUnits }: Measurement): Record<string, number> {
  return difference(units, bankUnits);
}

export const TIME_TO_RESULT: readonly Figure<Measurement>[] = [50, 99].map((percent) => ({
  name: `time to result, P${percent} (s)`,
  of: ({ runs }) => seconds(percentile(runs.map(({ tookMs }) => tookMs), percent)),
}));

export const FIGURES: readonly Figure<Measurement>[] = [
  ...TIME_TO_RESULT,
  ...[50, 99].map((percent) => ({
    name: `overhead over the slowest reply, P${percent} (s)`,
    of: ({ runs }: Measurement) => seconds(percentile(runs.map(({ overheadMs }) => overheadMs), percent)),
  })),
  { name: 'state transitions per run', of: unitsPerRun('states.transitions') },
  { name: 'Express requests per run', of: unitsPerRun('states.express.requests') },
  { name: 'Lambda invocations per run, the pattern\'s own', of: (measurement) => perRun(own(measurement)['lambda.requests'], measurement) },
  { name: 'Lambda invocations per run, responders', of: (measurement) => perRun(measurement.bankUnits['lambda.requests'], measurement) },
  { name: 'DynamoDB read units per run', of: unitsPerRun('dynamodb.readUnits') },
  { name: 'DynamoDB write units per run', of: unitsPerRun('dynamodb.writeUnits') },
  { name: 'EventBridge events per run', of: unitsPerRun('events.customEvents') },
  { name: 'SQS requests per run', of: unitsPerRun('sqs.requests') },
  { name: '$ per million runs, responders\' Lambda left out', of: (measurement) => dollars((costOf(own(measurement)) / measurement.runs.length) * MILLION) },
  { name: '$ per million runs, with it', of: ({ units, runs }) => dollars((costOf(units) / runs.length) * MILLION) },
];

/** What matters when some replies come late. */
export const SLOW_FIGURES: readonly Figure<Measurement>[] = [
  { name: 'replies missed', of: ({ runs, banks }) => share(runs.reduce((sum, { replies }) => sum + banks - replies, 0), runs.length * banks) },
  { name: 'runs that miss a reply', of: ({ runs, banks }) => share(runs.filter(({ replies }) => replies < banks).length, runs.length) },
  ...TIME_TO_RESULT,
];

function share(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}
