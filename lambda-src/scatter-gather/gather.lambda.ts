import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { GatheringStore } from './gathering-store';
import { gather } from './result';
import { ENV, type GatherInput, type GatheringResult, METRIC } from '../../src/scatter-gather/contract';
import { documentClient } from '../shared/clients';
import { requiredEnv, requiredNumberEnv } from '../shared/env';
import { createObservability } from '../shared/observability';

const tableName = requiredEnv(ENV.TABLE_NAME);
const { logger, metrics } = createObservability(METRIC.NAMESPACE, requiredEnv(ENV.GATHERING));
const store = new GatheringStore(documentClient(), tableName, requiredNumberEnv(ENV.RETENTION_SECONDS), Date.now);

export async function handler(input: GatherInput): Promise<GatheringResult> {
  const result = await gather(input, store, tableName);
  const { correlationId, status, completedBy, replies, failures, missing } = result;
  logger.info('gathered', { correlationId, status, completedBy, replies: replies.length, failures: failures.length, missing: missing.length });
  metrics.addMetric(METRIC.GATHERINGS, MetricUnit.Count, 1);
  metrics.addMetric(METRIC.TIMED_OUT, MetricUnit.Count, completedBy === 'TIMEOUT' ? 1 : 0);
  metrics.addMetric(METRIC.FAILED_REPLIES, MetricUnit.Count, failures.length);
  metrics.addMetric(METRIC.TIME_TO_RESULT, MetricUnit.Milliseconds, Date.now() - input.startedAt);
  metrics.publishStoredMetrics();
  return result;
}
