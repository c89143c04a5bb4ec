import { compileTemplate, type PipeEvent, type PipeIdentity } from './input-template';
import { failedItemIndexes } from './item-failures';
import { failureOf, type Outcome, outcomeOfEntries, refusal, SUCCESS } from './outcome';
import { parameter, textParameter } from './path-parameter';
import type { Caller, World } from '../../service';
import { queueUrl } from '../events/target';

/** Everything that one invocation of a target is made of. */
export interface TargetCall {
  readonly world: World;
  readonly caller: Caller;
  readonly events: readonly PipeEvent[];
  /** The events as the template makes them. */
  readonly payloads: readonly string[];
  /** What names the events of the source, for partial failures. */
  readonly ids: readonly (string | undefined)[];
}

export interface Target {
  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html#pipes-batchable-target */
  readonly maximumBatch: number;
  transform(events: readonly PipeEvent[], pipe: PipeIdentity, ingestionTime: string): string[];
  invoke(call: TargetCall): Promise<Outcome>;
}

type Invoke = Target['invoke'];

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-pipes-pipe-pipetargetparameters.html */
const PARAMETERS_OF: Readonly<Record<string, string>> = {
  events: 'EventBridgeEventBusParameters',
  sqs: 'SqsQueueParameters',
  lambda: 'LambdaFunctionParameters',
  states: 'StepFunctionStateMachineParameters',
  logs: 'CloudWatchLogsParameters',
};

/** Checks the target of a pipe; throws a sentence naming what is wrong or not simulated. */
export function compileTarget(arn: string, parameters: any = {}, pipe: PipeIdentity): Target {
  const [, , service, , , kind] = arn.split(':');
  for (const name of Object.values(PARAMETERS_OF)) {
    if (parameters[name] !== undefined && name !== PARAMETERS_OF[service]) throw new Error(`TargetParameters has ${name}, and the target is ${arn}`);
  }
  const own = parameters[PARAMETERS_OF[service]] ?? {};
  const target = (maximumBatch: number, mustBeJson: boolean, invoke: Invoke): Target => {
    const template = compileTemplate(parameters.InputTemplate, mustBeJson);
    return { maximumBatch, invoke, transform: (events, identity, time) => events.map((event) => template(event, identity, time)) };
  };
  switch (service) {
    case 'events':
      if (kind.startsWith('event-bus/')) return target(10, true, busCall(arn, own, pipe));
      break;
    case 'sqs': return target(10, false, queueCall(arn, own));
    case 'sns':
      // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html: standard topics only.
      if (arn.endsWith('.fifo')) throw new Error(`target ${arn} is a FIFO topic, which pipes do not support`);
      return target(10, false, topicCall(arn));
    case 'lambda': return target(Infinity, true, functionCall(arn, invocationType(own)));
    case 'states': return target(Infinity, true, stateMachineCall(arn, invocationType(own)));
    case 'logs': return target(10_000, false, logsCall(arn, own));
  }
  throw new Error(`target ${arn} is not simulated; simulated: event buses, queues, topics, functions, state machines, log groups`);
}

/** The entries' defaults are those that pipes write. https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeTargetEventBridgeEventBusParameters.html */
function busCall(arn: string, parameters: any, pipe: PipeIdentity): Invoke {
  if (parameters.EndpointId !== undefined) throw new Error('EventBridgeEventBusParameters.EndpointId is not simulated: global endpoints are not');
  const { Time } = parameters;
  // https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeTargetEventBridgeEventBusParameters.html: Time is a path only.
  if (Time !== undefined && !/^\$\./.test(String(Time))) throw new Error(`EventBridgeEventBusParameters.Time is '${Time}'; it must be a JSON path`);
  const source = textParameter(parameters.Source) ?? (() => `Pipe ${pipe.name}`);
  const detailType = textParameter(parameters.DetailType) ?? (() => `Event from aws:${pipe.sourceArn.split(':')[2]}`);
  const resources = ((parameters.Resources ?? []) as unknown[]).map((each) => textParameter(each)!);
  const time = parameter(Time);
  return async ({ world, caller, events, payloads }) => {
    const Entries = events.map((event, index) => ({
      EventBusName: arn,
      Source: source(event),
      DetailType: detailType(event),
      Detail: payloads[index],
      ...(resources.length > 0 && { Resources: resources.map((each) => each(event)).filter((each) => each !== undefined) }),
      ...(time && { Time: timeOf(time(event)) }),
    }));
    const answer = await world.call({ service: 'events', operation: 'PutEvents', input: { Entries }, caller });
    const failed = (answer.Entries as any[]).flatMap(({ ErrorCode }, index) => (ErrorCode ? [{ index, code: String(ErrorCode) }] : []));
    return outcomeOfEntries(events.length, failed);
  };
}

/** Seconds since 1970, also as text, or ISO 8601. */
function timeOf(value: unknown): unknown {
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function queueCall(arn: string, parameters: any): Invoke {
  const group = textParameter(parameters.MessageGroupId);
  const deduplication = textParameter(parameters.MessageDeduplicationId);
  if (arn.endsWith('.fifo') && !group) throw new Error(`target ${arn} is a FIFO queue: SqsQueueParameters.MessageGroupId is required`);
  return async ({ world, caller, events, payloads }) => {
    const Entries = events.map((event, index) => ({
      Id: String(index),
      MessageBody: payloads[index],
      ...(group && { MessageGroupId: group(event) }),
      ...(deduplication && { MessageDeduplicationId: deduplication(event) }),
    }));
    const answer = await world.call({ service: 'sqs', operation: 'SendMessageBatch', input: { QueueUrl: queueUrl(arn), Entries }, caller });
    return outcomeOfEntries(events.length, failedEntries(answer));
  };
}

function topicCall(arn: string): Invoke {
  return async ({ world, caller, payloads }) => {
    const PublishBatchRequestEntries = payloads.map((Message, index) => ({ Id: String(index), Message }));
    const answer = await world.call({ service: 'sns', operation: 'PublishBatch', input: { TopicArn: arn, PublishBatchRequestEntries }, caller });
    return outcomeOfEntries(payloads.length, failedEntries(answer));
  };
}

function failedEntries(answer: any) {
  const failed: any[] = answer.Failed ?? [];
  return failed.map(({ Id, Code, SenderFault }) => ({ index: Number(Id), code: String(Code), senderFault: Boolean(SenderFault) }));
}

type InvocationType = 'REQUEST_RESPONSE' | 'FIRE_AND_FORGET';

function invocationType({ InvocationType = 'REQUEST_RESPONSE' }: any): InvocationType {
  if (InvocationType === 'REQUEST_RESPONSE' || InvocationType === 'FIRE_AND_FORGET') return InvocationType;
  throw new Error(`InvocationType is '${InvocationType}'; allowed: REQUEST_RESPONSE, FIRE_AND_FORGET`);
}

/** Batches are JSON arrays, also those of one event. */
export function arrayOf(payloads: readonly string[]): string {
  return `[${payloads.join(',')}]`;
}

function functionCall(arn: string, type: InvocationType): Invoke {
  const InvocationType = type === 'REQUEST_RESPONSE' ? 'RequestResponse' : 'Event';
  return async ({ world, caller, payloads, ids }) => {
    const input = { FunctionName: arn, InvocationType, Payload: arrayOf(payloads) };
    const { FunctionError, Payload } = await world.call({ service: 'lambda', operation: 'Invoke', input, caller });
    if (FunctionError) return refusal(`the function failed: ${textOf(Payload).slice(0, 200)}`);
    return type === 'REQUEST_RESPONSE' ? itemOutcome(textOf(Payload), ids) : SUCCESS;
  };
}

/** REQUEST_RESPONSE is for Express workflows only. https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeTargetStateMachineParameters.html */
function stateMachineCall(arn: string, type: InvocationType): Invoke {
  return async ({ world, caller, payloads, ids }) => {
    const input = { stateMachineArn: arn, input: arrayOf(payloads) };
    if (type === 'FIRE_AND_FORGET') {
      await world.call({ service: 'states', operation: 'StartExecution', input, caller });
      return SUCCESS;
    }
    const { status, output, error } = await world.call({ service: 'states', operation: 'StartSyncExecution', input, caller });
    return status === 'SUCCEEDED' ? itemOutcome(output ?? '', ids) : refusal(`the execution ended as ${status}: ${error}`);
  };
}

function logsCall(arn: string, parameters: any): Invoke {
  const stream = textParameter(parameters.LogStreamName);
  const time = parameter(parameters.Timestamp);
  const logGroupName = arn.split(':').slice(6).join(':').replace(/:\*$/, '');
  return async ({ world, caller, events, payloads }) => {
    const logEvents = payloads.map((message, index) => ({ message, timestamp: time ? Number(time(events[index])) : world.kernel.now }));
    const input = { logGroupName, logStreamName: stream?.(events[0]) ?? 'pipe', logEvents };
    await world.call({ service: 'logs', operation: 'PutLogEvents', input, caller });
    return SUCCESS;
  };
}

function itemOutcome(response: string, ids: readonly (string | undefined)[]): Outcome {
  const failed = failedItemIndexes(response, ids);
  if (failed === 'all') return refusal('the target reported the whole batch as failed');
  return failed.length === 0 ? SUCCESS : { ok: false, error: 'the target reported failed items', failed, uncounted: false };
}

export function textOf(payload: unknown): string {
  return typeof payload === 'string' ? payload : payload === undefined ? '' : Buffer.from(payload as Uint8Array).toString('utf8');
}

/** For callers that only want to know how a call ended. */
export async function attempted(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    return failureOf(error);
  }
}
