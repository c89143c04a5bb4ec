import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, IAlarmAction, IMetric, Metric, MetricOptions, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export const PERIOD = Duration.minutes(5);

export interface AlarmAboveProps {
  readonly threshold: number;
  readonly metric: IMetric;
  readonly description: string;
  readonly actions?: IAlarmAction[];
  /** In so many periods of the last so many, in all of those unless given; in one without it. */
  readonly periods?: { readonly above?: number; readonly of: number };
}

/** An alarm on more than the threshold, which takes silence for health: nothing is written where nothing happens. */
export function alarmAbove(scope: Construct, id: string, { threshold, metric, description, actions = [], periods }: AlarmAboveProps): Alarm {
  const alarm = new Alarm(scope, id, {
    metric,
    threshold,
    alarmDescription: description,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods?.of ?? 1,
    datapointsToAlarm: periods?.above,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(...actions);
  return alarm;
}

/** Messages that wait in a queue; the maximum of five minutes unless told otherwise. */
export function visibleMetric(queue: IQueue, props?: MetricOptions): Metric {
  return queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.MAXIMUM, ...props });
}

/** How long the oldest message has been in a queue; the maximum of five minutes unless told otherwise. */
export function ageMetric(queue: IQueue, props?: MetricOptions): Metric {
  return queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: Stats.MAXIMUM, ...props });
}
