import type { OutboxEnvelope } from '../../../src/transactional-outbox/contract';

/** `refused`: this event will never be taken, and why. */
export type PublishOutcome = 'PUBLISHED' | { readonly refused: string };

/** Publishes events at one destination, as the pipe does. */
export interface Publisher {
  /** @throws when the event may be taken later: throttling, a missing permission, a destination that is not there, a fault of the service */
  publish(envelope: OutboxEnvelope): Promise<PublishOutcome>;
}

/**
 * Runs a call whose errors of these names are faults of the event. The reason names the error and not its message, in which services
 * quote what they got.
 */
export async function refusedBy(faults: ReadonlySet<string>, message: string, call: () => Promise<unknown>): Promise<PublishOutcome> {
  try {
    await call();
    return 'PUBLISHED';
  } catch (error) {
    const { name } = error as Error;
    if (!faults.has(name)) throw error;
    return refusal(name, message);
  }
}

export function refusal(error: string, message: string): PublishOutcome {
  return { refused: `the destination refuses the event, a message of ${Buffer.byteLength(message)} bytes: ${error}` };
}
