import type { Principal } from '../iam/principal';
import type { World } from '../service';
import { answerFromWorld } from './answer';
import type { SdkBinding } from './binding';
import { hostSdkModule } from './module';
import { clientModule } from './services';

export interface ConnectOptions {
  /** Who makes the calls (default: whoever runs the simulation, who is allowed everything). */
  readonly principal?: Principal;
  /** The name in traces (default `operator`). */
  readonly name?: string;
  /** Attempts of each call (default: as the SDK, three, or four for DynamoDB). */
  readonly maxAttempts?: number;
}

/**
 * Makes an AWS SDK v3 client outside Lambda talk to the simulated world, and returns it:
 * `const sqs = connect(world, new SQSClient({}))`. Answers arrive as `world.kernel` runs.
 */
export function connect<C extends { config: any; middlewareStack: any }>(world: World, client: C, options: ConnectOptions = {}): C {
  const { principal = { kind: 'operator' }, name = 'operator' } = options;
  const { serviceId } = client.config;
  const module = clientModule(serviceId);
  let callIndex = 0;
  const binding: SdkBinding = {
    random: world.kernel.random.fork(`sdk/${name}/${serviceId}`),
    region: world.region,
    call: (service, operation, input) => world.call({ service, operation, input, caller: { principal, name, callIndex: callIndex++ } }),
    sleep: (ms) => world.kernel.sleep(ms),
    waitFor: (work) => work(),
  };
  answerFromWorld(client, module ? hostSdkModule(module) : {}, binding, options.maxAttempts);
  return client;
}
