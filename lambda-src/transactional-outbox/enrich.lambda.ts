import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { DynamoDBRecord } from 'aws-lambda';
import { ClaimChecks } from './claim-check';
import { enrich, lagOf } from './enrich';
import { originOfEvents } from './environment';
import { ENV, METRIC, type OutboxEnvelope } from '../../src/transactional-outbox/contract';
import { s3Client } from '../shared/clients';
import { requiredEnv, requiredNumberEnv } from '../shared/env';
import { createObservability } from '../shared/observability';

const { metrics } = createObservability(METRIC.NAMESPACE, requiredEnv(ENV.OUTBOX_NAME));
const origin = originOfEvents();
const claimChecks = origin.kind === 'CHANGES'
  ? new ClaimChecks(s3Client(), requiredEnv(ENV.CLAIM_CHECK_BUCKET), requiredNumberEnv(ENV.PAYLOAD_LIMIT_BYTES))
  : undefined;

export async function handler(records: DynamoDBRecord[]): Promise<OutboxEnvelope[]> {
  metrics.addMetric(METRIC.RELAY_LAG, MetricUnit.Milliseconds, lagOf(records, Date.now()));
  metrics.publishStoredMetrics();
  return enrich(records, origin, claimChecks);
}
