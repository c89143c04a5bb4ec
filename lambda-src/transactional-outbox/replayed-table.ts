import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ClaimChecks } from './claim-check';
import type { Publisher, PublishOutcome } from './destinations/publisher';
import { type ChangeOrigin, envelopeOfSnapshot, type RowOrigin } from './envelope';
import { type ParkedAggregate, type ParkedKeys, type Refusal, sortsBefore } from './parked-keys';
import { textOf, type TypedItem } from './plain-json';
import { publishRow } from './relay';
import type { Replay } from './replay-request';
import { aggregatePages, keyNames, type Page, type ReadPage, tablePages } from './table-pages';
import { type OutboxEnvelope, ROW } from '../../src/transactional-outbox/contract';

/** What a replay reads, and what it makes of it. */
export interface ReplayedTable {
  readonly read: ReadPage;
  readonly keyOf: (item: TypedItem) => TypedItem;
  /** Items of one lane are published in their order. */
  readonly laneOf: (item: TypedItem) => string;
  readonly isWanted: (item: TypedItem) => boolean;
  readonly publish: (item: TypedItem) => Promise<PublishOutcome>;
  readonly nameOf: (item: TypedItem) => { readonly eventId: string; readonly aggregate: string };
}

export interface RowsDependencies {
  readonly client: DynamoDBClient;
  readonly origin: RowOrigin;
  readonly publisher: Publisher;
  /** Absent when nothing is ever parked. */
  readonly parkedKeys: ParkedKeys | undefined;
  /** Told of each aggregate that is parked. */
  readonly onParked: (refusal: Refusal) => void;
  readonly now: () => number;
}

export function rowsToReplay(replay: Replay, { client, origin, publisher, parkedKeys, onParked, now }: RowsDependencies): ReplayedTable {
  const { aggregate } = replay;
  const read = aggregate === undefined ? tablePages(client, origin.tableName) : aggregatePages(client, origin.tableName, aggregate);
  /** Looked up once a page. */
  const parked = new Map<string, Promise<ParkedAggregate | undefined>>();
  const parkedAggregate = (name: string) => {
    const found = parked.get(name) ?? parkedKeys?.find(name) ?? Promise.resolve(undefined);
    parked.set(name, found);
    return found;
  };
  return {
    read: async (after): Promise<Page> => {
      parked.clear();
      return read(after);
    },
    keyOf: rowKey,
    laneOf: (row) => textOf(row, ROW.PARTITION_KEY),
    // Items without an event id are somebody else's, in a table that the outbox shares.
    isWanted: (row) => row[ROW.EVENT_ID] !== undefined && !hasExpired(row, now()) && isInRange(row, replay),
    nameOf: rowName,
    publish: async (row) => {
      const name = rowName(row);
      const sortKey = textOf(row, ROW.SORT_KEY);
      const blocker = await parkedAggregate(name.aggregate);
      if (blocker && !sortsBefore(sortKey, blocker.since)) return { refused: 'the aggregate is parked: replay it with unpark' };
      const outcome = await publishRow(row, origin, publisher);
      if (outcome === 'PUBLISHED' || !parkedKeys) return outcome;
      // The stream may have forgotten it, so that the relay never sees it: no later event may overtake it, neither here nor there.
      parked.delete(name.aggregate);
      if (!await parkedKeys.mustWait(name.aggregate, sortKey)) {
        const refusal = { ...name, since: sortKey, reason: outcome.refused };
        await parkedKeys.park(refusal);
        onParked(refusal);
      }
      return { refused: `${outcome.refused}; the aggregate is parked` };
    },
  };
}

export function rowKey(row: TypedItem): TypedItem {
  return { [ROW.PARTITION_KEY]: row[ROW.PARTITION_KEY]!, [ROW.SORT_KEY]: row[ROW.SORT_KEY]! };
}

export function rowName(row: TypedItem) {
  return { eventId: textOf(row, ROW.EVENT_ID), aggregate: textOf(row, ROW.PARTITION_KEY) };
}

/** Time to live deletes late; consumers may have forgotten the event already. */
function hasExpired(row: TypedItem, now: number): boolean {
  const expiresAt = row[ROW.EXPIRES_AT]?.N;
  return expiresAt !== undefined && Number(expiresAt) * 1000 <= now;
}

/** A row whose time cannot be read is in any range: an event too many does no harm, one too few is lost. */
function isInRange(row: TypedItem, { from, to, types }: Replay): boolean {
  const occurredAt = Date.parse(textOf(row, ROW.OCCURRED_AT));
  if (occurredAt < from || occurredAt >= to) return false;
  return types === undefined || types.has(textOf(row, ROW.TYPE));
}

export interface SnapshotsDependencies {
  readonly client: DynamoDBClient;
  readonly origin: ChangeOrigin;
  readonly publisher: Publisher;
  readonly claimChecks: ClaimChecks;
  readonly now: () => number;
}

export async function itemsToReplay({ to }: Replay, { client, origin, publisher, claimChecks, now }: SnapshotsDependencies): Promise<ReplayedTable> {
  const names = await keyNames(client, origin.tableName);
  const keyOf = (item: TypedItem): TypedItem => Object.fromEntries(names.map((name) => [name, item[name]!]));
  return {
    read: tablePages(client, origin.tableName),
    keyOf,
    laneOf: (item) => JSON.stringify(keyOf(item)),
    isWanted: () => true,
    nameOf: (item) => ({ eventId: '', aggregate: JSON.stringify(keyOf(item)) }),
    publish: async (item) => {
      let envelope: OutboxEnvelope;
      try {
        envelope = envelopeOfSnapshot(item, names, origin, new Date(now()), String(to));
      } catch (error) {
        return { refused: (error as Error).message };
      }
      return publisher.publish(await claimChecks.apply(envelope));
    },
  };
}
