/**
 * The changes of a table's items, for 24 hours, in shards: each item's changes are in one shard, in their order.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
import { type ApiRecord, apiRecord, recordBytes, type StreamViewType } from './record';
import { RETENTION_MS, Shard } from './shard';
import type { Random } from '../../../kernel/random';
import type { World } from '../../../service';
import { hashOf } from '../collection';
import type { ItemChange } from '../environment';
import { tablePlace } from '../keys';
import type { KeySchema } from '../schema';

/** As many as a new on-demand table has partitions. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html */
const SHARDS = 4;
/**
 * The items of a transaction are written one after the other, so its records come at different times and between those of others.
 * The caller's answer takes longer than this: what it writes afterwards comes afterwards.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */
const TRANSACTION_SPREAD_MS = 0.3;

/** Something that reads a stream continually. */
export interface StreamReader {
  /** The shard has records that could not be read before. */
  readable(shardId: string): void;
  /** A record is older than 24 hours, and nobody can read it any more. */
  trimmed(shardId: string, record: ApiRecord): void;
}

export interface StreamDefinition {
  readonly arn: string;
  readonly label: string;
  readonly tableName: string;
  readonly viewType: StreamViewType;
  readonly key: KeySchema;
  readonly createdAt: number;
}

export class Stream {
  readonly shards: readonly Shard[];
  private readonly readers: StreamReader[] = [];
  private readonly random: Random;
  /** Items of transactions whose records are not in their shard yet, and when they will be. */
  private readonly coming = new Map<string, number>();
  private readonly waking = new Set<Shard>();
  private readonly trimming = new Set<Shard>();

  constructor(private readonly world: World, readonly definition: StreamDefinition) {
    this.random = world.kernel.random.fork(`dynamodb/stream/${definition.arn}`);
    const created = String(definition.createdAt).padStart(20, '0');
    this.shards = Array.from({ length: SHARDS }, (_, index) => new Shard(`shardId-${created}-${hex(index)}`, String(100_000 + index)));
  }

  /** A change has been made; its record follows. */
  record(change: ItemChange) {
    const { kernel } = this.world;
    const place = tablePlace(change.keys, this.definition.key);
    const shard = this.shards[hashOf(place.partition) % SHARDS];
    const item = JSON.stringify(place);
    const earlier = this.coming.get(item);
    if (!change.inTransaction && earlier === undefined) return this.append(shard, change);
    const at = Math.max(earlier ?? 0, kernel.now + (change.inTransaction ? this.random.next() * TRANSACTION_SPREAD_MS : 0));
    this.coming.set(item, at);
    kernel.schedule(at - kernel.now, () => {
      if (this.coming.get(item) === at) this.coming.delete(item);
      this.append(shard, change);
    });
  }

  shard(shardId: unknown): Shard | undefined {
    const shard = this.shards.find(({ id }) => id === shardId);
    if (shard) this.trim(shard);
    return shard;
  }

  /** Records of a shard from `start` on that can be read now. */
  read(shard: Shard, start: number, limit: number, maxBytes: number): { records: ApiRecord[]; next: number } {
    const end = Math.min(shard.readableEnd(this.world.kernel.now), start + limit);
    const records: ApiRecord[] = [];
    let next = start;
    for (let bytes = 0; next < end; next++) {
      const stored = shard.at(next);
      bytes += stored.bytes;
      if (bytes > maxBytes && records.length > 0) break;
      records.push(apiRecord(stored, this.definition.viewType, this.world.region));
    }
    return { records, next };
  }

  /** Tells a reader from now on. What is in the stream already counts as new to it. */
  attach(reader: StreamReader) {
    // What is gone already was never this reader's.
    for (const shard of this.shards) this.trim(shard);
    this.readers.push(reader);
    for (const shard of this.shards) this.expect(shard);
  }

  detach(reader: StreamReader) {
    this.readers.splice(this.readers.indexOf(reader), 1);
  }

  /** Whether a shard has records behind the sequence number, readable or soon. */
  hasRecordsAfter(shardId: string, sequenceNumber: string | undefined): boolean {
    const shard = this.shard(shardId);
    if (!shard) return false;
    const next = sequenceNumber === undefined ? shard.first : Math.max(shard.first, shard.ordinalOf(sequenceNumber) + 1);
    return next < shard.end;
  }

  private append(shard: Shard, change: ItemChange) {
    const { kernel, latency } = this.world;
    this.trim(shard);
    const readableAt = Math.max(kernel.now + latency.sample('dynamodb.stream'), shard.newest?.readableAt ?? 0);
    shard.append({
      eventId: this.random.uuid().replace(/-/g, ''),
      sequenceNumber: shard.sequenceNumber(shard.end),
      change,
      readableAt,
      bytes: recordBytes(change, this.definition.viewType),
    });
    this.expect(shard);
  }

  /** Wakes the readers when there is something new, and tells them when the oldest record is gone. Idle streams cost nothing. */
  private expect(shard: Shard) {
    if (this.readers.length === 0 || !shard.oldest) return;
    this.expectReadable(shard);
    this.expectTrim(shard);
  }

  private expectReadable(shard: Shard) {
    const { kernel } = this.world;
    if (this.waking.has(shard)) return;
    this.waking.add(shard);
    const next = shard.readableEnd(kernel.now);
    const at = next < shard.end ? shard.at(next).readableAt : kernel.now;
    kernel.schedule(Math.max(0, at - kernel.now), () => {
      this.waking.delete(shard);
      for (const reader of this.readers) reader.readable(shard.id);
      if (shard.readableEnd(kernel.now) < shard.end) this.expectReadable(shard);
    });
  }

  private expectTrim(shard: Shard) {
    const { kernel } = this.world;
    if (this.trimming.has(shard) || !shard.oldest) return;
    this.trimming.add(shard);
    kernel.schedule(Math.max(0, shard.oldest.change.at + RETENTION_MS - kernel.now), () => {
      this.trimming.delete(shard);
      this.trim(shard);
      this.expectTrim(shard);
    }, { background: true });
  }

  private trim(shard: Shard) {
    for (const stored of shard.trim(this.world.kernel.now)) {
      if (this.readers.length === 0) continue;
      const record = apiRecord(stored, this.definition.viewType, this.world.region);
      for (const reader of this.readers) reader.trimmed(shard.id, record);
    }
  }
}

/** Eight hexadecimal digits, as shard ids end with. */
function hex(index: number): string {
  return hashOf(`shard/${index}`).toString(16).padStart(8, '0');
}
