import type { ConsumerSettings, Session, StreamProcessor } from './consumer-contract';
import { type StreamEvent, streamEvent } from './event';
import { decodeIterator } from './iterator';
import { Lane } from './lane';
import type { ApiRecord } from './record';
import type { Shard } from './shard';
import type { Stream } from './stream';
import type { World } from '../../../service';
import { hashOf } from '../collection';

const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 30_000;
/** Missing permissions do not come back by themselves. */
const REFUSED_BACKOFF_MS = 300_000;
const MOST_RECORDS = 1000;
const ITERATOR_LIFE_MS = 15 * 60_000;

export interface ShardConsumerOptions {
  readonly world: World;
  readonly stream: Stream;
  readonly settings: ConsumerSettings;
  readonly processor: StreamProcessor;
  /** Finds the shards, as a consumer does before it reads. */
  readonly describe: () => Promise<void>;
}

/** Reads one shard in order, and keeps its place: everything before it has been dealt with. */
export class ShardConsumer {
  /** The next record that was not read yet. */
  private next: number;
  /** The place to go on from after a stop. */
  private checkpoint: number;
  private session: Session = { stopped: true };
  private lanes: Lane[] = [];
  /** What was read, in order, until it and all before it is done. */
  private readonly pending = new Map<number, { done: boolean }>();
  /** How much of it is not done. */
  private undone = 0;
  private iterator?: { readonly text: string; readonly at: number };
  private reading = false;
  private again = false;

  constructor(private readonly options: ShardConsumerOptions, private readonly shard: Shard, start: number) {
    this.next = this.checkpoint = start;
  }

  get started(): boolean {
    return !this.session.stopped;
  }

  start() {
    if (this.started) return;
    this.session = { stopped: false };
    this.next = this.checkpoint;
    this.iterator = undefined;
    this.pending.clear();
    this.undone = 0;
    this.reading = false;
    this.lanes = Array.from({ length: this.options.settings.parallelizationFactor }, () => this.lane(this.session));
    this.read();
  }

  /** What is under way ends; what was read and not processed is read again later. */
  stop() {
    this.session.stopped = true;
    this.next = this.checkpoint;
  }

  /** A consumer that starts with the latest record. */
  skipToEnd() {
    this.next = this.checkpoint = this.shard.readableEnd(this.options.world.kernel.now);
  }

  trimmed(record: ApiRecord) {
    if (this.shard.ordinalOf(record.dynamodb.SequenceNumber) < this.next) return;
    const event = this.eventOf(record);
    if (this.options.processor.wants(event)) this.options.processor.lost(event, this.shard.id);
  }

  /** Reads as much as there is room for. */
  read() {
    this.again = true;
    if (this.reading || !this.started) return;
    this.reading = true;
    void this.readAll(this.session);
  }

  private async readAll(session: Session) {
    while (this.again && !session.stopped) {
      this.again = false;
      while (this.room() > 0 && this.hasMore() && !session.stopped) {
        const records = await this.fetch(session);
        if (session.stopped) return;
        this.take(records);
        if (records.length === 0) break;
      }
    }
    if (!session.stopped) this.reading = false;
  }

  private hasMore(): boolean {
    return Math.max(this.next, this.shard.first) < this.shard.readableEnd(this.options.world.kernel.now);
  }

  private room(): number {
    const { batchSize, parallelizationFactor } = this.options.settings;
    return batchSize * parallelizationFactor - this.undone;
  }

  private async fetch(session: Session): Promise<ApiRecord[]> {
    const { world, processor } = this.options;
    for (let attempt = 0; !session.stopped && this.hasMore(); attempt++) {
      try {
        await this.options.describe();
        const ShardIterator = await this.currentIterator();
        const answer = await this.call('GetRecords', { ShardIterator, Limit: Math.min(MOST_RECORDS, Math.max(1, this.room())) });
        if (session.stopped) return [];
        this.iterator = { text: answer.NextShardIterator, at: world.kernel.now };
        this.next = decodeIterator(answer.NextShardIterator)!.ordinal;
        return answer.Records;
      } catch (error: any) {
        if (error?.$fault === undefined) throw error;
        if (session.stopped) return [];
        this.iterator = undefined;
        if (error.name === 'TrimmedDataAccessException') {
          this.next = Math.max(this.next, this.shard.first);
          continue;
        }
        processor.record('stream.pollFailed', { shardId: this.shard.id, error: `${error.name}: ${error.message}` });
        const backoff = error.retryable ? Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempt, 10)) : REFUSED_BACKOFF_MS;
        await world.kernel.sleep(backoff);
      }
    }
    return [];
  }

  private async currentIterator(): Promise<string> {
    const { kernel } = this.options.world;
    if (this.iterator && kernel.now - this.iterator.at < ITERATOR_LIFE_MS) return this.iterator.text;
    const place = this.next > this.shard.first
      ? { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: this.shard.sequenceNumber(this.next) }
      : { ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await this.call('GetShardIterator', { StreamArn: this.options.stream.definition.arn, ShardId: this.shard.id, ...place });
    this.iterator = { text: ShardIterator, at: kernel.now };
    return ShardIterator;
  }

  private call(operation: string, input: any): Promise<any> {
    return this.options.world.call({ service: 'dynamodb', operation, input, caller: this.options.processor.caller });
  }

  /** Filtered records are done with; the others go to the lane of their item, so that each item's order is kept. */
  private take(records: readonly ApiRecord[]) {
    const { processor } = this.options;
    for (const record of records) {
      const event = this.eventOf(record);
      const wanted = processor.wants(event);
      this.pending.set(this.shard.ordinalOf(record.dynamodb.SequenceNumber), { done: !wanted });
      if (!wanted) continue;
      this.undone++;
      this.lanes[hashOf(JSON.stringify(event.dynamodb.Keys)) % this.lanes.length].push(event);
    }
    this.advance();
    for (const lane of this.lanes) lane.go();
  }

  private lane(session: Session): Lane {
    const { world, stream, settings, processor } = this.options;
    return new Lane({
      world,
      streamArn: stream.definition.arn,
      shardId: this.shard.id,
      settings,
      processor,
      session,
      // What a stopped consumer still gets done counts, unless it has been started again.
      done: (events) => (session === this.session ? this.done(events) : undefined),
      moreWanted: () => (session === this.session ? this.read() : undefined),
    });
  }

  private done(events: readonly StreamEvent[]) {
    for (const { dynamodb } of events) {
      const entry = this.pending.get(this.shard.ordinalOf(dynamodb.SequenceNumber));
      if (!entry || entry.done) continue;
      entry.done = true;
      this.undone--;
    }
    this.advance();
  }

  private advance() {
    for (const [ordinal, { done }] of this.pending) {
      if (!done) break;
      this.pending.delete(ordinal);
      this.checkpoint = ordinal + 1;
    }
    if (this.session.stopped) this.next = this.checkpoint;
  }

  private eventOf(record: ApiRecord): StreamEvent {
    return streamEvent(record, this.options.stream.definition.arn);
  }
}
