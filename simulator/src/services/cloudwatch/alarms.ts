import { AlarmActions } from './alarm-actions';
import { type AlarmStateValue, COMPARISONS, evaluateAlarm, type EvaluationRule, evaluationRange, type MissingDataTreatment } from './alarm-evaluation';
import { AlarmMetrics, type AlarmMetricProperties } from './alarm-metrics';
import { metricTrigger, thresholdReason } from './alarm-notification';
import { type AlarmRule, parseAlarmRule } from './alarm-rule';
import type { MetricStore } from './metric-store';
import type { World } from '../../service';
import type { EventsService } from '../events/events-service';

/** A metric alarm as a template describes it. */
export interface AlarmProperties extends AlarmMetricProperties {
  readonly AlarmName: string;
  readonly AlarmDescription?: string;
  readonly ActionsEnabled?: boolean | string;
  readonly AlarmActions?: readonly string[];
  readonly OKActions?: readonly string[];
  readonly InsufficientDataActions?: readonly string[];
  readonly ComparisonOperator: string;
  readonly Threshold?: number | string;
  readonly EvaluationPeriods: number | string;
  readonly DatapointsToAlarm?: number | string;
  readonly TreatMissingData?: string;
}

export type CompositeAlarmProperties = Pick<AlarmProperties, 'AlarmName' | 'AlarmDescription' | 'ActionsEnabled' | 'AlarmActions' | 'OKActions' | 'InsufficientDataActions'>
  & { readonly AlarmRule: string };

export interface AlarmStateChange {
  readonly at: number;
  readonly from: AlarmStateValue;
  readonly to: AlarmStateValue;
}

export interface Alarm {
  readonly name: string;
  readonly arn: string;
  readonly path: string;
  readonly description?: string;
  /** What it looks at, as notifications of its changes tell. */
  readonly trigger: object;
  /** Why it has the state that it has. */
  readonly reason: () => string;
  readonly actions: Readonly<Record<AlarmStateValue, readonly string[]>>;
  readonly history: AlarmStateChange[];
  state: AlarmStateValue;
  /** The next state when the alarm is due now, else undefined. */
  readonly evaluate: (now: number) => AlarmStateValue | undefined;
}

const TREATMENTS: readonly string[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

/** The alarms of the account, their states and how these came about. */
export class Alarms {
  /** The shortest period of an alarm in seconds; it is how often alarms must be evaluated. */
  shortestPeriodSeconds = 60;
  private readonly alarms = new Map<string, Alarm>();
  private readonly actions: AlarmActions;

  constructor(private readonly world: World, private readonly metrics: MetricStore) {
    this.actions = new AlarmActions(world);
  }

  create(properties: AlarmProperties, path: string = properties.AlarmName): string {
    const { AlarmName: name } = properties;
    const source = named(name, () => new AlarmMetrics(properties));
    const rule = named(name, () => evaluationRule(properties, source));
    const periodMs = source.periodSeconds * 1000;
    this.shortestPeriodSeconds = Math.min(this.shortestPeriodSeconds, source.periodSeconds);
    let points: ReadonlyArray<number | undefined> = [];
    const evaluate = (now: number) => {
      if (now % periodMs !== 0) return undefined;
      points = source.points(this.metrics, now - evaluationRange(rule) * periodMs, now);
      return evaluateAlarm(rule, points, this.state(name));
    };
    const reason = () => thresholdReason(properties, this.state(name), points);
    return this.add(properties, path, { evaluate, trigger: metricTrigger(properties), reason });
  }

  createComposite(properties: CompositeAlarmProperties, path: string = properties.AlarmName): string {
    const rule: AlarmRule = named(properties.AlarmName, () => parseAlarmRule(properties.AlarmRule));
    return this.add(properties, path, {
      evaluate: () => (rule((alarm) => this.state(alarm)) ? 'ALARM' : 'OK'),
      trigger: { AlarmRule: properties.AlarmRule },
      reason: () => `The alarm rule ${properties.AlarmRule} is ${this.state(properties.AlarmName) === 'ALARM' ? 'true' : 'false'}`,
    });
  }

  /** Evaluates every alarm that is due at this instant; composite alarms come last because they were created last. */
  evaluate() {
    const { now } = this.world.kernel;
    for (const alarm of this.alarms.values()) {
      const next = alarm.evaluate(now);
      if (next !== undefined && next !== alarm.state) this.change(alarm, next);
    }
  }

  names(): string[] {
    return [...this.alarms.keys()];
  }

  state(name: string): AlarmStateValue {
    return this.find(name).state;
  }

  /** Every change of state, oldest first. */
  history(name: string): readonly AlarmStateChange[] {
    return this.find(name).history;
  }

  arn(name: string): string {
    return `arn:aws:cloudwatch:${this.world.region}:${this.world.account}:alarm:${name}`;
  }

  private find(name: string): Alarm {
    const alarm = this.alarms.get(name);
    if (!alarm) throw new Error(`alarm '${name}' does not exist; there are: ${this.names().join(', ') || 'none'}`);
    return alarm;
  }

  private add(properties: Omit<CompositeAlarmProperties, 'AlarmRule'>, path: string, what: Pick<Alarm, 'evaluate' | 'trigger' | 'reason'>): string {
    const { AlarmName: name, ActionsEnabled: enabled = true } = properties;
    const on = String(enabled) !== 'false';
    this.alarms.set(name, {
      name,
      path,
      arn: this.arn(name),
      actions: {
        ALARM: on ? properties.AlarmActions ?? [] : [],
        OK: on ? properties.OKActions ?? [] : [],
        INSUFFICIENT_DATA: on ? properties.InsufficientDataActions ?? [] : [],
      },
      history: [],
      state: 'INSUFFICIENT_DATA',
      description: properties.AlarmDescription,
      ...what,
    });
    return name;
  }

  private change(alarm: Alarm, to: AlarmStateValue) {
    const { kernel, trace } = this.world;
    const from = alarm.state;
    alarm.state = to;
    alarm.history.push({ at: kernel.now, from, to });
    trace.record({ at: kernel.now, subject: alarm.path, event: 'cloudwatch.alarm', detail: { from, to } });
    for (const action of alarm.actions[to]) this.actions.take(action, alarm, from);
    this.publish(alarm, from);
  }

  /** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
  private publish(alarm: Alarm, previous: AlarmStateValue) {
    let events: EventsService;
    try {
      events = this.world.service<EventsService>('events');
    } catch {
      return; // A world without EventBridge has nobody to hear of it.
    }
    events.publishServiceEvent({
      source: 'aws.cloudwatch',
      detailType: 'CloudWatch Alarm State Change',
      resources: [alarm.arn],
      detail: { alarmName: alarm.name, state: { value: alarm.state }, previousState: { value: previous } },
    });
  }
}

function evaluationRule(properties: AlarmProperties, source: AlarmMetrics): EvaluationRule {
  const { ComparisonOperator: operator, TreatMissingData: treatment = 'missing' } = properties;
  const compare = COMPARISONS[operator];
  if (!compare) throw new Error(`ComparisonOperator '${operator}' is not simulated; simulated: ${Object.keys(COMPARISONS).join(', ')}`);
  if (!TREATMENTS.includes(treatment)) throw new Error(`TreatMissingData must be one of ${TREATMENTS.join(', ')}, not '${treatment}'`);
  const threshold = Number(properties.Threshold);
  if (properties.Threshold === undefined || !Number.isFinite(threshold)) throw new Error(`Threshold must be a number, not ${properties.Threshold}`);
  const evaluationPeriods = Number(properties.EvaluationPeriods);
  if (!(evaluationPeriods >= 1)) throw new Error(`EvaluationPeriods must be at least 1, not ${properties.EvaluationPeriods}`);
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (EvaluationPeriods)
  const longest = source.periodSeconds < 3600 ? 86_400 : 604_800;
  if (evaluationPeriods * source.periodSeconds > longest) {
    throw new Error(`${evaluationPeriods} periods of ${source.periodSeconds} seconds are more than ${longest} seconds`);
  }
  const datapointsToAlarm = Number(properties.DatapointsToAlarm ?? evaluationPeriods);
  if (!(datapointsToAlarm >= 1 && datapointsToAlarm <= evaluationPeriods)) {
    throw new Error(`DatapointsToAlarm must be between 1 and EvaluationPeriods (${evaluationPeriods}), not ${properties.DatapointsToAlarm}`);
  }
  return {
    evaluationPeriods,
    datapointsToAlarm,
    // Alarms on AWS/DynamoDB always ignore missing data, whatever they say.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (TreatMissingData)
    treatMissingData: source.namespaces.includes('AWS/DynamoDB') ? 'ignore' : treatment as MissingDataTreatment,
    isBreaching: (value) => compare(value, threshold),
  };
}

function named<T>(alarm: string, work: () => T): T {
  try {
    return work();
  } catch (error: any) {
    throw new Error(`alarm '${alarm}': ${error.message}`);
  }
}
