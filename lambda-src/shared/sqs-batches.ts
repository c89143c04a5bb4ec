import { inBatches } from './batches';

/** What one batch call takes. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MOST_ENTRIES = 10;

/** Of a message, and of all messages of a batch together. @see the page above */
export const MOST_BYTES = 1_048_576;

/** Divides entries into batches that SQS takes, in their order. */
export function batchesOf<T>(entries: readonly T[], bytesOf: (entry: T) => number = () => 0): T[][] {
  return inBatches(entries, { entries: MOST_ENTRIES, bytes: MOST_BYTES }, bytesOf);
}
