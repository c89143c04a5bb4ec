import type { ApiCall } from '../../service';
import { queueUrl } from '../events/target';
import { sdkRequest } from '../stepfunctions/integrations/aws-sdk';

/** https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Target.html */
export interface TargetProperties {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number | string; readonly MaximumEventAgeInSeconds?: number | string };
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly EventBridgeParameters?: { readonly DetailType: string; readonly Source: string };
  readonly SqsParameters?: { readonly MessageGroupId?: string };
}

export interface ScheduleTarget {
  readonly arn: string;
  readonly roleArn: string;
  /** As the schedule has it; undefined for the default notification. */
  readonly input?: string;
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeMs: number;
  readonly deadLetterArn?: string;
  readonly call: (input: string) => Omit<ApiCall, 'caller'>;
}

/** https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html */
const MOST_RETRIES = 185;
const OLDEST_EVENT_SECONDS = 86_400;
const YOUNGEST_EVENT_SECONDS = 60;

/** "EventBridge Scheduler does not support read-only API actions." https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html */
const READ_ONLY = /^(get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchGet|batchDescribe|batchRead|transactGet)/;

/** Checks a target and makes it callable; throws a sentence naming what is wrong or not simulated. */
export function compileTarget(properties: TargetProperties): ScheduleTarget {
  const { Arn: arn, RoleArn: roleArn, Input: input, RetryPolicy: retry = {}, DeadLetterConfig: dead } = properties;
  if (typeof arn !== 'string' || !arn.startsWith('arn:')) throw new Error(`Target.Arn must be an ARN, not ${JSON.stringify(arn)}`);
  if (typeof roleArn !== 'string' || !/^arn:[^:]+:iam::\d{12}:role\//.test(roleArn)) throw new Error(`Target.RoleArn must be the ARN of a role, not ${JSON.stringify(roleArn)}`);
  if (dead?.Arn !== undefined && (dead.Arn.split(':')[2] !== 'sqs' || dead.Arn.endsWith('.fifo'))) {
    throw new Error(`Target.DeadLetterConfig.Arn is ${dead.Arn}; allowed: standard queues`);
  }
  return {
    arn,
    roleArn,
    input,
    maximumRetryAttempts: bounded(retry.MaximumRetryAttempts, MOST_RETRIES, 0, 'MaximumRetryAttempts'),
    maximumEventAgeMs: 1000 * bounded(retry.MaximumEventAgeInSeconds, OLDEST_EVENT_SECONDS, YOUNGEST_EVENT_SECONDS, 'MaximumEventAgeInSeconds'),
    deadLetterArn: dead?.Arn,
    call: targetCall(properties),
  };
}

function bounded(value: number | string | undefined, most: number, least: number, name: string): number {
  const number = Number(value ?? most);
  if (!(number >= least && number <= most)) throw new Error(`${name} must be between ${least} and ${most}, not ${value}`);
  return number;
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html */
function targetCall(properties: TargetProperties): ScheduleTarget['call'] {
  const { Arn: arn, Input: written, EventBridgeParameters: bus, SqsParameters: sqs } = properties;
  const [, , service, , , kind, name] = arn.split(':');
  if (bus && service !== 'events') throw new Error(`Target has EventBridgeParameters, and its Arn is ${arn}`);
  if (sqs && service !== 'sqs') throw new Error(`Target has SqsParameters, and its Arn is ${arn}`);
  switch (service) {
    case 'lambda':
      jsonInput(arn, written);
      return (Payload) => ({ service: 'lambda', operation: 'Invoke', input: { FunctionName: arn, InvocationType: 'Event', Payload } });
    case 'states':
      jsonInput(arn, written);
      return (input) => ({ service: 'states', operation: 'StartExecution', input: { stateMachineArn: arn, input } });
    case 'sqs': {
      const group = sqs?.MessageGroupId;
      if (arn.endsWith('.fifo') && group === undefined) throw new Error(`Target ${arn} is a FIFO queue: SqsParameters.MessageGroupId is required`);
      const more = group === undefined ? {} : { MessageGroupId: group };
      return (MessageBody) => ({ service: 'sqs', operation: 'SendMessage', input: { QueueUrl: queueUrl(arn), MessageBody, ...more } });
    }
    case 'sns': return (Message) => ({ service: 'sns', operation: 'Publish', input: { TopicArn: arn, Message } });
    case 'events': {
      if (!kind.startsWith('event-bus/')) break;
      jsonInput(arn, written);
      if (!bus?.DetailType || !bus.Source) throw new Error(`Target ${arn} is an event bus: EventBridgeParameters with DetailType and Source are required`);
      const entry = { EventBusName: arn, Source: bus.Source, DetailType: bus.DetailType };
      return (Detail) => ({ service: 'events', operation: 'PutEvents', input: { Entries: [{ ...entry, Detail }] } });
    }
    case 'scheduler':
      if (kind === 'aws-sdk') return universalCall(arn, name, arn.split(':')[7], written);
  }
  throw new Error(`Target ${arn} is not simulated; simulated: functions, state machines, queues, topics, event buses, arn:aws:scheduler:::aws-sdk:…`);
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html */
function universalCall(arn: string, service: string, action: string, written: string | undefined): ScheduleTarget['call'] {
  if (READ_ONLY.test(action)) throw new Error(`Target ${arn} only reads, which EventBridge Scheduler does not support`);
  jsonInput(arn, written);
  sdkRequest(service, action, {});
  return (input) => sdkRequest(service, action, JSON.parse(input));
}

function jsonInput(arn: string, input: string | undefined) {
  if (input === undefined) return;
  try {
    JSON.parse(input);
  } catch {
    throw new Error(`Target.Input must be JSON for ${arn}`);
  }
}
