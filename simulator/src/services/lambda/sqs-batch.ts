import { LARGEST_REQUEST } from './invoke';
import type { SqsRecord } from './sqs-event';

export interface Batch {
  readonly records: readonly SqsRecord[];
  /** The function's event, as JSON. */
  readonly event: string;
}

/** A batch ends where the event would be larger than an invocation may be. */
export function withinPayloadLimit(records: readonly SqsRecord[]): Batch[] {
  const batches: { records: SqsRecord[]; texts: string[] }[] = [];
  let bytes = Infinity;
  for (const record of records) {
    const text = JSON.stringify(record);
    const size = Buffer.byteLength(text) + 1;
    if (bytes + size > LARGEST_REQUEST - '{"Records":[]}'.length) {
      batches.push({ records: [], texts: [] });
      bytes = 0;
    }
    const batch = batches[batches.length - 1];
    batch.records.push(record);
    batch.texts.push(text);
    bytes += size;
  }
  return batches.map((batch) => ({ records: batch.records, event: `{"Records":[${batch.texts.join()}]}` }));
}
