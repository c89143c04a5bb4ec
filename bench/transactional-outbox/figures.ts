import { isOrdered } from './goals';
import type { Idle, Path } from './path';
import type { Throughput } from './throughput';
import type { Trouble } from './trouble';
import { costOf } from '../prices';
import type { Figure } from '../section';
import { percentile } from '../statistics';
import { difference, type Units } from '../units';

const MILLION = 1_000_000;

const dollars = (amount: number) => amount.toFixed(2);
const perMillion = (units: Units, { outcome }: Path) => dollars((costOf(units) / outcome.committed) * MILLION);

/** Whole where it is whole, or two digits. */
function perEvent(of: (path: Path) => Units, ...units: readonly string[]): Figure<Path>['of'] {
  return (path) => String(Math.round((units.reduce((sum, unit) => sum + (of(path)[unit] ?? 0), 0) / path.outcome.committed) * 100) / 100);
}

const toDestination = (path: Path) => path.toDestination;
const fromDestination = (path: Path) => difference(path.toEffect, path.toDestination);

export const PATH_FIGURES: readonly Figure<Path>[] = [
  ...[50, 99].map((percent) => ({
    name: `commit → consumer, P${percent} (ms)`,
    of: ({ outcome }: Path) => percentile(outcome.tookMs, percent).toFixed(0),
  })),
  { name: 'Lambda invocations on the path per event', of: perEvent(toDestination, 'lambda.requests') },
  { name: 'DynamoDB write units per event, the writer\'s', of: perEvent(toDestination, 'dynamodb.writeUnits') },
  { name: 'DynamoDB read units per event', of: perEvent(toDestination, 'dynamodb.readUnits') },
  { name: 'Pipes requests per event', of: perEvent(toDestination, 'pipes.requests') },
  { name: 'events or messages sent per event', of: perEvent(toDestination, 'events.customEvents', 'sqs.fifo.requests') },
  { name: '$ per million events, to the destination', of: (path) => perMillion(path.toDestination, path) },
  { name: 'DynamoDB write units per event, the consumer\'s', of: perEvent(fromDestination, 'dynamodb.writeUnits') },
  { name: '$ per million events, consumer and effect', of: (path) => perMillion(fromDestination(path), path) },
  { name: '$ per million events, all', of: (path) => perMillion(path.toEffect, path) },
];

export const IDLE_FIGURES: readonly Figure<Idle>[] = [
  { name: '$ a month without events', of: ({ units }) => dollars(costOf(units)) },
  { name: 'of it, for reading the stream', of: ({ units }) => dollars(costOf({ 'dynamodb.streamReads': units['dynamodb.streamReads'] })) },
];

const ARRIVALS: readonly Figure<Trouble>[] = [
  { name: 'events committed', of: ({ outcome }) => String(outcome.committed) },
  { name: 'never delivered', of: ({ outcome }) => String(outcome.lost) },
];
const ORDER: Figure<Trouble> = {
  name: 'delivered behind a later event of their order',
  of: ({ design, outcome }) => (isOrdered(design) ? String(outcome.inversions) : ''),
};

export const OUTAGE_FIGURES: readonly Figure<Trouble>[] = [...ARRIVALS, ORDER];

export const STORM_FIGURES: readonly Figure<Trouble>[] = [
  ...ARRIVALS, { name: 'effects that happened twice', of: ({ outcome }) => String(outcome.twice) }, ORDER,
];

const HOUR_MS = 3_600_000;

export const POISON_FIGURES: readonly Figure<Trouble>[] = [
  ...ARRIVALS, { name: 'delivered after more than an hour', of: ({ outcome }) => String(outcome.tookMs.filter((ms) => ms > HOUR_MS).length) },
];

export const THROUGHPUT_FIGURES: readonly Figure<Throughput>[] = [
  { name: 'events per second and shard', of: ({ perShard }) => perShard.toFixed(0) },
];
