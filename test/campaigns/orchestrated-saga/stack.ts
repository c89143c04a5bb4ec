import * as path from 'path';
import { Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { APPROVAL_TIMEOUT_SECONDS, DECLINED, EFFECT, type ParticipantEnv, PARTICIPANT_TIMEOUT_SECONDS, type Shape, STEP_TIMEOUT_SECONDS } from './environment';
import { OrchestratedSaga, SagaIsolation, SagaParticipant, SagaStep, UnknownOutcome } from '../../../src';

export const EFFECTS_TABLE = 'Effects';
/** The items that orders lock. */
export const ITEMS_TABLE = 'Items';
/** The events of all ends. */
export const ENDS_QUEUE = 'Ends';
export const PARTICIPANT = 'Participant';

const TIMEOUT = Duration.seconds(STEP_TIMEOUT_SECONDS);

/** What the fault campaign runs: sagas of three shapes, whose participants keep their effects in one table. */
export class CampaignStack extends Stack {
  private readonly participant = new SagaParticipant(this, PARTICIPANT);
  private readonly effects = this.table(EFFECTS_TABLE, EFFECT.PARTITION_KEY);
  private readonly items = this.table(ITEMS_TABLE, 'item');
  private readonly ends = new Queue(this, ENDS_QUEUE, { retentionPeriod: Duration.days(14) });
  private readonly action: lambda.Function;
  private readonly compensation: lambda.Function;
  private readonly query: lambda.Function;
  private readonly check: lambda.Function;

  /** `handlers`: directory of the bundles of `*.lambda.ts` beside this file. */
  constructor(scope: Construct, id: string, private readonly handlers: string) {
    super(scope, id);
    this.action = this.participantFunction('Action', 'action');
    this.compensation = this.participantFunction('Compensation', 'compensation');
    this.query = this.participantFunction('Query', 'query');
    this.check = this.participantFunction('Check', 'check');
    this.trip();
    this.order();
    this.transfer();
  }

  private trip() {
    this.tellEnds('Trip', new OrchestratedSaga(this, 'Trip' satisfies Shape, {
      deadline: Duration.seconds(90),
      steps: [
        this.undoable('Hotel'),
        SagaStep.parallel('Transport', [this.undoable('Flight'), this.undoable('Car', { onUnknown: UnknownOutcome.query(this.query) })]),
        this.undoable('Charge', { pivot: true, onUnknown: UnknownOutcome.query(this.query) }),
        this.retriable('Ticket'),
      ],
    }));
  }

  private order() {
    const order = new OrchestratedSaga(this, 'Order' satisfies Shape, {
      deadline: Duration.seconds(60),
      isolation: SagaIsolation.semanticLock(this.items, { partitionKey: 'item', partitionValue: '{% $input.item %}' }),
      steps: [
        this.undoable('Reserve'),
        SagaStep.humanApproval('Approve', { timeout: Duration.seconds(APPROVAL_TIMEOUT_SECONDS) }),
        this.undoable('Pay', { pivot: true, onUnknown: UnknownOutcome.park() }),
        SagaStep.parallel('Fulfilment', [this.retriable('Ship'), this.retriable('Thank')]),
      ],
    });
    const approver = this.handler('Approver', 'approver', 'handler', APPROVAL_TIMEOUT_SECONDS + 20);
    order.grantApprove(approver);
    order.onApprovalRequested('Asked', new targets.LambdaFunction(approver));
    this.tellEnds('Order', order);
  }

  /** Without a pivot: all of it can be undone to the end. */
  private transfer() {
    this.tellEnds('Transfer', new OrchestratedSaga(this, 'Transfer' satisfies Shape, {
      deadline: Duration.seconds(60),
      steps: [
        this.booking(),
        SagaStep.function('Audit', { action: this.check, noCompensation: 'nothing of a check stays', timeout: TIMEOUT, abortOn: [DECLINED] }),
        this.undoable('Debit'),
        SagaStep.parallel('Sides', [this.undoable('Credit', { onUnknown: UnknownOutcome.park() }), this.undoable('Fee')]),
      ],
    }));
  }

  private undoable(id: string, options: { readonly onUnknown?: UnknownOutcome; readonly pivot?: boolean } = {}): SagaStep {
    return SagaStep.function(id, { action: this.action, compensation: this.compensation, timeout: TIMEOUT, abortOn: [DECLINED], ...options });
  }

  private retriable(id: string): SagaStep {
    return SagaStep.function(id, { action: this.action, retriable: true, timeout: TIMEOUT });
  }

  /** A step of Step Functions' own: what is put once may be put again, but not after it was undone. */
  private booking(): SagaStep {
    const item = (times: number) => ({
      [EFFECT.PARTITION_KEY]: tasks.DynamoAttributeValue.fromString("{% $sagaId & '#Book' %}"),
      [EFFECT.TIMES]: tasks.DynamoAttributeValue.fromNumber(times),
    });
    return SagaStep.task('Book', {
      action: tasks.DynamoPutItem.jsonata(this, 'Put booking', {
        table: this.effects,
        item: item(1),
        conditionExpression: 'attribute_not_exists(#times) OR #times = :once',
        expressionAttributeNames: { '#times': EFFECT.TIMES },
        expressionAttributeValues: { ':once': tasks.DynamoAttributeValue.fromNumber(1) },
      }),
      compensation: tasks.DynamoPutItem.jsonata(this, 'Cancel booking', { table: this.effects, item: item(0) }),
      timeout: TIMEOUT,
    });
  }

  private tellEnds(shape: Shape, saga: OrchestratedSaga) {
    saga.onCompleted(`${shape}Completed`, new targets.SqsQueue(this.ends));
    saga.onCompensated(`${shape}Compensated`, new targets.SqsQueue(this.ends));
    saga.onParked(`${shape}Parked`, new targets.SqsQueue(this.ends));
  }

  private participantFunction(id: string, name: string): lambda.Function {
    const environment: ParticipantEnv = { EFFECTS_TABLE: this.effects.tableName };
    const handler = this.handler(id, 'participant', name, PARTICIPANT_TIMEOUT_SECONDS, environment);
    this.participant.addFunction(handler);
    this.effects.grant(handler, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    return handler;
  }

  private handler(id: string, bundle: string, name: string, timeoutSeconds: number, environment: Record<string, string> = {}): lambda.Function {
    return new lambda.Function(this, id, {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: `index.${name}`,
      code: lambda.Code.fromAsset(path.join(this.handlers, bundle)),
      timeout: Duration.seconds(timeoutSeconds),
      environment,
    });
  }

  private table(id: string, partitionKey: string): Table {
    return new Table(this, id, { partitionKey: { name: partitionKey, type: AttributeType.STRING }, billingMode: BillingMode.PAY_PER_REQUEST });
  }
}
