/** The three states of an alarm. */
export type AlarmStateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingDataTreatment = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

export interface EvaluationRule {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: MissingDataTreatment;
  readonly isBreaching: (value: number) => boolean;
}

/** CloudWatch looks back further than the evaluation periods, to have data where some is missing. */
const EXTRA_PERIODS = 2;

export function evaluationRange(rule: EvaluationRule): number {
  return rule.evaluationPeriods + EXTRA_PERIODS;
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (ComparisonOperator) */
export const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/**
 * The state that the latest periods make, oldest first, `undefined` where a period has no data; the present state when the
 * alarm stays as it is. Real data points count first; only what is still missing for the evaluation periods is filled in.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluateAlarm(rule: EvaluationRule, points: ReadonlyArray<number | undefined>, present: AlarmStateValue): AlarmStateValue {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData, isBreaching } = rule;
  const real = points.flatMap((value, index) => (value === undefined ? [] : [{ breaching: isBreaching(value), age: points.length - index }]));
  const recent = real.slice(-evaluationPeriods);
  const missing = evaluationPeriods - recent.length;
  const breaching = recent.filter((point) => point.breaching).length;
  const filled = treatMissingData === 'breaching' ? breaching + missing : breaching;
  if (filled >= datapointsToAlarm) return 'ALARM';
  if (missing === 0 || treatMissingData === 'breaching' || treatMissingData === 'notBreaching') return 'OK';
  if (recent.length === 0) return treatMissingData === 'ignore' ? present : 'INSUFFICIENT_DATA';
  if (breaching < recent.length) return 'OK';
  // All that is known is breaching, but it is too little. Ignoring keeps the state; otherwise it is an alarm once the oldest
  // breaching point is old enough, which keeps one late point from raising it too early.
  return treatMissingData === 'missing' && recent[0].age >= datapointsToAlarm ? 'ALARM' : present;
}
