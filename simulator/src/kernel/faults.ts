import type { Random } from './random';

/** One API call that a fault may hit. */
export interface FaultableCall {
  readonly service: string;
  readonly operation: string;
  /** Who calls: a function's or state machine's readable name, or a service such as `events`. */
  readonly caller: string;
  /** ARN or name of what is called, where the call says it. */
  readonly target?: string;
  /** True for code that can die, i.e. a Lambda function. */
  readonly canCrash: boolean;
  /** How many API calls the same invocation has made before this one. */
  readonly callIndex: number;
  readonly readOnly: boolean;
}

export type CallFault =
  /** The service refuses the call as throttled; nothing happens. */
  | { readonly kind: 'throttle' }
  /** The service fails before it does anything. */
  | { readonly kind: 'error-before' }
  /** The effect happens, the answer is an error. */
  | { readonly kind: 'error-after' }
  /** The caller dies before the call leaves it. */
  | { readonly kind: 'crash-before' }
  /** The effect happens, the caller dies before it sees the answer. */
  | { readonly kind: 'crash-after' }
  /** The call takes this much longer, in milliseconds. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Only for batch calls (PutEvents, SendMessageBatch, BatchWriteItem): some entries fail, the call succeeds. */
  | { readonly kind: 'partial'; readonly share: number };

/** An asynchronous delivery that a fault may hit: an event to a target, a message to a consumer, a function's asynchronous invocation. */
export interface FaultableDelivery {
  readonly kind: 'event' | 'message' | 'async-invoke';
  readonly subject: string;
}

export interface DeliveryFault {
  /** Extra copies of the delivery, each later by this many milliseconds. */
  readonly duplicatesAfterMs?: readonly number[];
  /** The delivery itself is late by this many milliseconds, which also reorders it. */
  readonly delayMs?: number;
}

/** An execution environment of a Lambda function that is being made. */
export interface FaultableEnvironment {
  /** The function's readable name. */
  readonly subject: string;
}

export interface EnvironmentFault {
  /**
   * How far its wall clock is ahead, or behind where negative, in milliseconds. What it measures stays true, as do the times that services
   * tell. From five minutes on AWS would refuse its calls' signatures, which is not simulated.
   */
  readonly clockSkewMs: number;
}

/** Decides what goes wrong. */
export interface FaultPlan {
  onCall(call: FaultableCall): CallFault | undefined;
  onDelivery(delivery: FaultableDelivery): DeliveryFault | undefined;
  /** Whether an eventually consistent read sees the previous version. */
  onEventuallyConsistentRead(subject: string): boolean;
  /** What is wrong with an execution environment, from its start to its end. */
  onEnvironment?(environment: FaultableEnvironment): EnvironmentFault | undefined;
  /**
   * How many milliseconds ago the depth was that a queue's attributes tell now: up to a minute, before which they "may not achieve consistency".
   * Without this method it is that of now.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
   */
  onQueueDepth?(queue: string): number;
}

/** Nothing goes wrong. */
export const NO_FAULTS: FaultPlan = {
  onCall: () => undefined,
  onDelivery: () => undefined,
  onEventuallyConsistentRead: () => false,
};

/** Chances, each in [0, 1], per call, delivery or execution environment. */
export interface FaultRates {
  readonly throttle?: number;
  readonly errorBefore?: number;
  readonly errorAfter?: number;
  readonly crashBefore?: number;
  readonly crashAfter?: number;
  readonly slow?: number;
  readonly partial?: number;
  readonly duplicate?: number;
  readonly delay?: number;
  readonly staleRead?: number;
  /** The longest extra delay, in milliseconds (default 3,000). */
  readonly longestDelayMs?: number;
  /** That the clock of an execution environment is ahead or behind. */
  readonly clockSkew?: number;
  /** By how much at most, in milliseconds (default 1,000). */
  readonly longestClockSkewMs?: number;
  /** How long ago, at most, the depth was that a queue's attributes tell, in milliseconds (default 0; up to 60,000). */
  readonly queueDepthLagMs?: number;
}

/** Faults drawn from a seed with the given chances. */
export class RandomFaults implements FaultPlan {
  readonly onQueueDepth?: (queue: string) => number;
  private readonly clocks: Random;

  constructor(private readonly rates: FaultRates, private readonly random: Random) {
    this.clocks = random.fork('clocks');
    const { queueDepthLagMs: longest = 0 } = rates;
    const depths = random.fork('depths');
    if (longest > 0) this.onQueueDepth = () => depths.integer(0, longest);
  }

  onCall(call: FaultableCall): CallFault | undefined {
    const { rates, random } = this;
    if (call.canCrash && random.chance(rates.crashBefore ?? 0)) return { kind: 'crash-before' };
    if (call.canCrash && random.chance(rates.crashAfter ?? 0)) return { kind: 'crash-after' };
    if (random.chance(rates.throttle ?? 0)) return { kind: 'throttle' };
    if (random.chance(rates.errorBefore ?? 0)) return { kind: 'error-before' };
    if (random.chance(rates.errorAfter ?? 0)) return { kind: 'error-after' };
    if (random.chance(rates.partial ?? 0)) return { kind: 'partial', share: random.next() };
    if (random.chance(rates.slow ?? 0)) return { kind: 'slow', ms: this.delay() };
    return undefined;
  }

  onDelivery(): DeliveryFault | undefined {
    const duplicatesAfterMs = this.random.chance(this.rates.duplicate ?? 0) ? [this.delay()] : undefined;
    const delayMs = this.random.chance(this.rates.delay ?? 0) ? this.delay() : undefined;
    return duplicatesAfterMs || delayMs ? { duplicatesAfterMs, delayMs } : undefined;
  }

  onEventuallyConsistentRead(): boolean {
    return this.random.chance(this.rates.staleRead ?? 0);
  }

  onEnvironment(): EnvironmentFault | undefined {
    if (!this.clocks.chance(this.rates.clockSkew ?? 0)) return undefined;
    const longest = this.rates.longestClockSkewMs ?? 1_000;
    return { clockSkewMs: this.clocks.integer(-longest, longest) };
  }

  private delay(): number {
    return this.random.integer(1, this.rates.longestDelayMs ?? 3_000);
  }
}

/** One deliberate fault: it hits the `nth` call (from 1) that matches, or each one when `nth` is absent. A crash matches only callers that can die. */
export interface ScriptedFault {
  readonly service?: string;
  readonly operation?: string;
  /** A part of the caller's readable name. */
  readonly caller?: string;
  readonly nth?: number;
  /** How many matching calls are hit, from the nth on (default: 1 with `nth`, all without). */
  readonly times?: number;
  readonly fault: CallFault;
}

/** A wrong clock: of the `nth` execution environment (from 1) of the functions that match, or of each one when `nth` is absent. */
export interface ScriptedClock extends EnvironmentFault {
  /** A part of the function's readable name. */
  readonly function?: string;
  readonly nth?: number;
}

/** Faults written down by a test. */
export class ScriptedFaults implements FaultPlan {
  /** How often each fault has hit, in the order of the script. */
  readonly hits: number[];
  private readonly seen: number[];
  private readonly environments: number[];

  constructor(private readonly script: readonly ScriptedFault[], private readonly clocks: readonly ScriptedClock[] = []) {
    this.hits = script.map(() => 0);
    this.seen = script.map(() => 0);
    this.environments = clocks.map(() => 0);
  }

  onCall(call: FaultableCall): CallFault | undefined {
    let result: CallFault | undefined;
    this.script.forEach((step, index) => {
      const matches = (step.service === undefined || step.service === call.service)
        && (step.operation === undefined || step.operation === call.operation)
        && (step.caller === undefined || call.caller.includes(step.caller))
        && (call.canCrash || !step.fault.kind.startsWith('crash'));
      if (!matches) return;
      const count = ++this.seen[index];
      const first = step.nth ?? 1;
      const times = step.times ?? (step.nth === undefined ? Infinity : 1);
      if (result || count < first || count >= first + times) return;
      this.hits[index]++;
      result = step.fault;
    });
    return result;
  }

  onDelivery(): DeliveryFault | undefined {
    return undefined;
  }

  onEventuallyConsistentRead(): boolean {
    return false;
  }

  onEnvironment({ subject }: FaultableEnvironment): EnvironmentFault | undefined {
    const hits = this.clocks.filter(({ function: name = '', nth }, index) => {
      if (!subject.includes(name)) return false;
      return ++this.environments[index] === (nth ?? this.environments[index]);
    });
    return hits[0];
  }
}
