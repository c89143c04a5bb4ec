import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ApiDestination } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import { connection, emailing, inlineFunction, newStack } from './fixtures';
import { FanOutTarget, Rate, ThrottledFanOut, ThrottledFanOutProps } from '../../src';
import { grantsOf, keyActions, OF_EVERY_STATE_MACHINE, ofEveryHandler, readable } from '../grants';

const rate = Rate.perSecond(5);
const USE_TABLE_KEY = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];

describe('a dispatcher may', () => {
  it.each<[string, (stack: Stack) => FanOutTarget, Record<string, string>]>([
    ['invoke its function', (stack) => FanOutTarget.function(inlineFunction(stack, 'Send')), { 'lambda:InvokeFunction': 'Send.Arn' }],
    ['start its state machine', (stack) => FanOutTarget.stateMachine(StateMachine.fromStateMachineArn(stack, 'Machine', 'arn:aws:states:us-east-1:123456789012:stateMachine:m')),
      { 'states:StartExecution': 'arn:aws:states:us-east-1:123456789012:stateMachine:m' }],
    ['start its HTTP workflow and wait', (stack) => FanOutTarget.http({ url: 'https://sms.example.com', connection: connection(stack) }), { 'states:StartSyncExecution': 'NotifyOneHttp' }],
    ['put events on the fan-out\'s bus', (stack) => FanOutTarget.apiDestination(new ApiDestination(stack, 'Destination', { connection: connection(stack), endpoint: 'https://p.example.com' })),
      { 'events:PutEvents': 'NotifyBus.Arn' }],
  ])('%s, and beside that only what each may', (_, targetOf, own) => {
    const stack = newStack();
    new ThrottledFanOut(stack, 'Notify').addTarget('One', targetOf(stack), { rate });
    expect(grantsOf(stack, 'NotifyOneDispatchRole')).toEqual({ ...ofEveryDispatcher('NotifyOneDeadLetters.Arn NotifyOneExpired.Arn'), ...own });
  });

  it('send to its queue, beside those of the target itself', () => {
    const stack = newStack();
    new ThrottledFanOut(stack, 'Notify').addTarget('One', FanOutTarget.queue(new Queue(stack, 'Audit')), { rate });
    expect(grantsOf(stack, 'NotifyOneDispatchRole')).toEqual(ofEveryDispatcher('NotifyOneDeadLetters.Arn NotifyOneExpired.Arn Audit.Arn'));
  });

  it('read and write the items of its own target only', () => {
    expect(conditionsOnTable(dispatching(), 'NotifyEmailDispatchRole')).toEqual([itemsLike('Email#*')]);
  });

  it('use the customer\'s key for table and queues', () => {
    const stack = dispatching((own) => ({ encryptionKey: new Key(own, 'Key') }));
    expect(keyActions(stack, 'NotifyEmailDispatchRole')).toEqual(USE_TABLE_KEY);
  });

  it('use the key of the queue that it sends to', () => {
    const stack = newStack();
    const queue = new Queue(stack, 'Audit', { encryptionMasterKey: new Key(stack, 'Key') });
    new ThrottledFanOut(stack, 'Notify').addTarget('One', FanOutTarget.queue(queue), { rate });
    expect(keyActions(stack, 'NotifyOneDispatchRole')).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
  });

  it('read the definition of an encrypted HTTP workflow, as a synchronous start needs', () => {
    const stack = newStack();
    const key = new Key(stack, 'Key');
    new ThrottledFanOut(stack, 'Notify', { encryptionKey: key }).addTarget('One', FanOutTarget.http({ url: 'https://sms.example.com', connection: connection(stack) }), { rate });
    expect(keyActions(stack, 'NotifyOneHttpRole')).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
    expect(keyActions(stack, 'NotifyOneDispatchRole')).toContain('kms:Decrypt');
  });
});

describe('an HTTP workflow may', () => {
  const stack = newStack();
  new ThrottledFanOut(stack, 'Notify').addTarget('Sms', FanOutTarget.http({ url: 'https://sms.example.com/send', connection: connection(stack) }), { rate });

  it('use its connection, and send its requests', () => {
    expect(grantsOf(stack, 'NotifySmsHttpRole')).toEqual({
      ...OF_EVERY_STATE_MACHINE,
      'events:RetrieveConnectionCredentials': 'Connection.Arn',
      'secretsmanager:DescribeSecret': 'Connection.SecretArn',
      'secretsmanager:GetSecretValue': 'Connection.SecretArn',
      'states:InvokeHTTPEndpoint': 'NotifySmsHttp',
    });
  });

  it('send them to its endpoint by its method, and no others', () => {
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [{
          Action: 'states:InvokeHTTPEndpoint',
          Condition: { StringEquals: { 'states:HTTPEndpoint': 'https://sms.example.com/send', 'states:HTTPMethod': 'POST' } },
          Effect: 'Allow',
        }],
      },
    });
  });
});

describe('grants', () => {
  it('let somebody publish', () => {
    const stack = newStack();
    emailing(stack).grantPublish(inlineFunction(stack, 'App'));
    expect(grantsOf(stack, 'AppServiceRole')).toEqual({ 'sns:Publish': 'NotifyTopic' });
  });

  it.each<[string, (stack: Stack) => ThrottledFanOutProps]>([
    ['the fan-out\'s key', (stack) => ({ encryptionKey: new Key(stack, 'Key') })],
    ['the key of the topic that was given', (stack) => ({ topic: new Topic(stack, 'Topic', { masterKey: new Key(stack, 'Key') }) })],
  ])('let somebody publish with %s', (_, propsOf) => {
    const stack = newStack();
    emailing(stack, propsOf(stack)).grantPublish(inlineFunction(stack, 'App'));
    expect(keyActions(stack, 'AppServiceRole')).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
  });

  it('let somebody control one target, and nothing else of the table', () => {
    const stack = newStack();
    const [target] = emailing(stack).targets;
    target.grantControl(inlineFunction(stack, 'Operator'));
    expect(grantsOf(stack, 'OperatorServiceRole')).toEqual({ 'dynamodb:GetItem': 'NotifyTable.Arn', 'dynamodb:UpdateItem': 'NotifyTable.Arn' });
    expect(conditionsOnTable(stack, 'OperatorServiceRole')).toEqual([itemsLike('Email#control')]);
  });

  it('let somebody control a target whose table has a customer\'s key', () => {
    const stack = newStack();
    const [target] = emailing(stack, { encryptionKey: new Key(stack, 'Key') }).targets;
    target.grantControl(inlineFunction(stack, 'Operator'));
    expect(keyActions(stack, 'OperatorServiceRole')).toEqual(USE_TABLE_KEY);
  });
});

describe('with a customer\'s key', () => {
  const stack = newStack();
  const fanOut = emailing(stack, { encryptionKey: new Key(stack, 'Key') });
  const destination = new ApiDestination(stack, 'Destination', { connection: connection(stack), endpoint: 'https://p.example.com', rateLimitPerSecond: 5 });
  fanOut.addTarget('Partner', FanOutTarget.apiDestination(destination), { rate });
  const [{ Properties: { KeyPolicy } }] = Object.values(Template.fromStack(stack).findResources('AWS::KMS::Key'));
  /** Without what the bus lets itself do with its own events. */
  const mayUse = (service: string) => KeyPolicy.Statement
    .filter(({ Principal, Condition }: any) => JSON.stringify(Principal.Service ?? '').includes(service) && !JSON.stringify(Condition ?? '').includes('event-bus'))
    .flatMap(({ Action }: any) => Action);

  it.each([
    ['SNS, which brings messages to encrypted queues', 'sns.amazonaws.com'],
    ['EventBridge, which sends what it gives up to an encrypted queue', 'events.amazonaws.com'],
    ['CloudWatch Logs', 'logs.'],
  ])('the key lets %s use it', (_, service) => {
    expect(mayUse(service).some((action: string) => /^kms:Decrypt/.test(action))).toBe(true);
    expect(mayUse(service).some((action: string) => /^kms:GenerateDataKey/.test(action))).toBe(true);
  });

  it('the key lets SNS use it for topics of the account only', () => {
    const ofSns = KeyPolicy.Statement.filter(({ Principal }: any) => Principal.Service === 'sns.amazonaws.com').map(({ Condition }: any) => readable(Condition.ArnLike['aws:SourceArn']));
    expect(ofSns).toEqual(['arn:AWS::Partition:sns:AWS::Region:AWS::AccountId:*']);
  });
});

describe('in a new project, with all feature flags that are recommended', () => {
  const newProject = () => new Stack(new App({ context: CURRENTLY_RECOMMENDED_FLAGS }), 'Test', { stackName: 'test' });

  it.each<[string, (stack: Stack, encryptionKey: Key) => ThrottledFanOutProps]>([
    ['of its own', (_, encryptionKey) => ({ encryptionKey })],
    ['that is there', (stack, encryptionKey) => ({ encryptionKey, topic: new Topic(stack, 'Published', { masterKey: encryptionKey }) })],
  ])('one key can encrypt the queues and a topic %s', (_, propsOf) => {
    const stack = newProject();
    emailing(stack, propsOf(stack, new Key(stack, 'Key')));
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});

function dispatching(propsOf: (stack: Stack) => ThrottledFanOutProps = () => ({})): Stack {
  const stack = newStack();
  emailing(stack, propsOf(stack));
  return stack;
}

function ofEveryDispatcher(sendsTo: string): Record<string, string> {
  const consume = ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'];
  return {
    ...ofEveryHandler('NotifyOneDispatchLogs.Arn'),
    ...Object.fromEntries(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'].map((action) => [action, 'NotifyTable.Arn'])),
    ...Object.fromEntries(consume.map((action) => [action, 'NotifyOnenormalQueue.Arn'])),
    'sqs:SendMessage': sendsTo,
  };
}

/** The items whose partition key is like this; what names no key, such as a scan, is refused. */
function itemsLike(partitionKey: string) {
  return { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [partitionKey] }, 'Null': { 'dynamodb:LeadingKeys': 'false' } };
}

/** Conditions under which a role may do something with the table. */
function conditionsOnTable(stack: Stack, role: string): unknown[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => [Action].flat().some((action: string) => action.startsWith('dynamodb:')))
    .map(({ Condition }) => Condition);
}
