import type { Backlog } from './backlog';
import { SPEEDS } from './backlog';
import { type Design, LIMIT, USUAL_TARGET_MS } from './design';
import type { Flood } from './flood';
import type { Outage } from './outage';
import { SECOND } from './scene';
import type { Steady } from './steady';
import { costOf } from '../prices';
import type { Figure } from '../section';
import type { Units } from '../units';

const MILLION = 1_000_000;

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const whole = (quantity: number) => Math.round(quantity).toLocaleString('en');

/** Units of one service, or of some, by the beginning of their names. */
export function unitsOf(units: Units, ...prefixes: readonly string[]): Units {
  return Object.fromEntries(Object.entries(units).filter(([unit]) => prefixes.some((prefix) => unit.startsWith(prefix))));
}

export function dollarsPerMillion(units: Units, messages: number): string {
  return (costOf(units) / messages * MILLION).toFixed(2);
}

function writesAMessage({ limiterWrite }: Design, limiterWrites: number, delivered: number): string {
  return limiterWrite ? (limiterWrites / delivered).toFixed(3) : '';
}

export const BACKLOG_FIGURES: readonly Figure<Backlog>[] = [
  ...SPEEDS.map((speed, index): Figure<Backlog> => ({
    name: `share of ${LIMIT.perSecond}/s, target takes ${USUAL_TARGET_MS * speed} ms`, of: ({ utilisation }) => percent(utilisation[index]),
  })),
  { name: 'most above rate · t + burst in any window', of: ({ excess }) => whole(excess) },
  { name: 'in the DLQ for being throttled', of: ({ deadLettered }) => whole(deadLettered) },
  { name: 'limiter writes a delivery', of: ({ design, limiterWrites, arrivals }) => writesAMessage(design, limiterWrites, arrivals) },
  { name: 'GB-s of waiting a million deliveries', of: ({ design, units, arrivals }) => (design.direct ? '' : whole(units['lambda.gbSeconds'] / arrivals * MILLION)) },
];

export const FLOOD_FIGURES: readonly Figure<Flood>[] = [
  { name: 'P99 wait of critical, alone (ms)', of: ({ unloadedP99Ms }) => whole(unloadedP99Ms) },
  { name: 'P99 wait of critical, in the flood (ms)', of: ({ floodedP99Ms }) => whole(floodedP99Ms) },
  { name: 'ratio', of: ({ unloadedP99Ms, floodedP99Ms }) => (floodedP99Ms / unloadedP99Ms).toFixed(1) },
  { name: 'critical messages that never came', of: ({ missing }) => whole(missing) },
];

export const OUTAGE_FIGURES: readonly Figure<Outage>[] = [
  { name: 'messages published', of: ({ published }) => whole(published) },
  { name: 'deliveries that failed', of: ({ refused }) => whole(refused) },
  { name: 'in the DLQ afterwards', of: ({ deadLettered }) => whole(deadLettered) },
  { name: 'seconds until 90 % of the rate', of: ({ recoveryMs }) => (recoveryMs === undefined ? 'never' : (recoveryMs / SECOND).toFixed(0)) },
];

const cost = (name: string, ...prefixes: readonly string[]): Figure<Steady> => (
  { name: `$ per million messages: ${name}`, of: ({ units, messages }) => dollarsPerMillion(unitsOf(units, ...prefixes), messages) }
);

export const STEADY_FIGURES: readonly Figure<Steady>[] = [
  cost('publishing', 'sns.'),
  cost('queues', 'sqs.'),
  cost('limiter', 'dynamodb.'),
  cost('dispatcher, invocations', 'lambda.requests'),
  cost('dispatcher, waiting and delivering', 'lambda.gbSeconds'),
  { name: '$ per million messages, all', of: ({ units, messages }) => dollarsPerMillion(units, messages) },
  { name: 'the target\'s own function, apart', of: ({ target, messages }) => dollarsPerMillion(target, messages) },
  { name: 'limiter writes a message', of: ({ design, limiterWrites, messages }) => writesAMessage(design, limiterWrites, messages) },
  { name: 'GB-s of waiting a million messages', of: ({ design, units, messages }) => (design.direct ? '' : whole(units['lambda.gbSeconds'] / messages * MILLION)) },
];
