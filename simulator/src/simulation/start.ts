import type { DeployedResource } from '../cloudformation/stack-deployment';
import type { Caller, World } from '../service';
import type { StatesService } from '../services/stepfunctions';

/** How something that was started has ended. */
export interface Outcome {
  /** `SUCCEEDED`, or how the service says that it was not: `FAILED`, `TIMED_OUT`, `ABORTED`. */
  readonly status: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** Something that is under way in virtual time. */
export class Run {
  /** For a Standard workflow, once it has been accepted. */
  executionArn?: string;
  /** Undefined until it has ended. */
  outcome?: Outcome;
  private readonly promise: Promise<Outcome>;

  constructor(work: (run: Run) => Promise<Outcome>) {
    this.promise = work(this).catch((error) => ({ status: 'FAILED', error: String(error?.name), cause: String(error?.message) }))
      .then((outcome) => this.outcome = outcome);
  }

  /** Resolves when it ends, while the simulation runs; never, when it never ends. */
  result(): Promise<Outcome> {
    return this.promise;
  }
}

type Starter = (world: World, resource: DeployedResource, input: unknown, run: Run) => Promise<Outcome>;

const OPERATOR: Caller = { principal: { kind: 'operator' }, name: 'operator', faultFree: true };

/** What can be started, by resource type. */
const STARTERS: Readonly<Record<string, Starter>> = {
  'AWS::StepFunctions::StateMachine': async (world, { provisioned: { ref: stateMachineArn } }, input, run) => {
    const states = world.service<StatesService>('states');
    const text = JSON.stringify(input ?? {});
    const express = states.stateMachines().find(({ arn }) => arn === stateMachineArn)?.type === 'EXPRESS';
    if (express) {
      const answer = await world.call({ service: 'states', operation: 'StartSyncExecution', input: { stateMachineArn, input: text }, caller: OPERATOR });
      return ended(answer);
    }
    const { executionArn } = await world.call({ service: 'states', operation: 'StartExecution', input: { stateMachineArn, input: text }, caller: OPERATOR });
    run.executionArn = executionArn;
    return ended(await states.waitFor(executionArn));
  },
  'AWS::Lambda::Function': async (world, { provisioned: { ref: FunctionName } }, input) => {
    const { FunctionError, Payload } = await world.call({
      service: 'lambda', operation: 'Invoke', input: { FunctionName, Payload: JSON.stringify(input ?? {}) }, caller: OPERATOR,
    });
    const output = Payload ? JSON.parse(typeof Payload === 'string' ? Payload : Buffer.from(Payload).toString()) : undefined;
    if (FunctionError) return { status: 'FAILED', error: output?.errorType ?? FunctionError, cause: output?.errorMessage };
    return { status: 'SUCCEEDED', output };
  },
  'AWS::SQS::Queue': async (world, { provisioned: { ref: QueueUrl } }, input) => {
    const message = { QueueUrl, MessageBody: textOf(input), ...ordering(world, QueueUrl) };
    const { MessageId } = await world.call({ service: 'sqs', operation: 'SendMessage', input: message, caller: OPERATOR });
    return { status: 'SUCCEEDED', output: { MessageId } };
  },
  'AWS::SNS::Topic': async (world, { provisioned: { ref: TopicArn } }, input) => {
    const message = { TopicArn, Message: textOf(input), ...ordering(world, TopicArn) };
    const { MessageId } = await world.call({ service: 'sns', operation: 'Publish', input: message, caller: OPERATOR });
    return { status: 'SUCCEEDED', output: { MessageId } };
  },
  'AWS::Events::EventBus': async (world, { provisioned: { ref: EventBusName } }, input) => {
    const events: any[] = Array.isArray(input) ? input : [input];
    const { FailedEntryCount, Entries } = await world.call({
      service: 'events', operation: 'PutEvents', input: { Entries: events.map((event) => ({ ...entryOf(event), EventBusName })) }, caller: OPERATOR,
    });
    if (FailedEntryCount > 0) return { status: 'FAILED', error: 'PutEvents', cause: JSON.stringify(Entries) };
    return { status: 'SUCCEEDED', output: { Entries } };
  },
};

export const STARTABLE_TYPES: readonly string[] = Object.keys(STARTERS);
export const STATE_MACHINE = 'AWS::StepFunctions::StateMachine';

/** Starts the execution, invokes the function, sends or publishes the message, or puts the events. */
export function start(world: World, resource: DeployedResource, input: unknown): Run {
  return new Run((run) => STARTERS[resource.type](world, resource, input, run));
}

function ended({ status, output, error, cause }: { status: string; output?: string; error?: string; cause?: string }): Outcome {
  return {
    status,
    ...(output === undefined ? {} : { output: JSON.parse(output) }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}

function textOf(input: unknown): string {
  return typeof input === 'string' ? input : JSON.stringify(input ?? {});
}

/** FIFO queues and topics want a group, and an id that no other message has. */
function ordering(world: World, target: string) {
  if (!target.endsWith('.fifo')) return {};
  return { MessageGroupId: 'operator', MessageDeduplicationId: world.kernel.random.fork(`send/${world.trace.count}`).uuid() };
}

/** An event as PutEvents takes it, or as a target receives it. */
function entryOf(event: any): object {
  if (typeof event !== 'object' || event === null) {
    throw new Error(`an event is an object with source, detail-type and detail, got ${JSON.stringify(event)}`);
  }
  if ('Source' in event || 'DetailType' in event) {
    return { ...event, Detail: typeof event.Detail === 'string' ? event.Detail : JSON.stringify(event.Detail ?? {}) };
  }
  return { Source: event.source, DetailType: event['detail-type'], Detail: JSON.stringify(event.detail ?? {}), Resources: event.resources };
}
