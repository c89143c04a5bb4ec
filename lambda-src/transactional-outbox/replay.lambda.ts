import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { ClaimChecks } from './claim-check';
import { publisherTo } from './destinations';
import { destinationInEnvironment, originOfEvents } from './environment';
import { ParkedKeys, type Refusal } from './parked-keys';
import { type ReplayedOrigin, type ReplayInput, replayStep } from './replay-step';
import { ENV, METRIC, type ReplayProgress } from '../../src/transactional-outbox/contract';
import { documentClient, dynamoDbClient, s3Client } from '../shared/clients';
import { sleep } from '../shared/clock';
import { requiredEnv, requiredNumberEnv } from '../shared/env';
import { createObservability } from '../shared/observability';

const { logger, metrics } = createObservability(METRIC.NAMESPACE, requiredEnv(ENV.OUTBOX_NAME));
const parkedTableName = process.env[ENV.PARKED_TABLE_NAME];
const origin = originOfEvents();
const replayed: ReplayedOrigin = origin.kind === 'CHANGES'
  ? { origin, claimChecks: new ClaimChecks(s3Client(), requiredEnv(ENV.CLAIM_CHECK_BUCKET), requiredNumberEnv(ENV.PAYLOAD_LIMIT_BYTES)) }
  : { origin, parkedKeys: parkedTableName ? new ParkedKeys(documentClient(), parkedTableName, Date.now) : undefined, onParked };
const client = dynamoDbClient();
const publisher = publisherTo(destinationInEnvironment(), sleep);

/** Left to what is under way when a step ends. */
const RESERVE_MS = 60_000;

/** At once: the step may fail later, and whoever is to look after the aggregate has only the alarm. */
function onParked(refusal: Refusal) {
  logger.error('an aggregate is parked', { ...refusal });
  metrics.addMetric(METRIC.PARKED, MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}

export async function handler(input: ReplayInput, context: Context): Promise<ReplayProgress> {
  const hasTime = () => context.getRemainingTimeInMillis() > RESERVE_MS;
  const progress = await replayStep(input, { ...replayed, client, publisher, now: Date.now, sleep, hasTime });
  const { done, scanned, published, refused } = progress;
  logger.info('replayed', { done, scanned, published, refused });
  metrics.addMetric(METRIC.REPLAYED, MetricUnit.Count, published - (input.progress?.published ?? 0));
  metrics.addMetric(METRIC.REFUSED, MetricUnit.Count, refused - (input.progress?.refused ?? 0));
  metrics.publishStoredMetrics();
  return progress;
}
