import { Duration } from 'aws-cdk-lib';
import { IMetric, MathExpression, Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { METRIC } from './contract';

export const PERIOD = Duration.minutes(5);

/** The pattern's own metrics, by name, of one target and where given of one of its priorities. */
export function fanOutMetric(fanOutName: string, target: string, priority: string | undefined, metricName: string, props?: MetricOptions): Metric {
  return new Metric({
    namespace: METRIC.NAMESPACE,
    metricName,
    dimensionsMap: { [METRIC.DIMENSION]: fanOutName, [METRIC.TARGET]: target, ...(priority !== undefined && { [METRIC.PRIORITY]: priority }) },
    statistic: Stats.SUM,
    period: PERIOD,
    ...props,
  });
}

/** Messages that wait in a queue; the maximum of five minutes unless told otherwise. */
export function visibleMetric(queue: IQueue, props?: MetricOptions): Metric {
  return queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.MAXIMUM, ...props });
}

/** How long the oldest message has been in a queue; the maximum of five minutes unless told otherwise. */
export function ageMetric(queue: IQueue, props?: MetricOptions): Metric {
  return queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: Stats.MAXIMUM, ...props });
}

/** One metric of several. `FILL` stands for what a metric lacks in a period, and a metric that was never written is left out of the array. */
export function combined(operation: 'SUM' | 'MAX', label: string, metrics: readonly Metric[]): IMetric {
  if (metrics.length === 1) return metrics[0];
  const ids = metrics.map((_, index) => `m${index}`);
  return new MathExpression({
    expression: `${operation}([${ids.map((id) => `FILL(${id}, 0)`).join(', ')}])`,
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [ids[index], metric])),
    period: metrics[0].period,
    label,
  });
}
