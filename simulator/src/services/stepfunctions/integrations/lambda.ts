import { stringArgument } from './arguments';
import type { Integration, TaskContext } from './integration';
import { requestIds } from './request-ids';
import { withSdkMetadata } from './sdk-metadata';
import { OPTIMIZED_ERRORS, serviceFailure, TaskFailed } from './service-errors';
import type { Json, JsonObject } from '../asl/json';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html */
export const lambdaInvoke: Integration = {
  patterns: ['requestResponse', 'waitForTaskToken'],
  parameters: ['FunctionName', 'Payload', 'InvocationType', 'ClientContext', 'LogType', 'Qualifier'],
  required: ['FunctionName'],
  run: async (args, context) => {
    stringArgument(args, 'FunctionName');
    const answer = await invoke(context, { ...args, Payload: JSON.stringify(args.Payload ?? {}) });
    const output: JsonObject = { ExecutedVersion: answer.ExecutedVersion ?? '$LATEST', Payload: payloadJson(answer.Payload) };
    return { ...withSdkMetadata(context.world, output, 'application/json'), StatusCode: answer.StatusCode ?? 200 };
  },
};

/** The function's ARN as the resource: its input is the task's, its result is the task's. */
export async function invokeFunction(functionArn: string, input: Json, context: TaskContext): Promise<Json> {
  const answer = await invoke(context, { FunctionName: functionArn, Payload: JSON.stringify(input) });
  return payloadJson(answer.Payload);
}

async function invoke(context: TaskContext, input: Record<string, unknown>): Promise<any> {
  const { world, caller } = context;
  let answer: any;
  try {
    answer = await world.call({ service: 'lambda', operation: 'Invoke', input, caller });
  } catch (error) {
    throw serviceFailure(error, OPTIMIZED_ERRORS.lambda, requestIds(world));
  }
  if (answer.FunctionError) throw functionFailure(payloadText(answer.Payload));
  return answer;
}

/**
 * A failed function's error is named by its `errorType`; the cause is the whole error as JSON.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
function functionFailure(payload: string) {
  let errorType: unknown;
  try {
    errorType = JSON.parse(payload)?.errorType;
  } catch {
    // A payload that is no JSON has no error type either.
  }
  if (typeof errorType === 'string' && errorType !== '') return new TaskFailed(errorType, payload);
  return new TaskFailed(
    'Lambda.Unknown',
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${payload}`,
  );
}

function payloadText(payload: unknown): string {
  if (payload === undefined || payload === null) return '';
  return typeof payload === 'string' ? payload : Buffer.from(payload as Uint8Array).toString('utf8');
}

function payloadJson(payload: unknown): Json {
  const text = payloadText(payload);
  if (text === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
