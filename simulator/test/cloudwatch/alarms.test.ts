import { type AlarmStateValue, evaluateAlarm, type MissingDataTreatment } from '../../src/services/cloudwatch/alarm-evaluation';
import { parseAlarmRule } from '../../src/services/cloudwatch/alarm-rule';
import { bench, type Bench, QUEUE } from '../events/harness';

const MINUTE = 60_000;
const DEPTH = { namespace: 'AWS/SQS', name: 'ApproximateNumberOfMessagesVisible', dimensions: { QueueName: 'q' } };

describe('evaluation with missing data (0 is fine, X is breaching, - is missing)', () => {
  const TREATMENTS: MissingDataTreatment[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
  const KEEP = undefined;
  // The tables of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html, and below them what its text tells
  // of premature alarms.
  describe.each<[string, number, (AlarmStateValue | undefined)[]]>([
    ['0-X-X', 3, ['OK', 'OK', 'OK', 'OK']],
    ['0----', 3, ['OK', 'OK', 'OK', 'OK']],
    ['-----', 3, ['INSUFFICIENT_DATA', KEEP, 'ALARM', 'OK']],
    ['0XX-X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['--X--', 3, ['ALARM', KEEP, 'ALARM', 'OK']],
    ['0-X-X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['00X0X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0-X--', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['----0', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['---X-', 2, ['ALARM', KEEP, 'ALARM', 'OK']],
    ['----X', 3, [KEEP, KEEP, 'ALARM', 'OK']],
    ['---X-', 3, [KEEP, KEEP, 'ALARM', 'OK']],
    ['---X0', 3, ['OK', 'OK', 'OK', 'OK']],
    ['--X-0', 3, ['OK', 'OK', 'OK', 'OK']],
    ['----X', 2, [KEEP, KEEP, 'ALARM', 'OK']],
  ])('%s with %i of 3', (points, datapointsToAlarm, expected) => {
    const values = [...points].map((point) => ({ '0': 0, 'X': 1, '-': undefined })[point]);

    it.each<AlarmStateValue>(['OK', 'ALARM', 'INSUFFICIENT_DATA'])('in state %s', (present) => {
      const states = TREATMENTS.map((treatMissingData) => evaluateAlarm(
        { evaluationPeriods: 3, datapointsToAlarm, treatMissingData, isBreaching: (value) => value > 0 }, values, present));
      expect(states).toEqual(expected.map((state) => state ?? present));
    });
  });
});

function alarm(on: Bench, properties: Record<string, unknown> = {}, logicalId = 'Alarm') {
  return on.create(on.cloudwatch, 'AWS::CloudWatch::Alarm', {
    AlarmName: 'backlog',
    Namespace: DEPTH.namespace,
    MetricName: DEPTH.name,
    Dimensions: [{ Name: 'QueueName', Value: 'q' }],
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    ...properties,
  }, logicalId);
}

const forMinutes = (on: Bench, minutes: number) => on.world.kernel.run({ deadline: on.world.kernel.now + minutes * MINUTE });

describe('an alarm', () => {
  it('follows its metric from period to period and keeps its history', async () => {
    const on = bench();
    const { attributes } = alarm(on);
    expect(attributes).toEqual({ Arn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:backlog' });
    expect(on.cloudwatch.alarms.state('backlog')).toBe('INSUFFICIENT_DATA');
    await forMinutes(on, 1);
    expect(on.cloudwatch.alarms.state('backlog')).toBe('OK');
    on.cloudwatch.recordMetric({ ...DEPTH, value: 3 });
    await forMinutes(on, 1);
    expect(on.cloudwatch.alarms.state('backlog')).toBe('ALARM');
    await forMinutes(on, 5);
    expect(on.cloudwatch.alarms.history('backlog').map(({ from, to }) => `${from} > ${to}`)).toEqual(['INSUFFICIENT_DATA > OK', 'OK > ALARM', 'ALARM > OK']);
  });

  it('looks back two periods further than it evaluates', async () => {
    const on = bench();
    alarm(on, { EvaluationPeriods: 3, TreatMissingData: 'breaching' });
    on.cloudwatch.recordMetric({ ...DEPTH, value: 0 });
    await forMinutes(on, 5);
    expect(on.cloudwatch.alarms.state('backlog')).toBe('OK');
    await forMinutes(on, 1);
    expect(on.cloudwatch.alarms.state('backlog')).toBe('ALARM');
  });

  it('never keeps a run from being quiet', async () => {
    const on = bench();
    alarm(on);
    expect(await on.world.kernel.run()).toBe('quiet');
  });

  it.each<[string, number, boolean]>([
    ['GreaterThanOrEqualToThreshold', 5, true], ['GreaterThanThreshold', 5, false], ['LessThanThreshold', 5, false], ['LessThanOrEqualToThreshold', 5, true],
    ['LessThanThreshold', 4, true], ['GreaterThanThreshold', 6, true],
  ])('compares by %s: %i with the threshold 5', async (ComparisonOperator, value, breaching) => {
    const on = bench();
    alarm(on, { ComparisonOperator, Threshold: 5 });
    on.cloudwatch.recordMetric({ ...DEPTH, value });
    await forMinutes(on, 1);
    expect(on.cloudwatch.alarms.state('backlog')).toBe(breaching ? 'ALARM' : 'OK');
  });

  it('reads gauges when a minute ends', async () => {
    const on = bench();
    let depth = 0;
    on.cloudwatch.gauge({ namespace: DEPTH.namespace, metricName: DEPTH.name, dimensions: DEPTH.dimensions, read: () => depth });
    alarm(on);
    await forMinutes(on, 1);
    depth = 1;
    await forMinutes(on, 1);
    expect(on.cloudwatch.alarms.state('backlog')).toBe('ALARM');
  });

  it('watches an expression over several metrics', async () => {
    const on = bench();
    const stat = (Id: string, MetricName: string) => ({
      Id, ReturnData: false, MetricStat: { Metric: { Namespace: 'App', MetricName }, Period: 60, Stat: 'Sum' },
    });
    alarm(on, {
      MetricName: undefined,
      Namespace: undefined,
      Statistic: undefined,
      Period: undefined,
      Dimensions: undefined,
      Threshold: 0.5,
      Metrics: [stat('late', 'TimedOut'), stat('all', 'Started'), { Id: 'share', Expression: 'late / all' }],
    });
    on.cloudwatch.recordMetric({ namespace: 'App', name: 'Started', value: 10 });
    on.cloudwatch.recordMetric({ namespace: 'App', name: 'TimedOut', value: 4 });
    await forMinutes(on, 1);
    expect(on.cloudwatch.alarms.state('backlog')).toBe('OK');
    on.cloudwatch.recordMetric({ namespace: 'App', name: 'Started', value: 10 });
    on.cloudwatch.recordMetric({ namespace: 'App', name: 'TimedOut', value: 6 });
    await forMinutes(on, 1);
    expect(on.cloudwatch.alarms.state('backlog')).toBe('ALARM');
  });

  it('ignores missing data of DynamoDB whatever it says', async () => {
    const on = bench();
    alarm(on, { Namespace: 'AWS/DynamoDB', MetricName: 'ThrottledRequests', Dimensions: [], TreatMissingData: 'breaching' });
    await forMinutes(on, 3);
    expect(on.cloudwatch.alarms.state('backlog')).toBe('INSUFFICIENT_DATA');
  });

  it('evaluates every ten seconds when its period is that short', async () => {
    const on = bench();
    on.cloudwatch.gauge({ namespace: 'App', metricName: 'depth', dimensions: {}, read: () => 0 });
    alarm(on, { Period: 10 });
    on.cloudwatch.recordMetric({ ...DEPTH, value: 1, storageResolution: 1 });
    await on.world.kernel.run({ deadline: on.world.kernel.now + 10_000 });
    expect(on.cloudwatch.alarms.state('backlog')).toBe('ALARM');
  });

  it('says in the trace which actions it could not take', async () => {
    const on = bench();
    alarm(on, { AlarmActions: ['arn:aws:sns:us-east-1:123456789012:oncall'] });
    on.cloudwatch.recordMetric({ ...DEPTH, value: 1 });
    await forMinutes(on, 1);
    expect(on.traced('cloudwatch.action-not-delivered')).toEqual([{ action: 'arn:aws:sns:us-east-1:123456789012:oncall' }]);
  });

  it('takes no action while its actions are switched off', async () => {
    const on = bench();
    alarm(on, { ActionsEnabled: false, AlarmActions: ['arn:aws:sns:us-east-1:123456789012:oncall'] });
    on.cloudwatch.recordMetric({ ...DEPTH, value: 1 });
    await forMinutes(on, 1);
    expect(on.cloudwatch.alarms.state('backlog')).toBe('ALARM');
    expect(on.traced('cloudwatch.action-not-delivered')).toEqual([]);
  });

  it('tells the default bus', async () => {
    const on = bench();
    on.events.createRule({ Name: 'r', EventPattern: { source: ['aws.cloudwatch'], detail: { state: { value: ['ALARM'] } } }, Targets: [{ Id: 'q', Arn: QUEUE }] });
    alarm(on);
    on.cloudwatch.recordMetric({ ...DEPTH, value: 1 });
    await forMinutes(on, 2);
    expect(on.sent).toHaveLength(1);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['an unknown comparison', { ComparisonOperator: 'GreaterThanUpperThreshold' }, /alarm 'backlog': ComparisonOperator 'GreaterThanUpperThreshold' is not simulated/],
    ['an unknown treatment', { TreatMissingData: 'skip' }, /must be one of missing, ignore/],
    ['no threshold', { Threshold: undefined }, /Threshold must be a number/],
    ['more datapoints than periods', { DatapointsToAlarm: 2 }, /between 1 and EvaluationPeriods \(1\), not 2/],
    ['more than a day', { Period: 300, EvaluationPeriods: 289 }, /289 periods of 300 seconds are more than 86400 seconds/],
    ['more than a week', { Period: 3600, EvaluationPeriods: 169 }, /169 periods of 3600 seconds are more than 604800 seconds/],
    ['an odd period', { Period: 45 }, /Period must be 10, 20, 30 or a multiple of 60/],
    ['no statistic', { Statistic: undefined }, /Statistic or ExtendedStatistic is required/],
    ['an unknown function', { Metrics: [{ Id: 'e', Expression: 'SEARCH(" ")' }] }, /function 'SEARCH'/],
    ['an unknown id', { Metrics: [{ Id: 'e', Expression: 'm1 + 1' }] }, /refers to 'm1', which is not among the metrics/],
    ['expressions in a circle', { Metrics: [{ Id: 'e', Expression: 'f' }, { Id: 'f', Expression: 'e', ReturnData: false }] }, /refers to itself/],
    ['two results', { Metrics: [{ Id: 'e', Expression: '1' }, { Id: 'f', Expression: '2' }] }, /exactly one of Metrics must return data, not 2/],
  ])('refuses %s', (_, properties, message) => {
    expect(() => alarm(bench(), properties)).toThrow(message);
  });

  it('is found by name only when it exists', () => {
    expect(() => bench().cloudwatch.alarms.state('nothing')).toThrow("alarm 'nothing' does not exist");
  });
});

describe('a composite alarm', () => {
  it('follows the alarms that its rule names', async () => {
    const on = bench();
    const { attributes } = alarm(on);
    on.create(on.cloudwatch, 'AWS::CloudWatch::CompositeAlarm', { AlarmName: 'any', AlarmRule: `ALARM("${attributes!.Arn}") OR FALSE` }, 'Any');
    on.cloudwatch.recordMetric({ ...DEPTH, value: 1 });
    await forMinutes(on, 1);
    expect(on.cloudwatch.alarms.state('any')).toBe('ALARM');
    await forMinutes(on, 5);
    expect(on.cloudwatch.alarms.state('any')).toBe('OK');
  });

  it.each<[string, boolean]>([
    ['ALARM(a) AND NOT OK(a)', true], ['ALARM(a) AND ALARM(b)', false], ['(ALARM(b) OR ALARM("a")) AND TRUE', true], ['INSUFFICIENT_DATA(b)', false],
    ['OK(b) AND (ALARM(b) OR ALARM(a))', true],
  ])('understands %s', (rule, expected) => {
    expect(parseAlarmRule(rule)((name) => (name === 'a' ? 'ALARM' : 'OK'))).toBe(expected);
  });

  it.each(['ALARM(a', 'BROKEN(a)', 'ALARM(a) ALARM(b)', '', 'NOT'])('refuses %j', (rule) => {
    expect(() => parseAlarmRule(rule)).toThrow(/alarm rule '.*' is not valid/);
  });
});
