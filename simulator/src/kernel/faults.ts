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

/** Decides what goes wrong. */
export interface FaultPlan {
  onCall(call: FaultableCall): CallFault | undefined;
  onDelivery(delivery: FaultableDelivery): DeliveryFault | undefined;
  /** Whether an eventually consistent read sees the previous version. */
  onEventuallyConsistentRead(subject: string): boolean;
}

/** Nothing goes wrong. */
export const NO_FAULTS: FaultPlan = {
  onCall: () => undefined,
  onDelivery: () => undefined,
  onEventuallyConsistentRead: () => false,
};

/** Chances, each in [0, 1], per call or per delivery. */
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
}

/** Faults drawn from a seed with the given chances. */
export class RandomFaults implements FaultPlan {
  constructor(private readonly rates: FaultRates, private readonly random: Random) {}

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

/** Faults written down by a test. */
export class ScriptedFaults implements FaultPlan {
  /** How often each fault has hit, in the order of the script. */
  readonly hits: number[];
  private readonly seen: number[];

  constructor(private readonly script: readonly ScriptedFault[]) {
    this.hits = script.map(() => 0);
    this.seen = script.map(() => 0);
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
}
