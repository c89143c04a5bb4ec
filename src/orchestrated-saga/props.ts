import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { IEventBus } from 'aws-cdk-lib/aws-events';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { SagaAlarmOptions } from './alarms';
import { SagaRecovery, SagaWorkflow } from './modes';
import { SagaIsolation } from './saga-isolation';
import { SagaStep } from './saga-step';

/** As long as Step Functions keeps the history of an execution, without which nothing can be resumed. */
export const DEFAULT_RETENTION = Duration.days(90);
export const DEFAULT_SAGA_ID = '{% $exists($input.sagaId) ? $input.sagaId : $states.context.Execution.Name %}';

/** Properties of a saga. */
export interface OrchestratedSagaProps {
  /** The local transactions, in order. */
  readonly steps: SagaStep[];

  /**
   * How long the saga may take to its pivot, or to its end if it has none: whole seconds; in EXPRESS mode up to 4 minutes. No step begins behind it, and attempts
   * that run then are over within a second; the saga goes back. Going back, and what comes behind the pivot, takes the time that it takes.
   */
  readonly deadline: Duration;

  /**
   * What tells sagas apart: JSONata in `{% %}` over `$input`, a text of 1 to 200 characters. A second saga with an id fails with `DuplicateSagaId`.
   * @default - `sagaId` of the input if it has one, else the execution's name
   */
  readonly sagaId?: string;

  /**
   * What keeps others from what is not finished.
   * @default - nothing does
   */
  readonly isolation?: SagaIsolation;

  /**
   * Where the saga tells how it ended, and asks for approvals.
   * @default - the account's default bus
   */
  readonly bus?: IEventBus;

  /**
   * How long an ended saga stays in the table, and its id taken.
   * @default Duration.days(90)
   */
  readonly retention?: Duration;

  /**
   * What runs the saga.
   * @default SagaWorkflow.STANDARD
   */
  readonly workflow?: SagaWorkflow;

  /**
   * What happens when the saga's execution is stopped, times out or fails.
   * @default SagaRecovery.AUTOMATIC
   */
  readonly recovery?: SagaRecovery;

  /**
   * Encrypts table, queues, logs, executions and the handler's environment. The policy of an imported key is not changed: it must let
   * CloudWatch Logs and EventBridge use the key.
   * @default - keys that the services manage
   */
  readonly encryptionKey?: IKey;

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
   * Actions of the alarms.
   * @default - alarms without actions
   */
  readonly alarms?: SagaAlarmOptions;
}
