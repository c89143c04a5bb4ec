import { CHANNEL, LIMITS, PRIORITIES, type Priority, type Target, TARGETS } from './stack';
import type { Random } from '../../../simulator/src';
import type { ControlItem } from '../../../src/throttled-fan-out/contract';
import type { Published } from '../../throttled-fan-out/books';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

/** Messages that are published together. */
export interface Publication {
  readonly atMs: number;
  readonly messages: readonly Published[];
}

/** How a target is for a while, for a share of its deliveries. */
export interface Illness {
  readonly target: Target;
  readonly fromMs: number;
  readonly toMs: number;
  readonly share: number;
  readonly kind: 'fails' | 'hangs' | 'slow' | 'throttles' | 'asks for silence';
  /** What it asks for. */
  readonly retryAfterSeconds?: number;
}

/** What an operator sets for a while, and takes back. */
export interface Intervention {
  readonly target: Target;
  readonly fromMs: number;
  readonly toMs: number;
  readonly control: ControlItem;
}

/** A while in which the dispatchers' calls of a service are refused, or not answered, more often than usual. */
export interface Brownout {
  readonly service: 'dynamodb' | 'sqs';
  readonly fromMs: number;
  readonly toMs: number;
  readonly share: number;
  readonly kind: 'throttle' | 'error-before' | 'error-after';
}

/** Many messages of one priority, with others that must not, or must, come through. */
export interface Surge {
  readonly kind: 'flood of bulk' | 'critical before bulk' | 'bulk behind critical';
  readonly target: Target;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Workload {
  readonly publications: readonly Publication[];
  readonly surge: Surge | undefined;
  readonly illnesses: readonly Illness[];
  readonly interventions: readonly Intervention[];
  readonly brownouts: readonly Brownout[];
  /** Dispatchers die, and calls fail, at any time. */
  readonly unsteady: boolean;
}

export const POISON = 'poison';

export function workload(random: Random): Workload {
  const surge = surgeOf(random.fork('surge'));
  // What a surge has to show is hidden by an outage in the middle of it.
  const quietly = surge !== undefined && random.chance(0.5);
  return {
    surge,
    unsteady: !quietly,
    publications: [...trickle(random.fork('trickle')), ...(surge ? surging(surge) : [])],
    illnesses: quietly ? [] : TARGETS.flatMap((target) => illnesses(random.fork(`ill/${target}`), target)),
    interventions: quietly ? [] : TARGETS.flatMap((target) => interventions(random.fork(`operator/${target}`), target)),
    brownouts: quietly ? [] : brownouts(random.fork('brownouts')),
  };
}

/** A little of everything, also of what publishers do wrong. */
function trickle(random: Random): Publication[] {
  return Array.from({ length: random.integer(10, 40) }, (_, index) => {
    const poison = random.chance(0.04);
    return {
      atMs: random.integer(0, 2 * MINUTE),
      messages: [{
        text: `${poison ? POISON : 'usual'}-${index}`,
        priority: random.pick([...PRIORITIES, ...PRIORITIES, 'urgent', undefined]),
        tenant: random.chance(0.3) ? `tenant-${random.integer(1, 3)}` : undefined,
        attributes: random.chance(0.6) ? { [CHANNEL.attribute]: CHANNEL.push } : {},
      }],
    };
  });
}

function surgeOf(random: Random): Surge | undefined {
  if (random.chance(0.25)) return undefined;
  const kind = random.pick(['flood of bulk', 'critical before bulk', 'bulk behind critical'] as const);
  const fromMs = random.integer(0, MINUTE / 2);
  // The slower target, or it would take too many messages to keep it busy.
  const target = kind === 'bulk behind critical' ? 'Push' : random.pick(TARGETS);
  const lasts = kind === 'bulk behind critical' ? 100 * SECOND : random.integer(10, 25) * SECOND;
  return { kind, target, fromMs, toMs: fromMs + lasts };
}

function surging({ kind, target, fromMs, toMs }: Surge): Publication[] {
  const { ratePerSecond } = LIMITS[target];
  const attributes: Record<string, string> = target === 'Push' ? { [CHANNEL.attribute]: CHANNEL.push } : {};
  const seconds = (toMs - fromMs) / SECOND;
  const of = (priority: Priority, count: number) => (
    Array.from({ length: count }, (_, index) => ({ text: `surge-${priority}-${index}`, priority, tenant: undefined, attributes })));
  const spread = (messages: readonly Published[], lastsMs: number) => (
    messages.map((message, index) => ({ atMs: fromMs + Math.floor(index * lastsMs / messages.length), messages: [message] })));
  switch (kind) {
    case 'flood of bulk':
      return [...inBatches(of('bulk', ratePerSecond * 40), fromMs, toMs), ...spread(of('critical', Math.ceil(seconds / 2)), toMs - fromMs)];
    case 'critical before bulk':
      return [{ atMs: fromMs, messages: [...of('bulk', ratePerSecond * 10), ...of('critical', ratePerSecond * 15)] }];
    case 'bulk behind critical':
      return [...inBatches(of('critical', Math.floor(ratePerSecond * seconds * 1.15)), fromMs, toMs), { atMs: fromMs, messages: of('bulk', 15) }];
  }
}

function inBatches(messages: readonly Published[], fromMs: number, toMs: number): Publication[] {
  const batches = Math.ceil(messages.length / 10);
  return Array.from({ length: batches }, (_, index) => (
    { atMs: fromMs + Math.floor(index * (toMs - fromMs) / batches), messages: messages.slice(index * 10, index * 10 + 10) }));
}

function illnesses(random: Random, target: Target): Illness[] {
  return Array.from({ length: random.chance(0.5) ? random.integer(1, 2) : 0 }, () => {
    const fromMs = random.integer(0, 1.5 * MINUTE);
    const kind = random.pick(['fails', 'hangs', 'slow', 'throttles', 'asks for silence'] as const);
    return {
      target,
      fromMs,
      toMs: fromMs + random.integer(10 * SECOND, 3 * MINUTE),
      share: random.pick([0.3, 1, 1]),
      kind,
      ...(kind === 'asks for silence' && { retryAfterSeconds: random.integer(5, 60) }),
    };
  });
}

function interventions(random: Random, target: Target): Intervention[] {
  if (!random.chance(0.3)) return [];
  const { ratePerSecond } = LIMITS[target];
  const fromMs = random.integer(0, MINUTE);
  const control = random.pick<ControlItem>([
    { paused: true }, { killSwitch: 'OPEN' }, { killSwitch: 'CLOSED' }, { ratePerSecond: ratePerSecond / 3, burst: 2 }, { ratePerSecond: ratePerSecond * 2, burst: ratePerSecond * 2 },
  ]);
  return [{ target, fromMs, toMs: fromMs + random.integer(20 * SECOND, 2 * MINUTE), control }];
}

function brownouts(random: Random): Brownout[] {
  return Array.from({ length: random.chance(0.4) ? 1 : 0 }, () => {
    const fromMs = random.integer(0, MINUTE);
    return {
      service: random.pick(['dynamodb', 'dynamodb', 'sqs'] as const),
      fromMs,
      toMs: fromMs + random.integer(5 * SECOND, 2 * MINUTE),
      share: random.pick([0.3, 0.7, 1]),
      kind: random.pick(['throttle', 'error-before', 'error-after'] as const),
    };
  });
}
