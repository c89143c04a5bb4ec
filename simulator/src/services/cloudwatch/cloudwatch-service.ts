import { Alarms } from './alarms';
import { embeddedMetrics } from './embedded-metrics';
import type { LogsService } from './logs-service';
import type { Gauge, MetricRecord, MetricSink } from './metric';
import { MetricStore } from './metric-store';
import { readableName } from '../../cloudformation/readable-name';
import { inert, type ResourceProvider } from '../../cloudformation/resource-provider';
import { type Operation, ServiceError, type World } from '../../service';

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const MOST_DATA = 1_000;
const MINUTE_MS = 60_000;
/** Alarms may have periods of 10, 20 or 30 seconds. */
const SHORT_TICK_MS = 10_000;

/** Amazon CloudWatch: metrics and alarms. Logs are a service of their own. */
export class CloudWatchService implements MetricSink {
  readonly name = 'cloudwatch';
  readonly metrics: MetricStore;
  readonly alarms: Alarms;
  readonly operations: Readonly<Record<string, Operation>> = {
    PutMetricData: {
      access: (input) => [{ action: 'cloudwatch:PutMetricData', resource: '*', context: { 'cloudwatch:namespace': String(input?.Namespace) } }],
      handle: (input) => this.putMetricData(input),
    },
    DescribeAlarms: {
      access: () => [{ action: 'cloudwatch:DescribeAlarms', resource: '*' }],
      readOnly: true,
      handle: (input) => this.describeAlarms(input?.AlarmNames),
    },
  };

  readonly resources: readonly ResourceProvider[] = [this.alarmProvider(), this.compositeAlarmProvider(), inert('AWS::CloudWatch::Dashboard')];
  private readonly gauges: Array<(at: number) => void> = [];
  private ticking?: { readonly width: number; readonly timer: { cancel(): void } };

  constructor(private readonly world: World) {
    this.metrics = new MetricStore(() => world.kernel.now);
    this.alarms = new Alarms(world, this.metrics);
  }

  recordMetric(record: MetricRecord) {
    this.metrics.record(record);
  }

  gauge(gauge: Gauge) {
    const { namespace, metricName: name, dimensions, read } = gauge;
    const record = this.metrics.gauge({ namespace, name, dimensions });
    this.gauges.push((at) => record(read(), at));
    this.tick();
  }

  ingestLogLine(logGroup: string, line: string, at: number = this.world.kernel.now) {
    this.world.service<LogsService>('logs').write(logGroup, line, at);
  }

  /** Records the metrics that a line carries in the embedded metric format. */
  recordEmbeddedMetrics(line: string) {
    for (const record of embeddedMetrics(line)) this.recordMetric(record);
  }

  /** Gauges and alarms go on for ever, so they never keep a run from being quiet. Alarms are evaluated as each of their periods ends. */
  private tick() {
    const { kernel } = this.world;
    const width = this.alarms.shortestPeriodSeconds < MINUTE_MS / 1000 ? SHORT_TICK_MS : MINUTE_MS;
    if (this.ticking?.width === width) return;
    this.ticking?.timer.cancel();
    const delay = Math.floor(kernel.now / width) * width + width - kernel.now;
    const timer = kernel.schedule(delay, () => {
      this.ticking = undefined;
      if (kernel.now % MINUTE_MS === 0) this.readGauges();
      this.alarms.evaluate();
      this.tick();
    }, { background: true });
    this.ticking = { width, timer };
  }

  /** A gauge that is read when a minute ends belongs to the minute that ends. */
  private readGauges() {
    const at = this.world.kernel.now - 1;
    for (const readGauge of this.gauges) readGauge(at);
  }

  private putMetricData(input: any) {
    const { Namespace: namespace, MetricData: data } = input ?? {};
    if (typeof namespace !== 'string' || namespace === '') throw new ServiceError('MissingParameter', 'The parameter Namespace is required.');
    if (namespace.startsWith('AWS/')) throw new ServiceError('InvalidParameterValue', `The value ${namespace} for parameter Namespace is not valid: it is reserved.`);
    if (!Array.isArray(data) || data.length > MOST_DATA) {
      throw new ServiceError('InvalidParameterValue', `MetricData must be a list of at most ${MOST_DATA} data, not ${Array.isArray(data) ? data.length : typeof data}`);
    }
    this.world.meter.add('cloudwatch.putMetricData');
    for (const datum of data) {
      for (const [value, count] of valuesOf(datum)) {
        this.recordMetric({
          namespace,
          name: datum.MetricName,
          dimensions: Object.fromEntries((datum.Dimensions ?? []).map(({ Name, Value }: any) => [Name, Value])),
          value,
          count,
          unit: datum.Unit,
          at: datum.Timestamp === undefined ? undefined : timeOf(datum.Timestamp),
          storageResolution: datum.StorageResolution === 1 ? 1 : 60,
        });
      }
    }
    return {};
  }

  private describeAlarms(wanted: readonly string[] | undefined) {
    const names = this.alarms.names().filter((name) => !wanted || wanted.includes(name));
    return { MetricAlarms: names.map((name) => ({ AlarmName: name, AlarmArn: this.alarms.arn(name), StateValue: this.alarms.state(name) })) };
  }

  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html */
  private alarmProvider(): ResourceProvider {
    return {
      type: 'AWS::CloudWatch::Alarm',
      properties: {
        ...ACTIONS,
        MetricName: true,
        Namespace: true,
        Dimensions: [{ Name: true, Value: true }],
        Statistic: true,
        ExtendedStatistic: true,
        Period: true,
        Unit: 'inert',
        Metrics: [{
          Id: true,
          Expression: true,
          Label: 'inert',
          Period: true,
          ReturnData: true,
          AccountId: 'inert',
          MetricStat: {
            Metric: { Namespace: true, MetricName: true, Dimensions: [{ Name: true, Value: true }] },
            Period: true,
            Stat: true,
            Unit: 'inert',
          },
        }],
        EvaluationPeriods: true,
        DatapointsToAlarm: true,
        Threshold: true,
        ComparisonOperator: true,
        TreatMissingData: true,
        EvaluateLowSampleCountPercentile: 'inert',
      },
      create: (resource) => {
        const properties = { ...resource.properties, AlarmName: resource.properties.AlarmName ?? resource.generatedName() };
        const name = this.alarms.create(properties, readableName(resource.path));
        this.tick();
        return { ref: name, attributes: { Arn: this.alarms.arn(name) } };
      },
    };
  }

  private compositeAlarmProvider(): ResourceProvider {
    return {
      type: 'AWS::CloudWatch::CompositeAlarm',
      properties: { ...ACTIONS, AlarmRule: true },
      create: (resource) => {
        const properties = { ...resource.properties, AlarmName: resource.properties.AlarmName ?? resource.generatedName() };
        const name = this.alarms.createComposite(properties, readableName(resource.path));
        this.tick();
        return { ref: name, attributes: { Arn: this.alarms.arn(name) } };
      },
    };
  }
}

const ACTIONS = {
  AlarmName: true,
  AlarmDescription: true,
  ActionsEnabled: true,
  AlarmActions: true,
  OKActions: true,
  InsufficientDataActions: true,
  Tags: 'inert',
} as const;

export const cloudWatchService = (world: World): CloudWatchService => new CloudWatchService(world);

/** A datum has one value, or values with counts. */
function valuesOf(datum: any): Array<[number, number]> {
  if (datum.Value !== undefined) return [[Number(datum.Value), 1]];
  if (datum.Values !== undefined) return datum.Values.map((value: number, index: number) => [value, datum.Counts?.[index] ?? 1]);
  if (datum.StatisticValues !== undefined) {
    throw new ServiceError('InvalidParameterCombination', `StatisticValues of metric '${datum.MetricName}' is not simulated: use Value or Values`);
  }
  throw new ServiceError('MissingParameter', `Metric '${datum.MetricName}' must have Value or Values.`);
}

function timeOf(timestamp: any): number {
  if (typeof timestamp === 'number') return timestamp * 1000;
  return typeof timestamp === 'string' ? Date.parse(timestamp) : Number(timestamp.getTime());
}
