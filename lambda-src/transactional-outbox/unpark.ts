import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Cursor } from './cursor';
import type { Publisher } from './destinations/publisher';
import type { RowOrigin } from './envelope';
import type { ParkedKeys, SeenParked } from './parked-keys';
import { textOf } from './plain-json';
import { publishRow } from './relay';
import type { ReplayStep } from './replay';
import { rowKey, rowName } from './replayed-table';
import { aggregatePages } from './table-pages';
import { ROW, type ReplayProgress } from '../../src/transactional-outbox/contract';

export interface UnparkDependencies {
  readonly client: DynamoDBClient;
  readonly origin: RowOrigin;
  readonly publisher: Publisher;
  readonly parkedKeys: ParkedKeys;
}

/**
 * Publishes what waits of an aggregate, in order and also if it has expired, and opens it when nothing came meanwhile. Behind an event that
 * is refused once more all others go on waiting. An aggregate that is not parked needs nothing, so a repeated step does no harm.
 */
export async function unpark(
  aggregate: string, start: Cursor | undefined, { client, origin, publisher, parkedKeys }: UnparkDependencies, { tally, turn, hasTime }: ReplayStep,
): Promise<ReplayProgress> {
  let parked = await parkedKeys.find(aggregate);
  if (!parked) return tally.progress(undefined);
  // When it was opened and parked again since the step before, this one begins anew.
  const before = start?.parked?.parkedAt === parked.parkedAt ? start : undefined;
  let seen: SeenParked = before?.parked ?? parked;
  let position = before?.after;
  let read = aggregatePages(client, origin.tableName, aggregate, parked.since);
  const published = new Set<string>();
  let progressed = false;
  try {
    for (;;) {
      const { items, next } = await read(position);
      for (const row of items) {
        if (!hasTime()) throw new Error('there was no time to publish an event');
        if (row[ROW.EVENT_ID] !== undefined && !published.has(textOf(row, ROW.SORT_KEY))) {
          await turn();
          const outcome = await publishRow(row, origin, publisher);
          tally.scan(1);
          if (outcome !== 'PUBLISHED') {
            tally.refuse({ ...rowName(row), reason: `${outcome.refused}; the aggregate stays parked` });
            return tally.progress(undefined);
          }
          tally.publish();
          published.add(textOf(row, ROW.SORT_KEY));
        }
        position = rowKey(row);
        progressed = true;
      }
      if (next) {
        position = next;
        continue;
      }
      if (await parkedKeys.open(aggregate, seen)) return tally.progress(undefined);
      // More came. From the start, for it may sort before what was published; that is not repeated.
      parked = await parkedKeys.find(aggregate);
      if (!parked) return tally.progress(undefined);
      seen = parked;
      read = aggregatePages(client, origin.tableName, aggregate, parked.since);
      position = undefined;
    }
  } catch (error) {
    if (!progressed) throw error;
    return tally.progress({ after: position, parked: { waiting: seen.waiting, parkedAt: seen.parkedAt } });
  }
}
