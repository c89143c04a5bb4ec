import { Duration, Token } from 'aws-cdk-lib';
import { Alarm, IAlarmAction, IMetric, MathExpression, Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { METRIC } from './contract';
import { alarmAbove, PERIOD, visibleMetric } from '../shared/alarms';
import { misuse } from '../shared/misuse';

/** Thresholds and actions of an outbox's alarms. */
export interface OutboxAlarmOptions {
  /**
   * What each alarm does.
   * @default - the alarms change state and do nothing else
   */
  readonly actions?: IAlarmAction[];

  /**
   * Alarm when events have waited for so long: whole multiples of 5 minutes, up to 12 hours.
   * @default Duration.minutes(15)
   */
  readonly maximumLag?: Duration;
}

/** Properties of an outbox's alarms. */
export interface OutboxAlarmsProps extends OutboxAlarmOptions {
  /** The dimension of the outbox's metrics. */
  readonly outboxName: string;
  /** Carries the events. */
  readonly pipe: CfnPipe;
  /** Events that were given up. */
  readonly deadLetterQueue: Queue;
  /** Asks whether the pipe runs. */
  readonly watch: StateMachine;
  /**
   * Publishes again.
   * @default - there is no replay
   */
  readonly replay?: StateMachine;
  /**
   * The function on the path of the events.
   * @default - there is none
   */
  readonly handler?: LambdaFunction;
  /**
   * Whether aggregates are parked.
   * @default false
   */
  readonly parksKeys?: boolean;
}

const DEFAULT_MAXIMUM_LAG = Duration.minutes(15);
const LONGEST_LAG = Duration.hours(12);

/** The pattern's own metrics, by name. */
export function outboxMetric(outboxName: string, metricName: string, statistic: string): Metric {
  return new Metric({ namespace: METRIC.NAMESPACE, metricName, dimensionsMap: { [METRIC.DIMENSION]: outboxName }, statistic, period: PERIOD });
}

/** The pipe's metrics, by name. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-monitoring.html */
export function pipeMetric(pipe: CfnPipe, metricName: string, props?: MetricOptions): Metric {
  return new Metric({ namespace: 'AWS/EventBridge/Pipes', metricName, dimensionsMap: { PipeName: pipe.ref }, statistic: Stats.SUM, period: PERIOD, ...props });
}

/** One alarm for each way in which events can stay away without anybody noticing. */
export class OutboxAlarms extends Construct {
  /** Events were given up. The dead letters only point into the stream: replay the time they name. */
  public readonly deadLetters: Alarm;
  /**
   * In each five minutes of `maximumLag` executions of the pipe failed, were throttled or timed out, and events wait behind them: pipes have no metric
   * of their records' age.
   */
  public readonly lag: Alarm;
  /** The pipe is stopped, or AWS has disabled it. */
  public readonly stopped: Alarm;
  /** Nobody knows whether the pipe runs: asking fails. */
  public readonly watchFailed: Alarm;
  /** A replay failed; its execution says why. Only where there is a replay. */
  public readonly replayFailed?: Alarm;
  /** Events were older than `maximumLag` when they reached the handler. Only where a handler is on the path. */
  public readonly handlerLag?: Alarm;
  /** The handler fails. Only where one is on the path. */
  public readonly handlerErrors?: Alarm;
  /** An aggregate was parked: its events wait for a replay with `unpark`. Only with PARK_KEY. */
  public readonly parked?: Alarm;

  private readonly actions: IAlarmAction[];

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props what is watched, at which thresholds, and who is told
   */
  public constructor(scope: Construct, id: string, props: OutboxAlarmsProps) {
    super(scope, id);
    const { outboxName, pipe, deadLetterQueue, watch, replay, handler } = props;
    const maximumLag = props.maximumLag ?? DEFAULT_MAXIMUM_LAG;
    this.actions = props.actions ?? [];
    this.validateLag(maximumLag);
    this.deadLetters = this.above('DeadLetters', 0, visibleMetric(deadLetterQueue), 'events were given up; replay the time that they are from');
    this.lag = this.above('Lag', 0, executionsInTrouble(pipe), `the pipe has failed or was throttled for ${maximumLag.toMinutes()} minutes; events wait`,
      maximumLag.toMinutes() / PERIOD.toMinutes());
    // A pipe that is being created or updated does not run for some minutes, and an alarm for that is one too many.
    this.stopped = this.above('Stopped', 0, outboxMetric(outboxName, METRIC.NOT_RUNNING, Stats.MAXIMUM), 'the pipe does not run', 2);
    this.watchFailed = this.above('WatchFailed', 0, failed(watch), 'nobody knows whether the pipe runs');
    if (replay) this.replayFailed = this.above('ReplayFailed', 0, failed(replay), 'a replay failed');
    if (handler) {
      this.handlerErrors = this.above('HandlerErrors', 0, handler.metricErrors({ period: PERIOD, statistic: Stats.SUM }), 'the handler fails');
      this.handlerLag = this.above('HandlerLag', maximumLag.toMilliseconds(), outboxMetric(outboxName, METRIC.RELAY_LAG, Stats.MAXIMUM),
        `events reach the handler more than ${maximumLag.toMinutes()} minutes after they were written`);
    }
    if (props.parksKeys) {
      this.parked = this.above('Parked', 0, outboxMetric(outboxName, METRIC.PARKED, Stats.SUM), 'an aggregate was parked; its events wait for a replay with unpark');
    }
  }

  private above(id: string, threshold: number, metric: IMetric, description: string, of: number = 1): Alarm {
    return alarmAbove(this, id, { threshold, metric, description, periods: { of }, actions: this.actions });
  }

  private validateLag(maximumLag: Duration): void {
    const minutes = Token.isUnresolved(maximumLag) || maximumLag.isUnresolved() ? 'a token' : maximumLag.toMinutes({ integral: false });
    if (typeof minutes === 'number' && minutes > 0 && minutes <= LONGEST_LAG.toMinutes() && minutes % PERIOD.toMinutes() === 0) return;
    throw misuse(this, `maximumLag must be a multiple of 5 minutes up to ${LONGEST_LAG.toHours()} hours, received ${minutes}${typeof minutes === 'number' ? ' minutes' : ''}`);
  }
}

/** Sums what there is in each period; `FILL` stands for what a metric lacks there, and a metric that was never written is left out of the array. */
function executionsInTrouble(pipe: CfnPipe): MathExpression {
  return new MathExpression({
    expression: 'SUM([FILL(failed, 0), FILL(partlyFailed, 0), FILL(throttled, 0), FILL(timedOut, 0)])',
    usingMetrics: {
      failed: pipeMetric(pipe, 'ExecutionFailed'),
      partlyFailed: pipeMetric(pipe, 'ExecutionPartiallyFailed'),
      throttled: pipeMetric(pipe, 'ExecutionThrottled'),
      timedOut: pipeMetric(pipe, 'ExecutionTimeout'),
    },
    period: PERIOD,
    label: 'executions of the pipe that failed, were throttled or timed out',
  });
}

function failed(stateMachine: StateMachine): Metric {
  return stateMachine.metricFailed({ period: PERIOD, statistic: Stats.SUM });
}
