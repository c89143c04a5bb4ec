import { FLEET, FUNCTION_GROUPS, type Group, GROUPS, type Work } from './environment';
import type { Random } from '../../../simulator/src';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
/** From here on nothing goes wrong any more. */
export const MENDED_MS = 5 * MINUTE;

export interface SubmittedTask {
  readonly id: string;
  readonly payload: Work;
  readonly estimatedSeconds?: number;
  readonly groups?: readonly Group[];
}

/** Messages that are submitted together: tasks, or what is none. */
export interface Submission {
  readonly atMs: number;
  readonly tasks: readonly SubmittedTask[];
  readonly garbage: readonly string[];
}

/** A while in which an operator has retired a group. */
export interface Retirement {
  readonly group: Group;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Somebody who dies at the next call that they make. */
export interface Death {
  readonly atMs: number;
  /** A part of the caller's name. */
  readonly who: string;
  readonly kind: 'crash-before' | 'crash-after';
}

/** A while in which a service throttles, fails, or does its work and does not say so. */
export interface Brownout {
  readonly service: 'dynamodb' | 'sqs' | 'lambda';
  readonly fromMs: number;
  readonly toMs: number;
  readonly share: number;
  readonly kind: 'throttle' | 'error-before' | 'error-after';
}

export interface Workload {
  /** CALM: nothing but what users and operators do, late depths and wrong clocks. DEATHS: handlers and workers die. UNSTEADY: anything fails at any time. */
  readonly weather: 'CALM' | 'DEATHS' | 'UNSTEADY';
  readonly submissions: readonly Submission[];
  /** Containers outside. */
  readonly fleet: number;
  /** When one of them is replaced, as a deployment does. */
  readonly replacements: readonly number[];
  readonly retirements: readonly Retirement[];
  readonly deaths: readonly Death[];
  readonly brownouts: readonly Brownout[];
  /** How late the depths of queues may be told. */
  readonly depthLagMs: number;
}

export function workload(random: Random): Workload {
  const weather = random.pick(['CALM', 'DEATHS', 'UNSTEADY', 'UNSTEADY'] as const);
  const fleet = random.pick([0, 1, 2]);
  const disaster = weather !== 'CALM' && random.chance(0.3);
  const burstAtMs = random.integer(0, 2 * MINUTE);
  return {
    weather,
    submissions: submissions(random.fork('tasks'), burstAtMs, disaster),
    fleet,
    replacements: fleet > 0 && random.chance(0.4) ? [random.integer(30 * SECOND, 3 * MINUTE)] : [],
    retirements: retirements(random.fork('operator'), burstAtMs),
    deaths: weather === 'CALM' ? [] : [...deaths(random.fork('deaths'), burstAtMs), ...(disaster ? DISASTER : [])],
    brownouts: weather === 'UNSTEADY' ? brownouts(random.fork('brownouts')) : [],
    depthLagMs: random.pick([0, 0, 10 * SECOND, 60 * SECOND]),
  };
}

const KEYS = 8;
/** The k-th key has 1/k of what the first one has. */
const HARMONIC = Array.from({ length: KEYS }, (_, index) => 1 / (index + 1)).reduce((sum, share) => sum + share, 0);

/** All die at once, when the last tasks have come: nobody is left to notice but those that time brings. */
const DISASTER: readonly Death[] = ['Cpu/Run', 'Gpu/Run', 'Coordinate', FLEET].map((who) => ({ atMs: MENDED_MS - 6 * SECOND, who, kind: 'crash-before' }));

function submissions(random: Random, burstAtMs: number, disaster: boolean): Submission[] {
  const spread = Array.from({ length: random.integer(20, 35) }, (_, index) => ({ atMs: random.integer(0, 3 * MINUTE), task: taskOf(`task-${index}`, random) }));
  const burst = bursting(random.fork('burst'), burstAtMs);
  // Others come when all has been quiet for a while, and wake whoever sleeps.
  const late = Array.from({ length: random.integer(1, 4) }, (_, index) => (
    { atMs: MENDED_MS - (disaster ? random.integer(8, 12) : random.integer(0, 40)) * SECOND, task: taskOf(`late-${index}`, random) }));
  const all = [...spread, ...burst, ...late];
  // More often of those that take long, while they are under way.
  const again = all.filter(({ task }) => random.chance(isLong(task) ? 0.5 : 0.08)).map(({ atMs, task }) => (
    { atMs: atMs + (isLong(task) ? random.integer(15, 25) : random.integer(0, 45)) * SECOND, task }));
  const garbage = ['no JSON', '{"id":"no-payload"}', '{"id":"unknown-group","payload":{},"groups":["Nobody"]}'].filter(() => random.chance(0.3));
  return [
    ...[...all, ...again].map(({ atMs, task }) => ({ atMs, tasks: [task], garbage: [] })),
    ...garbage.map((text) => ({ atMs: random.integer(0, 2 * MINUTE), tasks: [], garbage: [text] })),
  ];
}

/** Many tasks of one key, which is one group's, within seconds. */
function bursting(random: Random, fromMs: number): { readonly atMs: number; readonly task: SubmittedTask }[] {
  const key = keyOf(random);
  return Array.from({ length: random.integer(15, 30) }, (_, index) => {
    const task = taskOf(`burst-${index}`, random);
    return { atMs: fromMs + random.integer(0, 3 * SECOND), task: { ...task, payload: { ...task.payload, key } } };
  });
}

/** About what a task takes on average. */
export const MEAN_MS = 3 * SECOND;

function taskOf(id: string, random: Random): SubmittedTask {
  // Most are short, and some are longer than a lease.
  const ms = random.chance(0.15) ? random.integer(8 * SECOND, 26 * SECOND) : random.integer(300, 2 * SECOND);
  const kind = random.chance(0.03) ? 'poison' : random.pick(['commits', 'commits', 'commits', 'commits', 'commits', 'returns', 'fails after its commit'] as const);
  return {
    id,
    payload: {
      ...(random.chance(0.9) && { key: keyOf(random) }),
      ms: kind === 'poison' ? Math.min(ms, 2 * SECOND) : ms,
      kind,
      ...(kind !== 'poison' && random.chance(0.05) && { failures: random.integer(1, 2) }),
    },
    ...(random.chance(0.3) && { estimatedSeconds: Math.ceil(ms / SECOND) }),
    ...(random.chance(0.05) && { groups: [...FUNCTION_GROUPS] }),
  };
}

function isLong({ payload: { ms } }: SubmittedTask): boolean {
  return ms > 15 * SECOND;
}

function keyOf(random: Random): string {
  let left = random.next() * HARMONIC;
  for (let rank = 1; rank < KEYS; rank++) {
    left -= 1 / rank;
    if (left < 0) return `tenant-${rank}`;
  }
  return `tenant-${KEYS}`;
}

/** Often of a group that has much to do just then. */
function retirements(random: Random, burstAtMs: number): Retirement[] {
  if (!random.chance(0.4)) return [];
  const fromMs = random.chance(0.7) ? burstAtMs + random.integer(1, 5) * SECOND : random.integer(10 * SECOND, 2 * MINUTE);
  return [{ group: random.pick(GROUPS), fromMs, toMs: fromMs + random.integer(30 * SECOND, 90 * SECOND) }];
}

function deaths(random: Random, burstAtMs: number): Death[] {
  // The leader in the middle of a burst, and whoever stands by.
  const leader: Death = { atMs: burstAtMs + 8 * SECOND, who: 'Coordinate', kind: 'crash-before' };
  const leaders = random.chance(0.4) ? [leader, leader, leader] : [];
  const others = Array.from({ length: random.integer(1, 5) }, () => ({
    atMs: random.integer(2 * SECOND, 4 * MINUTE),
    who: random.pick(['Cpu/Run', 'Cpu/Run', 'Gpu/Run', 'Gpu/Run', 'Coordinate', 'Coordinate', 'Route', FLEET]),
    kind: random.pick(['crash-before', 'crash-after'] as const),
  }));
  return [...leaders, ...others];
}

function brownouts(random: Random): Brownout[] {
  return Array.from({ length: random.chance(0.4) ? 1 : 0 }, () => {
    const fromMs = random.integer(0, 2 * MINUTE);
    return {
      service: random.pick(['dynamodb', 'dynamodb', 'sqs', 'lambda'] as const),
      fromMs,
      toMs: fromMs + random.integer(5 * SECOND, 40 * SECOND),
      share: random.pick([0.3, 0.7, 1]),
      kind: random.pick(['throttle', 'error-before', 'error-after'] as const),
    };
  });
}
