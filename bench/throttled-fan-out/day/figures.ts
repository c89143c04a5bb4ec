import { COMPARED, type CrossCheck } from './cross-check';
import type { Day } from './day';
import { costOf } from '../../prices';
import type { Figure } from '../../section';
import type { Units } from '../../units';
import { unitsOf } from '../figures';

const MILLION = 1_000_000;
const DAYS_A_MONTH = 365 / 12;
const PRIORITIES = 3;
/** By priority, and by target. */
const METRICS_OF_A_TARGET = 5 * PRIORITIES + 3;
/** Idle pollers ask at least every 20 seconds, and Lambda has at most five of them for a queue that has nothing. */
const MOST_EMPTY_POLLS = PRIORITIES * 5 * 86_400 / 20;
const GIGABYTE = 1e9;

interface Row {
  readonly what: string;
  readonly units: Units;
}

export interface Bill {
  readonly day: Day;
  readonly logBytesOfAnInvocation: number;
}

const rowsOf = ({ units }: Day): Row[] => [
  { what: 'publishing, one by one', units: unitsOf(units, 'sns.') },
  { what: 'queues', units: unitsOf(units, 'sqs.') },
  { what: 'limiter', units: unitsOf(units, 'dynamodb.') },
  { what: 'dispatcher, invocations', units: unitsOf(units, 'lambda.requests') },
  { what: 'dispatcher, waiting and delivering', units: unitsOf(units, 'lambda.gbSeconds') },
  { what: 'all', units },
];

/** What a day costs besides, by the number of targets or by what a team logs. */
const rowsApart = ({ day: { targets, units }, logBytesOfAnInvocation }: Bill): Row[] => [
  { what: 'apart: metrics', units: { 'cloudwatch.metricMonths': targets * METRICS_OF_A_TARGET / DAYS_A_MONTH } },
  { what: 'apart: log of each invocation', units: { 'logs.gigabytes': units['lambda.requests'] * logBytesOfAnInvocation / GIGABYTE } },
  { what: 'apart: empty polls, at most', units: { 'sqs.requests': targets * MOST_EMPTY_POLLS } },
];

/** Rows of the day's bill: what, units, dollars, dollars a million messages. */
export function billRows(bill: Bill): string[][] {
  return [...rowsOf(bill.day), ...rowsApart(bill)].map(({ what, units }) => {
    const dollars = costOf(units);
    const quantities = what === 'all' ? '' : Object.entries(units).map(([unit, quantity]) => `${Math.round(quantity).toLocaleString('en')} ${unit}`).join(', ');
    return [what, quantities, dollars.toFixed(2), (dollars / bill.day.delivered * MILLION).toFixed(3)];
  });
}

export const DAY_FIGURES: readonly Figure<Day>[] = [
  { name: 'messages', of: ({ sent }) => sent.toLocaleString('en') },
  { name: 'delivered', of: ({ delivered }) => delivered.toLocaleString('en') },
  { name: 'most above rate · t + burst in any window', of: ({ excess }) => excess.toFixed(0) },
  { name: 'most messages waiting for one target', of: ({ longestQueue }) => longestQueue.toLocaleString('en') },
  { name: 'went back to their queue to wait', of: ({ deferred }) => deferred.toLocaleString('en') },
  { name: 'limiter writes a message', of: ({ units, delivered }) => (units['dynamodb.writeUnits'] / delivered).toFixed(3) },
  { name: 'GB-s of waiting a million messages', of: ({ units, delivered }) => Math.round(units['lambda.gbSeconds'] / delivered * MILLION).toLocaleString('en') },
  { name: 'minutes that this took', of: ({ tookMs }) => (tookMs / 60_000).toFixed(1) },
];

/** How far the study is from the simulator, as a share of the simulator's figure. */
export function deviation({ simulator, study }: CrossCheck, unit: string): number {
  return (study.units[unit] / study.messages) / (simulator.units[unit] / simulator.messages) - 1;
}

/** Rows of units a thousand messages: simulator, study, difference. */
export function crossCheckRows(check: CrossCheck): string[][] {
  return COMPARED.map((unit) => [
    unit,
    ...[check.simulator, check.study].map(({ units, messages }) => (units[unit] / messages * 1000).toFixed(1)),
    `${(deviation(check, unit) * 100).toFixed(1)} %`,
  ]);
}
