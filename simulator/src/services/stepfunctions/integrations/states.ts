import { asText, stringArgument } from './arguments';
import type { Integration, IntegrationPattern, TaskContext } from './integration';
import { requestIds } from './request-ids';
import { epochMilliseconds, plainOutput, withSdkMetadata } from './sdk-metadata';
import { pascalKeys } from './sdk-names';
import { OPTIMIZED_ERRORS, serviceFailure, TaskFailed } from './service-errors';
import type { Service } from '../../../service';
import type { Json, JsonObject } from '../asl/json';

/** The part of the service that a parent execution needs of it. */
interface ExecutionsThatEnd extends Service {
  waitFor(executionArn: string): Promise<unknown>;
}

const POLL_MS = 1_000;

/** What the parent learns of the child, in this order. */
const REPORTED = [
  'ExecutionArn', 'Input', 'InputDetails', 'Name', 'Output', 'OutputDetails', 'StartDate', 'StateMachineArn', 'Status', 'StopDate', 'Error', 'Cause',
];

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html */
export const startExecution: Integration = {
  patterns: ['requestResponse', 'sync', 'sync:2', 'waitForTaskToken'],
  parameters: ['StateMachineArn', 'Input', 'Name', 'TraceHeader'],
  required: ['StateMachineArn'],
  run: async (args, context, pattern) => {
    const { world } = context;
    const started = await start(args, context);
    const output = withSdkMetadata(world, pascalKeys(plainOutput(started, epochMilliseconds)) as JsonObject);
    if (pattern !== 'sync' && pattern !== 'sync:2') return output;
    context.submitted(output);
    return child(started.executionArn, context, pattern);
  },
};

async function start(args: JsonObject, { world, caller }: TaskContext): Promise<{ executionArn: string }> {
  const input = {
    stateMachineArn: stringArgument(args, 'StateMachineArn'),
    input: asText(args.Input ?? {}),
    ...(args.Name === undefined ? {} : { name: stringArgument(args, 'Name') }),
  };
  try {
    return await world.call({ service: 'states', operation: 'StartExecution', input, caller });
  } catch (error) {
    throw serviceFailure(error, OPTIMIZED_ERRORS.states, requestIds(world));
  }
}

/**
 * Waits for the child to end. Step Functions hears of it by an event of a managed rule, and then describes the execution.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
 */
async function child(executionArn: string, context: TaskContext, pattern: IntegrationPattern): Promise<Json> {
  const { world, caller, signal } = context;
  // "If a task using .sync is aborted … Step Functions will make a best-effort attempt to cancel the task."
  let ended = false;
  signal.onCancel(() => {
    if (!ended) world.call({ service: 'states', operation: 'StopExecution', input: { executionArn }, caller }).catch(() => undefined);
  });
  await world.service<ExecutionsThatEnd>('states').waitFor(executionArn);
  ended = true;
  await world.kernel.sleep(world.latency.sample('events.delivery'), signal);
  const described = await describeEnded(executionArn, context);
  const report: JsonObject = {};
  for (const field of REPORTED) if (field in described) report[field] = described[field];
  if (report.Status !== 'SUCCEEDED') throw new TaskFailed('States.TaskFailed', JSON.stringify(report));
  if (pattern === 'sync:2') {
    // "startExecution.sync:2: … the output is JSON", with .sync it is text.
    for (const field of ['Input', 'Output']) if (typeof report[field] === 'string') report[field] = JSON.parse(report[field]) as Json;
  }
  return report;
}

/** A description may lag behind; Step Functions then asks again. */
async function describeEnded(executionArn: string, { world, caller, signal }: TaskContext): Promise<JsonObject> {
  for (;;) {
    let answer: any;
    try {
      answer = await world.call({ service: 'states', operation: 'DescribeExecution', input: { executionArn }, caller });
    } catch (error) {
      throw serviceFailure(error, OPTIMIZED_ERRORS.states, requestIds(world));
    }
    if (answer.status !== 'RUNNING') return pascalKeys(plainOutput(answer, epochMilliseconds)) as JsonObject;
    await world.kernel.sleep(POLL_MS, signal);
  }
}
