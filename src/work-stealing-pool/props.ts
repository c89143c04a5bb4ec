import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { PoolAlarmOptions } from './alarms';
import { Stealing } from './stealing';
import { TaskRouter } from './task-router';

export const DEFAULT_LEASE = Duration.seconds(30);
export const DEFAULT_MAX_RECEIVE_COUNT = 5;
export const DEFAULT_RETRY_DELAY = Duration.seconds(10);
export const DEFAULT_TASK_RETENTION = Duration.days(15);
export const DEFAULT_OLDEST_AGE = Duration.minutes(15);

/** Properties of a work-stealing pool. */
export interface WorkStealingPoolProps {
  /**
   * To which group a task goes.
   * @default TaskRouter.powerOfTwoChoices()
   */
  readonly router?: TaskRouter;

  /**
   * Whether idle groups take tasks from busy ones.
   * @default Stealing.leader()
   */
  readonly stealing?: Stealing;

  /**
   * A worker that is not heard of for so long is dead, and its tasks are begun anew: whole seconds, from 10 seconds to 10 minutes. It says nothing about how
   * long a task takes: a worker that lives renews it.
   * @default Duration.seconds(30)
   */
  readonly lease?: Duration;

  /**
   * A task that was begun so often, by whomever, goes to the dead-letter queue of its group: from 1 to 1,000.
   * @default 5
   */
  readonly maxReceiveCount?: number;

  /**
   * The wait after the first failed attempt, which doubles up to 15 minutes: whole seconds, at most 15 minutes.
   * @default Duration.seconds(10)
   */
  readonly retryDelay?: Duration;

  /**
   * How long it is remembered that a task was done, so that it is not done again however often it is submitted: whole seconds, at least 14 days, for a queue
   * may keep a second message for so long.
   * @default Duration.days(15)
   */
  readonly taskRetention?: Duration;

  /**
   * Encrypts queues, table, logs and the handlers' environments. The policy of an imported key is not changed: it must let CloudWatch Logs use the key.
   * @default - keys that the services manage
   */
  readonly encryptionKey?: IKey;

  /**
   * How long logs are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * What happens to queues, table and logs when the stack is deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Thresholds and actions of the alarms.
   * @default - alarms with default thresholds and no actions
   */
  readonly alarms?: PoolAlarmOptions;
}
