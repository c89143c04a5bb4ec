import { Duration } from 'aws-cdk-lib';
import { Alarm, IAlarmAction, IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alarmAbove, PERIOD, visibleMetric } from '../shared/alarms';

/** Thresholds and actions of a fan-out's alarms. */
export interface FanOutAlarmOptions {
  /**
   * What each alarm does.
   * @default - the alarms change state and do nothing else
   */
  readonly actions?: IAlarmAction[];

  /**
   * Alarm when a message has waited for longer: whole seconds, below the target's `maxAge`.
   * @default - 15 minutes, or half of the target's `maxAge` where that is shorter
   */
  readonly oldestAge?: Duration;
}

/** Properties of the alarm of a fan-out as a whole. */
export interface ThrottledFanOutAlarmsProps {
  /**
   * What each alarm does.
   * @default - the alarms change state and do nothing else
   */
  readonly actions?: IAlarmAction[];
  /** Messages that the topic could not bring to a target's queue. */
  readonly undeliveredQueue: Queue;
}

/** Properties of a target's alarms. */
export interface ThrottledTargetAlarmsProps {
  /**
   * What each alarm does.
   * @default - the alarms change state and do nothing else
   */
  readonly actions?: IAlarmAction[];
  /** Alarm when a message has waited for longer. */
  readonly oldestAge: Duration;
  /** The age of the oldest message of all the target's queues, in seconds. */
  readonly oldestAgeMetric: IMetric;
  /** Messages that were given up. */
  readonly deadLetterQueue: Queue;
  /** Delivers. */
  readonly dispatcher: LambdaFunction;
  /**
   * 1 while the kill switch is open.
   * @default - there is no kill switch
   */
  readonly killSwitchMetric?: IMetric;
}

/** What to be told of a fan-out as a whole. */
export class ThrottledFanOutAlarms extends Construct {
  /** The topic could not bring messages to a target's queue: its policy or its key's was changed. They wait in `undeliveredQueue`. */
  public readonly undelivered: Alarm;

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props what is watched, at which thresholds, and who is told
   */
  public constructor(scope: Construct, id: string, props: ThrottledFanOutAlarmsProps) {
    super(scope, id);
    this.undelivered = above(this, 'Undelivered', 0, visibleMetric(props.undeliveredQueue), 'the topic could not bring messages to a queue of a target', props.actions);
  }
}

/** One alarm for each way in which a target's messages can stay away without anybody noticing. */
export class ThrottledTargetAlarms extends Construct {
  /**
   * Messages wait for too long: the rate is too low for what is published, the target is throttling, or it is paused. SQS leaves out of the age what was
   * received more than three times, so what was deferred again and again no longer counts; what waits behind it does.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
   */
  public readonly oldestAge: Alarm;
  /** Messages were given up: they failed `maxAttempts` times, or could not be read. */
  public readonly deadLetters: Alarm;
  /** The dispatcher itself fails. */
  public readonly dispatcherErrors: Alarm;
  /** The kill switch has opened: the target fails. Not without a kill switch. */
  public readonly killSwitchOpen?: Alarm;

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props what is watched, at which thresholds, and who is told
   */
  public constructor(scope: Construct, id: string, props: ThrottledTargetAlarmsProps) {
    super(scope, id);
    const { oldestAge, oldestAgeMetric, deadLetterQueue, dispatcher, killSwitchMetric, actions } = props;
    this.oldestAge = above(this, 'OldestAge', oldestAge.toSeconds(), oldestAgeMetric, `messages wait for more than ${oldestAge.toSeconds()} s`, actions);
    this.deadLetters = above(this, 'DeadLetters', 0, visibleMetric(deadLetterQueue), 'messages were given up; mend the cause and move them back', actions);
    this.dispatcherErrors = above(this, 'DispatcherErrors', 0, dispatcher.metricErrors({ period: PERIOD, statistic: Stats.SUM }), 'the dispatcher fails', actions);
    if (killSwitchMetric) {
      this.killSwitchOpen = above(this, 'KillSwitchOpen', 0, killSwitchMetric, 'the target fails; nothing but probes is delivered', actions);
    }
  }
}

function above(scope: Construct, id: string, threshold: number, metric: IMetric, description: string, actions?: IAlarmAction[]): Alarm {
  return alarmAbove(scope, id, { threshold, metric, description, actions });
}
