/**
 * Time to Live: when an item expires, and which are to be removed. The removal comes late, often hours later; until then
 * the item is read and written like any other.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 */
import { Consumption } from './capacity';
import type { Table } from './table';
import { type AttributeMap, member } from './values';

/** An item whose time lies more than five years back is not removed: the number is probably no time at all. */
const OLDEST_MS = 5 * 365 * 24 * 3600 * 1000;

/** Milliseconds since 1970; undefined where the attribute is absent or no number. */
export function expiryOf(item: AttributeMap, ttlAttribute: string): number | undefined {
  const seconds = member(item, ttlAttribute)?.N;
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** Removes what has expired, as the service does it in the background, free of charge. Answers how many. */
export function removeExpired(table: Table, now: number): number {
  const { ttlAttribute } = table.definition;
  if (!ttlAttribute) return 0;
  const expired = [...table.items.versions()].filter(({ image }) => {
    const expiry = expiryOf(image, ttlAttribute);
    return expiry !== undefined && expiry < now && expiry > now - OLDEST_MS;
  });
  for (const version of expired) {
    const unbilled = new Consumption(table.name);
    table.commit(table.place(version.image), version, undefined, unbilled, 0, { type: 'Service', principalId: 'dynamodb.amazonaws.com' });
  }
  return expired.length;
}

/** When the first of the items that are still to expire does. */
export function nextExpiry(table: Table, now: number): number | undefined {
  const { ttlAttribute } = table.definition;
  if (!ttlAttribute) return undefined;
  let next: number | undefined;
  for (const { image } of table.items.versions()) {
    const expiry = expiryOf(image, ttlAttribute);
    if (expiry !== undefined && expiry >= now && (next === undefined || expiry < next)) next = expiry;
  }
  return next;
}
