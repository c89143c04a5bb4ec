import type { ActionRequest, CompensationRequest } from '../../src/orchestrated-saga/contract';

export const STEPS = ['ReserveHotel', 'ReserveFlight', 'ReserveCar', 'Charge', 'SendTicket'] as const;
export type StepId = (typeof STEPS)[number];

/** An error with the name that Step Functions sees. */
export function named(name: string, message: string = name): Error {
  return Object.assign(new Error(message), { name });
}

/**
 * The services' own books, kept as a saga asks it of its participants: what is asked again is answered again; an undo that finds nothing leaves a tombstone;
 * and what was undone is not done any more.
 */
export class Services {
  readonly effects = new Map<string, 'DONE' | 'UNDONE'>();
  /** How often each effect was really made. */
  readonly made = new Map<string, number>();
  private readonly answers = new Map<string, unknown>();
  /** Idempotency keys in the order of the calls. */
  readonly calls: string[] = [];

  do({ sagaId, step, idempotencyKey }: ActionRequest): unknown {
    const key = `${sagaId}#${step}`;
    if (this.effects.get(key) === 'UNDONE') throw named('SagaStepUndone', `${key} was undone`);
    return this.once(idempotencyKey, () => {
      this.made.set(key, (this.made.get(key) ?? 0) + 1);
      this.effects.set(key, 'DONE');
      return { reservation: key };
    });
  }

  undo({ sagaId, step, idempotencyKey }: CompensationRequest): unknown {
    return this.once(idempotencyKey, () => {
      this.effects.set(`${sagaId}#${step}`, 'UNDONE');
      return null;
    });
  }

  private once(idempotencyKey: string, work: () => unknown): unknown {
    if (!this.answers.has(idempotencyKey)) this.answers.set(idempotencyKey, work());
    return this.answers.get(idempotencyKey);
  }

  /** As a step declines that was not done before. */
  decline(request: ActionRequest, error: string): unknown {
    if (this.effects.has(`${request.sagaId}#${request.step}`)) return this.do(request);
    throw named(error, 'declined');
  }

  /** The truth about an unknown outcome. */
  query({ sagaId, step }: ActionRequest): unknown {
    const done = this.effects.get(`${sagaId}#${step}`) === 'DONE';
    return done ? { outcome: 'DONE', result: { reservation: `${sagaId}#${step}` } } : { outcome: 'NOT_DONE' };
  }

  /** Steps whose effect is there, those of the trip in its order. */
  done(sagaId: string): string[] {
    const prefix = `${sagaId}#`;
    const done = [...this.effects].filter(([key, effect]) => key.startsWith(prefix) && effect === 'DONE').map(([key]) => key.slice(prefix.length));
    return done.sort((one, other) => STEPS.indexOf(one as StepId) - STEPS.indexOf(other as StepId));
  }

  /** Steps that were called in a direction, in order, each once. */
  called(direction: 'DO' | 'UNDO'): string[] {
    return [...new Set(this.calls.filter((key) => key.endsWith(`#${direction}`)).map((key) => key.split('#')[1]!))];
  }
}
