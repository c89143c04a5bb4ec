import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ITopic, SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { AdaptiveRate } from './adaptive-rate';
import { FanOutAlarmOptions } from './alarms';
import { KillSwitch } from './kill-switch';
import { Rate } from './rate';

export const DEFAULT_PRIORITIES: readonly string[] = ['normal'];
export const DEFAULT_MAX_AGE = Duration.days(7);
export const DEFAULT_MAX_ATTEMPTS = 5;
export const DEFAULT_DELIVERY_TIMEOUT = Duration.seconds(10);
export const DEFAULT_RETRY_DELAY = Duration.seconds(10);
export const DEFAULT_AGEING = Duration.minutes(5);
export const DEFAULT_ERROR_SHARE = 0.5;

/** Properties of a throttled fan-out. */
export interface ThrottledFanOutProps {
  /**
   * The values of the message attribute `priority`, highest first: 1 to 5 names. A message with another value, or without, has the lowest.
   * @default ['normal']
   */
  readonly priorities?: string[];

  /**
   * Where messages are published: a standard topic.
   * @default - a topic of its own, which refuses plain-text connections
   */
  readonly topic?: ITopic;

  /**
   * Encrypts queues, table, logs, HTTP workflows, the dispatchers' environments, and topic and bus when they are created here. The policy of an imported key
   * is not changed: it must let SNS, EventBridge and CloudWatch Logs use the key.
   * @default - keys that the services manage; the topic has none, because AWS services could not publish to it with the one that SNS manages
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
   * Thresholds and actions of the alarms, also those of targets that have no others.
   * @default - alarms with default thresholds and no actions
   */
  readonly alarms?: FanOutAlarmOptions;
}

/** Options of a target. */
export interface ThrottledTargetOptions {
  /** The most that the target gets, over all priorities. */
  readonly rate: Rate;

  /**
   * How many deliveries are under way at once at most, over all priorities: from 2 for each priority to 10,000. It is divided over them, and what cannot be
   * divided stays unused.
   * @default - as many as the rate has in a second, at least 10 for each priority and at most 1,000
   */
  readonly maxConcurrency?: number;

  /**
   * Lets the rate follow what the target can take; `rate` is the ceiling. Not with an API destination.
   * @default - the rate stays
   */
  readonly adaptive?: AdaptiveRate;

  /**
   * Stops deliveries to a target that fails. Not with an API destination, which has none.
   * @default KillSwitch.atErrorShare(0.5)
   */
  readonly killSwitch?: KillSwitch;

  /**
   * Shares of the burst that only this priority and higher ones may use, by priority; together below 1. The lowest cannot have one.
   * @default - no share is reserved; a higher priority goes first all the same
   */
  readonly reserve?: { [priority: string]: number };

  /**
   * Which messages the target gets, by values of message attributes: one of each list.
   * @default - all messages
   */
  readonly filter?: { [attribute: string]: string[] };

  /**
   * The same for what a list of values cannot say. Together with `filter` at most 4 attributes, or 5 with one priority.
   * @default - no further filter
   */
  readonly filterPolicy?: { [attribute: string]: SubscriptionFilter };

  /**
   * Older messages go to the expired queue: whole seconds, from 1 minute to 13 days.
   * @default Duration.days(7)
   */
  readonly maxAge?: Duration;

  /**
   * After so many failed deliveries a message goes to the dead-letter queue: from 1 to 100. Being throttled or deferred is no attempt.
   * @default 5
   */
  readonly maxAttempts?: number;

  /**
   * A delivery that takes longer has failed: whole seconds, from 1 to 60.
   * @default Duration.seconds(10)
   */
  readonly deliveryTimeout?: Duration;

  /**
   * The wait after the first failed delivery, which doubles up to 15 minutes: whole seconds, at most 15 minutes.
   * @default Duration.seconds(10)
   */
  readonly retryDelay?: Duration;

  /**
   * Messages of lower priorities that have waited so long have a tenth of the rate for certain: whole seconds, below `maxAge`.
   * @default Duration.minutes(5)
   */
  readonly ageing?: Duration;

  /**
   * Thresholds and actions of the target's alarms.
   * @default - those of the fan-out
   */
  readonly alarms?: FanOutAlarmOptions;
}
