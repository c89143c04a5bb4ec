import { Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC } from './contract';
import { PERIOD } from '../shared/alarms';

/** The pattern's own metrics, by name, of a pool or of one of its groups. */
export function poolMetric(poolName: string, group: string | undefined, metricName: string, props?: MetricOptions): Metric {
  return new Metric({
    namespace: METRIC.NAMESPACE,
    metricName,
    dimensionsMap: { [METRIC.DIMENSION]: poolName, ...(group !== undefined && { [METRIC.GROUP]: group }) },
    statistic: Stats.SUM,
    period: PERIOD,
    ...props,
  });
}
