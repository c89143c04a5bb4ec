import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { undoOf } from '../../src/orchestrated-saga/state-names';

/** An event, and the name of the state that it belongs to; empty for those of no state. */
export interface ExecutedEvent {
  readonly event: HistoryEvent;
  readonly state: string;
}

/** The events of all executions in the order in which they happened: one that was redriven goes on after others. */
export function executedEvents(histories: readonly (readonly HistoryEvent[])[]): ExecutedEvent[] {
  const time = ({ event }: ExecutedEvent) => event.timestamp?.getTime() ?? 0;
  return histories.flatMap(withStates).sort((one, other) => time(one) - time(other));
}

/** Each event belongs to the state that the nearest entry on the way back names. Branches have ways of their own. */
function withStates(events: readonly HistoryEvent[]): ExecutedEvent[] {
  const owners = new Map<number, string>();
  const open = new Set<string>();
  return events.map((event) => {
    const { id = 0, previousEventId = 0, stateEnteredEventDetails: entered, stateExitedEventDetails: exited } = event;
    if (event.type === 'TaskStateEntered') open.add(entered?.name ?? '');
    if (exited?.name !== undefined) open.delete(exited.name);
    const state = entered?.name ?? exited?.name ?? (owners.get(previousEventId) || stateComeBackTo(event, open));
    owners.set(id, state);
    return { event, state };
  });
}

/**
 * A redriven execution does not enter the state again in which it had ended, and the event before that was its end.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
function stateComeBackTo({ type, taskScheduledEventDetails }: HistoryEvent, open: ReadonlySet<string>): string {
  if (type !== 'TaskScheduled') return '';
  const { step, idempotencyKey = '' } = payloadOf(taskScheduledEventDetails?.parameters);
  const called = idempotencyKey.endsWith('#UNDO') ? undoOf(step ?? '') : step ?? '';
  return open.has(called) || open.size !== 1 ? called : [...open][0]!;
}

function payloadOf(parameters = '{}'): { step?: string; idempotencyKey?: string } {
  return (JSON.parse(parameters) as { Payload?: { step?: string; idempotencyKey?: string } } | null)?.Payload ?? {};
}
