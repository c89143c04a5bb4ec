import { createRequire } from 'module';
import { answerFromWorld } from './answer';
import type { SdkBinding } from './binding';
import type { SdkExports } from './exceptions';

const hostRequire = createRequire(__filename);

/** Whether a module belongs to the AWS SDK v3, which the Lambda runtime has and bundles leave out. */
export function isSdkModule(request: string): boolean {
  return request.startsWith('@aws-sdk/') || request.startsWith('@smithy/');
}

/** The real SDK module of this installation. */
export function hostSdkModule(request: string): SdkExports {
  // The SDK warns about this machine's Node.js version; handlers run on Lambda's.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  try {
    return hostRequire(request);
  } catch (error: any) {
    if (error?.code !== 'MODULE_NOT_FOUND') throw error;
    throw new Error(`${request} is not installed here; the Lambda runtime has the whole AWS SDK, the simulator needs it as a development dependency`);
  }
}

/** The SDK module with clients that answer from the simulated world. Everything else in it is the real thing. */
export function boundSdkModule(request: string, binding: SdkBinding): SdkExports {
  const real = hostSdkModule(request);
  if (!request.startsWith('@aws-sdk/client-')) return real;
  const bound: Record<string, any> = { ...real };
  for (const name of clientNames(real)) bound[name] = boundClient(real[name], real, binding);
  return bound;
}

const NAMES = new WeakMap<SdkExports, string[]>();

function clientNames(exported: SdkExports): string[] {
  let names = NAMES.get(exported);
  if (!names) {
    const Client = exported.__Client;
    names = Object.keys(exported).filter((name) => typeof exported[name] === 'function' && exported[name].prototype instanceof Client);
    NAMES.set(exported, names);
  }
  return names;
}

/** A subclass, so that `instanceof`, paginators and aggregated clients (`new DynamoDB()`) work as they do with the real class. */
function boundClient(RealClient: any, exported: SdkExports, binding: SdkBinding): any {
  const Bound = class extends RealClient {
    constructor(configuration: any = {}) {
      refuseConfiguration(RealClient.name, configuration, binding);
      super({
        // Given here, so that the SDK does not look for them in files and environment variables of this machine.
        region: binding.region,
        credentials: { accessKeyId: 'SIMULATED', secretAccessKey: 'SIMULATED' },
        ...configuration,
      });
      answerFromWorld(this, exported, binding, configuration.maxAttempts);
    }
  };
  Object.defineProperty(Bound, 'name', { value: RealClient.name });
  return Bound;
}

function refuseConfiguration(client: string, configuration: any, binding: SdkBinding) {
  if (configuration.retryStrategy !== undefined) {
    throw new Error(`${client}: a custom retryStrategy is not simulated; set maxAttempts instead`);
  }
  if (typeof configuration.region === 'string' && configuration.region !== binding.region) {
    throw new Error(`${client}: region '${configuration.region}' is not simulated; the simulated account has only ${binding.region}`);
  }
  if (configuration.maxAttempts !== undefined && !(Number.isInteger(configuration.maxAttempts) && configuration.maxAttempts > 0)) {
    throw new Error(`${client}: maxAttempts is ${String(configuration.maxAttempts)}; the simulator takes an integer of 1 or more`);
  }
}
