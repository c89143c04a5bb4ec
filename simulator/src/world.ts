import type { Iam } from './iam/iam';
import type { AccessRequest } from './iam/principal';
import { type CallFault, type FaultableCall, type FaultPlan, NO_FAULTS, RandomFaults, type FaultRates } from './kernel/faults';
import { Kernel } from './kernel/kernel';
import { DEFAULT_LATENCY, type LatencyModel, LatencySampler } from './kernel/latency';
import { Meter } from './kernel/meter';
import { Trace, type TraceOptions } from './kernel/trace';
import { type ApiCall, type Operation, type Service, ServiceError, type ServiceFactory, type World } from './service';

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

export interface WorldOptions {
  /** Same seed, same run. */
  readonly seed?: number | string;
  /** What goes wrong: a plan, or chances drawn from the seed. Default: nothing. */
  readonly faults?: FaultPlan | FaultRates;
  /** Replaces entries of the default latency model. */
  readonly latency?: Partial<LatencyModel>;
  readonly trace?: TraceOptions;
  /** Virtual time at the start, in milliseconds since 1970. */
  readonly start?: number;
  /** The account and region that the templates are for; default `ACCOUNT` and `REGION`. */
  readonly account?: string;
  readonly region?: string;
}

/** The simulated account: services, one clock, and one gate that every API call passes. */
export class SimulatedWorld implements World {
  readonly kernel: Kernel;
  readonly latency: LatencySampler;
  readonly faults: FaultPlan;
  readonly trace: Trace;
  readonly meter = new Meter();
  readonly account: string;
  readonly region: string;
  private readonly services = new Map<string, Service>();

  constructor(readonly iam: Iam, factories: readonly ServiceFactory[], options: WorldOptions = {}) {
    this.account = options.account ?? ACCOUNT;
    this.region = options.region ?? REGION;
    this.kernel = new Kernel({ seed: options.seed ?? 1, start: options.start });
    this.latency = new LatencySampler({ ...DEFAULT_LATENCY, ...options.latency } as LatencyModel, this.kernel.random.fork('latency'));
    this.faults = isPlan(options.faults) ? options.faults : new RandomFaults(options.faults ?? {}, this.kernel.random.fork('faults'));
    this.trace = new Trace(options.trace);
    for (const factory of factories) {
      const service = factory(this);
      this.services.set(service.name, service);
    }
  }

  allServices(): Service[] {
    return [...this.services.values()];
  }

  service<T extends Service>(name: string): T {
    const service = this.services.get(name);
    if (!service) throw new Error(`service '${name}' is not simulated; simulated: ${[...this.services.keys()].sort().join(', ')}`);
    return service as T;
  }

  async call<T>(call: ApiCall): Promise<T> {
    const { caller } = call;
    const service = this.service(call.service);
    const operation = service.operations[call.operation];
    if (!operation) throw new Error(`operation '${call.operation}' of ${call.service} is not simulated`);

    const fault = caller.faultFree ? undefined : this.faults.onCall(new MadeCall(call, operation));
    if (fault) this.record(call, `fault.${fault.kind}`);
    if (fault?.kind === 'crash-before') return this.crash(call);

    // Half of the latency passes before the effect and half after it, so that calls in flight really overlap.
    const oneWay = this.latency.call(call.service) / 2 + (fault?.kind === 'slow' ? fault.ms / 2 : 0);
    await this.kernel.sleep(oneWay);
    let outcome: { value: T } | { error: unknown };
    try {
      this.failBefore(call, fault);
      for (const request of operation.access(call.input)) this.authorize(call, request);
      const value = await operation.handle(call.input, { caller, entryFails: this.entryFails(fault) });
      outcome = { value: value as T };
      this.record(call, 'call');
    } catch (error: any) {
      outcome = { error };
      this.record(call, 'call', String(error?.name));
    }
    if (fault?.kind === 'crash-after') return this.crash(call);
    await this.kernel.sleep(oneWay);
    if (fault?.kind === 'error-after' && 'value' in outcome) {
      throw new ServiceError('InternalServerError', 'the service failed after it had done the work (injected)', { fault: 'server' });
    }
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  private authorize({ service, operation, caller }: ApiCall, request: AccessRequest) {
    try {
      this.iam.authorize(caller.principal, request);
    } catch (error: any) {
      const name = DENIED_ERRORS[`${service}.${operation}`] ?? DENIED_ERRORS[service];
      if (name !== undefined && error?.$fault !== undefined) error.name = name;
      throw error;
    }
  }

  private failBefore(call: ApiCall, fault: CallFault | undefined) {
    if (fault?.kind === 'throttle') {
      throw new ServiceError(THROTTLE_ERRORS[call.service] ?? 'ThrottlingException', 'rate exceeded (injected)', { retryable: true });
    }
    if (fault?.kind === 'error-before') {
      throw new ServiceError('InternalServerError', 'the service failed before it did anything (injected)', { fault: 'server' });
    }
  }

  private entryFails(fault: CallFault | undefined): (() => boolean) | undefined {
    if (fault?.kind !== 'partial') return undefined;
    const random = this.kernel.random.fork(`partial/${this.trace.count}`);
    return () => random.chance(fault.share);
  }

  /** Kills the caller; what it waits for never comes. */
  private crash(call: ApiCall): Promise<never> {
    const { crash, name } = call.caller;
    if (!crash) throw new Error(`the fault plan lets ${name} crash at ${call.service}.${call.operation}, but only functions and processes can crash`);
    crash();
    return new Promise(() => {});
  }

  private record(call: ApiCall, event: string, error?: string) {
    this.trace.record({
      at: this.kernel.now,
      subject: call.caller.name,
      event: `${call.service}.${call.operation}`,
      detail: event === 'call' && !error ? {} : { ...(event === 'call' ? {} : { fault: event }), ...(error ? { error } : {}) },
    });
  }
}

/** A call as a fault plan sees it; its target is looked up only when the plan asks. */
class MadeCall implements FaultableCall {
  readonly service: string;
  readonly operation: string;
  readonly caller: string;
  readonly canCrash: boolean;
  readonly callIndex: number;
  readonly readOnly: boolean;

  constructor(private readonly call: ApiCall, private readonly called: Operation) {
    const { caller } = call;
    this.service = call.service;
    this.operation = call.operation;
    this.caller = caller.name;
    this.canCrash = caller.crash !== undefined;
    this.callIndex = caller.callIndex ?? 0;
    this.readOnly = called.readOnly ?? false;
  }

  get target(): string | undefined {
    const { call: { input }, called } = this;
    return called.target?.(input) ?? called.access(input)[0]?.resource;
  }
}

/** How each service says that it is throttling. */
const THROTTLE_ERRORS: Readonly<Record<string, string>> = {
  dynamodb: 'ProvisionedThroughputExceededException',
  lambda: 'TooManyRequestsException',
  sqs: 'RequestThrottled',
  events: 'ThrottlingException',
  states: 'ThrottlingException',
  sns: 'ThrottledException',
  s3: 'SlowDown',
};

/**
 * How services say that a caller lacks a permission, where they do not say AccessDeniedException. Answers to HEAD have no body, so
 * that SDK clients know the status only.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
 */
const DENIED_ERRORS: Readonly<Record<string, string>> = {
  'sns': 'AuthorizationErrorException',
  's3': 'AccessDenied',
  's3.HeadObject': '403',
};

function isPlan(faults: FaultPlan | FaultRates | undefined): faults is FaultPlan {
  return typeof (faults as FaultPlan | undefined)?.onCall === 'function';
}

export { NO_FAULTS };
