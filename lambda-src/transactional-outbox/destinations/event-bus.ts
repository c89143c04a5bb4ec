import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type Publisher, type PublishOutcome, refusal, refusedBy } from './publisher';
import type { OutboxEnvelope } from '../../../src/transactional-outbox/contract';
import { NamedError } from '../../shared/errors';

/** Of the whole request, which holds one event: too large. @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html */
const FAULTS = new Set(['ValidationException']);
/** Of the entry. @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html */
const ENTRY_FAULTS = new Set(['InvalidArgument', 'MalformedDetail']);

export class EventBusPublisher implements Publisher {
  constructor(private readonly events: EventBridgeClient, private readonly busName: string) {}

  async publish(envelope: OutboxEnvelope): Promise<PublishOutcome> {
    const detail = JSON.stringify(envelope);
    const occurredAt = new Date(envelope.time);
    let fault: string | undefined;
    const outcome = await refusedBy(FAULTS, detail, async () => {
      const { FailedEntryCount = 0, Entries = [] } = await this.events.send(new PutEventsCommand({
        Entries: [{
          EventBusName: this.busName,
          Source: envelope.source,
          DetailType: envelope.type,
          Detail: detail,
          ...(Number.isFinite(occurredAt.getTime()) && { Time: occurredAt }),
        }],
      }));
      // The call succeeds although its entry failed.
      if (FailedEntryCount > 0) fault = Entries[0]?.ErrorCode ?? 'InternalFailure';
    });
    if (fault === undefined) return outcome;
    if (ENTRY_FAULTS.has(fault)) return refusal(fault, detail);
    throw new NamedError(fault, `an event could not be put on bus '${this.busName}'`);
  }
}
