import { Duration } from 'aws-cdk-lib';
import { Alarm, IAlarmAction, IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ageMetric, alarmAbove, PERIOD, visibleMetric } from '../shared/alarms';

/** Thresholds and actions of a pool's alarms. */
export interface PoolAlarmOptions {
  /**
   * What each alarm does.
   * @default - the alarms change state and do nothing else
   */
  readonly actions?: IAlarmAction[];

  /**
   * Alarm when a task has waited for longer, in a group's queue or to be routed: whole seconds, at most 13 days.
   * @default Duration.minutes(15)
   */
  readonly oldestAge?: Duration;
}

/** Properties of the alarms of a pool as a whole. */
export interface WorkStealingPoolAlarmsProps {
  /**
   * What each alarm does.
   * @default - the alarms change state and do nothing else
   */
  readonly actions?: IAlarmAction[];
  /** Alarm when a task has waited for longer to be routed. */
  readonly oldestAge: Duration;
  /** Where tasks are submitted. */
  readonly submitQueue: Queue;
  /** What was no task. */
  readonly submitDeadLetterQueue: Queue;
  /** Routes. */
  readonly router: LambdaFunction;
  /** Leads. */
  readonly coordinator: LambdaFunction;
}

/** Properties of a group's alarms. */
export interface PoolGroupAlarmsProps {
  /**
   * What each alarm does.
   * @default - the alarms change state and do nothing else
   */
  readonly actions?: IAlarmAction[];
  /** Alarm when a task has waited for longer. */
  readonly oldestAge: Duration;
  /** The group's tasks. */
  readonly queue: Queue;
  /** Tasks that failed too often. */
  readonly deadLetterQueue: Queue;
  /** 1 while tasks wait and nobody is alive to do them. */
  readonly deadGroupMetric: IMetric;
  /**
   * Takes tasks for the group's function.
   * @default - the workers are outside the pool
   */
  readonly runner?: LambdaFunction;
}

/** The leader tells each minute, or a little later; a runner that does not start, or a fleet that scales from nothing, may need one or two. */
const DEAD_MINUTES = { above: 3, of: 5 };

/** What to be told of a pool as a whole. */
export class WorkStealingPoolAlarms extends Construct {
  /** Tasks wait to be routed for too long: the router fails, or no group may have them. */
  public readonly unrouted: Alarm;
  /** Messages were submitted that are no tasks, or could not be routed for days. */
  public readonly submitDeadLetters: Alarm;
  /** The router fails. */
  public readonly routerErrors: Alarm;
  /** Leaders fail: nothing is stolen, and sleeping runners are woken by new tasks only. */
  public readonly coordinatorErrors: Alarm;

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props what is watched, at which thresholds, and who is told
   */
  public constructor(scope: Construct, id: string, props: WorkStealingPoolAlarmsProps) {
    super(scope, id);
    const { actions, oldestAge, submitQueue, submitDeadLetterQueue, router, coordinator } = props;
    this.unrouted = alarmAbove(this, 'Unrouted', {
      threshold: oldestAge.toSeconds(), metric: ageMetric(submitQueue), description: `tasks wait for more than ${oldestAge.toSeconds()} s to be routed`, actions,
    });
    this.submitDeadLetters = alarmAbove(this, 'SubmitDeadLetters', {
      threshold: 0, metric: visibleMetric(submitDeadLetterQueue), description: 'messages were submitted that are no tasks; their attribute tells why', actions,
    });
    this.routerErrors = alarmAbove(this, 'RouterErrors', { threshold: 0, metric: errors(router), description: 'the router fails', actions });
    this.coordinatorErrors = alarmAbove(this, 'CoordinatorErrors', { threshold: 0, metric: errors(coordinator), description: 'leaders fail', actions });
  }
}

/** One alarm for each way in which a group's tasks can stay undone without anybody noticing. */
export class PoolGroupAlarms extends Construct {
  /**
   * Tasks wait for too long: the group has too few places, and the others no idle ones. SQS leaves out of the age what was received more than three times.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
   */
  public readonly oldestAge: Alarm;
  /** Tasks failed too often, or were none. */
  public readonly deadLetters: Alarm;
  /** In three of five minutes tasks waited and nobody of the group was alive. */
  public readonly deadGroup: Alarm;
  /** The runner fails, not the group's function: its tasks are begun anew after their lease. Not for workers outside the pool. */
  public readonly runnerErrors?: Alarm;

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props what is watched, at which thresholds, and who is told
   */
  public constructor(scope: Construct, id: string, props: PoolGroupAlarmsProps) {
    super(scope, id);
    const { actions, oldestAge, queue, deadLetterQueue, deadGroupMetric, runner } = props;
    this.oldestAge = alarmAbove(this, 'OldestAge', {
      threshold: oldestAge.toSeconds(), metric: ageMetric(queue), description: `tasks wait for more than ${oldestAge.toSeconds()} s`, actions,
    });
    this.deadLetters = alarmAbove(this, 'DeadLetters', {
      threshold: 0, metric: visibleMetric(deadLetterQueue), description: 'tasks failed too often; mend the cause and move them back', actions,
    });
    this.deadGroup = alarmAbove(this, 'DeadGroup', {
      threshold: 0, metric: deadGroupMetric, description: 'tasks wait and nobody of the group is alive', periods: DEAD_MINUTES, actions,
    });
    if (runner) this.runnerErrors = alarmAbove(this, 'RunnerErrors', { threshold: 0, metric: errors(runner), description: 'the runner fails', actions });
  }
}

function errors(handler: LambdaFunction): IMetric {
  return handler.metricErrors({ period: PERIOD, statistic: Stats.SUM });
}
