import { Duration } from 'aws-cdk-lib';
import { Metric, Stats, Unit } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { METRIC } from './contract';
import { STATE } from './state-names';

/** The states behind which an end is on record, and the metrics that count them. */
const ENDS: readonly (readonly [metric: string, state: string])[] = [
  [METRIC.COMPLETED, STATE.COMPLETE],
  [METRIC.COMPENSATED, STATE.COMPENSATED],
  [METRIC.PARKED, STATE.SEND_PARKED],
];

/** The pattern's own metrics, by name. */
export function sagaMetric(sagaName: string, metricName: string): Metric {
  return new Metric({ namespace: METRIC.NAMESPACE, metricName: `${sagaName}/${metricName}`, statistic: Stats.SUM, period: Duration.minutes(5) });
}

/**
 * Counts ends out of the machines' logs: a state that wrote a metric would cost a transition a saga. A filter's dimensions must be fields of the log, so the
 * saga's name is part of the metric's. A state that a Catch leaves is exited, too: an execution that was overtaken counts again what another one has ended.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
 */
export function countEnds(scope: Construct, sagaName: string, ...machines: readonly (StateMachine | undefined)[]): void {
  machines.forEach((machine, index) => {
    if (!machine) return;
    const logGroup = machine.node.scope!.node.findChild(`${machine.node.id}Logs`) as unknown as ILogGroup;
    for (const [metric, state] of ENDS) {
      new MetricFilter(scope, `${index === 0 ? '' : 'Recovery'}${metric}Filter`, {
        logGroup,
        filterPattern: FilterPattern.all(
          FilterPattern.stringValue('$.type', '=', 'TaskStateExited'),
          FilterPattern.stringValue('$.details.name', '=', state),
        ),
        metricNamespace: METRIC.NAMESPACE,
        metricName: `${sagaName}/${metric}`,
        metricValue: '1',
        unit: Unit.COUNT,
      });
    }
  });
}
