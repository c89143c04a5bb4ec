import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  FanOutTarget, Inbox, OrchestratedSaga, OutboxDestination, Rate, Responder, SagaStep, ScatterGather, TaskRouter, ThrottledFanOut,
  TransactionalOutbox, WorkerGroup, WorkStealingPool,
} from 'cdk-integration-patterns';

/** The smallest example of each pattern's README, with the functions that it names. */
export const OUR_USES: Readonly<Record<string, (scope: Construct) => void>> = {
  'scatter-gather': (scope) => {
    const quotes = new ScatterGather(scope, 'LoanQuotes', { timeout: Duration.seconds(10) });
    quotes.addResponder('BigBank', Responder.function(addFunction(scope, 'BigBank')));
    quotes.addResponder('GoldBank', Responder.function(addFunction(scope, 'GoldBank')));
    quotes.grantStart(addFunction(scope, 'Api'));
  },

  'transactional-outbox': (scope) => {
    const shipping = addFunction(scope, 'Ship');
    const outbox = new TransactionalOutbox(scope, 'Outbox', { destination: OutboxDestination.eventBus(new events.EventBus(scope, 'Bus')) });
    outbox.addWriter(addFunction(scope, 'Orders'));
    outbox.onEvent('Shipping', { detailType: ['OrderPlaced'] }, new targets.LambdaFunction(shipping));
    const inbox = new Inbox(scope, 'ShippingInbox', { outbox });
    inbox.addConsumer(shipping);
  },

  'orchestrated-saga': (scope) => {
    const trip = new OrchestratedSaga(scope, 'Trip', {
      steps: [
        SagaStep.function('ReserveHotel', { action: addFunction(scope, 'ReserveHotel'), compensation: addFunction(scope, 'CancelHotel'), abortOn: ['NoRooms'] }),
        SagaStep.function('Charge', { action: addFunction(scope, 'Charge'), compensation: addFunction(scope, 'Refund'), abortOn: ['CardDeclined'], pivot: true }),
        SagaStep.function('SendTicket', { action: addFunction(scope, 'SendTicket'), retriable: true }),
      ],
      deadline: Duration.minutes(10),
    });
    trip.grantStart(addFunction(scope, 'Api'));
  },

  'throttled-fan-out': (scope) => {
    const notify = new ThrottledFanOut(scope, 'Notify', { priorities: ['critical', 'normal', 'bulk'] });
    notify.addTarget('Email', FanOutTarget.function(addFunction(scope, 'SendEmail')), { rate: Rate.perSecond(50, { burst: 100 }), filter: { channel: ['email'] } });
    notify.grantPublish(addFunction(scope, 'App'));
  },

  'work-stealing-pool': (scope) => {
    const pool = new WorkStealingPool(scope, 'Render', { router: TaskRouter.affinity('tenantId') });
    pool.addGroup('CpuA', WorkerGroup.function(addFunction(scope, 'RenderA'), { maxConcurrency: 4 }));
    pool.addGroup('CpuB', WorkerGroup.function(addFunction(scope, 'RenderB'), { maxConcurrency: 4 }));
    pool.grantSubmit(addFunction(scope, 'App'));
  },
};

function addFunction(scope: Construct, id: string): lambda.Function {
  return new lambda.Function(scope, id, {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => ({});'),
    timeout: Duration.seconds(30),
  });
}
