import { Duration, Stack } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, IFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import {
  OrchestratedSaga, OrchestratedSagaProps, SagaIsolation, SagaParticipant, SagaRecovery, SagaStep, SagaWorkflow, UnknownOutcome,
} from '../../src';
import { violations } from '../nag';

const VARIANTS: Readonly<Record<string, (stack: Stack) => Partial<OrchestratedSagaProps>>> = {
  'default props': () => ({}),
  'EXPRESS': () => ({ workflow: SagaWorkflow.EXPRESS, recovery: SagaRecovery.NONE, deadline: Duration.minutes(4) }),
  'no recovery': () => ({ recovery: SagaRecovery.NONE }),
  'a customer key': (stack) => ({ encryptionKey: new Key(stack, 'Key', { enableKeyRotation: true }) }),
  'a bus': (stack) => ({ bus: EventBus.fromEventBusArn(stack, 'Bus', arn('events', 'event-bus/trips')) }),
  'a lock': (stack) => ({
    isolation: SagaIsolation.semanticLock(Table.fromTableName(stack, 'Orders', 'orders'), { partitionKey: 'orderId', partitionValue: '{% $input.orderId %}' }),
  }),
  'every kind of step': (stack) => ({
    steps: [
      SagaStep.humanApproval('Approve', { timeout: Duration.minutes(1) }),
      SagaStep.parallel('Transport', ['Flight', 'Car'].map((id) => SagaStep.function(id, { action: call(stack, id), compensation: call(stack, `Cancel${id}`) }))),
      SagaStep.function('Charge', {
        action: call(stack, 'Charge'), compensation: call(stack, 'Refund'), pivot: true, onUnknown: UnknownOutcome.query(call(stack, 'Charged')),
      }),
      SagaStep.task('Ticket', {
        action: tasks.SqsSendMessage.jsonata(stack, 'Send', {
          queue: Queue.fromQueueArn(stack, 'Tickets', arn('sqs', 'tickets')), messageBody: sfn.TaskInput.fromText('{% $sagaId %}'),
        }),
        retriable: true,
      }),
    ],
  }),
};

describe('cdk-nag AwsSolutions', () => {
  it.each(Object.entries(VARIANTS))('finds nothing with %s', (_, propsOf) => {
    expect(violations((stack) => {
      sagaOf(stack, propsOf(stack));
    })).toEqual([]);
  });

  it('finds nothing in a participant', () => {
    expect(violations((stack) => {
      new SagaParticipant(stack, 'Hotel').addFunction(new LambdaFunction(stack, 'Reserve', {
        runtime: Runtime.NODEJS_24_X,
        handler: 'index.handler',
        code: Code.fromInline('exports.handler = async () => null;'),
        role: Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::123456789012:role/reserve'),
      }));
    })).toEqual([]);
  });

  it('finds nothing in the roles of who starts, resumes, approves, listens and takes part', () => {
    expect(violations((stack) => {
      const encryptionKey = new Key(stack, 'Key', { enableKeyRotation: true });
      const saga = sagaOf(stack, { encryptionKey });
      const someone = new Role(stack, 'Someone', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
      saga.grantStart(someone);
      saga.grantResume(someone);
      saga.grantApprove(someone);
      saga.onParked('Ops', new targets.SqsQueue(Queue.fromQueueArn(stack, 'Queue', arn('sqs', 'ops'))));
      new SagaParticipant(stack, 'Hotel', { encryptionKey }).grantRemember(someone);
    })).toEqual([]);
  });

  it('would find something if there were something to find', () => {
    expect(violations((stack) => {
      const saga = sagaOf(stack, {});
      saga.parkedQueue.grantConsumeMessages(new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
      saga.stateMachine.grantExecution(new Role(stack, 'Stopper', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }), 'states:StopExecution');
    })).toEqual([expect.stringMatching(/^AwsSolutions-IAM5\[Resource::/)]);
  });
});

/** Its functions exist elsewhere: what is wrong with them is their owner's business. */
function call(stack: Stack, id: string): IFunction {
  return LambdaFunction.fromFunctionArn(stack, id, arn('lambda', `function:${id}`));
}

function sagaOf(stack: Stack, props: Partial<OrchestratedSagaProps>): OrchestratedSaga {
  const steps = props.steps ?? [SagaStep.function('Charge', { action: call(stack, 'Charge'), compensation: call(stack, 'Refund') })];
  return new OrchestratedSaga(stack, 'Trip', { deadline: Duration.minutes(10), ...props, steps });
}

function arn(service: string, resource: string): string {
  return `arn:aws:${service}:us-east-1:123456789012:${resource}`;
}
