import { Alarm, IAlarmAction, IMetric, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { alarmAbove, PERIOD, visibleMetric } from '../shared/alarms';

/** Actions of a saga's alarms. */
export interface SagaAlarmOptions {
  /**
   * What each alarm does.
   * @default - the alarms change state and do nothing else
   */
  readonly actions?: IAlarmAction[];
}

/** Properties of a saga's alarms. */
export interface SagaAlarmsProps extends SagaAlarmOptions {
  /** Runs sagas. */
  readonly saga: StateMachine;
  /** Sagas that wait for a person. */
  readonly parkedQueue: Queue;
  /**
   * Executions that nobody recovers, because the event did not reach the recovery.
   * @default - there is no recovery
   */
  readonly undeliveredQueue?: Queue;
  /**
   * Finishes sagas.
   * @default - there is no recovery
   */
  readonly recovery?: StateMachine;
}

/** One alarm for each way in which a saga can need a person. */
export class SagaAlarms extends Construct {
  /** Sagas are parked. */
  public readonly parked: Alarm;
  /** The end of an execution did not reach the recovery. Not without recovery. */
  public readonly undelivered?: Alarm;
  /** A recovery ended without an end of the saga, and another one takes over; or it was started with what it cannot do. Not without recovery. */
  public readonly recoveryFailed?: Alarm;
  /** Executions ended without an end of the saga, and nobody finishes it; those that were refused are among them. Only without recovery. */
  public readonly abandoned?: Alarm;

  private readonly actions: IAlarmAction[];

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props what is watched, at which thresholds, and who is told
   */
  public constructor(scope: Construct, id: string, props: SagaAlarmsProps) {
    super(scope, id);
    const { saga, parkedQueue, undeliveredQueue, recovery } = props;
    this.actions = props.actions ?? [];
    this.parked = this.above('Parked', visibleMetric(parkedQueue), 'sagas are parked and wait for a person: read the parked queue, mend the cause, resume');
    if (undeliveredQueue) this.undelivered = this.above('Undelivered', visibleMetric(undeliveredQueue), 'executions ended and no recovery was started for them');
    if (recovery) this.recoveryFailed = this.above('RecoveryFailed', died(recovery), 'recoveries of sagas failed, or were refused');
    else this.abandoned = this.above('Abandoned', died(saga), 'executions ended, and nobody finishes their sagas; or were refused');
  }

  private above(id: string, metric: IMetric, description: string): Alarm {
    return alarmAbove(this, id, { threshold: 0, metric, description, actions: this.actions });
  }
}

/**
 * Executions that did not succeed. `FILL` stands for what a metric lacks in a period, and a metric that was never written is left out of the array.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
 */
function died(stateMachine: StateMachine): MathExpression {
  const options = { period: PERIOD, statistic: Stats.SUM };
  return new MathExpression({
    expression: 'SUM([FILL(failed, 0), FILL(timedOut, 0), FILL(aborted, 0)])',
    usingMetrics: {
      failed: stateMachine.metricFailed(options), timedOut: stateMachine.metricTimedOut(options), aborted: stateMachine.metricAborted(options),
    },
    period: PERIOD,
    label: 'executions that failed, timed out or were stopped',
  });
}
