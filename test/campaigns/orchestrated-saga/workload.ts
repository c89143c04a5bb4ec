import type { Brownout } from './brownouts';
import { type Behaviour, type SagaInput, type Shape, SHAPES, STEP_TIMEOUT_SECONDS, type StepFacts, STEPS } from './environment';
import type { Random } from '../../../simulator/src';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
/** When whatever is broken for long is mended, and operators look after parked sagas. */
export const MENDED_MS = 20 * MINUTE;

export interface SagaStart {
  readonly shape: Shape;
  readonly atMs: number;
  readonly input: SagaInput;
}

/** Chances of what operators and timeouts do to executions. */
export interface Turbulence {
  /** That an execution is stopped, for each state that it enters: of sagas, and of recoveries. */
  readonly stopsSaga: number;
  readonly stopsRecovery: number;
  /** That an execution that has died is redriven, or that somebody asks for its recovery by hand. */
  readonly redrives: number;
  readonly recoversByHand: number;
}

export interface Workload {
  readonly starts: readonly SagaStart[];
  readonly turbulence: Turbulence;
  readonly brownouts: readonly Brownout[];
  /** That a participant dies in one of its calls, before or after the effect. */
  readonly participantDies: number;
  /** Nobody can be recovered until operators look after it. */
  readonly recoverIsDown: boolean;
  /** That an operator who looks after a parked saga decides to go back. */
  readonly compensates: number;
}

export function workload(random: Random, startedAt: number): Workload {
  const starts = SHAPES.flatMap((shape) => startsOf(random.fork(shape), shape, startedAt));
  const calm = random.chance(0.3);
  return {
    starts: [...starts, ...duplicates(random.fork('duplicates'), starts)],
    turbulence: calm
      ? { stopsSaga: 0, stopsRecovery: 0, redrives: 0, recoversByHand: 0 }
      : { stopsSaga: random.pick([0.02, 0.06]), stopsRecovery: random.pick([0.02, 0.06]), redrives: random.pick([0, 0.2]), recoversByHand: 0.1 },
    brownouts: brownouts(random.fork('brownouts')),
    participantDies: random.pick([0, 0.05, 0.15]),
    recoverIsDown: random.chance(0.04),
    compensates: random.pick([0.2, 0.8]),
  };
}

function startsOf(random: Random, shape: Shape, startedAt: number): SagaStart[] {
  return Array.from({ length: random.integer(1, 3) }, (_, index) => {
    const atMs = random.integer(0, 20 * SECOND);
    return {
      shape,
      atMs,
      input: {
        sagaId: `${shape}-${index}`,
        item: `item-${random.integer(1, 2)}`,
        behaviours: behaviours(random, STEPS[shape], startedAt, atMs),
        decision: random.chance(0.8) ? 'APPROVE' : random.pick(['REJECT', 'SILENCE'] as const),
        decisionMs: random.integer(0, random.chance(0.2) ? 30 * SECOND : 2 * SECOND),
        large: random.chance(0.1),
      },
    };
  });
}

/** Somebody starts a saga once more, at any time, with another input perhaps. */
function duplicates(random: Random, starts: readonly SagaStart[]): SagaStart[] {
  return starts.filter(() => random.chance(0.2)).map((start) => ({
    ...start,
    atMs: random.chance(0.3) ? start.atMs : random.integer(0, MINUTE),
    input: random.chance(0.5) ? start.input : { ...start.input, behaviours: [], item: 'item-1' },
  }));
}

function behaviours(random: Random, steps: readonly StepFacts[], startedAt: number, atMs: number): Behaviour[] {
  const until = () => startedAt + (random.chance(0.3) ? MENDED_MS : atMs + random.integer(SECOND, 40 * SECOND));
  // Around a step's timeout, or so long that the function times out itself.
  const timeout = STEP_TIMEOUT_SECONDS * SECOND;
  const ms = () => random.pick([random.integer(0, SECOND), timeout + random.integer(-300, 300), random.integer(6 * SECOND, 20 * SECOND)]);
  const troubles: Behaviour[] = [];
  const own = steps.filter(({ task }) => !task);
  if (random.chance(0.7)) {
    const { id, mayDecline } = random.pick(own);
    const declines = mayDecline ? ['DECLINE', 'DECLINE'] as const : [];
    const kind = random.pick([...declines, 'FAIL', 'FAIL_AFTER', 'SLOW_BEFORE', 'SLOW_INSIDE', 'SLOW_AFTER'] as const);
    troubles.push({ step: id, direction: 'DO', kind, ms: ms(), until: until() });
  }
  if (random.chance(0.3)) {
    const { id } = random.pick(own.filter(({ behindPivot, hasEffect }) => !behindPivot && hasEffect));
    const kind = random.pick(['FAIL', 'FAIL', 'FAIL_AFTER', 'SLOW_BEFORE', 'SLOW_INSIDE', 'SLOW_AFTER'] as const);
    troubles.push({ step: id, direction: 'UNDO', kind, ms: ms(), until: until() });
  }
  if (random.chance(0.1)) {
    troubles.push({ step: random.pick(own).id, direction: 'QUERY', kind: random.pick(['FAIL', 'SLOW_AFTER'] as const), ms: ms(), until: until() });
  }
  return troubles;
}

/** A service that is ill for a while: long enough to hurt, not so long that nobody is left who tries. */
function brownouts(random: Random): Brownout[] {
  return Array.from({ length: random.chance(0.4) ? random.integer(1, 2) : 0 }, () => {
    const fromMs = random.integer(0, MINUTE);
    return {
      service: random.pick(['dynamodb', 'sqs', 'events', 'lambda', 'states'] as const),
      fromMs,
      toMs: fromMs + random.integer(SECOND, 40 * SECOND),
      share: random.pick([0.3, 0.7, 1]),
      kind: random.pick(['throttle', 'error-before', 'error-after'] as const),
    };
  });
}
