import type { Concurrency } from './concurrency';
import type { EventInvokeConfig } from './configuration';
import { Destinations } from './destinations';
import type { InvocationTarget } from './invoke';
import { continueChain } from './recursion';
import type { Chain, World } from '../../service';
import type { InvocationEnd } from './runtime/environment';

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const RETRY_WAITS_MS = [60_000, 120_000];
const FIRST_THROTTLE_WAIT_MS = 1_000;
const LONGEST_THROTTLE_WAIT_MS = 300_000;
export const DEFAULT_EVENT_INVOKE_CONFIG: EventInvokeConfig = { maximumRetryAttempts: 2, maximumEventAgeMs: 6 * 3_600_000 };

/** An event in Lambda's internal queue. */
export interface AsyncEvent {
  readonly target: InvocationTarget;
  readonly event: string;
  readonly requestId: string;
  readonly queuedAt: number;
  readonly config: EventInvokeConfig;
  /** That of whoever has invoked it. */
  readonly chain?: Chain;
  /** How often the function has run for it. */
  invocations: number;
  /** How often in a row it was throttled. */
  throttles: number;
}

/** The internal queue of asynchronous invocations: at least once, retried, then given up to a destination or dead-letter queue. */
export class AsyncInvocations {
  private readonly destinations: Destinations;

  constructor(private readonly world: World, private readonly concurrency: Concurrency) {
    this.destinations = new Destinations(world);
  }

  accept(target: InvocationTarget, event: string, requestId: string, chain?: Chain) {
    const { kernel, latency, faults } = this.world;
    const owner = target.function;
    const config = owner.eventInvokeConfigs.get(target.qualifier ?? '$LATEST') ?? DEFAULT_EVENT_INVOKE_CONFIG;
    const fault = faults.onDelivery({ kind: 'async-invoke', subject: owner.configuration.readableName });
    const delay = latency.sample('lambda.async') + (fault?.delayMs ?? 0);
    if (fault) this.record(owner.configuration.readableName, 'fault.delivery', requestId, { ...fault });
    owner.metrics.record('AsyncEventsReceived', 1);
    for (const after of [0, ...(fault?.duplicatesAfterMs ?? [])]) {
      const queued: AsyncEvent = { target, event, requestId, queuedAt: kernel.now, config, chain, invocations: 0, throttles: 0 };
      kernel.schedule(delay + after, () => void this.attempt(queued));
    }
  }

  private async attempt(queued: AsyncEvent) {
    const { target } = queued;
    // A reservation of zero turns the function off: its events go to the failure destination without any retry.
    // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    if (target.function.configuration.reservedConcurrency === 0) return this.giveUp(queued, 'RetriesExhausted');
    if (this.tooOld(queued, 0)) return this.giveUp(queued, 'EventAgeExceeded');
    let chain: Chain;
    try {
      chain = continueChain(this.world, target, queued.chain);
    } catch {
      return this.giveUp(queued, 'RetriesExhausted');
    }
    let release: () => void;
    try {
      release = this.concurrency.acquire(target.function);
    } catch {
      return this.retryThrottled(queued);
    }
    queued.throttles = 0;
    queued.invocations++;
    const { requestId, event } = queued;
    const end = await target.function.run({ requestId, event, invokedArn: target.arn, version: target.version, chain });
    release();
    if (end.status === 'success') {
      if (queued.config.onSuccess) await this.destinations.deliver(queued, queued.config.onSuccess, 'Success', end);
    } else if (queued.invocations > queued.config.maximumRetryAttempts) {
      await this.giveUp(queued, 'RetriesExhausted', end);
    } else {
      this.retryFailed(queued, end);
    }
  }

  private retryFailed(queued: AsyncEvent, end: InvocationEnd) {
    const wait = RETRY_WAITS_MS[queued.invocations - 1] ?? RETRY_WAITS_MS[RETRY_WAITS_MS.length - 1];
    this.again(queued, wait, end);
  }

  private retryThrottled(queued: AsyncEvent) {
    const wait = Math.min(LONGEST_THROTTLE_WAIT_MS, FIRST_THROTTLE_WAIT_MS * 2 ** queued.throttles++);
    this.again(queued, wait);
  }

  /** Tries again after the wait, or gives up at the moment at which the event gets too old. */
  private again(queued: AsyncEvent, wait: number, end?: InvocationEnd) {
    const { kernel } = this.world;
    if (this.tooOld(queued, wait)) {
      const left = queued.queuedAt + queued.config.maximumEventAgeMs - kernel.now;
      kernel.schedule(Math.max(0, left), () => void this.giveUp(queued, 'EventAgeExceeded', end));
    } else {
      kernel.schedule(wait, () => void this.attempt(queued));
    }
  }

  private tooOld(queued: AsyncEvent, wait: number): boolean {
    return this.world.kernel.now + wait - queued.queuedAt > queued.config.maximumEventAgeMs;
  }

  private async giveUp(queued: AsyncEvent, condition: 'RetriesExhausted' | 'EventAgeExceeded', end?: InvocationEnd) {
    const { function: owner } = queued.target;
    this.record(owner.configuration.readableName, 'lambda.eventDropped', queued.requestId, { condition, invocations: queued.invocations });
    owner.metrics.record('AsyncEventsDropped', 1);
    const { deadLetterTarget } = owner.configuration;
    if (deadLetterTarget) await this.destinations.deadLetter(queued, deadLetterTarget, end);
    if (queued.config.onFailure) await this.destinations.deliver(queued, queued.config.onFailure, condition, end);
  }

  private record(subject: string, event: string, requestId: string, detail: Record<string, unknown>) {
    this.world.trace.record({ at: this.world.kernel.now, subject, event, detail: { requestId, ...detail } });
  }
}
