import type { DynamoDBRecord } from 'aws-lambda';
import type { ClaimChecks } from './claim-check';
import { type ChangeOrigin, envelopeOfChange, envelopeOfRow, type RowOrigin } from './envelope';
import type { TypedItem } from './plain-json';
import type { OutboxEnvelope } from '../../src/transactional-outbox/contract';

/**
 * The events of a batch of stream records, in their order. One that is no event fails the batch, which the pipe then halves until it
 * stands alone: an enrichment cannot fail in part.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
 */
export async function enrich(
  records: readonly DynamoDBRecord[], origin: RowOrigin | ChangeOrigin, claimChecks: ClaimChecks | undefined,
): Promise<OutboxEnvelope[]> {
  const envelopes = records.map((record) => (origin.kind === 'ROWS' ? envelopeOfRow(newImage(record), origin) : envelopeOfChange(record, origin)));
  const published = envelopes.filter((envelope) => envelope !== undefined);
  // Rows were written with a claim check if they need one.
  return claimChecks ? Promise.all(published.map((envelope) => claimChecks.apply(envelope))) : published;
}

export function newImage(record: DynamoDBRecord): TypedItem {
  return (record.dynamodb?.NewImage ?? {}) as TypedItem;
}

/** Milliseconds since the oldest of these records was committed: how far behind its table the outbox is. */
export function lagOf(records: readonly DynamoDBRecord[], now: number): number {
  const committed = records.flatMap((record) => record.dynamodb?.ApproximateCreationDateTime ?? []);
  return committed.length === 0 ? 0 : Math.max(0, now - Math.min(...committed) * 1000);
}
