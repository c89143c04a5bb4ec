import type { ResourceProvider } from './cloudformation/resource-provider';
import type { Iam } from './iam/iam';
import type { AccessRequest, Principal } from './iam/principal';
import type { FaultPlan } from './kernel/faults';
import type { Kernel } from './kernel/kernel';
import type { LatencySampler } from './kernel/latency';
import type { Meter } from './kernel/meter';
import type { Trace } from './kernel/trace';

/** An error as an AWS API returns it. `name` is the code that callers match, e.g. `ConditionalCheckFailedException`. */
export class ServiceError extends Error {
  readonly $fault: 'client' | 'server';
  /** SDK clients retry it, within their attempts. */
  readonly retryable: boolean;

  constructor(name: string, message: string, options: { fault?: 'client' | 'server'; retryable?: boolean; fields?: Record<string, unknown> } = {}) {
    super(message);
    this.name = name;
    this.$fault = options.fault ?? 'client';
    this.retryable = options.retryable ?? this.$fault === 'server';
    Object.assign(this, options.fields);
  }
}

/** How often each function, by ARN, has been invoked in a chain of requests: what the Lineage of an X-Ray trace header tells. */
export type Chain = Readonly<Record<string, number>>;

/** Who makes a call, and what a fault plan can do to it. */
export interface Caller {
  readonly principal: Principal;
  /** Readable name: a function, state machine or service. */
  readonly name: string;
  /** Kills the calling code; absent for callers that cannot die. After it the call never answers. */
  readonly crash?: () => void;
  /** How many calls the same invocation has made before; the fault plan may want the n-th. */
  readonly callIndex?: number;
  /** The chain of requests that the call belongs to. */
  readonly chain?: Chain;
  /** No fault plan touches its calls: whoever runs the simulation is not under test. */
  readonly faultFree?: boolean;
}

export interface ApiCall {
  /** The service's name in this simulator, e.g. `dynamodb`, `sqs`, `events`, `states`, `lambda`. */
  readonly service: string;
  /** The API's name as AWS writes it, e.g. `PutItem`. */
  readonly operation: string;
  readonly input: any;
  readonly caller: Caller;
}

export interface OperationContext {
  readonly caller: Caller;
  /** Set when the fault plan wants some entries of a batch to fail: asks for each entry. */
  readonly entryFails?: () => boolean;
}

export interface Operation {
  /** What the caller must be allowed to do, given the input. An empty list needs no permission. */
  readonly access: (input: any) => readonly AccessRequest[];
  readonly readOnly?: boolean;
  /** What is called, for fault plans, where `access` does not say it. */
  readonly target?: (input: any) => string;
  /**
   * The effect, at one virtual instant; throws `ServiceError`. A promise is for calls that wait for something simulated
   * (a synchronous invoke, StartSyncExecution, a long poll).
   */
  readonly handle: (input: any, context: OperationContext) => unknown;
}

/** One simulated AWS service. */
export interface Service {
  readonly name: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly resources: readonly ResourceProvider[];
}

/** What every service stands on. */
export interface World {
  readonly kernel: Kernel;
  readonly latency: LatencySampler;
  readonly faults: FaultPlan;
  readonly trace: Trace;
  readonly meter: Meter;
  readonly iam: Iam;
  readonly account: string;
  readonly region: string;
  /** Another service, for what is not an API call (event source mappings, metrics). Throws a sentence naming it when it is not simulated. */
  service<T extends Service>(name: string): T;
  /** Makes an API call as AWS does: latency, faults, IAM, the effect, latency. Every call goes through here. */
  call<T = any>(call: ApiCall): Promise<T>;
}

export type ServiceFactory = (world: World) => Service;
