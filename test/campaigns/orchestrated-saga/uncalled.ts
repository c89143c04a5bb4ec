import type { Books } from './books';
import { effectId, STEPS } from './environment';
import { PARTICIPANT } from './stack';
import type { Simulation } from '../../../simulator/src';
import { CLAIM, idempotencyKey } from '../../../src/orchestrated-saga/contract';
import { itemsOf, operate } from '../../simulate';

interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly taskScheduledEventDetails?: { readonly parameters?: string };
}

/** Steps that a participant was asked to undo, and that no execution on record has ever been about to call. */
export async function uncalledSteps(simulation: Simulation, books: Books): Promise<string[]> {
  const claims = new Set(itemsOf(simulation, `${PARTICIPANT}/Table`).map((item) => item[CLAIM.PARTITION_KEY] as string));
  const uncalled: string[] = [];
  for (const { sagaId, shape } of books.sagas.values()) {
    const suspects = STEPS[shape].filter(({ id }) => claims.has(idempotencyKey(sagaId, id, 'UNDO')) && !claims.has(idempotencyKey(sagaId, id, 'DO')));
    if (suspects.length === 0) continue;
    const called = await calledKeys(simulation, books);
    for (const { id } of suspects) if (!called.has(idempotencyKey(sagaId, id, 'DO'))) uncalled.push(effectId(sagaId, id));
  }
  return uncalled;
}

/** Idempotency keys of everything that any execution was about to call. */
async function calledKeys(simulation: Simulation, books: Books): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const { executionArn } of books.executions) {
    const { events } = await operate<{ events: HistoryEvent[] }>(simulation, 'states', 'GetExecutionHistory', { executionArn, maxResults: 1_000 });
    for (const { taskScheduledEventDetails } of events) {
      const { Payload } = JSON.parse(taskScheduledEventDetails?.parameters ?? '{}') as { Payload?: { idempotencyKey?: string } };
      if (Payload?.idempotencyKey !== undefined) keys.add(Payload.idempotencyKey);
    }
  }
  return keys;
}
