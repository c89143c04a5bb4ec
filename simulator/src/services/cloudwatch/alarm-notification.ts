import type { AlarmStateValue } from './alarm-evaluation';
import type { Alarm, AlarmProperties } from './alarms';

interface Place {
  readonly account: string;
  readonly region: string;
  readonly now: number;
}

/** Names of regions in notifications, where they differ from the code. */
const REGION_NAMES: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-2': 'US West (Oregon)',
  'eu-west-1': 'EU (Ireland)',
  'eu-central-1': 'EU (Frankfurt)',
};
const LONGEST_SUBJECT = 99;

export function alarmSubject({ name, state }: Alarm, { region }: Place): string {
  return `${state}: "${name}" in ${regionName(region)}`.slice(0, LONGEST_SUBJECT);
}

/**
 * The message that subscribers get.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export function alarmMessage(alarm: Alarm, previous: AlarmStateValue, { account, region, now }: Place): object {
  return {
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: account,
    NewStateValue: alarm.state,
    NewStateReason: alarm.reason(),
    StateChangeTime: new Date(now).toISOString().replace('Z', '+0000'),
    Region: regionName(region),
    AlarmArn: alarm.arn,
    OldStateValue: previous,
    OKActions: alarm.actions.OK,
    AlarmActions: alarm.actions.ALARM,
    InsufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
    ...('AlarmRule' in alarm.trigger ? alarm.trigger : { Trigger: alarm.trigger }),
  };
}

/** What a metric alarm looks at, as its notifications tell. */
export function metricTrigger(properties: AlarmProperties): object {
  const dimensions = (list: AlarmProperties['Dimensions'] = []) => list.map(({ Name, Value }) => ({ value: Value, name: Name }));
  const rule = {
    Period: Number(properties.Period ?? 60),
    EvaluationPeriods: Number(properties.EvaluationPeriods),
    DatapointsToAlarm: Number(properties.DatapointsToAlarm ?? properties.EvaluationPeriods),
    ComparisonOperator: properties.ComparisonOperator,
    Threshold: Number(properties.Threshold),
    TreatMissingData: properties.TreatMissingData ?? 'missing',
    EvaluateLowSampleCountPercentile: '',
  };
  if (properties.Metrics) {
    const Metrics = properties.Metrics.map(({ MetricStat, ...query }) => ({
      ...query,
      ...(MetricStat && { MetricStat: { ...MetricStat, Metric: { ...MetricStat.Metric, Dimensions: dimensions(MetricStat.Metric.Dimensions) } } }),
    }));
    return { ...rule, Metrics };
  }
  const { MetricName, Namespace, Statistic, ExtendedStatistic, Dimensions } = properties;
  return {
    MetricName,
    Namespace,
    ...(Statistic ? { StatisticType: 'Statistic', Statistic: Statistic.toUpperCase() } : { StatisticType: 'ExtendedStatistic', ExtendedStatistic }),
    Unit: null,
    Dimensions: dimensions(Dimensions),
    ...rule,
  };
}

const COMPARED: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

/** Why a metric alarm has the state that it has, in CloudWatch's words. */
export function thresholdReason(properties: AlarmProperties, state: AlarmStateValue, points: ReadonlyArray<number | undefined>): string {
  const known = points.flatMap((value) => (value === undefined ? [] : [value])).slice(-Number(properties.EvaluationPeriods));
  const { length } = known;
  if (state === 'INSUFFICIENT_DATA') return `Insufficient Data: ${Number(properties.EvaluationPeriods) - length} datapoints were unknown.`;
  const not = state === 'ALARM' ? '' : 'not ';
  const comparison = `${not}${COMPARED[properties.ComparisonOperator]} the threshold (${decimal(Number(properties.Threshold))})`;
  if (length === 0) {
    const treated = state === 'ALARM' ? 'Breaching' : 'NonBreaching';
    return `Threshold Crossed: no datapoints were received for ${properties.EvaluationPeriods} periods and missing datapoints were treated as [${treated}].`;
  }
  return `Threshold Crossed: ${length} datapoint${length === 1 ? '' : 's'} [${known.map(decimal).join(', ')}] ${length === 1 ? 'was' : 'were'} ${comparison}.`;
}

function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function regionName(region: string): string {
  return REGION_NAMES[region] ?? region;
}
