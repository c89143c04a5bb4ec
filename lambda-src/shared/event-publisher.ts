import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { inBatches } from './batches';

/** PutEvents takes at most this many entries. @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MAXIMUM_ENTRIES = 10;
/** Below the limit of a request in every region and of every age of the service. */
const MAXIMUM_BYTES = 250_000;
const MAXIMUM_ATTEMPTS = 6;
const BASE_DELAY_MS = 100;
const PARALLEL_REQUESTS = 5;

export interface EventToPublish {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
}

/**
 * Puts events on a bus and makes sure that each one got there: PutEvents succeeds as a call while single entries fail,
 * so each entry's own answer is read and the failed ones are put again.
 */
export class EventPublisher {
  constructor(
    private readonly events: EventBridgeClient,
    private readonly busName: string,
    private readonly sleep: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ) {}

  /** @throws when an entry still fails after the last attempt; some of the events may have been published then. */
  async publish(events: readonly EventToPublish[]): Promise<void> {
    const requests = this.batches(events);
    const workers = Array.from({ length: Math.min(PARALLEL_REQUESTS, requests.length) }, async () => {
      for (let batch = requests.shift(); batch; batch = requests.shift()) await this.putAll(batch);
    });
    await Promise.all(workers);
  }

  private async putAll(entries: PutEventsRequestEntry[]): Promise<void> {
    let pending = entries;
    for (let attempt = 1; ; attempt++) {
      const { Entries: answers = [], FailedEntryCount: failed = 0 } = await this.events.send(new PutEventsCommand({ Entries: pending }));
      if (failed === 0) return;
      const errors = new Set(answers.flatMap((answer) => answer.ErrorCode ?? []));
      pending = pending.filter((_, index) => answers[index]?.ErrorCode !== undefined);
      if (attempt === MAXIMUM_ATTEMPTS) {
        throw new Error(`${pending.length} event(s) could not be put on bus '${this.busName}' in ${attempt} attempts: ${[...errors].join(', ')}`);
      }
      await this.sleep(BASE_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
    }
  }

  private batches(events: readonly EventToPublish[]): PutEventsRequestEntry[][] {
    const entries = events.map(({ source, detailType, detail }) => (
      { EventBusName: this.busName, Source: source, DetailType: detailType, Detail: JSON.stringify(detail) }));
    return inBatches(entries, { entries: MAXIMUM_ENTRIES, bytes: MAXIMUM_BYTES }, ({ Source, DetailType, Detail }) => (
      Buffer.byteLength(Detail) + Source.length + DetailType.length));
  }
}
