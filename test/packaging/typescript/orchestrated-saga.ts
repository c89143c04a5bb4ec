import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { addAlarmAction, addFunction, addKey, addTable } from './parts';
import {
  OrchestratedSaga, SagaIsolation, SagaParticipant, SagaRecovery, SagaRetry, SagaStep, SagaWorkflow, UnknownOutcome,
} from 'cdk-integration-patterns';

export class OrchestratedSagaStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const reserve = addFunction(this, 'Reserve');
    const cancel = addFunction(this, 'Cancel');
    const starter = addFunction(this, 'Starter');
    const letters = new sqs.Queue(this, 'Letters', { enforceSSL: true });

    const trip = new OrchestratedSaga(this, 'Trip', {
      steps: [
        SagaStep.function('Hotel', {
          action: reserve,
          compensation: cancel,
          timeout: Duration.seconds(12),
          compensationTimeout: Duration.seconds(25),
          retry: SagaRetry.exponential({ maxAttempts: 4, interval: Duration.seconds(2), backoffRate: 1.5, maxInterval: Duration.seconds(30) }),
          abortOn: ['NoRooms'],
        }),
        SagaStep.parallel('Transport', [
          SagaStep.function('Flight', { action: addFunction(this, 'Fly'), compensation: addFunction(this, 'Unfly'), retry: SagaRetry.none() }),
          SagaStep.function('Insurance', { action: addFunction(this, 'Insure'), noCompensation: 'it lapses by itself', onUnknown: UnknownOutcome.park() }),
        ]),
        SagaStep.humanApproval('Approval', { timeout: Duration.hours(4), message: '{% $input.customer %}' }),
        SagaStep.function('Charge', {
          action: addFunction(this, 'Pay'),
          compensation: addFunction(this, 'Refund'),
          onUnknown: UnknownOutcome.query(addFunction(this, 'FindCharge')),
          pivot: true,
        }),
        SagaStep.task('Letter', {
          action: tasks.SqsSendMessage.jsonata(this, 'SendLetter', { queue: letters, messageBody: sfn.TaskInput.fromObject({ trip: '{% $sagaId %}' }) }),
          retriable: true,
        }),
      ],
      deadline: Duration.hours(6),
      sagaId: '{% $input.tripId %}',
      isolation: SagaIsolation.semanticLock(addTable(this, 'Customers'), { partitionKey: 'id', partitionValue: '{% $input.customer %}' }),
      bus: new events.EventBus(this, 'Bus'),
      retention: Duration.days(30),
      encryptionKey: addKey(this),
      logRetention: logs.RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
      alarms: { actions: [addAlarmAction(this)] },
    });
    trip.grantStart(starter);
    trip.onParked('Ops', new targets.SqsQueue(new sqs.Queue(this, 'Parked', { enforceSSL: true })));
    const participant = new SagaParticipant(this, 'Hotels', { retention: Duration.days(60) });
    participant.addFunction(reserve);
    participant.addFunction(cancel);

    const quick = new OrchestratedSaga(this, 'Quick', {
      steps: [SagaStep.function('Only', { action: addFunction(this, 'Do'), compensation: addFunction(this, 'Undo') })],
      deadline: Duration.minutes(2),
      workflow: SagaWorkflow.EXPRESS,
      recovery: SagaRecovery.NONE,
    });
    quick.grantStart(starter);
  }
}
