import { checkArguments } from './arguments';
import { callSdk, sdkServices, sdkTarget } from './aws-sdk';
import { deleteItem, getItem, putItem, updateItem } from './dynamodb';
import { putEvents } from './events';
import { httpInvoke } from './http';
import type { Integration, IntegrationPattern, TaskContext } from './integration';
import { invokeFunction, lambdaInvoke } from './lambda';
import { publish } from './sns';
import { sendMessage } from './sqs';
import { startExecution } from './states';
import type { World } from '../../../service';
import type { TaskCall } from '../asl/environment';
import type { Json } from '../asl/json';
import type { TaskResource } from '../asl/task-resource';

/** The optimized integrations, by service and action. */
const OPTIMIZED: Readonly<Record<string, Integration>> = {
  'lambda:invoke': lambdaInvoke,
  'events:putEvents': putEvents,
  'sqs:sendMessage': sendMessage,
  'sns:publish': publish,
  'dynamodb:getItem': getItem,
  'dynamodb:putItem': putItem,
  'dynamodb:updateItem': updateItem,
  'dynamodb:deleteItem': deleteItem,
  'states:startExecution': startExecution,
  'http:invoke': httpInvoke,
};

const SDK_PREFIX = 'aws-sdk:';

/** Makes the call of a task and answers its output; a task that waits for its token goes on waiting after it. */
export async function runIntegration(call: TaskCall, context: TaskContext): Promise<Json> {
  const { target } = call;
  if (target.kind === 'lambda') return invokeFunction(target.functionArn, call.parameters, context);
  if (target.kind === 'activity') throw new Error(`activities are not simulated, but state '${call.stateName}' is one`);
  if (target.service.startsWith(SDK_PREFIX)) return callSdk(target.service.slice(SDK_PREFIX.length), target.action, call.parameters, context);
  const integration = OPTIMIZED[`${target.service}:${target.action}`];
  return integration.run(checkArguments(integration, call.parameters), context, patternOf(target.api));
}

/** Why a state machine cannot have this task here, or `undefined` when it can. */
export function integrationProblem(world: World, target: TaskResource): string | undefined {
  if (target.kind === 'activity') return 'activities are not simulated';
  if (target.kind === 'lambda') return serviceProblem(world, 'lambda', 'Invoke');
  const pattern = patternOf(target.api);
  if (target.service.startsWith(SDK_PREFIX)) {
    const name = target.service.slice(SDK_PREFIX.length);
    const sdk = sdkTarget(name, target.action);
    if (!sdk) return `the AWS SDK integration '${name}' is not simulated; simulated: ${sdkServices().join(', ')}`;
    if (pattern === 'sync' || pattern === 'sync:2') return `'${target.service}:${target.api}': AWS SDK integrations have no '.sync'`;
    return serviceProblem(world, sdk.service, sdk.operation);
  }
  const integration = OPTIMIZED[`${target.service}:${target.action}`];
  if (!integration) {
    return `the integration '${target.service}:${target.action}' is not simulated; simulated: ${Object.keys(OPTIMIZED).join(', ')}, aws-sdk:…`;
  }
  if (!integration.patterns.includes(pattern)) {
    return `the integration '${target.service}:${target.action}' has no '${target.api.slice(target.action.length)}'`;
  }
  return serviceProblem(world, target.service, target.action[0].toUpperCase() + target.action.slice(1));
}

/** The optimized integration behind a resource, whose argument names are checked when the state machine is created. */
export function optimizedIntegration(target: TaskResource): Integration | undefined {
  return target.kind === 'service' ? OPTIMIZED[`${target.service}:${target.action}`] : undefined;
}

function serviceProblem(world: World, service: string, operation: string): string | undefined {
  try {
    if (world.service(service).operations[operation]) return undefined;
  } catch (error: any) {
    return error.message;
  }
  return `operation '${operation}' of ${service} is not simulated`;
}

function patternOf(api: string): IntegrationPattern {
  if (api.endsWith('.sync')) return 'sync';
  if (api.endsWith('.sync:2')) return 'sync:2';
  return api.endsWith('.waitForTaskToken') ? 'waitForTaskToken' : 'requestResponse';
}
