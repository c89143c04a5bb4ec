/** A place in a shard, as consumers hold it: opaque to them, and good for 15 minutes. */
export interface ShardIterator {
  readonly streamArn: string;
  readonly shardId: string;
  /** The next record's place in the shard. */
  readonly ordinal: number;
  readonly issuedAt: number;
}

export function encodeIterator({ streamArn, ...place }: ShardIterator): string {
  return `${streamArn}|1|${Buffer.from(JSON.stringify(place)).toString('base64')}`;
}

/** Undefined for a text that is no iterator. */
export function decodeIterator(text: unknown): ShardIterator | undefined {
  const [streamArn, version, place] = String(text).split('|');
  if (version !== '1') return undefined;
  try {
    const { shardId, ordinal, issuedAt } = JSON.parse(Buffer.from(place, 'base64').toString('utf8'));
    return { streamArn, shardId: String(shardId), ordinal: Number(ordinal), issuedAt: Number(issuedAt) };
  } catch {
    return undefined;
  }
}
