/** What the engine needs from the world around it, and what it tells. */
import type { AttributeMap } from './values';

/** A change of one item, in the order of the changes: what DynamoDB Streams are made of. */
export interface ItemChange {
  readonly tableName: string;
  readonly tableArn: string;
  readonly keys: AttributeMap;
  /** Absent when the item was deleted. */
  readonly newImage?: AttributeMap;
  /** Absent when the item is new. */
  readonly oldImage?: AttributeMap;
  /** Only for deletions by Time to Live. */
  readonly userIdentity?: { readonly type: 'Service'; readonly principalId: 'dynamodb.amazonaws.com' };
  /** It was written by a transaction. */
  readonly inTransaction?: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface UnitsUsed {
  readonly tableName: string;
  readonly operation: string;
  readonly readUnits: number;
  readonly writeUnits: number;
}

export interface Environment {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Whether an eventually consistent read of `subject` (a table, or `table/index`) sees the version before the last write.
   * Asked only where the two differ. Without it reads are never stale.
   */
  isStale?(subject: string): boolean;
  /** Billable units, once for each request and table. */
  meter?(used: UnitsUsed): void;
  /** After each change of an item. The images are the stored ones: not to be changed. */
  onChange?(change: ItemChange): void;
  /** A table has an item that expires at this time (milliseconds since 1970). */
  onExpiry?(tableName: string, at: number): void;
}
