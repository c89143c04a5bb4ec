import { FRIENDLY_LIMIT, FUNCTION_BANKS, type GatheringId, GATHERINGS, PARTNER } from './stack';
import type { Random } from '../../../simulator/src';

export const RESPONDERS = [...FUNCTION_BANKS, PARTNER];

/** What one responder does with one request. */
export interface Behaviour {
  readonly thinkMs: number;
  readonly rate: number;
  /** It throws instead of replying. */
  readonly fails: boolean;
  /** Replies once more than it should, after this time; only the partner can. */
  readonly repliesAgainAfterMs?: number;
}

export interface Request {
  readonly amount: number;
  readonly behaviours: Readonly<Record<string, Behaviour>>;
}

export interface Start {
  readonly gathering: GatheringId;
  readonly atMs: number;
  readonly correlationId: string;
  readonly request: Request;
  readonly recipients?: readonly string[];
}

/** A reply that nobody asked for. */
export interface StrayReply {
  readonly gathering: GatheringId;
  readonly atMs: number;
  readonly detail: Readonly<Record<string, unknown>>;
  /** It cannot be read, and must end in the dead-letter queue. */
  readonly malformed: boolean;
}

export interface Workload {
  readonly starts: readonly Start[];
  readonly strays: readonly StrayReply[];
}

/** Think times around the deadline are what races are made of. */
const SLOW_MS = [9_000, 11_000] as const;

export function workload(random: Random): Workload {
  const starts: Start[] = [];
  const count = random.integer(3, 8);
  for (let index = 0; index < count; index++) {
    // Now and then somebody starts twice with the same correlation id.
    const repeated = starts.length > 0 && random.chance(0.15) ? random.pick(starts) : undefined;
    starts.push({
      gathering: repeated?.gathering ?? random.pick(GATHERINGS),
      atMs: (repeated?.atMs ?? 0) + random.integer(0, repeated ? 500 : 4_000),
      correlationId: repeated?.correlationId ?? `c-${index}`,
      request: repeated?.request ?? request(random),
      recipients: repeated ? repeated.recipients : random.chance(0.1) ? RESPONDERS.filter(() => random.chance(0.5)) : undefined,
    });
  }
  return { starts, strays: strays(random, starts) };
}

function request(random: Random): Request {
  // Replies that come at the same moment are collected by several functions at once.
  const together = random.chance(0.3) ? random.integer(50, 800) : undefined;
  const behaviours = Object.fromEntries(RESPONDERS.map((responder) => [responder, {
    thinkMs: together ?? (random.chance(0.25) ? random.integer(...SLOW_MS) : random.integer(50, 800)),
    rate: random.integer(1, 9),
    fails: random.chance(0.1),
    repliesAgainAfterMs: responder === PARTNER && random.chance(0.3) ? random.integer(0, 12_000) : undefined,
  }]));
  return { amount: random.integer(1, 2 * FRIENDLY_LIMIT), behaviours };
}

function strays(random: Random, starts: readonly Start[]): StrayReply[] {
  const kinds: (() => StrayReply['detail'] & { malformed?: boolean })[] = [
    () => ({ correlationId: 'nobody-knows', responder: PARTNER, payload: 'stray' }),
    () => ({ correlationId: random.pick(starts).correlationId, responder: 'Stranger', payload: 'stray' }),
    () => ({ correlationId: random.pick(starts).correlationId, malformed: true }),
  ];
  return Array.from({ length: random.integer(0, 2) }, () => {
    const { malformed = false, ...detail } = random.pick(kinds)();
    return { gathering: random.pick(GATHERINGS), atMs: random.integer(0, 12_000), detail, malformed };
  });
}
