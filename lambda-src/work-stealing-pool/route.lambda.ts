import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { PoolView } from './pool-view';
import { QueueSender } from './queue-sender';
import { Registry } from './registry';
import { Router } from './router';
import { Wakes } from './wakes';
import { ENV, METRIC, type RouterSettings } from '../../src/work-stealing-pool/contract';
import { documentClient, lambdaClient, sqsClient } from '../shared/clients';
import { sleep } from '../shared/clock';
import { requiredEnv } from '../shared/env';
import { createObservability } from '../shared/observability';

/** In a burst the batches of one environment follow each other faster than a runner starts. */
const NOT_AGAIN_MS = 1_000;

const settings = JSON.parse(requiredEnv(ENV.SETTINGS)) as RouterSettings;
const { logger: log, metrics } = createObservability(METRIC.NAMESPACE, requiredEnv(ENV.POOL_NAME));
const registry = new Registry({ documents: documentClient(), tableName: requiredEnv(ENV.TABLE_NAME), sleep });
const now = Date.now;
const router = new Router({
  settings,
  view: new PoolView({ groups: settings.groups, registry, now }),
  registry,
  queues: new QueueSender({ sqs: sqsClient(), log }),
  wakes: new Wakes({ lambda: lambdaClient(), now, notAgainMs: NOT_AGAIN_MS, log }),
  log,
  now,
  random: Math.random,
});

export async function handler({ Records: records }: SQSEvent): Promise<SQSBatchResponse> {
  const { comingBack, tasks, invalid } = await router.route(records);
  if (tasks > 0) metrics.addMetric(METRIC.SUBMITTED, MetricUnit.Count, tasks);
  if (invalid > 0) metrics.addMetric(METRIC.INVALID, MetricUnit.Count, invalid);
  if (tasks + invalid > 0) metrics.publishStoredMetrics();
  return { batchItemFailures: comingBack.map((itemIdentifier) => ({ itemIdentifier })) };
}
