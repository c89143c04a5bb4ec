import type { GatheringStore } from './gathering-store';
import { selectRecipients } from './recipients';
import { DETAIL_TYPE, ERROR, EVENT_SOURCE, type RequestDetail, type ScatterInput } from '../../src/scatter-gather/contract';
import { NamedError } from '../shared/errors';
import type { EventPublisher } from '../shared/event-publisher';

export interface ScatterDependencies {
  readonly gatheringName: string;
  readonly store: GatheringStore;
  readonly publisher: EventPublisher;
}

/**
 * Opens the gathering and then asks each recipient, in this order: a reply must find its gathering however fast it is.
 * Safe to repeat: who has answered already is not asked again.
 */
export async function scatter(input: ScatterInput, { gatheringName, store, publisher }: ScatterDependencies): Promise<{ asked: number }> {
  const recipients = selectRecipients(input);
  const gathering = await store.open(input, recipients);
  if (gathering.executionArn !== input.executionArn) throw duplicateCorrelationId(input.correlationId, gathering.executionArn);
  if (gathering.status === 'CLOSED') throw new NamedError(ERROR.GATHERING_CLOSED, 'there is nothing to wait for: the result is collected next');

  const pending = gathering.expected.filter((responder) => !gathering.replied.has(responder) && !gathering.failed.has(responder));
  const deadline = new Date(input.startedAt + input.timeoutSeconds * 1000).toISOString();
  const routes = new Map(input.candidates.map(({ responder, route }) => [responder, route]));
  await publisher.publish(pending.map((responder) => {
    const detail: RequestDetail = {
      gathering: gatheringName,
      correlationId: input.correlationId,
      responder,
      route: routes.get(responder)!,
      request: input.request,
      deadline,
    };
    return { source: EVENT_SOURCE, detailType: DETAIL_TYPE.REQUEST, detail };
  }));
  return { asked: pending.length };
}

export function duplicateCorrelationId(correlationId: string, otherExecution: string): Error {
  return new NamedError(
    ERROR.DUPLICATE_CORRELATION_ID,
    `correlation id '${correlationId}' is taken by execution ${otherExecution}; use an id once`,
  );
}
