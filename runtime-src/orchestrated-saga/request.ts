import type * as contract from '../../src/orchestrated-saga/contract';

/** What an action gets. */
export interface ActionRequest<Input = unknown> extends contract.ActionRequest {
  /** The saga's input. */
  readonly input: Input;
}

/** What a compensation gets. */
export interface CompensationRequest<Input = unknown, Result = unknown> extends contract.CompensationRequest {
  /** The saga's input. */
  readonly input: Input;
  /** What the action returned, as this participant remembers it, whether or not the saga ever heard of it. */
  readonly result: Result;
}

/** A request that no saga sends. Its message says what was received, what is allowed and how to mend it. */
export class InvalidSagaRequest extends Error {
  public override readonly name = 'InvalidSagaRequest';
}

/** The keys of both directions of a step. */
export type StepKeys = Readonly<Record<contract.Direction, string>>;

const EXPECTED: Readonly<Record<contract.Direction, string>> = { DO: 'an action', UNDO: 'a compensation' };

/**
 * The keys of a request. They come from the key that the saga has sent, never from its other fields: only the key is certain to be the same for every
 * attempt.
 */
export function keysOf(request: unknown, direction: contract.Direction): StepKeys {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    throw new InvalidSagaRequest(`${EXPECTED[direction]} takes a saga's request, an object with sagaId, step and idempotencyKey, received ${kindOf(request)}`);
  }
  const { idempotencyKey, sagaId, step } = request as Record<string, unknown>;
  for (const [name, value] of Object.entries({ sagaId, step, idempotencyKey })) {
    if (typeof value === 'string' && value !== '') continue;
    const fields = Object.keys(request).join(', ') || 'no fields';
    throw new InvalidSagaRequest(`${name} of a saga's request must be text that is not empty, received ${JSON.stringify(value)} in an object with ${fields}`);
  }
  const [, common, found] = /^(.+#)(DO|UNDO)$/s.exec(idempotencyKey as string) ?? [];
  if (found !== direction) {
    const fix = found ? `; the function of ${EXPECTED[found as contract.Direction]} was called for ${EXPECTED[direction]}, or the other way round` : '';
    throw new InvalidSagaRequest(`the idempotencyKey of ${EXPECTED[direction]} must end in #${direction}, received '${idempotencyKey as string}'${fix}`);
  }
  return { DO: `${common}DO`, UNDO: `${common}UNDO` };
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}
