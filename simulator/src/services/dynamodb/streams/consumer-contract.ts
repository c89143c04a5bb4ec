import type { StreamEvent } from './event';
import type { Caller } from '../../../service';

/** How a consumer that AWS runs (an event source mapping, a pipe) reads a stream. */
export interface ConsumerSettings {
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  /** Batches of one shard that are processed at the same time. */
  readonly parallelizationFactor: number;
  /** Failed batches are halved. */
  readonly bisect: boolean;
  /** -1 for without end. */
  readonly maximumRetryAttempts: number;
  /** -1 for until the stream forgets them. */
  readonly maximumRecordAgeMs: number;
}

/** Records of one shard, in order. */
export interface ShardBatch {
  readonly streamArn: string;
  readonly shardId: string;
  readonly events: readonly StreamEvent[];
}

/** How an attempt to process a batch has ended. */
export type Attempt =
  | { readonly result: 'success' }
  /**
   * `from`: the first record that has to be tried again, all after it too; default all. `uncounted`: it was not for the records' sake,
   * so that it neither counts as a retry nor splits the batch.
   */
  | { readonly result: 'failure'; readonly from?: number; readonly uncounted?: boolean; readonly detail?: unknown };

export type DiscardCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** How a batch that is given up was tried. */
export interface Discarded {
  readonly batch: ShardBatch;
  readonly condition: DiscardCondition;
  readonly attempts: number;
  /** What the last attempt has told. */
  readonly detail?: unknown;
}

/** One run of a consumer, from a start to the stop. */
export interface Session {
  stopped: boolean;
}

/** What a consumer does with records. */
export interface StreamProcessor {
  /** Makes the calls that read the stream. */
  readonly caller: Caller;
  /** Whether the filters let the record through. */
  wants(event: StreamEvent): boolean;
  /** Never rejects for what a service answers. */
  attempt(batch: ShardBatch): Promise<Attempt>;
  /** Tells a destination of records that are given up, or nobody. */
  discard(discarded: Discarded): Promise<void>;
  /** The stream has forgotten a wanted record before it was processed. */
  lost(event: StreamEvent, shardId: string): void;
  record(event: string, detail: Record<string, unknown>): void;
}

/** Where records were, without what was in them. https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html */
export function batchInfo({ streamArn, shardId, events }: ShardBatch) {
  const [first, last] = [events[0].dynamodb, events[events.length - 1].dynamodb];
  const time = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  return {
    shardId,
    startSequenceNumber: first.SequenceNumber,
    endSequenceNumber: last.SequenceNumber,
    approximateArrivalOfFirstRecord: time(first.ApproximateCreationDateTime),
    approximateArrivalOfLastRecord: time(last.ApproximateCreationDateTime),
    batchSize: events.length,
    streamArn,
  };
}
