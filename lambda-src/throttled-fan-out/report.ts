import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Dispatched } from './dispatcher';
import type { LimiterReading } from './limiter/acquisition';
import { METRIC } from '../../src/throttled-fan-out/contract';
import type { Observability } from '../shared/observability';

/** Writes what an invocation did: one line of log, and the metrics of its priority and of its target. */
export function report({ metrics, logger }: Observability, { target, priority, counts, reading }: {
  target: string; priority: string; counts: Dispatched['counts']; reading: LimiterReading;
}): void {
  logger.info('dispatched', { priority, ...counts, ...reading });
  metrics.addDimensions({ [METRIC.TARGET]: target, [METRIC.PRIORITY]: priority });
  metrics.addMetric(METRIC.DELIVERED, MetricUnit.Count, counts.delivered);
  metrics.addMetric(METRIC.DEFERRED, MetricUnit.Count, counts.deferred);
  metrics.addMetric(METRIC.EXPIRED, MetricUnit.Count, counts.expired);
  metrics.addMetric(METRIC.FAILED, MetricUnit.Count, counts.failed);
  metrics.addMetric(METRIC.DEAD_LETTERED, MetricUnit.Count, counts.deadLettered);
  // A metric of its own is billed: only where there are dry runs.
  if (counts.wouldHaveWaited > 0) metrics.addMetric(METRIC.WOULD_HAVE_WAITED, MetricUnit.Count, counts.wouldHaveWaited);
  metrics.publishStoredMetrics();

  metrics.addDimensions({ [METRIC.TARGET]: target });
  metrics.addMetric(METRIC.THROTTLED, MetricUnit.Count, counts.throttled);
  metrics.addMetric(METRIC.RATE, MetricUnit.CountPerSecond, reading.ratePerSecond);
  metrics.addMetric(METRIC.KILL_SWITCH_OPEN, MetricUnit.NoUnit, reading.switchOpen ? 1 : 0);
  metrics.publishStoredMetrics();
}
