/** Every construct with the props that it must have and no other, and one of each kind of step, destination, target and group. */
import { App, Duration, SecretValue, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { addFunction } from '../packaging/typescript/parts';
import {
  FanOutTarget, Inbox, OrchestratedSaga, OutboxDestination, Rate, Responder, SagaParticipant, SagaStep, ScatterGather, ThrottledFanOut,
  TransactionalOutbox, WorkerGroup, WorkStealingPool,
} from 'cdk-integration-patterns';

const app = new App();
const rate = Rate.perSecond(5);

const gathering = new Stack(app, 'DefaultScatterGather');
new ScatterGather(gathering, 'Quotes', { timeout: Duration.seconds(10) }).addResponder('Bank', Responder.function(addFunction(gathering, 'Bank')));

const outboxes = new Stack(app, 'DefaultTransactionalOutbox');
const destinations = {
  Bus: OutboxDestination.eventBus(new events.EventBus(outboxes, 'Events')),
  Queue: OutboxDestination.fifoQueue(addQueue(outboxes, 'EventsInOrder', true)),
  Topic: OutboxDestination.topic(new sns.Topic(outboxes, 'Published', { enforceSSL: true })),
  Machine: OutboxDestination.stateMachine(addMachine(outboxes)),
  Function: OutboxDestination.function(addFunction(outboxes, 'Consumer')),
};
for (const [id, destination] of Object.entries(destinations)) {
  new TransactionalOutbox(outboxes, `To${id}`, { destination }).addWriter(addFunction(outboxes, `${id}Writer`));
}
new Inbox(outboxes, 'Inbox').addConsumer(addFunction(outboxes, 'Handler'));

const sagas = new Stack(app, 'DefaultOrchestratedSaga');
const [charge, refund] = ['Charge', 'Refund'].map((id) => addFunction(sagas, id));
new OrchestratedSaga(sagas, 'Trip', {
  steps: [
    SagaStep.humanApproval('Approve', { timeout: Duration.minutes(1) }),
    SagaStep.parallel('Both', ['Flight', 'Car'].map((id) => SagaStep.function(id, { action: charge, compensation: refund }))),
    SagaStep.function('Pay', { action: charge, compensation: refund }),
  ],
  deadline: Duration.minutes(10),
}).grantStart(addFunction(sagas, 'Starter'));
new SagaParticipant(sagas, 'Payments').addFunction(charge);

const fanOuts = new Stack(app, 'DefaultThrottledFanOut');
const notify = new ThrottledFanOut(fanOuts, 'Notify');
const authorization = events.Authorization.apiKey('x-api-key', SecretValue.secretsManager('sms-provider'));
const connection = new events.Connection(fanOuts, 'Connection', { authorization });
notify.addTarget('Email', FanOutTarget.function(addFunction(fanOuts, 'SendEmail')), { rate });
notify.addTarget('Audit', FanOutTarget.queue(addQueue(fanOuts, 'Audited')), { rate });
notify.addTarget('Orders', FanOutTarget.stateMachine(addMachine(fanOuts)), { rate });
notify.addTarget('Sms', FanOutTarget.http({ url: 'https://sms.example.com/send', connection }), { rate });
const partner = new events.ApiDestination(fanOuts, 'PartnerEndpoint', {
  connection, endpoint: 'https://partner.example.com', rateLimitPerSecond: 5,
});
notify.addTarget('Partner', FanOutTarget.apiDestination(partner), { rate });

const pools = new Stack(app, 'DefaultWorkStealingPool');
const pool = new WorkStealingPool(pools, 'Render');
pool.addGroup('Gpu', WorkerGroup.function(addFunction(pools, 'OnGpu'), { maxConcurrency: 8, taskTimeout: Duration.minutes(5) }));
pool.addGroup('Fleet', WorkerGroup.external()).grantWork(addFunction(pools, 'Worker'));
pool.grantSubmit(addFunction(pools, 'Submitter'));

app.synth();

function addQueue(stack: Stack, id: string, fifo?: boolean): sqs.Queue {
  return new sqs.Queue(stack, id, { fifo, enforceSSL: true, retentionPeriod: Duration.days(4) });
}

function addMachine(stack: Stack): sfn.StateMachine {
  return new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(new sfn.Pass(stack, 'Pass')) });
}
