import { apiDestinationCall, type TargetHttpParameters } from './api-destination-call';
import type { ApiDestinations } from './api-destinations';
import { compileTargetInput, type InputTransformation, type TargetInput } from './input-transformer';
import { JsonPath } from './json-path';
import { type EventEnvelope, type PutEventsEntry } from './put-events';
import type { ApiCall } from '../../service';

/** A target as a template or PutTargets describes it. */
export interface TargetProperties extends TargetInput {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly SqsParameters?: { readonly MessageGroupId?: string };
  readonly HttpParameters?: TargetHttpParameters;
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number | string; readonly MaximumEventAgeInSeconds?: number | string };
  readonly DeadLetterConfig?: { readonly Arn?: string };
}

/** What makes a target's API call, without its caller. */
export type TargetCall = (payload: string, event: EventEnvelope) => Pick<ApiCall, 'service' | 'operation' | 'input'>;

export interface RuleTarget {
  readonly id: string;
  readonly arn: string;
  readonly roleArn?: string;
  readonly transform: InputTransformation;
  readonly call: TargetCall;
  /** Waits until the target may be called; false when that would be after the deadline. Absent where nothing limits the rate. */
  readonly turn?: (deadline: number) => Promise<boolean>;
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeMs: number;
  readonly deadLetterArn?: string;
}

/** The key under which a bus target hands on the whole event, so that it keeps its id and time. */
export const FORWARDED = Symbol('forwarded event');
export type ForwardedEntry = PutEventsEntry & { readonly [FORWARDED]?: EventEnvelope };

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html */
const MOST_RETRIES = 185;
const OLDEST_EVENT_SECONDS = 86_400;
const YOUNGEST_EVENT_SECONDS = 60;

/** Checks a target and makes it callable; throws a sentence naming what is wrong or not simulated. */
export function compileTarget(properties: TargetProperties, apiDestinations: ApiDestinations): RuleTarget {
  const { Id: id, Arn: arn, RetryPolicy: retry = {} } = properties;
  const destination = apiDestinations.find(arn);
  return {
    id,
    arn,
    roleArn: properties.RoleArn,
    transform: compileTargetInput(properties),
    call: targetCall(properties, apiDestinations),
    ...(destination && { turn: (deadline) => destination.turn(deadline) }),
    maximumRetryAttempts: bounded(retry.MaximumRetryAttempts, MOST_RETRIES, 0, MOST_RETRIES, 'MaximumRetryAttempts'),
    maximumEventAgeMs: 1000 * bounded(retry.MaximumEventAgeInSeconds,
      OLDEST_EVENT_SECONDS, YOUNGEST_EVENT_SECONDS, OLDEST_EVENT_SECONDS, 'MaximumEventAgeInSeconds'),
    deadLetterArn: properties.DeadLetterConfig?.Arn,
  };
}

function bounded(value: number | string | undefined, otherwise: number, least: number, most: number, name: string): number {
  const number = value === undefined ? otherwise : Number(value);
  if (!(number >= least && number <= most)) throw new Error(`${name} must be between ${least} and ${most}, not ${value}`);
  return number;
}

/** The queue URL of an ARN; SQS answers to this form in every region. */
export function queueUrl(arn: string): string {
  const [, , , region, account, name] = arn.split(':');
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html */
function targetCall(properties: TargetProperties, apiDestinations: ApiDestinations): TargetCall {
  const { Id: id, Arn: arn } = properties;
  const [, , service, , , kind] = arn.split(':');
  if (properties.SqsParameters && service !== 'sqs') throw new Error(`target '${id}' has SqsParameters but is no queue: ${arn}`);
  const isApiDestination = service === 'events' && kind.startsWith('api-destination/');
  if (properties.HttpParameters && !isApiDestination) throw new Error(`target '${id}' has HttpParameters but is no API destination: ${arn}`);
  switch (service) {
    case 'sqs': return queueCall(arn, properties.SqsParameters?.MessageGroupId);
    case 'lambda':
      // Rules invoke functions asynchronously.
      return (payload) => ({ service: 'lambda', operation: 'Invoke', input: { FunctionName: arn, InvocationType: 'Event', Payload: payload } });
    case 'states':
      if (!properties.RoleArn) throw new Error(`target '${id}' needs a RoleArn: EventBridge starts state machines with a role`);
      return (payload) => ({ service: 'states', operation: 'StartExecution', input: { stateMachineArn: arn, input: payload } });
    case 'events':
      if (isApiDestination) return httpCall(properties, apiDestinations);
      if (!kind.startsWith('event-bus/')) break;
      return busCall(arn);
    case 'logs':
      return logsCall(arn);
    case 'sns':
      // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html: standard topics only.
      if (arn.endsWith('.fifo')) throw new Error(`target '${id}' is a FIFO topic, to which EventBridge cannot publish: ${arn}`);
      return (payload) => ({ service: 'sns', operation: 'Publish', input: { TopicArn: arn, Message: payload } });
  }
  throw new Error(`target '${id}' is not simulated: '${service}' of ${arn}; simulated: sqs, sns, lambda, states, events (event buses, API destinations), logs`);
}

function httpCall(target: TargetProperties, apiDestinations: ApiDestinations): TargetCall {
  const { Id: id, Arn: arn, RoleArn: roleArn, HttpParameters: parameters } = target;
  if (!roleArn) throw new Error(`target '${id}' needs a RoleArn: EventBridge invokes API destinations with a role`);
  const destination = apiDestinations.find(arn);
  if (!destination) throw new Error(`target '${id}' is an API destination that does not exist: ${arn}`);
  return apiDestinationCall(arn, destination.wildcards, parameters);
}

function queueCall(arn: string, groupId: string | undefined): TargetCall {
  if (arn.endsWith('.fifo') && groupId === undefined) throw new Error(`target ${arn} is a FIFO queue: SqsParameters.MessageGroupId is required`);
  // The group may be a dynamic path parameter of the original event.
  const path = groupId?.startsWith('$.') ? JsonPath.parse(groupId) : undefined;
  return (payload, event) => {
    const found = path ? path.evaluate(event) : groupId;
    const group = found === undefined || typeof found === 'string' ? found : JSON.stringify(found);
    return {
      service: 'sqs',
      operation: 'SendMessage',
      input: { QueueUrl: queueUrl(arn), MessageBody: payload, ...(group === undefined ? {} : { MessageGroupId: group }) },
    };
  };
}

function busCall(arn: string): TargetCall {
  return (_, event) => {
    const entry: ForwardedEntry = {
      Source: event.source, DetailType: event['detail-type'], Detail: JSON.stringify(event.detail), EventBusName: arn, [FORWARDED]: event,
    };
    return { service: 'events', operation: 'PutEvents', input: { Entries: [entry] } };
  };
}

function logsCall(arn: string): TargetCall {
  const logGroupName = arn.split(':').slice(6).join(':').replace(/:\*$/, '');
  return (payload, event) => ({
    service: 'logs',
    operation: 'PutLogEvents',
    input: { logGroupName, logStreamName: event.id, logEvents: [{ timestamp: Date.parse(event.time), message: payload }] },
  });
}
