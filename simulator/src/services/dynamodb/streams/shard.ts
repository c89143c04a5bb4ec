import type { StoredRecord } from './record';

/** Records are kept for 24 hours. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
export const RETENTION_MS = 24 * 3600 * 1000;
const ORDINAL_DIGITS = 15;

/**
 * A part of a stream, in order. Shards that end and have children are not simulated: a consumer would have to finish the parent
 * before its children, which for it is the same as one shard that goes on.
 */
export class Shard {
  private records: StoredRecord[] = [];
  /** Where the oldest record is in `records`: what is before it has been trimmed. */
  private head = 0;
  /** How many records were trimmed before `records[0]`. */
  private dropped = 0;

  constructor(readonly id: string, private readonly sequencePrefix: string) {}

  /** Sequence numbers grow within a shard, and all have 21 digits. */
  sequenceNumber(ordinal: number): string {
    return `${this.sequencePrefix}${String(ordinal).padStart(ORDINAL_DIGITS, '0')}`;
  }

  /** The place of a sequence number in this shard, also of one that no record has. */
  ordinalOf(sequenceNumber: string): number {
    const difference = BigInt(sequenceNumber) - BigInt(this.sequenceNumber(0));
    return difference < 0n ? -1 : Number(difference);
  }

  /** The place of the oldest record that is left. */
  get first(): number {
    return this.dropped + this.head;
  }

  /** The place of the next record to come. */
  get end(): number {
    return this.dropped + this.records.length;
  }

  /** The place after the last record that can be read now. */
  readableEnd(now: number): number {
    let end = this.records.length;
    while (end > this.head && this.records[end - 1].readableAt > now) end--;
    return this.dropped + end;
  }

  get newest(): StoredRecord | undefined {
    return this.first === this.end ? undefined : this.records[this.records.length - 1];
  }

  get oldest(): StoredRecord | undefined {
    return this.records[this.head];
  }

  at(ordinal: number): StoredRecord {
    return this.records[ordinal - this.dropped];
  }

  append(record: StoredRecord) {
    this.records.push(record);
  }

  /** Forgets what is older than the retention; answers what has been forgotten. */
  trim(now: number): StoredRecord[] {
    const start = this.head;
    while (this.head < this.records.length && this.records[this.head].change.at + RETENTION_MS <= now) this.head++;
    const trimmed = this.records.slice(start, this.head);
    if (this.head > 1000 || this.head === this.records.length) {
      this.records = this.records.slice(this.head);
      this.dropped += this.head;
      this.head = 0;
    }
    return trimmed;
  }
}
