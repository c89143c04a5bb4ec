import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Grant, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { METRIC } from './contract';
import { watchWorkflow } from './watch-workflow';
import { acknowledgeFinding } from '../shared/acknowledge';
import { jsonStateMachine } from '../shared/state-machine';

/** Internal to `TransactionalOutbox`. */
export interface WatchProps {
  readonly outboxName: string;
  readonly pipe: CfnPipe;
  readonly encryptionKey?: IKey;
  readonly logRetention?: RetentionDays;
  readonly removalPolicy?: RemovalPolicy;
}

const INTERVAL = Duration.minutes(5);

/**
 * Asks every five minutes whether the pipe runs, and writes the answer as a metric: AWS has neither a metric nor an event for a pipe that
 * was stopped or disabled.
 */
export class Watch extends Construct {
  public readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: WatchProps) {
    super(scope, id);
    this.stateMachine = this.createStateMachine(props);
    new Rule(this, 'Schedule', {
      description: `Asks whether the pipe of ${props.outboxName} runs`,
      schedule: Schedule.rate(INTERVAL),
      // A late answer is no answer: the next one comes anyway.
      targets: [new targets.SfnStateMachine(this.stateMachine, { maxEventAge: INTERVAL })],
    });
  }

  private createStateMachine(props: WatchProps): StateMachine {
    const { outboxName, pipe } = props;
    const stateMachine = jsonStateMachine(this, 'StateMachine', {
      ...props,
      definition: Stack.of(this).toJsonString(watchWorkflow({ partition: Stack.of(this).partition, pipeName: pipe.ref, outboxName })),
      express: true,
      description: `Watch of ${outboxName}`,
      logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
    });
    Grant.addToPrincipal({ grantee: stateMachine, actions: ['pipes:DescribePipe'], resourceArns: [pipe.attrArn] });
    stateMachine.addToRolePolicy(new PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html: the namespace is all that can be limited
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': METRIC.NAMESPACE } },
    }));
    acknowledgeFinding(stateMachine, 'AwsSolutions-IAM5[Resource::*]', 'X-Ray, log delivery and PutMetricData have no resource-level permissions');
    return stateMachine;
  }
}
