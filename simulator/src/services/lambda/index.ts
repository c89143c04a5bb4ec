import { AsyncInvocations } from './async-invocations';
import { ACCOUNT_CONCURRENCY, Concurrency } from './concurrency';
import { eventInvokeConfigProvider } from './event-invoke-config-provider';
import { eventSourceMappingProvider } from './event-source-mapping-provider';
import type { ExecutionTime } from './function';
import { FunctionDirectory } from './function-directory';
import { functionProvider } from './function-provider';
import { invoke } from './invoke';
import type { FunctionOverride } from './override';
import { permissionProvider } from './permission-provider';
import { aliasProvider, layerProvider, versionProvider } from './version-providers';
import type { Service, World } from '../../service';

export type { FunctionOverride, OverrideTools } from './override';

export interface LambdaOptions {
  /** JavaScript in place of a function's code, by construct path (with or without the stack). */
  readonly functionOverrides?: Readonly<Record<string, FunctionOverride>>;
  /** CPU time of each invocation (default 1–5 ms); `{ minMs: 0, maxMs: 0 }` for none. */
  readonly executionTime?: ExecutionTime;
  /** Concurrent executions of the account (default 1,000). */
  readonly accountConcurrency?: number;
}

export interface LambdaService extends Service {
  /** Puts JavaScript in place of a function's code; before the function is created when its runtime is not Node.js. */
  override(path: string, implementation: FunctionOverride): void;
}

const DEFAULT_EXECUTION_TIME: ExecutionTime = { minMs: 1, maxMs: 5 };

/** AWS Lambda: functions that run their real code, synchronous and asynchronous invocations, queues and streams as event sources. */
export function lambdaService(world: World, options: LambdaOptions = {}): LambdaService {
  const concurrency = new Concurrency(options.accountConcurrency ?? ACCOUNT_CONCURRENCY);
  const directory = new FunctionDirectory(world, concurrency, options.executionTime ?? DEFAULT_EXECUTION_TIME);
  const asynchronous = new AsyncInvocations(world, concurrency);
  const random = world.kernel.random.fork('lambda/requests');
  for (const [path, implementation] of Object.entries(options.functionOverrides ?? {})) directory.override(path, implementation);
  const access = (action: string) => (input: any) => [{ action, resource: directory.accessArn(input.FunctionName, input.Qualifier) }];
  return {
    name: 'lambda',
    override: (path, implementation) => directory.override(path, implementation),
    operations: {
      Invoke: {
        access: access('lambda:InvokeFunction'),
        handle: (input, { caller: { chain } }) =>
          invoke(directory.target(input.FunctionName, input.Qualifier), input, { world, chain, concurrency, asynchronous, random }),
      },
      GetFunctionConfiguration: {
        access: access('lambda:GetFunctionConfiguration'),
        readOnly: true,
        handle: (input) => describe(directory, input),
      },
      GetFunction: {
        access: access('lambda:GetFunction'),
        readOnly: true,
        handle: (input) => ({ Configuration: describe(directory, input) }),
      },
    },
    resources: [
      functionProvider(world, directory),
      versionProvider(directory),
      aliasProvider(directory),
      permissionProvider(world, directory),
      eventInvokeConfigProvider(directory),
      eventSourceMappingProvider(world, directory, concurrency),
      layerProvider(),
    ],
  };
}

function describe(directory: FunctionDirectory, input: any) {
  const target = directory.target(input.FunctionName, input.Qualifier);
  const { name, runtime, role, handler, timeoutMs, memoryMb, variables } = target.function.configuration;
  return {
    FunctionName: name,
    FunctionArn: target.arn,
    Runtime: runtime,
    Role: role,
    Handler: handler,
    Timeout: timeoutMs / 1000,
    MemorySize: memoryMb,
    Environment: { Variables: variables },
    Version: target.version,
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}
