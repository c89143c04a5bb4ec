import type { Random } from '../../../kernel/random';
import type { Chain, World } from '../../../service';
import type { FunctionConfiguration } from '../configuration';
import type { FunctionLog } from '../log';
import type { FunctionOverride } from '../override';
import { environmentVariables, type InvocationContext, invocationContext, traceId } from './context';
import { errorPayload, type ErrorPayload, exited, neverSettled, timedOut, unhandledRejection } from './errors';
import { findHandler, initFailure } from './handler';
import { TASK_ROOT } from './module-loader';
import { nodeProcess } from './node-process';
import type { Realm } from './realm';
import { serializeResponse } from './response';
import { VirtualProcess } from './virtual-process';

export interface Invocation {
  readonly requestId: string;
  /** The event as JSON. */
  readonly event: string;
  readonly invokedArn: string;
  readonly version: string;
  readonly clientContext?: unknown;
  /** The chain of requests to which it belongs, itself included. */
  readonly chain: Chain;
}

/** How an invocation ended. */
export interface InvocationEnd {
  readonly payload: string;
  readonly status: 'success' | 'error' | 'timeout';
}

export interface EnvironmentOptions {
  readonly world: World;
  readonly configuration: FunctionConfiguration;
  readonly log: FunctionLog;
  readonly random: Random;
  /** The function's vm context; absent when an override stands in for its code. */
  readonly realm?: Realm;
  readonly override?: FunctionOverride;
  /** How far its wall clock is ahead, in milliseconds. */
  readonly clockSkewMs: number;
  /** Tells that this environment's code runs now. */
  readonly onEnter: (environment: Environment) => void;
}

/**
 * One execution environment: an instance of the function's modules, reused by one invocation after another, frozen in between,
 * gone after a crash or timeout. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export class Environment extends VirtualProcess {
  /** Why the handler could not be loaded. */
  initFailure?: ErrorPayload;
  private readonly world: World;
  private readonly configuration: FunctionConfiguration;
  private readonly variables: Record<string, string>;
  private handler?: (...args: any[]) => any;
  private requestId = '';
  /** Ends the invocation that runs now. */
  private settle?: (end: InvocationEnd) => void;
  private frozen = false;
  /** What arrived while the environment was frozen. */
  private readonly arrived: (() => void)[] = [];
  /** What the handler gave its callback, while it still waits for the event loop to empty. */
  private calledBack?: () => void;
  private context?: InvocationContext;
  private returnedPromise = false;

  constructor(private readonly options: EnvironmentOptions) {
    const { world, configuration, random, clockSkewMs } = options;
    const { role, readableName: name } = configuration;
    const variables = environmentVariables(configuration, world);
    super({ world, random, name, role, variables, clockSkewMs, onEnter: () => options.onEnter(this) });
    this.world = world;
    this.configuration = configuration;
    this.variables = variables;
    this.load();
  }

  /** Runs the handler once. Never rejects. */
  invoke(invocation: Invocation): Promise<InvocationEnd> {
    if (this.initFailure) this.kill();
    if (this.dead) return Promise.resolve({ payload: JSON.stringify(this.initFailure ?? exited(invocation.requestId, 'exit status 1')), status: 'error' });
    return new Promise((resolve) => {
      const { timeoutMs } = this.configuration;
      const timer = this.world.kernel.schedule(timeoutMs, () => {
        this.options.log.timeout(invocation.requestId, timeoutMs / 1000);
        this.end({ payload: JSON.stringify(timedOut(invocation.requestId, timeoutMs / 1000)), status: 'timeout' });
        this.kill();
      });
      const settle = (end: InvocationEnd) => {
        // A result that comes after a timeout or crash is nobody's.
        if (this.settle !== settle) return;
        timer.cancel();
        this.settle = undefined;
        this.calledBack = undefined;
        this.frozen = true;
        this.timers.freeze();
        this.updateHost();
        resolve(end);
      };
      this.settle = settle;
      this.requestId = invocation.requestId;
      this.callIndex = 0;
      this.chain = invocation.chain;
      this.returnedPromise = false;
      this.variables._X_AMZN_TRACE_ID = traceId(this.world.kernel.now, this.random);
      this.options.onEnter(this);
      this.context = invocationContext(this.configuration, this.world, invocation);
      this.thaw();
      this.updateHost();
      this.run(invocation, settle);
    });
  }

  /** The process is killed: what it waits for never comes. */
  crash() {
    this.exit('signal: killed');
  }

  /** Nobody handles a promise of this environment: the runtime reports it and exits. */
  unhandledRejection(reason: unknown) {
    this.end({ payload: JSON.stringify(unhandledRejection(reason)), status: 'error' });
    this.kill();
  }

  protected get busy(): boolean {
    return this.settle !== undefined;
  }

  private load() {
    const { realm, override, log } = this.options;
    if (override) {
      const tools = {
        sleep: (ms: number) => this.waitFor(() => this.sleep(ms)),
        call: (service: string, operation: string, input: unknown) => this.waitFor(() => this.call(service, operation, input)),
        now: () => this.world.kernel.now + this.clockSkewMs,
      };
      this.handler = (event, context) => override(event, context, tools);
      return;
    }
    const loader = this.modules({
      owner: `function ${this.configuration.readableName}`,
      realm: realm!,
      code: this.configuration.code,
      log,
      requestId: () => this.requestId,
      process: nodeProcess({
        clock: realm!.clock,
        env: this.variables,
        taskRoot: this.configuration.code.directory ?? TASK_ROOT,
        random: this.random,
        write: (text) => log.raw(text),
        exit: (code) => this.exit(`exit status ${code ?? 0}`),
      }),
    });
    try {
      this.handler = findHandler(loader, this.configuration);
    } catch (error: any) {
      this.initFailure = initFailure(error);
      log.application('ERROR', '', [], () => `Uncaught Exception \t${JSON.stringify(this.initFailure)}`);
    }
  }

  private run(invocation: Invocation, settle: (end: InvocationEnd) => void) {
    const { realm } = this.options;
    try {
      const event = (realm?.parse ?? JSON.parse)(invocation.event);
      const result = this.handler!(event, this.context, (error: unknown, value: unknown) => this.callback(error, value));
      if (typeof result?.then === 'function') {
        this.returnedPromise = true;
        result.then((value: unknown) => settle(serializeResponse(value)), (error: unknown) => settle(this.failure(error)));
      } else if (this.configuration.nodeVersion >= 24 || this.options.override) {
        settle(serializeResponse(result));
      }
    } catch (error) {
      settle(this.failure(error));
    }
  }

  private failure(error: unknown): InvocationEnd {
    const payload = errorPayload(error);
    const { errorType, errorMessage, trace } = payload;
    this.options.log.application('ERROR', this.requestId, [], () => `Invoke Error \t${JSON.stringify({ errorType, errorMessage, stack: trace })}`);
    return { payload: JSON.stringify(payload), status: 'error' };
  }

  private end(end: InvocationEnd) {
    this.settle?.(end);
  }

  /** A callback-style handler answers when its event loop is empty, unless it has said not to wait. */
  private callback(error: unknown, value: unknown) {
    if (!this.settle || this.calledBack) return;
    const failed = error !== undefined && error !== null;
    this.calledBack = () => this.end(failed ? this.failure(error) : serializeResponse(value));
    if (this.context?.callbackWaitsForEmptyEventLoop === false) this.calledBack();
    else this.answerWhenIdle();
  }

  protected enteredHost() {
    this.answerWhenIdle();
  }

  private answerWhenIdle() {
    const { calledBack } = this;
    if (!calledBack || !this.onHost) return;
    setImmediate(() => {
      if (this.calledBack === calledBack && this.onHost) calledBack();
    });
  }

  protected nothingPending() {
    if (!this.settle) return;
    if (this.returnedPromise) {
      this.end({ payload: JSON.stringify(neverSettled()), status: 'error' });
      this.kill();
    } else {
      this.end({ payload: 'null', status: 'success' });
    }
  }

  /** An exception outside the handler's promise, e.g. in a timer: the runtime reports it and exits. */
  protected uncaught(error: unknown) {
    this.end(this.failure(error));
    this.kill();
  }

  private exit(reason: string) {
    this.end({ payload: JSON.stringify(exited(this.requestId, reason)), status: 'error' });
    this.kill();
  }

  protected kill() {
    this.arrived.length = 0;
    super.kill();
  }

  /** What comes while the environment is frozen waits for the next invocation. */
  protected arrive(resume: () => void) {
    if (this.frozen && !this.dead) this.arrived.push(() => this.arrive(resume));
    else super.arrive(resume);
  }

  private thaw() {
    if (!this.frozen) return;
    this.frozen = false;
    this.timers.thaw();
    for (const resume of this.arrived.splice(0)) resume();
  }
}
