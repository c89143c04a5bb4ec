import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { grantPutPayloads } from './claim-checks';
import { ReplayFunction } from './replay-function';
import { replayWorkflow } from './replay-workflow';
import { acknowledgeWildcard } from '../shared/acknowledge';
import { grantInvokeExactly, grantTableActions } from '../shared/grants';
import { handlerFunction } from '../shared/handler-function';
import { jsonStateMachine } from '../shared/state-machine';

/** Properties of an outbox's replay, which `TransactionalOutbox` creates. */
export interface OutboxReplayProps {
  /** Whose events are published again. */
  readonly outboxName: string;
  /** What the outbox's handlers have in their environment: source, destination, table, limits. */
  readonly environment: { [name: string]: string };
  /** The outbox rows, or the table whose items are published as snapshots. */
  readonly table: ITable;
  /**
   * Parked aggregates: a replay parks behind poison, and `unpark` opens them.
   * @default - nothing is ever parked
   */
  readonly parkedKeys?: ITable;
  /**
   * Where items go that are too large for an event.
   * @default - rows, which have their claim checks already
   */
  readonly claimCheckBucket?: IBucket;
  /**
   * Encrypts logs, executions and the handler's environment.
   * @default - keys that the services manage
   */
  readonly encryptionKey?: IKey;
  /**
   * How long logs are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * What happens to the logs when the stack is deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** As long as Lambda lets it: a step costs transitions, not the events in it. */
const STEP_TIMEOUT = Duration.minutes(15);
const START_ALLOWANCE = Duration.minutes(1);

/**
 * Publishes events again, straight from the table: after an outage of the pipe, from a day that a consumer lost, or of an aggregate that
 * was parked.
 *
 * Start an execution of `stateMachine` with `{ from, to?, aggregate?, types?, eventsPerSecond?, unpark?, cursor? }`; `from` or `aggregate` must be
 * there. Its output says how many events were published and which were refused. It is safe to run twice: consumers see the same event ids.
 * For changes of a table it takes `eventsPerSecond` and `cursor` only, and publishes all items as they are: each replay with ids of its own.
 *
 * Whoever publishes must be allowed to: `TransactionalOutbox` grants its destination to `replayFunction`.
 */
export class OutboxReplay extends Construct {
  /** Start its executions to replay. */
  public readonly stateMachine: StateMachine;
  /** Reads the table and publishes. */
  public readonly replayFunction: LambdaFunction;

  private readonly encryptionKey?: IKey;

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props what is read, and who publishes it
   */
  constructor(scope: Construct, id: string, props: OutboxReplayProps) {
    super(scope, id);
    this.encryptionKey = props.encryptionKey;
    this.replayFunction = this.createHandler(props);
    this.stateMachine = this.createStateMachine(props);
  }

  /**
   * Lets somebody start replays and see how they end.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantStart(grantee: IGrantable): Grant {
    const describe = this.stateMachine.grantExecution(grantee, 'states:DescribeExecution');
    for (const { resources } of describe.principalStatements) acknowledgeWildcard(grantee, resources[0], 'executions have no names before they are started');
    const grant = this.stateMachine.grantStartExecution(grantee).combine(describe);
    // https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
    return this.encryptionKey ? grant.combine(this.encryptionKey.grantDecrypt(grantee)) : grant;
  }

  private createHandler(props: OutboxReplayProps): LambdaFunction {
    const { table, parkedKeys, claimCheckBucket } = props;
    const handler = handlerFunction(this, 'Replay', ReplayFunction, {
      ...props,
      description: `Replay of ${props.outboxName}`,
      timeout: STEP_TIMEOUT,
      logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
    });
    // Rows are found by their aggregate; of the items of any other table the keys must be learned first.
    grantTableActions(table, handler, 'dynamodb:Scan', claimCheckBucket ? 'dynamodb:DescribeTable' : 'dynamodb:Query');
    if (parkedKeys) grantTableActions(parkedKeys, handler, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem');
    if (claimCheckBucket) grantPutPayloads(claimCheckBucket, handler);
    return handler;
  }

  private createStateMachine(props: OutboxReplayProps): StateMachine {
    const stateMachine = jsonStateMachine(this, 'StateMachine', {
      ...props,
      definition: Stack.of(this).toJsonString(replayWorkflow({
        partition: Stack.of(this).partition,
        replayArn: this.replayFunction.functionArn,
        stepTimeoutSeconds: STEP_TIMEOUT.plus(START_ALLOWANCE).toSeconds(),
      })),
      express: false,
      description: `Replay of ${props.outboxName}`,
      logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
    });
    grantInvokeExactly(this.replayFunction, stateMachine);
    return stateMachine;
  }
}
