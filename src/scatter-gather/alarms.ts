import { Alarm, IAlarmAction, IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { METRIC } from './contract';
import { alarmAbove, PERIOD, visibleMetric } from '../shared/alarms';

/** Thresholds and actions of a gathering's alarms. */
export interface ScatterGatherAlarmOptions {
  /**
   * What each alarm does.
   * @default - the alarms change state and do nothing else
   */
  readonly actions?: IAlarmAction[];

  /**
   * Alarm when more than this percentage of the gatherings of five minutes ended by their deadline.
   * @default 20
   */
  readonly timedOutPercentage?: number;

  /**
   * Alarm when more than this many replies of five minutes changed nothing (late, duplicate, unknown).
   * @default 10
   */
  readonly lateReplies?: number;
}

/** Properties of a gathering's alarms. In EXPRESS mode there is nothing to watch but the state machine. */
export interface ScatterGatherAlarmsProps extends ScatterGatherAlarmOptions {
  /** The dimension of the gathering's metrics. */
  readonly gatheringName: string;
  /** Runs the gatherings. */
  readonly stateMachine: StateMachine;
  /**
   * Replies that could not be read or collected.
   * @default - not watched
   */
  readonly deadLetterQueue?: Queue;
  /**
   * Events that could not be delivered.
   * @default - not watched
   */
  readonly undeliveredQueue?: Queue;
  /**
   * Takes replies in.
   * @default - not watched
   */
  readonly collectFunction?: LambdaFunction;
}

/** The pattern's own metrics, by name. */
export function gatheringMetric(gathering: string, metricName: string, statistic: string): Metric {
  return new Metric({
    namespace: METRIC.NAMESPACE,
    metricName,
    dimensionsMap: { [METRIC.DIMENSION]: gathering },
    statistic,
    period: PERIOD,
  });
}

/** One alarm for each way in which a gathering can go wrong without anybody noticing. */
export class ScatterGatherAlarms extends Construct {
  /** Executions failed: input was refused, or a handler failed for longer than its retries. */
  public readonly executionsFailed: Alarm;
  /** Replies could not be read or collected and wait in the dead-letter queue. Not in EXPRESS mode. */
  public readonly deadLetters?: Alarm;
  /** Events could not be delivered to a responder or to the reply queue. Not in EXPRESS mode. */
  public readonly undelivered?: Alarm;
  /** Too large a share of gatherings ends by its deadline. Not in EXPRESS mode. */
  public readonly timedOutShare?: Alarm;
  /** Too many replies change nothing. Not in EXPRESS mode. */
  public readonly lateReplies?: Alarm;
  /** The collector fails. Not in EXPRESS mode. */
  public readonly collectorErrors?: Alarm;

  private readonly actions: IAlarmAction[];

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props what is watched, at which thresholds, and who is told
   */
  public constructor(scope: Construct, id: string, props: ScatterGatherAlarmsProps) {
    super(scope, id);
    const { gatheringName, stateMachine, deadLetterQueue, undeliveredQueue, collectFunction } = props;
    this.actions = props.actions ?? [];
    this.executionsFailed = this.above('ExecutionsFailed', 0, stateMachine.metricFailed({ period: PERIOD, statistic: Stats.SUM }),
      'gatherings failed: refused input, or a handler that failed for longer than its retries');
    if (deadLetterQueue) {
      this.deadLetters = this.above('DeadLetters', 0, visibleMetric(deadLetterQueue), 'replies could not be read or collected');
    }
    if (undeliveredQueue) {
      this.undelivered = this.above('Undelivered', 0, visibleMetric(undeliveredQueue), 'events could not be delivered to a responder or the reply queue');
    }
    if (collectFunction) {
      this.collectorErrors = this.above('CollectorErrors', 0, collectFunction.metricErrors({ period: PERIOD, statistic: Stats.SUM }), 'the collector fails');
      this.timedOutShare = this.watchTimedOutShare(gatheringName, props.timedOutPercentage ?? 20);
      this.lateReplies = this.above('LateReplies', props.lateReplies ?? 10, gatheringMetric(gatheringName, METRIC.LATE_REPLIES, Stats.SUM),
        'replies came too late, twice, or to gatherings that nobody knows');
    }
  }

  private watchTimedOutShare(gathering: string, percentage: number): Alarm {
    return this.above('TimedOutShare', percentage, new MathExpression({
      expression: '100 * timedOut / gatherings',
      usingMetrics: {
        timedOut: gatheringMetric(gathering, METRIC.TIMED_OUT, Stats.SUM),
        gatherings: gatheringMetric(gathering, METRIC.GATHERINGS, Stats.SUM),
      },
      period: PERIOD,
      label: 'gatherings ended by their deadline, %',
    }), `more than ${percentage} % of the gatherings ended by their deadline`);
  }

  private above(id: string, threshold: number, metric: IMetric, description: string): Alarm {
    return alarmAbove(this, id, { threshold, metric, description, actions: this.actions });
  }
}
