/** A table: its items, its indexes kept in step, and what writing to them costs. */
import { Consumption, writeUnits } from './capacity';
import { Collection, type Version } from './collection';
import type { Environment, ItemChange } from './environment';
import { itemSize } from './item-size';
import { checkIndexKeys, indexPlace, pick, type Place, tablePlace } from './keys';
import { type IndexDefinition, keyAttributes, projectEntry, type TableDefinition } from './schema';
import { expiryOf } from './ttl';
import { type AttributeMap, equalMaps } from './values';

/** How long after a write a read may still be stale: replication is usually done within a second. */
export const STALE_WINDOW_MS = 1000;

export interface Index {
  readonly definition: IndexDefinition;
  readonly entries: Collection;
}

export class Table {
  readonly items: Collection;
  readonly indexes: ReadonlyMap<string, Index>;

  constructor(readonly definition: TableDefinition, private readonly environment: Environment) {
    const memoryMs = environment.isStale ? STALE_WINDOW_MS : 0;
    this.items = new Collection(memoryMs);
    this.indexes = new Map([...definition.indexes].map(([name, index]) => [name, { definition: index, entries: new Collection(memoryMs) }]));
  }

  get name(): string {
    return this.definition.name;
  }

  place(key: AttributeMap): Place {
    return tablePlace(key, this.definition.key);
  }

  /** What a strongly consistent read sees. */
  current(key: AttributeMap): Version | undefined {
    return this.items.get(this.place(key))?.current;
  }

  /** Refuses an item that an index cannot take. */
  checkIndexKeys(item: AttributeMap): void {
    for (const { definition } of this.indexes.values()) checkIndexKeys(item, definition);
  }

  /**
   * Replaces the item at `place`, or removes it, and its index entries. Units are multiplied by `factor`, 2 for transactions.
   * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-capacity-handling
   */
  commit(
    place: Place, before: Version | undefined, after: Version | undefined,
    consumed: Consumption, factor: number, userIdentity?: ItemChange['userIdentity'],
  ): void {
    const now = this.environment.now();
    consumed.add('write', factor * writeUnits(before?.size ?? 0, after?.size ?? 0));
    if (before === after) return;
    this.items.write(place, after, now);
    for (const index of this.indexes.values()) {
      consumed.add('write', factor * this.updateIndex(index, place, before, after, now), index.definition);
    }
    this.announce(before, after, now, userIdentity, factor > 1);
  }

  private announce(
    before: Version | undefined, after: Version | undefined, at: number, userIdentity: ItemChange['userIdentity'], inTransaction: boolean,
  ) {
    const { name, arn, key, ttlAttribute } = this.definition;
    const { onChange, onExpiry } = this.environment;
    if (ttlAttribute && after && onExpiry) {
      const expiry = expiryOf(after.image, ttlAttribute);
      if (expiry !== undefined) onExpiry(name, expiry);
    }
    // A write that changes nothing leaves no record.
    if (!onChange || (before && after && equalMaps(before.image, after.image))) return;
    const keys = pick((after ?? before)!.image, keyAttributes(key));
    onChange({
      tableName: name, tableArn: arn, keys, newImage: after?.image, oldImage: before?.image, userIdentity,
      ...(inTransaction && { inTransaction }), at,
    });
  }

  /**
   * One write for a new, changed or removed entry, two when its index key changes (one entry goes, one comes), none when
   * no projected attribute changes.
   * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
   */
  private updateIndex({ definition, entries }: Index, place: Place, before: Version | undefined, after: Version | undefined, now: number): number {
    const from = before && indexPlace(before.image, definition, place);
    const to = after && indexPlace(after.image, definition, place);
    const old = from && entryOf(before!, definition);
    const fresh = to && entryOf(after!, definition);
    if (from && to && from.partition === to.partition && from.sort === to.sort) {
      if (equalMaps(old!.image, fresh!.image)) return 0;
      entries.write(to, fresh, now);
      return writeUnits(old!.size, fresh!.size);
    }
    let units = 0;
    if (from) {
      entries.write(from, undefined, now);
      units += writeUnits(old!.size, 0);
    }
    if (to) {
      entries.write(to, fresh, now);
      units += writeUnits(0, fresh!.size);
    }
    return units;
  }
}

function entryOf(item: Version, index: IndexDefinition): Version {
  if (!index.projected) return item;
  const image = projectEntry(item.image, index);
  return { image, size: itemSize(image) };
}
