import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { OutboxAlarmOptions } from './alarms';
import { OutboxDestination } from './destination';
import { PayloadFormat } from './payload-format';
import { PoisonPolicy } from './poison-policy';
import { OutboxSource } from './source';

export const DEFAULT_RETENTION = Duration.days(7);
export const DEFAULT_MAXIMUM_AGE = Duration.hours(12);
export const DEFAULT_RETRY_ATTEMPTS = 5;

/** Properties of a transactional outbox. */
export interface TransactionalOutboxProps {
  /** Where the events go. */
  readonly destination: OutboxDestination;

  /**
   * What is published.
   * @default OutboxSource.rows()
   */
  readonly source?: OutboxSource;

  /**
   * The events' `source`, also that of the entries on a bus: 1 to 256 letters, digits and any of `. _ - / :`, not beginning with `aws.`.
   * @default - the outbox's unique name
   */
  readonly eventSource?: string;

  /**
   * How the rows' payloads arrive. Changes of a table are JSON always.
   * @default PayloadFormat.TEXT
   */
  readonly payloadFormat?: PayloadFormat;

  /**
   * How long rows stay for a replay, from 1 day; then DynamoDB deletes them, item by item, within a few days. Claim checks outlive them by 8 days.
   * @default Duration.days(7)
   */
  readonly retention?: Duration;

  /**
   * What becomes of an event that the destination refuses.
   * @default PoisonPolicy.SKIP
   */
  readonly onPoison?: PoisonPolicy;

  /**
   * How often an event that the destination refuses is tried again before it is given up, from 0 to 10,000. Throttling and failures of AWS services
   * do not count. Not with PARK_KEY, which knows poison when it sees it.
   * @default 5
   */
  readonly retryAttempts?: number;

  /**
   * Events that could not be delivered for so long go to the dead-letter queue, from 1 minute to 18 hours: the stream forgets them after 24, and
   * until then they hold up what is behind them.
   * @default Duration.hours(12)
   */
  readonly maximumAge?: Duration;

  /**
   * Holds payloads that are too large for an event, below `payloads/`. Give it a lifecycle that is longer than `retention`.
   * @default - a bucket of its own
   */
  readonly claimCheckBucket?: IBucket;

  /**
   * Encrypts queue, logs, executions, the handlers' environments, and table and bucket when they are created here. The policy of an imported key is
   * not changed: it must let CloudWatch Logs use the key.
   * @default - keys that the services manage
   */
  readonly encryptionKey?: IKey;

  /**
   * How long logs are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * What happens to tables, bucket, queue and logs when the stack is deleted. A bucket that is not empty cannot be deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Thresholds and actions of the alarms.
   * @default - alarms with default thresholds and no actions
   */
  readonly alarms?: OutboxAlarmOptions;
}
