import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Alias, Function as LambdaFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { definitionOf, enqueue, orders, outgoing } from './fixtures';
import {
  OrchestratedSaga, OrchestratedSagaProps, SagaIsolation, SagaRecovery, SagaRetry, SagaStep, SagaWorkflow, UnknownOutcome,
} from '../../src';
import { grantsOf, keyActions, OF_EVERY_STATE_MACHINE, ofEveryHandler } from '../grants';
import { inlineFunction, newStack } from '../scatter-gather/fixtures';

const TRIP = 'TripSagas.Arn';

describe('a saga with default props', () => {
  const stack = newStack();
  const saga = sagaOf(stack);
  const template = Template.fromStack(stack);

  it('keeps its logical ids: they decide what a deployment replaces', () => {
    expect(comparable(template)).toMatchSnapshot();
  });

  it('keeps sagas in an on-demand table with point-in-time recovery and a time to live', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      Properties: {
        KeySchema: [{ AttributeName: 'sagaId', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      },
    });
  });

  it('forgets an ended saga after 90 days', () => {
    expect(JSON.stringify(definitionOf(stack, 'TripStateMachine').States.Complete)).toContain(`+ ${90 * 86_400})`);
  });

  it('tells sagas apart by the input\'s sagaId, or the execution\'s name', () => {
    expect(definitionOf(stack, 'TripStateMachine').States.Begin.Assign.sagaId).toContain('$exists($input.sagaId) ? $input.sagaId : $states.context.Execution.Name');
  });

  it('runs Standard workflows, one for sagas and one for recoveries, whose events are logged without data, and traced', () => {
    template.resourcePropertiesCountIs('AWS::StepFunctions::StateMachine', {
      StateMachineType: 'STANDARD',
      LoggingConfiguration: Match.objectLike({ Level: 'ALL', IncludeExecutionData: false }),
      TracingConfiguration: { Enabled: true },
    }, 2);
  });

  it('runs its handler on arm64 and the newest Node.js, with JSON logs and X-Ray, and time for long histories', () => {
    template.resourceCountIs('AWS::Lambda::Function', 3);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: Match.stringLikeRegexp('^Recover of'),
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      LoggingConfig: Match.objectLike({ LogFormat: 'JSON' }),
      TracingConfig: { Mode: 'Active' },
      Timeout: 240,
      MemorySize: 512,
      Environment: { Variables: Match.objectLike({ SAGA_NAME: saga.sagaName, TABLE_NAME: { Ref: Match.stringLikeRegexp('^TripSagas') } }) },
    });
  });

  it('starts a recovery when an execution ends without an end of its saga, also one of a recovery', () => {
    const machine = (id: string) => ({ Ref: Match.stringLikeRegexp(`^${id}[0-9A-F]{8}$`) });
    template.hasResourceProperties('AWS::Events::Rule', {
      EventBusName: Match.absent(),
      EventPattern: {
        'source': ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        'detail': { stateMachineArn: [machine('TripStateMachine'), machine('TripRecovery')], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      Targets: [Match.objectLike({
        Arn: machine('TripRecovery'),
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^TripUndelivered'), 'Arn'] } },
        InputTransformer: { InputPathsMap: { 'detail-executionArn': '$.detail.executionArn' }, InputTemplate: '{"executionArn":<detail-executionArn>}' },
      })],
    });
  });

  it('keeps parked sagas and undelivered events for as long as SQS can, encrypted, by TLS only', () => {
    template.resourcePropertiesCountIs('AWS::SQS::Queue', { MessageRetentionPeriod: 14 * 86_400, SqsManagedSseEnabled: true }, 2);
    template.resourcePropertiesCountIs('AWS::SQS::QueuePolicy', {
      PolicyDocument: Match.objectLike({ Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]) }),
    }, 2);
  });

  it('keeps table, queues and logs when the stack is deleted, logs for a month', () => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::Logs::LogGroup']) template.allResources(type, { DeletionPolicy: 'Retain' });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  it('lets the workflows call the steps, write their sagas, park and tell, nothing else', () => {
    const common = {
      ...OF_EVERY_STATE_MACHINE,
      'dynamodb:UpdateItem': TRIP,
      'sqs:SendMessage': 'TripParkedSagas.Arn',
      'events:PutEvents': 'arn:AWS::Partition:events:AWS::Region:AWS::AccountId:event-bus/default',
    };
    expect(grantsOf(stack, 'TripStateMachineRole')).toEqual({ ...common, 'dynamodb:PutItem': TRIP, 'lambda:InvokeFunction': 'Charge.Arn Refund.Arn' });
    expect(grantsOf(stack, 'TripRecoveryRole')).toEqual({ ...common, 'lambda:InvokeFunction': 'TripRecover.Arn Charge.Arn Refund.Arn' });
  });

  it('lets Recover read histories of both workflows, and claim sagas', () => {
    const executions = (machine: string) => `arn:AWS::Partition:states:AWS::Region:AWS::AccountId:execution:${machine}.Name:*`;
    const both = `${executions('TripStateMachine')} ${executions('TripRecovery')}`;
    expect(grantsOf(stack, 'TripRecoverRole')).toEqual({
      ...ofEveryHandler('TripRecoverLogs.Arn'),
      'dynamodb:GetItem': TRIP,
      'dynamodb:UpdateItem': TRIP,
      'states:DescribeExecution': both,
      'states:GetExecutionHistory': both,
    });
  });

  it('lets the rule start recoveries, nothing else', () => {
    expect(grantsOf(stack, 'TripRecoveryEventsRole')).toEqual({ 'states:StartExecution': 'TripRecovery' });
  });

  it('has all of its parts at hand, and none that it has not', () => {
    for (const part of [saga.stateMachine, saga.recoveryStateMachine, saga.recoverFunction, saga.table, saga.parkedQueue, saga.undeliveredQueue]) {
      expect(part?.node.path.startsWith('Test/Trip/')).toBe(true);
    }
    expect(saga.bus.eventBusName).toContain('default');
    expect(saga.sagaName).toBe('Test-Trip-69950F66');
  });

  it('synthesizes without warnings', () => {
    const app = new App();
    const quiet = new Stack(app, 'Quiet');
    sagaOf(quiet);
    app.synth();
    Annotations.fromStack(quiet).hasNoWarning('*', Match.anyValue());
    Annotations.fromStack(quiet).hasNoError('*', Match.anyValue());
  });
});

describe('a saga with every prop', () => {
  const stack = newStack();
  const encryptionKey = new Key(stack, 'Key');
  const bus = new EventBus(stack, 'Bus');
  const call = (id: string) => inlineFunction(stack, id);
  const saga = new OrchestratedSaga(stack, 'Trip', {
    steps: [
      SagaStep.humanApproval('Approve', { timeout: Duration.hours(1), message: '{% {"amount": $input.amount} %}' }),
      SagaStep.function('Hotel', {
        action: call('ReserveHotel'),
        compensation: call('CancelHotel'),
        timeout: Duration.seconds(20),
        compensationTimeout: Duration.seconds(40),
        retry: SagaRetry.exponential({ maxAttempts: 5, interval: Duration.seconds(2), backoffRate: 3, maxInterval: Duration.seconds(50) }),
        abortOn: ['NoRooms'],
        onUnknown: UnknownOutcome.park(),
      }),
      SagaStep.parallel('Transport', [
        SagaStep.function('Flight', { action: call('ReserveFlight'), compensation: call('CancelFlight'), retry: SagaRetry.none() }),
        SagaStep.task('Car', { action: enqueue(stack, 'Car'), compensation: enqueue(stack, 'ReturnCar') }),
      ]),
      SagaStep.function('Charge', { action: call('Charge'), compensation: call('Refund'), pivot: true, onUnknown: UnknownOutcome.query(call('Charged')) }),
      SagaStep.function('Ticket', { action: call('SendTicket'), retriable: true }),
    ],
    deadline: Duration.hours(2),
    sagaId: '{% $input.orderId %}',
    isolation: SagaIsolation.semanticLock(orders(stack), { partitionKey: 'orderId', partitionValue: '{% $input.orderId %}' }),
    bus,
    retention: Duration.days(7),
    workflow: SagaWorkflow.STANDARD,
    recovery: SagaRecovery.AUTOMATIC,
    encryptionKey,
    logRetention: RetentionDays.ONE_DAY,
    removalPolicy: RemovalPolicy.DESTROY,
    alarms: { actions: [new SnsAction(new Topic(stack, 'Topic'))] },
  });
  saga.onParked('Parked', new targets.SqsQueue(outgoing(stack)));
  const template = Template.fromStack(stack);
  const { States } = definitionOf(stack, 'TripStateMachine');

  it('keeps its logical ids', () => {
    expect(comparable(template)).toMatchSnapshot();
  });

  it('begins with the given id, and takes the lock with it', () => {
    expect(States.Begin.Assign.sagaId).toContain('$id := $input.orderId;');
    expect(States.Begin.Arguments.TransactItems[1].Update).toMatchObject({ TableName: 'Orders', Key: { orderId: { S: '{% ($input := $states.input; $input.orderId) %}' } } });
    expect(States.Begin.Assign.deadline).toContain('+ 7200000');
    expect(JSON.stringify(States.Complete)).toContain(`+ ${7 * 86_400})`);
  });

  it('takes the steps\' own timeouts and retries', () => {
    expect(States.Hotel.TimeoutSeconds).toContain('$min([20,');
    expect(States['Undo Hotel'].TimeoutSeconds).toBe(40);
    expect(States.Hotel.Retry.find(({ ErrorEquals }: any) => ErrorEquals.includes('States.ALL'))).toMatchObject({ MaxAttempts: 5, IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 50 });
    const [flight] = States.Transport.Branches;
    expect(flight.States.Flight.Retry ?? []).toEqual([]);
  });

  it('goes back at once after a declared error, and does with an unknown outcome what it is told', () => {
    expect(States.Hotel.Retry[0]).toMatchObject({ ErrorEquals: expect.arrayContaining(['NoRooms']), MaxAttempts: 0 });
    expect(States.Hotel.Catch[0].ErrorEquals).toContain('NoRooms');
    expect(States.Hotel.Catch.at(-1)).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'Park' });
    expect(States.Charge.Catch.at(-1)).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'Query Charge' });
  });

  it('asks what the person is to read', () => {
    expect(States.Approve.Arguments.Entries[0]).toMatchObject({
      EventBusName: 'Bus', DetailType: 'Saga Approval Requested', Detail: expect.stringContaining('"message": {"amount": $input.amount}'),
    });
    expect(States.Approve.TimeoutSeconds).toContain('$min([3600,');
  });

  it('tells on the given bus, and listens there', () => {
    expect(States.Tell.Arguments.Entries[0].EventBusName).toBe('Bus');
    template.hasResourceProperties('AWS::Events::Rule', { EventBusName: { Ref: Match.stringLikeRegexp('^Bus') }, EventPattern: Match.objectLike({ 'detail-type': ['Saga Parked'] }) });
    expect(saga.bus).toBe(bus);
  });

  it('lets both workflows do what steps, queries and the lock need', () => {
    const functions = 'CancelFlight CancelHotel Charge Charged Refund ReserveFlight ReserveHotel SendTicket'.split(' ').map((id) => `${id}.Arn`);
    for (const [role, more] of [['TripStateMachineRole', []], ['TripRecoveryRole', ['TripRecover.Arn']]] as const) {
      const grants = grantsOf(stack, role);
      expect(grants['lambda:InvokeFunction'].split(' ').sort()).toEqual([...functions, ...more].sort());
      expect(grants['sqs:SendMessage'].split(' ').sort()).toEqual(['Outgoing.Arn', 'TripParkedSagas.Arn']);
      expect(grants['dynamodb:UpdateItem'].split(' ').sort()).toEqual(['Orders.Arn', TRIP]);
      expect(grants['events:PutEvents']).toBe('Bus.Arn');
    }
  });

  it('encrypts table, queues, logs, executions and the environment with the key', () => {
    const keyArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };
    template.resourcePropertiesCountIs('AWS::DynamoDB::Table', { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: keyArn } }, 1);
    template.resourcePropertiesCountIs('AWS::SQS::Queue', { KmsMasterKeyId: keyArn }, 2);
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: keyArn });
    template.allResourcesProperties('AWS::StepFunctions::StateMachine', { EncryptionConfiguration: Match.objectLike({ Type: 'CUSTOMER_MANAGED_KMS_KEY' }) });
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { KmsKeyArn: keyArn }, 1);
  });

  it('lets everybody who touches what is encrypted use the key, and do nothing else with it', () => {
    const use = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];
    for (const role of ['TripStateMachineRole', 'TripRecoveryRole', 'TripRecoverRole']) expect(keyActions(stack, role)).toEqual(use);
  });

  it('lets EventBridge put what it cannot deliver into the encrypted queue', () => {
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: Match.objectLike({
        Statement: Match.arrayWith([Match.objectLike({
          Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
          Principal: { Service: 'events.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        })]),
      }),
    });
  });

  it('keeps logs for as long as told, and deletes with the stack what is its own', () => {
    template.allResources('AWS::Logs::LogGroup', { Properties: Match.objectLike({ RetentionInDays: 1 }), DeletionPolicy: 'Delete' });
    template.resourcePropertiesCountIs('AWS::SQS::Queue', { MessageRetentionPeriod: 14 * 86_400 }, 2);
    template.hasResource('AWS::SQS::Queue', { Properties: { MessageRetentionPeriod: 14 * 86_400 }, DeletionPolicy: 'Delete' });
    template.hasResource('AWS::DynamoDB::Table', { Properties: { TimeToLiveSpecification: Match.anyValue() }, DeletionPolicy: 'Delete' });
  });

  it('acts on every alarm', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: Match.stringLikeRegexp('^Topic') }] });
  });
});

describe('an EXPRESS saga', () => {
  const express = { workflow: SagaWorkflow.EXPRESS, recovery: SagaRecovery.NONE, deadline: Duration.minutes(4) };

  it('has one workflow, no function of its own, and nothing that recovers', () => {
    const stack = newStack();
    const saga = sagaOf(stack, express);
    const template = Template.fromStack(stack);
    template.resourcePropertiesCountIs('AWS::StepFunctions::StateMachine', { StateMachineType: 'EXPRESS' }, 1);
    template.resourceCountIs('AWS::Lambda::Function', 2);
    template.resourceCountIs('AWS::SQS::Queue', 1);
    template.resourceCountIs('AWS::Events::Rule', 0);
    expect([saga.recoveryStateMachine, saga.recoverFunction, saga.undeliveredQueue]).toEqual([undefined, undefined, undefined]);
  });

  it('can be started and waited for', () => {
    const stack = newStack();
    sagaOf(stack, express).grantStart(inlineFunction(stack, 'Api'));
    expect(grantsOf(stack, 'ApiServiceRole')).toEqual({ 'states:StartExecution': 'TripStateMachine', 'states:StartSyncExecution': 'TripStateMachine' });
  });

  it('lets who starts it with a key read its definition', () => {
    const stack = newStack();
    sagaOf(stack, { ...express, encryptionKey: new Key(stack, 'Key') }).grantStart(inlineFunction(stack, 'Api'));
    expect(keyActions(stack, 'ApiServiceRole')).toEqual(['kms:Decrypt']);
  });
});

describe('defaults of a step', () => {
  const stack = newStack();
  const call = inlineFunction(stack, 'F');
  sagaOf(stack, {
    steps: [
      SagaStep.function('Before', { action: call, compensation: call }),
      SagaStep.humanApproval('Approve', { timeout: Duration.minutes(1) }),
      SagaStep.function('Pivot', { action: call, compensation: call, pivot: true, timeout: Duration.seconds(7) }),
      SagaStep.function('After', { action: call, retriable: true }),
    ],
  });
  const { States } = definitionOf(stack, 'TripStateMachine');
  const lastRetry = (state: string) => States[state].Retry.at(-1);

  it('30 seconds, and the compensation the same', () => {
    expect(States.Before.TimeoutSeconds).toContain('$min([30,');
    expect(States['Undo Before'].TimeoutSeconds).toBe(30);
    expect(States['Undo Pivot'].TimeoutSeconds).toBe(7);
    expect(States.After.TimeoutSeconds).toBe(30);
  });

  it('three further attempts after 1, 2 and 4 seconds, at random in them', () => {
    for (const state of ['Before', 'Pivot', 'Approve']) {
      expect(lastRetry(state)).toEqual({
        ErrorEquals: ['States.ALL'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 3, MaxDelaySeconds: 30, JitterStrategy: 'FULL',
      });
    }
  });

  it('six behind the pivot, up to a minute apart', () => {
    expect(lastRetry('After')).toMatchObject({ ErrorEquals: ['States.ALL'], MaxAttempts: 6, MaxDelaySeconds: 60 });
  });

  it('undoing what may have taken effect', () => {
    expect(States.Before.Catch.at(-1)).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'Undo Before' });
    expect(States.Pivot.Catch.at(-1)).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'Undo Pivot' });
    expect(States.After.Catch.map(({ Next }: any) => Next)).toEqual(expect.arrayContaining(['Park']));
    expect(JSON.stringify(States.After.Catch)).not.toContain('Undo');
  });

  it('the input as what a person reads; no answer and a rejection are a no', () => {
    expect(States.Approve.Arguments.Entries[0].Detail).toContain('"message": $input,');
    expect(States.Approve.Retry[0]).toMatchObject({ ErrorEquals: expect.arrayContaining(['Rejected', 'States.Timeout']), MaxAttempts: 0 });
    expect(States.Approve.Catch[0]).toMatchObject({ ErrorEquals: expect.arrayContaining(['Rejected', 'States.Timeout']), Next: 'Undo Before' });
  });
});

describe('functions of a step', () => {
  it('may be aliases, which are all that is invoked', () => {
    const stack = newStack();
    const handler = inlineFunction(stack, 'Charge');
    const live = new Alias(stack, 'Live', { aliasName: 'live', version: handler.currentVersion });
    sagaOf(stack, { steps: [SagaStep.function('Charge', { action: live, noCompensation: 'a hold that expires' })] });
    expect(definitionOf(stack, 'TripStateMachine').States.Charge.Arguments.FunctionName).toBe('Live');
    expect(grantsOf(stack, 'TripStateMachineRole')['lambda:InvokeFunction']).toBe('Live');
  });

  it('may come from elsewhere', () => {
    const stack = newStack();
    const arn = 'arn:aws:lambda:us-east-1:123456789012:function:charge';
    sagaOf(stack, { steps: [SagaStep.function('Charge', { action: LambdaFunction.fromFunctionArn(stack, 'Charge', arn), noCompensation: 'a hold that expires' })] });
    expect(definitionOf(stack, 'TripStateMachine').States.Charge.Arguments.FunctionName).toBe(arn);
    for (const role of ['TripStateMachineRole', 'TripRecoveryRole']) expect(grantsOf(stack, role)['lambda:InvokeFunction'].split(' ')).toContain(arn);
  });

  it('may stand for several steps and sagas', () => {
    const stack = newStack();
    const step = SagaStep.function('Charge', { action: inlineFunction(stack, 'F'), noCompensation: 'a hold that expires' });
    for (const id of ['First', 'Second']) new OrchestratedSaga(stack, id, { steps: [step], deadline: Duration.minutes(1) });
    for (const id of ['First', 'Second']) expect(grantsOf(stack, `${id}StateMachineRole`)['lambda:InvokeFunction']).toBe('F.Arn');
  });
});

describe('tasks of a step', () => {
  const stack = newStack();
  const table = orders(stack);
  const key = { orderId: tasks.DynamoAttributeValue.fromString('{% $input.orderId %}') };
  const saga = sagaOf(stack, {
    steps: [
      SagaStep.task('Enter', {
        action: tasks.DynamoPutItem.jsonata(stack, 'EnterOrder', { table, item: key, comment: 'by its number' }),
        compensation: tasks.DynamoDeleteItem.jsonata(stack, 'DeleteOrder', { table, key }),
        timeout: Duration.seconds(5),
        abortOn: ['DynamoDB.ConditionalCheckFailedException'],
      }),
      SagaStep.task('Invoke', {
        action: tasks.LambdaInvoke.jsonata(stack, 'InvokeIt', { lambdaFunction: inlineFunction(stack, 'F') }),
        noCompensation: 'it only asks',
      }),
      SagaStep.task('Translate', {
        action: tasks.CallAwsService.jsonata(stack, 'TranslateIt', {
          service: 'translate', action: 'translateText', iamResources: ['*'],
          parameters: { Text: '{% $input.text %}', SourceLanguageCode: 'auto', TargetLanguageCode: 'en' },
        }),
        noCompensation: 'it only asks',
      }),
    ],
  });
  const { States } = definitionOf(stack, 'TripStateMachine');

  it('keep what they do, under the step\'s name', () => {
    expect(States.Enter).toMatchObject({
      Type: 'Task', Resource: 'arn:aws:states:::dynamodb:putItem', Comment: 'by its number', Arguments: { Item: { orderId: { S: '{% $input.orderId %}' } }, TableName: 'Orders' },
    });
    expect(States['Undo Enter']).toMatchObject({ Resource: 'arn:aws:states:::dynamodb:deleteItem' });
    expect(States.Translate.Resource).toBe('arn:aws:states:::aws-sdk:translate:translateText');
    expect(JSON.stringify(States)).not.toContain('EnterOrder');
  });

  it('get the saga\'s timeouts, retries and transitions', () => {
    expect(States.Enter).toMatchObject({ TimeoutSeconds: expect.stringContaining('$min([5,'), Next: 'Invoke' });
    expect(States.Enter.Retry[0].ErrorEquals).toContain('DynamoDB.ConditionalCheckFailedException');
    // The CDK gives this one retries of its own.
    expect(JSON.stringify(States.Invoke.Retry)).not.toContain('Lambda.ServiceException');
    for (const state of Object.values<any>(States)) expect(state).not.toHaveProperty('QueryLanguage');
  });

  it('keep what they return as the step\'s result', () => {
    expect(States.Enter.Assign.results).toContain('$result := $states.result');
  });

  it('are allowed to both workflows, actions and compensations', () => {
    for (const role of ['TripStateMachineRole', 'TripRecoveryRole']) {
      const grants = grantsOf(stack, role);
      const ordersArn = 'arn:AWS::Partition:dynamodb:AWS::Region:AWS::AccountId:table/Orders';
      expect(grants['dynamodb:PutItem'].split(' ')).toContain(ordersArn);
      expect(grants['dynamodb:DeleteItem']).toBe(ordersArn);
      expect(grants['translate:translateText']).toBe('*');
      expect(grants['lambda:InvokeFunction'].split(' ')).toContain('F.Arn');
    }
    expect(saga.recoveryStateMachine).toBeDefined();
  });

  it('may stand for a step of two sagas', () => {
    const other = newStack();
    const step = SagaStep.task('Enqueue', { action: enqueue(other, 'Send'), noCompensation: 'a hint' });
    for (const id of ['First', 'Second']) new OrchestratedSaga(other, id, { steps: [step], deadline: Duration.minutes(1) });
    for (const id of ['First', 'Second']) expect(grantsOf(other, `${id}StateMachineRole`)['sqs:SendMessage'].split(' ')).toContain('Outgoing.Arn');
  });
});

describe('grants', () => {
  it('start, resume and approve are each the actions that they need', () => {
    const stack = newStack();
    const saga = sagaOf(stack, { encryptionKey: new Key(stack, 'Key') });
    const grant = { grantStart: 'Api', grantResume: 'Operator', grantApprove: 'Desk' } as const;
    for (const [method, id] of Object.entries(grant)) saga[method as keyof typeof grant](inlineFunction(stack, id));
    expect(grantsOf(stack, 'ApiServiceRole')).toEqual({ 'states:StartExecution': 'TripStateMachine' });
    expect(grantsOf(stack, 'OperatorServiceRole')).toEqual({ 'states:StartExecution': 'TripRecovery' });
    expect(grantsOf(stack, 'DeskServiceRole')).toEqual({
      'states:SendTaskSuccess': 'TripStateMachine TripRecovery', 'states:SendTaskFailure': 'TripStateMachine TripRecovery',
    });
    // What these calls encrypt, they encrypt with the execution's role: https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html
    for (const id of Object.values(grant)) expect(keyActions(stack, `${id}ServiceRole`)).toEqual([]);
  });

  it('approvals of a saga without recovery are those of its workflow', () => {
    const stack = newStack();
    sagaOf(stack, { recovery: SagaRecovery.NONE }).grantApprove(inlineFunction(stack, 'Desk'));
    expect(grantsOf(stack, 'DeskServiceRole')['states:SendTaskSuccess']).toBe('TripStateMachine');
  });
});

describe('rules', () => {
  it.each([
    ['onCompleted', 'Saga Completed'], ['onCompensated', 'Saga Compensated'], ['onParked', 'Saga Parked'], ['onApprovalRequested', 'Saga Approval Requested'],
  ] as const)('%s takes the saga\'s own events of this kind to the target, from the default bus or its own', (method, detailType) => {
    for (const own of [false, true]) {
      const stack = newStack();
      const saga = sagaOf(stack, own ? { bus: new EventBus(stack, 'Bus') } : {});
      const rule = saga[method]('Mine', new targets.SqsQueue(outgoing(stack)));
      expect(rule.node.path).toBe('Test/Trip/Mine');
      Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
        EventBusName: own ? { Ref: Match.stringLikeRegexp('^Bus') } : Match.absent(),
        EventPattern: { 'source': ['cdk-integration-patterns.orchestrated-saga'], 'detail-type': [detailType], 'detail': { saga: [saga.sagaName] } },
        Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Outgoing'), 'Arn'] } })],
      });
    }
  });

  it('the bus may be one from elsewhere', () => {
    const stack = newStack();
    const eventBusArn = 'arn:aws:events:us-east-1:123456789012:event-bus/shared';
    sagaOf(stack, { bus: EventBus.fromEventBusArn(stack, 'Bus', eventBusArn) });
    expect(grantsOf(stack, 'TripStateMachineRole')['events:PutEvents']).toBe(eventBusArn);
    expect(definitionOf(stack, 'TripStateMachine').States.Tell.Arguments.Entries[0].EventBusName).toBe('shared');
  });
});

describe('alarms', () => {
  const usual = { ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching', Threshold: 0, EvaluationPeriods: 1 };
  const idsOf = (stack: Stack) => Object.keys(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')).map((id) => id.replace(/^TripAlarms|.{8}$/g, '')).sort();
  const ended = (machine: string) => ({
    ...usual,
    Metrics: Match.arrayWith([
      Match.objectLike({ Expression: 'SUM([FILL(failed, 0), FILL(timedOut, 0), FILL(aborted, 0)])' }),
      ...[['failed', 'ExecutionsFailed'], ['timedOut', 'ExecutionsTimedOut'], ['aborted', 'ExecutionsAborted']].map(([Id, MetricName]) => Match.objectLike({
        Id,
        MetricStat: {
          Metric: { Namespace: 'AWS/States', MetricName, Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: Match.stringLikeRegexp(`^Trip${machine}`) } }] },
          Period: 300,
          Stat: 'Sum',
        },
      })),
    ]),
  });

  it('ring for parked sagas, for ends that nobody was told of, and for recoveries that failed', () => {
    const stack = newStack();
    const { alarms } = sagaOf(stack);
    expect(idsOf(stack)).toEqual(['Parked', 'RecoveryFailed', 'Undelivered']);
    const template = Template.fromStack(stack);
    for (const queue of ['ParkedSagas', 'Undelivered']) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        ...usual, Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible', Statistic: 'Maximum', Period: 300,
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^Trip${queue}`), 'QueueName'] } }],
      });
    }
    template.hasResourceProperties('AWS::CloudWatch::Alarm', ended('Recovery'));
    expect(alarms.abandoned).toBeUndefined();
  });

  it('ring for executions that nobody recovers', () => {
    const stack = newStack();
    const { alarms } = sagaOf(stack, { recovery: SagaRecovery.NONE });
    expect(idsOf(stack)).toEqual(['Abandoned', 'Parked']);
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', ended('StateMachine'));
    expect([alarms.undelivered, alarms.recoveryFailed]).toEqual([undefined, undefined]);
  });
});

function sagaOf(stack: Stack, props: Partial<OrchestratedSagaProps> = {}): OrchestratedSaga {
  const call = (id: string): IFunction => inlineFunction(stack, id);
  const steps = props.steps ?? [SagaStep.function('Charge', { action: call('Charge'), compensation: call('Refund') })];
  return new OrchestratedSaga(stack, 'Trip', { deadline: Duration.minutes(10), ...props, steps });
}

/** Asset keys are hashes of the handlers' code. Definitions have tests of their own, which run them. */
function comparable(template: Template): unknown {
  return JSON.parse(JSON.stringify(template.toJSON(), (key, value) => key === 'DefinitionString' ? '<definition>' : value).replace(/[0-9a-f]{64}\.zip/g, '<asset>.zip'));
}
