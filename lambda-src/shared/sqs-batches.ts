/** What one batch call takes. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MOST_ENTRIES = 10;

/** Of a message, and of all messages of a batch together. @see the page above */
export const MOST_BYTES = 1_048_576;

/** Divides entries into batches that SQS takes, in their order. */
export function batchesOf<T>(entries: readonly T[], bytesOf: (entry: T) => number = () => 0): T[][] {
  const batches: T[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = bytesOf(entry);
    const current = batches.at(-1);
    if (!current || current.length === MOST_ENTRIES || bytes + size > MOST_BYTES) {
      batches.push([entry]);
      bytes = size;
    } else {
      current.push(entry);
      bytes += size;
    }
  }
  return batches;
}
