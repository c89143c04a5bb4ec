import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EVENT } from '../../../src/throttled-fan-out/contract';
import type { Deliverer } from '../delivering';
import type { Message } from '../message';
import { DELIVERED, type DeliveryOutcome, outcomeOfErrorName } from '../outcome';

/** Puts the delivery on the bus whose rule has the API destination. Delivered means that EventBridge has it. */
export class ApiDestination implements Deliverer {
  constructor(private readonly events: EventBridgeClient, private readonly eventBusName: string) {}

  async deliver({ delivery }: Message, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { FailedEntryCount = 0, Entries = [] } = await this.events.send(new PutEventsCommand({
      Entries: [{ EventBusName: this.eventBusName, Source: EVENT.SOURCE, DetailType: EVENT.DETAIL_TYPE, Detail: JSON.stringify(delivery) }],
    }), { abortSignal: signal });
    // The call succeeds although its entry failed.
    return FailedEntryCount > 0 ? outcomeOfErrorName(Entries[0]?.ErrorCode ?? 'InternalFailure') : DELIVERED;
  }
}
