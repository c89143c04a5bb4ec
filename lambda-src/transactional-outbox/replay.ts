import { inLanes } from './lanes';
import type { TypedItem } from './plain-json';
import type { ReplayTally } from './replay-tally';
import type { ReplayedTable } from './replayed-table';
import type { ReplayProgress } from '../../src/transactional-outbox/contract';

export interface ReplayStep {
  readonly tally: ReplayTally;
  /** Waits until the next event's turn. */
  readonly turn: () => Promise<void>;
  readonly hasTime: () => boolean;
}

/**
 * Publishes events until there are no more, or no time is left. A failure after some progress is answered as progress, so that the next
 * step meets it at once instead of publishing all of it again; without any it is thrown, and the state machine waits before it retries.
 */
export async function replay(table: ReplayedTable, after: TypedItem | undefined, { tally, turn, hasTime }: ReplayStep): Promise<ReplayProgress> {
  let position = after;
  try {
    for (;;) {
      const { items, next } = await table.read(position);
      const [unfinished] = await inLanes(items, {
        laneOf: table.laneOf,
        hasTime,
        work: async (item) => {
          if (!table.isWanted(item)) return;
          await turn();
          const outcome = await table.publish(item);
          if (outcome === 'PUBLISHED') tally.publish();
          else tally.refuse({ ...table.nameOf(item), reason: outcome.refused });
        },
      });
      // Behind the first unfinished item some are done already, of other lanes: they are published twice, none is left out.
      const done = unfinished ? unfinished.index : items.length;
      tally.scan(done);
      if (done > 0) position = table.keyOf(items[done - 1]!);
      if (unfinished) throw unfinished.error ?? new Error('there was no time to publish an event');
      if (!next) return tally.progress(undefined);
      position = next;
    }
  } catch (error) {
    if (position === after) throw error;
    return tally.progress({ after: position });
  }
}
