import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { publisherTo } from './destinations';
import { lagOf } from './enrich';
import { destinationInEnvironment, rowsInEnvironment } from './environment';
import { ParkedKeys } from './parked-keys';
import { relay } from './relay';
import { ENV, METRIC } from '../../src/transactional-outbox/contract';
import { documentClient } from '../shared/clients';
import { sleep } from '../shared/clock';
import { requiredEnv } from '../shared/env';
import { createObservability } from '../shared/observability';

const { logger, metrics } = createObservability(METRIC.NAMESPACE, requiredEnv(ENV.OUTBOX_NAME));
const origin = rowsInEnvironment();
const publisher = publisherTo(destinationInEnvironment(), sleep);
const parkedKeys = new ParkedKeys(documentClient(), requiredEnv(ENV.PARKED_TABLE_NAME), Date.now);

/** What is not done by then comes again: a function that is cut off would have to do all of it once more. */
const RESERVE_MS = 10_000;

export async function handler(records: DynamoDBRecord[], context: Context): Promise<DynamoDBBatchResponse> {
  const hasTime = () => context.getRemainingTimeInMillis() > RESERVE_MS;
  const { published, waiting, parked, unfinished } = await relay(records, { origin, publisher, parkedKeys, hasTime });
  for (const refusal of parked) logger.error('an aggregate is parked', refusal);
  for (const { item, error } of unfinished) {
    if (error !== undefined) logger.error('an event could not be published; it comes again', { eventID: item.eventID, error: error as Error });
  }
  logger.info('relayed', { published, waiting, parked: parked.length, unfinished: unfinished.length });
  metrics.addMetric(METRIC.RELAY_LAG, MetricUnit.Milliseconds, lagOf(records, Date.now()));
  metrics.addMetric(METRIC.PARKED, MetricUnit.Count, parked.length);
  metrics.publishStoredMetrics();
  return { batchItemFailures: unfinished.map(({ item }) => ({ itemIdentifier: item.eventID ?? '' })) };
}
