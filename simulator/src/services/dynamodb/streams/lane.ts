import type { Attempt, ConsumerSettings, DiscardCondition, Session, ShardBatch, StreamProcessor } from './consumer-contract';
import type { StreamEvent } from './event';
import { RETENTION_MS } from './shard';
import type { World } from '../../../service';

/** Lambda and Pipes tell that they back off, not how. */
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;
/** A batch ends at 6 MB. https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html */
const LARGEST_BATCH = 6 * 1024 * 1024 - 100;

export interface LaneOptions {
  readonly world: World;
  readonly streamArn: string;
  readonly shardId: string;
  readonly settings: ConsumerSettings;
  readonly processor: StreamProcessor;
  readonly session: Session;
  /** The records need no more attention. */
  readonly done: (events: readonly StreamEvent[]) => void;
  /** A batch has been dealt with: there is room for more. */
  readonly moreWanted: () => void;
}

/**
 * Processes records one batch after the other: while a batch fails, all behind it wait.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#services-dynamodb-stream-polling
 */
export class Lane {
  private readonly queue: StreamEvent[] = [];
  private running = false;
  /** When the first record of the next batch has come. */
  private since = 0;
  private wake?: () => void;

  constructor(private readonly options: LaneOptions) {}

  push(event: StreamEvent) {
    if (this.queue.push(event) === 1) this.since = this.options.world.kernel.now;
  }

  /** After records were pushed. */
  go() {
    if (this.running) return this.wake?.();
    if (this.queue.length === 0) return;
    this.running = true;
    void this.run();
  }

  private async run() {
    const { session, moreWanted } = this.options;
    while (this.queue.length > 0 && !session.stopped) {
      if (!this.full()) await this.window();
      if (session.stopped) break;
      const batch = this.queue.splice(0, this.batchLength());
      this.since = this.options.world.kernel.now;
      await this.deliver(batch);
      moreWanted();
    }
    this.running = false;
  }

  /**
   * A consumer that fails before it has kept its place reads the batch again: records come at least once, and in order.
   * https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html ("processes each event at least once")
   */
  private async deliver(events: readonly StreamEvent[]) {
    const { world, processor } = this.options;
    const fault = world.faults.onDelivery({ kind: 'event', subject: processor.caller.name });
    if (fault) processor.record('fault.delivery', { ...fault });
    if (fault?.delayMs) await world.kernel.sleep(fault.delayMs);
    await this.process(events, 0);
    for (const _ of fault?.duplicatesAfterMs ?? []) await processor.attempt(this.batch(events));
  }

  private full(): boolean {
    return this.queue.length >= this.options.settings.batchSize || this.batchLength() < this.queue.length;
  }

  /** How many of the records that wait fit into one batch. */
  private batchLength(): number {
    const most = Math.min(this.queue.length, this.options.settings.batchSize);
    let bytes = 0;
    for (let length = 0; length < most; length++) {
      bytes += Buffer.byteLength(JSON.stringify(this.queue[length])) + 1;
      if (bytes > LARGEST_BATCH && length > 0) return length;
    }
    return most;
  }

  /** Lets records gather until the batch is full or the window has passed. */
  private async window() {
    const { kernel } = this.options.world;
    const end = this.since + this.options.settings.batchingWindowMs;
    while (kernel.now < end && !this.full()) {
      await new Promise<void>((resolve) => {
        const timer = kernel.schedule(end - kernel.now, resolve);
        this.wake = () => {
          timer.cancel();
          resolve();
        };
      });
      this.wake = undefined;
    }
  }

  /**
   * Tries until the records are processed or given up. Splitting a batch does not count as a retry.
   * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
   */
  private async process(events: readonly StreamEvent[], retriesBefore: number): Promise<void> {
    const { world, settings, processor, session, done } = this.options;
    let left = events;
    let retries = retriesBefore;
    for (let attempts = 0, detail: unknown; ; attempts++) {
      if (session.stopped) return;
      left = await this.withoutOld(left, attempts, detail);
      if (left.length === 0 || session.stopped) return;
      const attempt: Attempt = await processor.attempt(this.batch(left));
      if (attempt.result === 'success') return done(left);
      detail = attempt.detail;
      if (attempt.from) done(left.slice(0, attempt.from));
      left = left.slice(attempt.from ?? 0);
      if (session.stopped) return;
      if (!attempt.uncounted) {
        if (settings.bisect && left.length > 1) {
          const middle = Math.ceil(left.length / 2);
          await this.process(left.slice(0, middle), retries);
          return this.process(left.slice(middle), retries);
        }
        retries++;
        if (settings.maximumRetryAttempts >= 0 && retries > settings.maximumRetryAttempts) {
          return this.discard(left, 'RetryAttemptsExhausted', attempts + 1, detail);
        }
      }
      await world.kernel.sleep(Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempts, 10)));
    }
  }

  /** The records that are still worth an attempt. What the stream has forgotten is lost: nobody is told where it was. */
  private async withoutOld(events: readonly StreamEvent[], attempts: number, detail: unknown): Promise<readonly StreamEvent[]> {
    const { world: { kernel }, settings, processor, shardId, done } = this.options;
    const ageOf = ({ dynamodb }: StreamEvent) => kernel.now - dynamodb.ApproximateCreationDateTime * 1000;
    const limit = settings.maximumRecordAgeMs < 0 ? Infinity : settings.maximumRecordAgeMs;
    const gone = events.filter((event) => ageOf(event) >= RETENTION_MS);
    const old = events.filter((event) => ageOf(event) > limit && ageOf(event) < RETENTION_MS);
    if (gone.length + old.length === 0) return events;
    for (const event of gone) processor.lost(event, shardId);
    done(gone);
    if (old.length > 0) await this.discard(old, 'RecordAgeExceeded', attempts, detail);
    return events.filter((event) => !gone.includes(event) && !old.includes(event));
  }

  private async discard(events: readonly StreamEvent[], condition: DiscardCondition, attempts: number, detail: unknown) {
    const { processor, done } = this.options;
    const batch = this.batch(events);
    processor.record('stream.discard', { condition, ...batchInfoOf(batch) });
    await processor.discard({ batch, condition, attempts, detail });
    done(events);
  }

  private batch(events: readonly StreamEvent[]): ShardBatch {
    const { streamArn, shardId } = this.options;
    return { streamArn, shardId, events };
  }
}

function batchInfoOf({ shardId, events }: ShardBatch) {
  return { shardId, from: events[0].dynamodb.SequenceNumber, records: events.length };
}
