import { IMetric, MathExpression, Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC } from './contract';
import { PERIOD } from '../shared/alarms';

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
