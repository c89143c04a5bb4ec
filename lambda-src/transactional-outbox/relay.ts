import type { DynamoDBRecord } from 'aws-lambda';
import type { Publisher, PublishOutcome } from './destinations/publisher';
import { newImage } from './enrich';
import { envelopeOfRow, type RowOrigin } from './envelope';
import { inLanes, type Unfinished } from './lanes';
import type { ParkedKeys } from './parked-keys';
import { textOf, type TypedItem } from './plain-json';
import { type OutboxEnvelope, ROW } from '../../src/transactional-outbox/contract';

export interface RelayDependencies {
  readonly origin: RowOrigin;
  readonly publisher: Publisher;
  readonly parkedKeys: ParkedKeys;
  readonly hasTime: () => boolean;
}

export interface Relayed {
  readonly published: number;
  /** Events that stay in the outbox behind a parked one. */
  readonly waiting: number;
  readonly parked: readonly { readonly aggregate: string; readonly eventId: string; readonly reason: string }[];
  readonly unfinished: readonly Unfinished<DynamoDBRecord>[];
}

/**
 * Publishes a batch of rows, each aggregate's in order. Behind an event that the destination refuses for good its aggregate is parked;
 * behind one that it may take later the aggregate's events come again.
 */
export async function relay(records: readonly DynamoDBRecord[], { origin, publisher, parkedKeys, hasTime }: RelayDependencies): Promise<Relayed> {
  let published = 0;
  let waiting = 0;
  const parked: { aggregate: string; eventId: string; reason: string }[] = [];
  const unfinished = await inLanes(records, {
    laneOf: (record) => textOf(newImage(record), ROW.PARTITION_KEY),
    hasTime,
    work: async (record) => {
      const row = newImage(record);
      const aggregate = textOf(row, ROW.PARTITION_KEY);
      if (await parkedKeys.mustWait(aggregate, textOf(row, ROW.SORT_KEY))) {
        waiting++;
        return;
      }
      const outcome = await publishRow(row, origin, publisher);
      if (outcome === 'PUBLISHED') {
        published++;
        return;
      }
      const refusal = { aggregate, eventId: textOf(row, ROW.EVENT_ID), reason: outcome.refused };
      await parkedKeys.park({ ...refusal, since: textOf(row, ROW.SORT_KEY) });
      parked.push(refusal);
    },
  });
  return { published, waiting, parked, unfinished };
}

/** Publishes a row; one that is no event counts as refused. */
export async function publishRow(row: TypedItem, origin: RowOrigin, publisher: Publisher): Promise<PublishOutcome> {
  let envelope: OutboxEnvelope;
  try {
    envelope = envelopeOfRow(row, origin);
  } catch (error) {
    return { refused: (error as Error).message };
  }
  return publisher.publish(envelope);
}
