import type { Random } from '../../../kernel/random';
import type { World } from '../../../service';
import type { FunctionConfiguration } from '../configuration';
import type { Invocation } from './environment';

/** The second argument of a handler. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface InvocationContext {
  callbackWaitsForEmptyEventLoop?: boolean;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly clientContext?: unknown;
  readonly getRemainingTimeInMillis: () => number;
}

export function invocationContext(configuration: FunctionConfiguration, world: World, invocation: Invocation): InvocationContext {
  const deadline = world.kernel.now + configuration.timeoutMs;
  return {
    // Node.js 24 has removed callback-style handlers, and this with them.
    ...(configuration.nodeVersion < 24 ? { callbackWaitsForEmptyEventLoop: true } : {}),
    functionName: configuration.name,
    functionVersion: invocation.version,
    invokedFunctionArn: invocation.invokedArn,
    memoryLimitInMB: String(configuration.memoryMb),
    awsRequestId: invocation.requestId,
    logGroupName: configuration.logs.group,
    logStreamName: configuration.logStream,
    clientContext: invocation.clientContext,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - world.kernel.now)),
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
export function environmentVariables(configuration: FunctionConfiguration, world: World): Record<string, string> {
  return {
    ...configuration.variables,
    _HANDLER: configuration.handler,
    AWS_REGION: world.region,
    AWS_DEFAULT_REGION: world.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: configuration.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: configuration.logs.group,
    AWS_LAMBDA_LOG_STREAM_NAME: configuration.logStream,
    AWS_LAMBDA_LOG_FORMAT: configuration.logs.format,
    AWS_ACCESS_KEY_ID: 'SIMULATED',
    AWS_SECRET_ACCESS_KEY: 'SIMULATED',
    AWS_SESSION_TOKEN: 'SIMULATED',
    LAMBDA_TASK_ROOT: configuration.code.directory ?? '/var/task',
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    NODE_PATH: '/opt/nodejs/node_modules:/var/runtime/node_modules',
  };
}

/** `Root=1-<time>-<id>;Parent=<id>;Sampled=0`. https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
export function traceId(now: number, random: Random): string {
  const seconds = Math.floor(now / 1000).toString(16).padStart(8, '0');
  const hex = random.uuid().replace(/-/g, '');
  return `Root=1-${seconds}-${hex.slice(0, 24)};Parent=${hex.slice(8, 24)};Sampled=0`;
}
