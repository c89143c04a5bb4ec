import { failedItems } from '../lambda/batch-response';

/**
 * Which events of a batch a function or state machine reports as failed, by the ids that the source gave them (`eventID` of a stream,
 * `messageId` of a queue). Without a report all has gone well.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html#pipes-partial-batch-failure
 */
export function failedItemIndexes(response: string, ids: readonly (string | undefined)[]): readonly number[] | 'all' {
  let answer: any;
  try {
    answer = JSON.parse(response);
  } catch {
    return [];
  }
  if (!Array.isArray(answer?.batchItemFailures)) return [];
  const failed = failedItems(response, new Set(ids.filter((id): id is string => id !== undefined)));
  if (failed === undefined) return 'all';
  return ids.flatMap((id, index) => (id !== undefined && failed.has(id) ? [index] : []));
}
