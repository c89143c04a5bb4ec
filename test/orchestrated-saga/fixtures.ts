import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { SagaDescription, StepDescription } from '../../src/orchestrated-saga/workflow/description';

/** A queue of the stack that steps send to. */
export function outgoing(stack: Stack): Queue {
  return stack.node.tryFindChild('Outgoing') as Queue | undefined ?? new Queue(stack, 'Outgoing');
}

/** A table of orders, which sagas lock. */
export function orders(stack: Stack): Table {
  return stack.node.tryFindChild('Orders') as Table | undefined ?? new Table(stack, 'Orders', { partitionKey: { name: 'orderId', type: AttributeType.STRING } });
}

/** A task that sends a message. */
export function enqueue(stack: Stack, id: string, more: Partial<tasks.SqsSendMessageJsonataProps> = {}): tasks.SqsSendMessage {
  const messageBody = sfn.TaskInput.fromText(`{% $string({"key": $sagaId & "#${id}#DO", "input": $input, "results": $results}) %}`);
  return tasks.SqsSendMessage.jsonata(stack, id, { queue: outgoing(stack), messageBody, ...more });
}

/** A saga with every kind of state that there is. */
export function everyKindOfStep(): SagaDescription {
  const call = { kind: 'FUNCTION', functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:call' } as const;
  const step = (id: string, more: Partial<StepDescription> = {}): StepDescription => ({
    kind: 'STEP',
    id,
    action: call,
    compensation: call,
    timeoutSeconds: 30,
    compensationTimeoutSeconds: 30,
    retry: { maxAttempts: 3, intervalSeconds: 1, backoffRate: 2, maxIntervalSeconds: 30 },
    abortOn: [],
    onUnknown: { kind: 'QUERY', functionArn: call.functionArn },
    pivot: false,
    ...more,
  });
  return {
    saga: 'Trip',
    partition: 'aws',
    steps: [
      step('A'),
      { kind: 'GROUP', id: 'G', steps: [step('B'), step('C', { onUnknown: { kind: 'PARK' } })] },
      step('D', { action: { kind: 'APPROVAL', message: '$input' }, compensation: undefined }),
      step('E', { pivot: true }),
      step('F', { compensation: undefined }),
    ],
    deadlineSeconds: 600,
    sagaId: '$input.sagaId',
    retentionSeconds: 1_000,
    tableName: 'Sagas',
    eventBusName: 'default',
    parkedQueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/parked',
    recovered: true,
    lock: { tableName: 'Orders', key: { orderId: '$input.orderId' } },
  };
}

/** The definition of the one state machine whose logical id, without its hash, is this; references are logical ids without hashes. */
export function definitionOf(stack: Stack, machine: string): any {
  const machines = Object.entries(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
  const [, { Properties }] = machines.find(([id]) => id.replace(/[0-9A-F]{8}$/, '') === machine)!;
  const parts: any[] = Properties.DefinitionString['Fn::Join'][1];
  return JSON.parse(parts.map((part) => {
    if (part.Ref === 'AWS::Partition') return 'aws';
    return typeof part === 'string' ? part : (part.Ref ?? part['Fn::GetAtt'][0]).replace(/[0-9A-F]{8}$/, '');
  }).join(''));
}
