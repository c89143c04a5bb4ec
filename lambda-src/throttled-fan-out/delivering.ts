import type { Message } from './message';
import { type DeliveryOutcome, failed, outcomeOfError } from './outcome';

/** Takes messages to a target, one call each: what a client tried again by itself would take slots that nobody has. */
export interface Deliverer {
  /** @throws what the service answers; `outcomeOfError` knows what it means */
  deliver(message: Message, signal: AbortSignal): Promise<DeliveryOutcome>;
}

/** Delivers, and has failed after so long. Never throws. */
export function delivering(deliverer: Deliverer, timeoutMs: number): (message: Message) => Promise<DeliveryOutcome> {
  return async (message) => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Not every call ends as soon as it is aborted.
    const timeout = new Promise<DeliveryOutcome>((resolve) => {
      timer = setTimeout(() => {
        resolve(failed(`no answer within ${timeoutMs} ms`));
        controller.abort();
      }, timeoutMs);
    });
    try {
      return await Promise.race([deliverer.deliver(message, controller.signal).catch((error: unknown) => outcomeOfError(error)), timeout]);
    } finally {
      clearTimeout(timer);
    }
  };
}
