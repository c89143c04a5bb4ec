import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { IEventBus } from 'aws-cdk-lib/aws-events';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ScatterGatherAlarmOptions } from './alarms';
import { GatherCompletion } from './gather-completion';
import { ScatterGatherMode } from './mode';
import { ReplyAggregation } from './reply-aggregation';
import { RequestMapping } from './request-mapping';

export const DEFAULT_RETENTION = Duration.days(7);

/** Properties of a scatter-gather. */
export interface ScatterGatherProps {
  /** How long a gathering waits at most: whole seconds, from 1 second; in EXPRESS mode to 4 minutes, for Express workflows end at 5. */
  readonly timeout: Duration;

  /**
   * When a gathering has enough replies.
   * @default GatherCompletion.all()
   */
  readonly completion?: GatherCompletion;

  /**
   * How the replies become one `result`.
   * @default ReplyAggregation.collect()
   */
  readonly aggregation?: ReplyAggregation;

  /**
   * How gatherings run.
   * @default ScatterGatherMode.STANDARD
   */
  readonly mode?: ScatterGatherMode;

  /**
   * Where correlation id, request and recipients are in an execution's input.
   * @default RequestMapping.envelope()
   */
  readonly requestMapping?: RequestMapping;

  /**
   * The bus that carries requests and replies. Not in EXPRESS mode, which has none.
   * @default - a bus of its own
   */
  readonly bus?: IEventBus;

  /**
   * Encrypts table, queues, logs, executions, the handlers' environments, and the bus when it is created here. The policy of
   * an imported key is not changed: it must let CloudWatch Logs and EventBridge use the key.
   * @default - keys that the services manage
   */
  readonly encryptionKey?: IKey;

  /**
   * How long a gathering stays in the table; replies that come later are of unknown correlation. It must be longer than
   * `timeout`. Use a correlation id once: DynamoDB deletes what has expired item by item, within a few days.
   * @default Duration.days(7)
   */
  readonly retention?: Duration;

  /**
   * How long logs are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * What happens to table, queues and logs when the stack is deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Thresholds and actions of the alarms.
   * @default - alarms with default thresholds and no actions
   */
  readonly alarms?: ScatterGatherAlarmOptions;
}
