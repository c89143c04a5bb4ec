import { asText, badArguments } from './arguments';
import type { TaskContext } from './integration';
import { requestIds } from './request-ids';
import { isoTime, plainOutput } from './sdk-metadata';
import { attributesFromSdk, attributesToSdk, camelKeys, pascalKeys, pascalListKeys } from './sdk-names';
import { sdkErrors, serviceFailure } from './service-errors';
import { isObject, type Json, type JsonObject } from '../asl/json';

interface SdkService {
  /** The service's name in this simulator. */
  readonly service: string;
  /** What the AWS SDK for Java 2 calls it, which is the prefix of its errors. */
  readonly sdkName: string;
  /** Fields that hold text in the API; Step Functions writes any other JSON that it finds there as text. */
  readonly textFields?: readonly string[];
  readonly toRequest?: (args: JsonObject) => Json;
  readonly toOutput: (output: JsonObject) => Json;
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html */
const SERVICES: Readonly<Record<string, SdkService>> = {
  dynamodb: { service: 'dynamodb', sdkName: 'DynamoDb', toRequest: attributesFromSdk, toOutput: attributesToSdk },
  sqs: { service: 'sqs', sdkName: 'Sqs', textFields: ['MessageBody'], toOutput: pascalListKeys },
  sns: { service: 'sns', sdkName: 'Sns', textFields: ['Message'], toOutput: pascalListKeys },
  eventbridge: { service: 'events', sdkName: 'EventBridge', toOutput: pascalListKeys },
  lambda: { service: 'lambda', sdkName: 'Lambda', textFields: ['Payload'], toOutput: pascalListKeys },
  cloudwatch: { service: 'cloudwatch', sdkName: 'CloudWatch', toOutput: pascalListKeys },
  pipes: { service: 'pipes', sdkName: 'Pipes', toOutput: pascalListKeys },
  scheduler: { service: 'scheduler', sdkName: 'Scheduler', toOutput: pascalListKeys },
  sfn: { service: 'states', sdkName: 'Sfn', textFields: ['Input', 'Output'], toRequest: camelKeysAtTop, toOutput: pascalKeys },
  cloudwatchlogs: { service: 'logs', sdkName: 'CloudWatchLogs', toRequest: camelKeys, toOutput: pascalKeys },
};

/** The service and operation of `aws-sdk:<service>:<action>`, or `undefined` for a service that has no SDK integration here. */
export function sdkTarget(sdkService: string, action: string): { service: string; operation: string } | undefined {
  const known = SERVICES[sdkService];
  return known && { service: known.service, operation: action[0].toUpperCase() + action.slice(1) };
}

export function sdkServices(): string[] {
  return Object.keys(SERVICES);
}

/** The call that `aws-sdk:<service>:<action>` stands for, be it in a state machine or in a schedule. */
export function sdkRequest(sdkService: string, action: string, args: JsonObject): { service: string; operation: string; input: Json } {
  const target = sdkTarget(sdkService, action);
  if (!target) throw new Error(`the AWS SDK integration '${sdkService}' is not simulated; simulated: ${sdkServices().join(', ')}`);
  const { textFields = [], toRequest } = SERVICES[sdkService];
  const written: JsonObject = { ...args };
  for (const field of textFields) if (field in written && written[field] !== null) written[field] = asText(written[field]);
  return { ...target, input: toRequest ? toRequest(written) : written };
}

/** Calls an operation just as its API has it: nothing is added to the answer, and only an error answer fails the task. */
export async function callSdk(sdkService: string, action: string, args: Json, context: TaskContext): Promise<Json> {
  const { sdkName, toOutput } = SERVICES[sdkService];
  if (!isObject(args)) throw badArguments(args, ['The arguments must be a JSON object']);
  const { world, caller } = context;
  let answer: unknown;
  try {
    answer = await world.call({ ...sdkRequest(sdkService, action, args), caller });
  } catch (error) {
    throw serviceFailure(error, sdkErrors(sdkName), requestIds(world));
  }
  return toOutput(plainOutput(answer, isoTime));
}

function camelKeysAtTop(args: JsonObject): Json {
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key[0].toLowerCase() + key.slice(1), value]));
}
