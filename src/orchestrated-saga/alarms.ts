import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, IAlarmAction, IMetric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

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

const PERIOD = Duration.minutes(5);

/** One alarm for each way in which a saga can need a person. */
export class SagaAlarms extends Construct {
  /** Sagas are parked. */
  public readonly parked: Alarm;
  /** The end of an execution did not reach the recovery. Not without recovery. */
  public readonly undelivered?: Alarm;
  /** A recovery failed, and another one takes over. Not without recovery. */
  public readonly recoveryFailed?: Alarm;

  private readonly actions: IAlarmAction[];

  public constructor(scope: Construct, id: string, props: SagaAlarmsProps) {
    super(scope, id);
    const { parkedQueue, undeliveredQueue, recovery } = props;
    this.actions = props.actions ?? [];
    this.parked = this.above('Parked', visible(parkedQueue), 'sagas are parked and wait for a person: read the parked queue, mend the cause, resume');
    if (undeliveredQueue) this.undelivered = this.above('Undelivered', visible(undeliveredQueue), 'executions ended and no recovery was started for them');
    if (recovery) {
      this.recoveryFailed = this.above('RecoveryFailed', recovery.metricFailed({ period: PERIOD, statistic: Stats.SUM }), 'recoveries of sagas failed');
    }
  }

  private above(id: string, metric: IMetric, alarmDescription: string): Alarm {
    const alarm = new Alarm(this, id, {
      metric,
      threshold: 0,
      alarmDescription,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(...this.actions);
    return alarm;
  }
}

function visible(queue: Queue) {
  return queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.MAXIMUM });
}
