import { Names, Stack } from 'aws-cdk-lib';
import { Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, IEventBus, IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { SagaAlarms } from './alarms';
import { DETAIL_TYPE, EVENT_SOURCE, METRIC, SAGA } from './contract';
import { countEnds, sagaMetric } from './metrics';
import { SagaRecovery, SagaWorkflow } from './modes';
import { DEFAULT_RETENTION, DEFAULT_SAGA_ID, OrchestratedSagaProps } from './props';
import { Recovery } from './recovery';
import { BoundStep } from './saga-step';
import { validateProps, validateSteps } from './validate-props';
import { compileSaga } from './workflow/compile';
import { SagaDescription } from './workflow/description';
import { grantExactly, grantInvokeExactly, grantSendMessage, grantTableActions } from '../shared/grants';
import { parseJsonata } from '../shared/jsonata';
import { misuse } from '../shared/misuse';
import { deadLetterQueue } from '../shared/queues';
import { jsonStateMachine } from '../shared/state-machine';
import { secureTable } from '../shared/tables';

/**
 * A transaction over several services: local transactions in order, each with what undoes it. A saga ends COMPLETED, with all effects there;
 * COMPENSATED, with none left; or PARKED, with an alarm, for a person to mend and resume — also when its execution is stopped or dies.
 *
 * Start an execution of `stateMachine` with any object; its output is `{ sagaId, status, results, failure, compensations }`.
 *
 * It asks of the participants that actions and compensations are idempotent by their `idempotencyKey`, that a compensation takes "there is nothing to
 * undo" for a success, and that an action that comes after its own compensation is refused: `SagaParticipant` and the runtime library do all three.
 *
 * Limits: an input has up to 100,000 bytes, a result up to 150,000 divided by the number of steps, and never more than 60,000; 25,000 events of history, some 40 steps with all their
 * retries. To remove it, delete the stack; table, queues and logs stay behind unless `removalPolicy` says otherwise.
 *
 * @example
 * import { OrchestratedSaga, SagaStep } from 'cdk-integration-patterns';
 *
 * const trip = new OrchestratedSaga(this, 'Trip', {
 *   steps: [
 *     SagaStep.function('ReserveHotel', { action: reserveHotel, compensation: cancelHotel, abortOn: ['NoRooms'] }),
 *     SagaStep.function('Charge', { action: charge, compensation: refund, pivot: true }),
 *     SagaStep.function('SendTicket', { action: sendTicket, retriable: true }),
 *   ],
 *   deadline: Duration.minutes(10),
 * });
 * trip.grantStart(api);
 */
export class OrchestratedSaga extends Construct {
  /** Start its executions. */
  public readonly stateMachine: StateMachine;
  /** Finishes sagas whose execution has died, and resumes parked ones. Not without recovery. */
  public readonly recoveryStateMachine?: StateMachine;
  /** Reads the history of an execution that has died. Not without recovery. */
  public readonly recoverFunction?: LambdaFunction;
  /** `saga` of its events, and what the names of its metrics begin with. */
  public readonly sagaName: string;
  /** One item for each saga: whose it is and how it ended. */
  public readonly table: Table;
  /** Sagas that wait for a person. */
  public readonly parkedQueue: Queue;
  /** Ends of executions that did not reach the recovery. Not without recovery. */
  public readonly undeliveredQueue?: Queue;
  /** Where it tells how sagas ended. */
  public readonly bus: IEventBus;
  /** One alarm for each way to need a person. */
  public readonly alarms: SagaAlarms;

  private readonly props: OrchestratedSagaProps;
  private readonly steps: readonly BoundStep[];
  private readonly description: SagaDescription;

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props its steps and its deadline, and what differs from the defaults
   */
  constructor(scope: Construct, id: string, props: OrchestratedSagaProps) {
    super(scope, id);
    this.props = props;
    validateProps(this, props);
    this.sagaName = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' });
    this.steps = this.bindSteps();
    this.bus = props.bus ?? EventBus.fromEventBusName(this, 'DefaultBus', 'default');
    this.table = this.createTable();
    this.parkedQueue = deadLetterQueue(this, 'ParkedSagas', props);
    this.description = this.describe();
    this.stateMachine = this.createStateMachine();
    const recovery = this.createRecovery();
    this.recoveryStateMachine = recovery?.stateMachine;
    this.recoverFunction = recovery?.recoverFunction;
    this.undeliveredQueue = recovery?.undeliveredQueue;
    countEnds(this, this.sagaName, this.stateMachine, this.recoveryStateMachine);
    this.alarms = new SagaAlarms(this, 'Alarms', {
      ...props.alarms,
      saga: this.stateMachine,
      parkedQueue: this.parkedQueue,
      undeliveredQueue: this.undeliveredQueue,
      recovery: this.recoveryStateMachine,
    });
  }

  /**
   * Lets somebody start sagas: `StartExecution`, and in EXPRESS mode `StartSyncExecution`.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantStart(grantee: IGrantable): Grant {
    const grant = this.stateMachine.grantStartExecution(grantee);
    if (this.props.workflow !== SagaWorkflow.EXPRESS) return grant;
    const sync = grant.combine(this.stateMachine.grantStartSyncExecution(grantee));
    // The caller reads the encrypted definition. https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html
    return this.props.encryptionKey ? sync.combine(this.props.encryptionKey.grantDecrypt(grantee)) : sync;
  }

  /**
   * Lets somebody resume parked sagas, by executions of `recoveryStateMachine`. Not without recovery.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantResume(grantee: IGrantable): Grant {
    if (!this.recoveryStateMachine) throw misuse(this, 'a saga with SagaRecovery.NONE cannot be resumed; use SagaRecovery.AUTOMATIC');
    return this.recoveryStateMachine.grantStartExecution(grantee);
  }

  /**
   * Lets somebody answer the saga's questions, also those of a saga that was resumed: `SendTaskSuccess` and `SendTaskFailure` with the task token.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantApprove(grantee: IGrantable): Grant {
    const actions = ['states:SendTaskSuccess', 'states:SendTaskFailure'];
    const grant = this.stateMachine.grant(grantee, ...actions);
    return this.recoveryStateMachine ? grant.combine(this.recoveryStateMachine.grant(grantee, ...actions)) : grant;
  }

  /**
   * Sends the event of each completed saga to a target.
   * @param id of the rule, unique in this construct
   * @param target what the rule sends the events to
   */
  public onCompleted(id: string, target: IRuleTarget): Rule {
    return this.onEnd(id, DETAIL_TYPE.COMPLETED, target);
  }

  /**
   * Sends the event of each saga that was undone to a target.
   * @param id of the rule, unique in this construct
   * @param target what the rule sends the events to
   */
  public onCompensated(id: string, target: IRuleTarget): Rule {
    return this.onEnd(id, DETAIL_TYPE.COMPENSATED, target);
  }

  /**
   * Sends the event of each saga that needs a person to a target.
   * @param id of the rule, unique in this construct
   * @param target what the rule sends the events to
   */
  public onParked(id: string, target: IRuleTarget): Rule {
    return this.onEnd(id, DETAIL_TYPE.PARKED, target);
  }

  /**
   * Sends each question for an approval, with its task token, to a target.
   * @param id of the rule, unique in this construct
   * @param target what the rule sends the events to
   */
  public onApprovalRequested(id: string, target: IRuleTarget): Rule {
    return this.onEnd(id, DETAIL_TYPE.APPROVAL_REQUESTED, target);
  }

  /**
   * A metric of the pattern by name; the sum over five minutes unless told otherwise.
   * @param metricName for example `Parked`
   * @param props what differs from the defaults: statistic, period, label
   */
  public metric(metricName: string, props?: MetricOptions): Metric {
    return sagaMetric(this.sagaName, metricName).with({ statistic: Stats.SUM, ...props });
  }

  /**
   * Sagas with all effects there.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricCompleted(props?: MetricOptions): Metric {
    return this.metric(METRIC.COMPLETED, props);
  }

  /**
   * Sagas with no effect left.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricCompensated(props?: MetricOptions): Metric {
    return this.metric(METRIC.COMPENSATED, props);
  }

  /**
   * Sagas that need a person.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricParked(props?: MetricOptions): Metric {
    return this.metric(METRIC.PARKED, props);
  }

  private bindSteps(): BoundStep[] {
    const pivot = this.props.steps.findIndex((step) => step._isPivot);
    const bound = this.props.steps.map((step, index) => step._bind(this, pivot !== -1 && index > pivot));
    const groups = bound.flatMap(({ description }) => (description.kind === 'GROUP' ? [description.id] : []));
    validateSteps(this, this.props, bound.flatMap(({ checks }) => checks), groups);
    return bound;
  }

  private describe(): SagaDescription {
    const { props } = this;
    const lock = props.isolation?._bind();
    return {
      saga: this.sagaName,
      partition: Stack.of(this).partition,
      steps: this.steps.map(({ description }) => description),
      deadlineSeconds: props.deadline.toSeconds(),
      sagaId: parseJsonata('sagaId', props.sagaId ?? DEFAULT_SAGA_ID),
      retentionSeconds: (props.retention ?? DEFAULT_RETENTION).toSeconds(),
      tableName: this.table.tableName,
      eventBusName: this.bus.eventBusName,
      parkedQueueUrl: this.parkedQueue.queueUrl,
      lock: lock && { tableName: lock.table.tableName, key: lock.key },
      recovered: props.recovery !== SagaRecovery.NONE,
    };
  }

  private createTable(): Table {
    return secureTable(this, 'Sagas', {
      encryptionKey: this.props.encryptionKey,
      removalPolicy: this.props.removalPolicy,
      partitionKey: { name: SAGA.PARTITION_KEY, type: AttributeType.STRING },
      timeToLiveAttribute: SAGA.EXPIRES_AT,
    });
  }

  private createStateMachine(): StateMachine {
    const stateMachine = jsonStateMachine(this, 'StateMachine', {
      ...this.props,
      definition: Stack.of(this).toJsonString(compileSaga(this.description)),
      express: this.props.workflow === SagaWorkflow.EXPRESS,
      description: this.sagaName,
      logRetention: this.logRetention(),
    });
    this.grantWorkflow(stateMachine, 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    return stateMachine;
  }

  private createRecovery(): Recovery | undefined {
    if (this.props.recovery === SagaRecovery.NONE) return undefined;
    const recovery = new Recovery(this, {
      ...this.props,
      description: this.description,
      table: this.table,
      saga: this.stateMachine,
      logRetention: this.logRetention(),
    });
    this.grantWorkflow(recovery.stateMachine, 'dynamodb:UpdateItem');
    return recovery;
  }

  /** What the states of both machines do. */
  private grantWorkflow(stateMachine: StateMachine, ...tableActions: string[]): void {
    for (const handler of new Set(this.steps.flatMap(({ functions }) => functions))) grantInvokeExactly(handler, stateMachine);
    for (const statement of this.steps.flatMap(({ statements }) => statements)) stateMachine.addToRolePolicy(statement);
    grantTableActions(this.table, stateMachine, ...tableActions);
    const lock = this.props.isolation?._bind();
    if (lock) grantTableActions(lock.table, stateMachine, 'dynamodb:UpdateItem');
    grantSendMessage(this.parkedQueue, stateMachine);
    grantExactly(stateMachine, this.bus.eventBusArn, ['events:PutEvents']);
  }

  private onEnd(id: string, detailType: string, target: IRuleTarget): Rule {
    return new Rule(this, id, {
      eventBus: this.props.bus,
      eventPattern: { source: [EVENT_SOURCE], detailType: [detailType], detail: { saga: [this.sagaName] } },
      targets: [target],
    });
  }

  private logRetention(): RetentionDays {
    return this.props.logRetention ?? RetentionDays.ONE_MONTH;
  }
}
