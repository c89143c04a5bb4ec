import type { Random } from '../../../kernel/random';
import type { SdkBinding } from '../../../sdk/binding';
import { boundSdkModule } from '../../../sdk/module';
import type { Chain, World } from '../../../service';
import type { FunctionCode } from '../code';
import type { FunctionLog } from '../log';
import { Builtins } from './builtins';
import { lambdaConsole } from './console';
import { IdleWatch } from './idle-watch';
import { ModuleLoader } from './module-loader';
import type { Realm } from './realm';
import { EnvironmentTimers } from './timers';
import { rejectedWith } from './unhandled-rejections';

/** Whose code runs, and with whose permissions. */
export interface ProcessIdentity {
  readonly world: World;
  readonly random: Random;
  /** Readable, for traces and fault plans. */
  readonly name: string;
  /** ARN. */
  readonly role: string;
  readonly variables: Record<string, string>;
  /** How far its wall clock is ahead, in milliseconds. */
  readonly clockSkewMs: number;
  /** Tells that the process's code runs now. */
  readonly onEnter: () => void;
}

export interface ProcessModules {
  /** For messages, e.g. `function Shop/Double`. */
  readonly owner: string;
  readonly realm: Realm;
  readonly code: FunctionCode;
  readonly process: any;
  readonly log: Pick<FunctionLog, 'application'>;
  /** Stands in the log beside each line. */
  readonly requestId: () => string;
}

/**
 * One Node.js process in virtual time: its modules, its timers, the SDK calls that it has in flight. An execution environment of Lambda is one, and so
 * is a worker outside Lambda.
 */
export abstract class VirtualProcess implements SdkBinding {
  readonly random: Random;
  readonly region: string;
  readonly clockSkewMs: number;
  /** What its modules see as globals of their own: timers, console, process. */
  readonly globals: Record<string, any> = {};
  dead = false;
  protected readonly timers: EnvironmentTimers;
  /** API calls since it began what it does now. */
  protected callIndex = 0;
  /** The chain of requests to which its calls belong. */
  protected chain?: Chain;
  protected onHost = false;
  private readonly idleWatch = new IdleWatch(() => this.nothingPending());
  /** SDK calls in flight. */
  private calls = 0;

  protected constructor(private readonly identity: ProcessIdentity) {
    const { world, random, clockSkewMs } = identity;
    this.random = random;
    this.region = world.region;
    this.clockSkewMs = clockSkewMs;
    this.timers = new EnvironmentTimers(world.kernel, {
      changed: () => this.updateHost(),
      firing: () => identity.onEnter(),
      failed: (error) => this.uncaught(error),
    });
  }

  get maxAttempts(): number | undefined {
    const attempts = Number(this.identity.variables.AWS_MAX_ATTEMPTS);
    return attempts > 0 ? attempts : undefined;
  }

  /** The process is killed: what it waits for never comes. */
  abstract crash(): void;

  /** Nobody handles a promise of this process. */
  abstract unhandledRejection(reason: unknown): void;

  call(service: string, operation: string, input: unknown): Promise<any> {
    if (this.dead) return new Promise(() => {});
    const { world, role, name } = this.identity;
    return world.call({
      service,
      operation,
      input,
      caller: { principal: { kind: 'role', arn: role }, name, crash: () => this.crash(), callIndex: this.callIndex++, chain: this.chain },
    });
  }

  sleep(ms: number): Promise<void> {
    return this.identity.world.kernel.sleep(ms);
  }

  waitFor<T>(work: () => Promise<T>): Promise<T> {
    if (this.dead) return new Promise(() => {});
    this.calls++;
    this.updateHost();
    return new Promise((resolve, reject) => {
      work().then((value) => this.arrive(() => resolve(value)), (error) => this.arrive(() => {
        rejectedWith(error, this);
        reject(error);
      }));
    });
  }

  /** Whether its code has something to do, so that virtual time must stand still while it waits for nothing virtual. */
  protected abstract get busy(): boolean;

  /** It waits for nothing at all: Node.js would exit now. */
  protected abstract nothingPending(): void;

  /** An exception outside any promise, e.g. in a timer. */
  protected abstract uncaught(error: unknown): void;

  /** Its code runs and waits for nothing virtual. */
  protected enteredHost() {}

  /** Gives it its globals, and `require`. */
  protected modules({ owner, realm, code, process, log, requestId }: ProcessModules): ModuleLoader {
    const { timers, globals, random } = this;
    const console = lambdaConsole(log, requestId, process.stdout);
    Object.assign(globals, timers.api, { console, process });
    this.identity.onEnter();
    return new ModuleLoader({
      realm,
      code,
      builtins: new Builtins({ owner, realm, random, timers, console, process }),
      sdk: (request) => boundSdkModule(request, this),
      globals,
    });
  }

  /** An answer has come. */
  protected arrive(resume: () => void) {
    if (this.dead) return;
    this.calls--;
    this.updateHost();
    this.identity.onEnter();
    resume();
  }

  protected kill() {
    this.dead = true;
    this.timers.drop();
    this.updateHost();
  }

  /** Its code is on the host while it runs and waits for nothing virtual: then virtual time stands still. */
  protected updateHost() {
    const onHost = this.busy && !this.dead && this.calls + this.timers.size === 0;
    if (onHost === this.onHost) return;
    this.onHost = onHost;
    const { kernel } = this.identity.world;
    if (onHost) {
      kernel.enterHost();
      this.idleWatch.start();
      this.enteredHost();
    } else {
      kernel.leaveHost();
      this.idleWatch.stop();
    }
  }
}
