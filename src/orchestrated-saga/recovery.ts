import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, RuleTargetInput, EventField } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Policy, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ENV } from './contract';
import { RecoverFunction } from './recover-function';
import { compileRecovery } from './workflow/compile';
import { SagaDescription } from './workflow/description';
import { resultLimit } from './workflow/expressions';
import { acknowledgeWildcardIn } from '../shared/acknowledge';
import { grantInvokeExactly, grantTableActions } from '../shared/grants';
import { handlerFunction } from '../shared/handler-function';
import { deadLetterQueue } from '../shared/queues';
import { jsonStateMachine } from '../shared/state-machine';

export interface RecoveryProps {
  readonly description: SagaDescription;
  readonly table: Table;
  readonly saga: StateMachine;
  readonly logRetention: RetentionDays;
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
}

/** Histories of 25,000 events are read page by page. */
const RECOVER_TIMEOUT = Duration.minutes(4);

/** Finishes what executions leave that end without an end of their saga. Ids are children of the saga itself. */
export class Recovery {
  public readonly stateMachine: StateMachine;
  public readonly recoverFunction: LambdaFunction;
  public readonly undeliveredQueue: Queue;

  public constructor(private readonly scope: Construct, private readonly props: RecoveryProps) {
    this.undeliveredQueue = deadLetterQueue(scope, 'Undelivered', props);
    this.recoverFunction = this.createRecover();
    this.stateMachine = jsonStateMachine(scope, 'Recovery', {
      ...props,
      definition: Stack.of(scope).toJsonString(compileRecovery(props.description, this.recoverFunction.functionArn)),
      express: false,
      description: `Recovery of ${props.description.saga}`,
    });
    grantInvokeExactly(this.recoverFunction, this.stateMachine);
    this.letRecoverRead();
    this.startAtDeaths();
  }

  private createRecover(): LambdaFunction {
    const { description, table } = this.props;
    const recover = handlerFunction(this.scope, 'Recover', RecoverFunction, {
      ...this.props,
      description: `Recover of ${description.saga}`,
      timeout: RECOVER_TIMEOUT,
      memorySize: 512,
      environment: {
        [ENV.SAGA_NAME]: description.saga,
        [ENV.TABLE_NAME]: table.tableName,
        [ENV.RESULT_LIMIT]: String(resultLimit(description)),
      },
    });
    grantTableActions(table, recover, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    return recover;
  }

  /** The histories of sagas, and of recoveries that have died themselves. In a policy apart: the role's own would make a circle of function and machine. */
  private letRecoverRead(): void {
    const resources = [this.props.saga, this.stateMachine].map((machine) => Stack.of(this.scope).formatArn({
      service: 'states', resource: 'execution', resourceName: `${machine.stateMachineName}:*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }));
    const policy = new Policy(this.scope, 'RecoverReadsHistories', {
      statements: [new PolicyStatement({ actions: ['states:DescribeExecution', 'states:GetExecutionHistory'], resources })],
    });
    policy.attachToRole(this.recoverFunction.role!);
    for (const arn of resources) acknowledgeWildcardIn(policy, arn, 'executions have names of their own, and all of them may have to be recovered');
  }

  /** Without a Catch an execution ends when it is stopped, when it times out as a whole, and by errors that no Catch takes. */
  private startAtDeaths(): void {
    const { saga, description, encryptionKey } = this.props;
    // What cannot be delivered goes into an encrypted queue. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html#eb-rule-dlq
    encryptionKey?.grant(new ServicePrincipal('events.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this.scope).account } },
    }), 'kms:Decrypt', 'kms:GenerateDataKey');
    new Rule(this.scope, 'Deaths', {
      description: `Executions of ${description.saga} that ended without an end of their saga`,
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [saga.stateMachineArn, this.stateMachine.stateMachineArn], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      targets: [new targets.SfnStateMachine(this.stateMachine, {
        input: RuleTargetInput.fromObject({ executionArn: EventField.fromPath('$.detail.executionArn') }),
        deadLetterQueue: this.undeliveredQueue,
      })],
    });
  }
}
