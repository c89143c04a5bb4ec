import { EventQueue, type ScheduledEvent } from './event-queue';
import { Random } from './random';

/** 2026-01-01T00:00:00Z: virtual time starts here unless told otherwise. */
export const DEFAULT_START = Date.UTC(2026, 0, 1);

/** How long, in real milliseconds, the kernel waits for code that does real I/O before it takes it for hung. */
const HOST_PATIENCE_MS = 5_000;

export interface KernelOptions {
  readonly seed: number | string;
  /** Virtual time at the start, in milliseconds since 1970. */
  readonly start?: number;
}

export interface RunOptions {
  /** Stop as soon as this holds; it is asked after every event. */
  readonly until?: () => boolean;
  /** Stop when virtual time would pass this instant (milliseconds since 1970); background events up to then happen too. */
  readonly deadline?: number;
}

/** Why a run ended: nothing is left to happen, the condition held, or the deadline came. */
export type RunEnd = 'quiet' | 'until' | 'deadline';

export interface CancelSignal {
  readonly cancelled: boolean;
  /** Calls back once, at the moment of the cancellation; at once if it has been cancelled already. */
  onCancel(callback: () => void): void;
}

/** The virtual clock and the queue of what happens next. Everything that takes time in the simulated world goes through here. */
export class Kernel {
  readonly random: Random;
  private time: number;
  private scheduled = 0;
  private readonly queue = new EventQueue();
  /** Simulated code that is running on the host right now, and not waiting for anything virtual. */
  private onHost = 0;

  constructor(options: KernelOptions) {
    this.time = options.start ?? DEFAULT_START;
    this.random = new Random(String(options.seed));
  }

  /** Virtual time in milliseconds since 1970. */
  get now(): number {
    return this.time;
  }

  /** Runs `fire` after `delayMs` of virtual time. The result cancels it. */
  schedule(delayMs: number, fire: () => void, options: { background?: boolean } = {}): { cancel(): void } {
    if (!(delayMs >= 0)) throw new Error(`cannot schedule an event ${delayMs} ms from now: the delay must be 0 or more`);
    const event: ScheduledEvent = {
      at: this.time + delayMs,
      order: this.scheduled++,
      background: options.background ?? false,
      fire,
      cancelled: false,
    };
    this.queue.push(event);
    return { cancel: () => this.queue.cancel(event) };
  }

  /** Resolves after `ms` of virtual time; when the signal is cancelled first, the timer goes away and this never resolves. */
  sleep(ms: number, signal?: CancelSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.cancelled) return;
      const timer = this.schedule(ms, resolve);
      signal?.onCancel(() => timer.cancel());
    });
  }

  /** Tells that simulated code runs on the host until `leaveHost`: virtual time stands still meanwhile. */
  enterHost() {
    this.onHost++;
  }

  leaveHost() {
    this.onHost--;
  }

  /** Lets events happen, in order, until the world is quiet or the options say to stop. */
  async run(options: RunOptions = {}): Promise<RunEnd> {
    await this.settle();
    for (;;) {
      if (options.until?.()) return 'until';
      const next = this.queue.peek();
      const quiet = this.queue.foreground === 0;
      if (options.deadline !== undefined) {
        if (!next || next.at > options.deadline) {
          this.time = Math.max(this.time, options.deadline);
          return quiet ? 'quiet' : 'deadline';
        }
      } else if (!next || quiet) {
        return 'quiet';
      }
      this.queue.pop();
      this.time = next.at;
      next.fire();
      await this.settle();
    }
  }

  /** Waits until all simulated code has come to rest: it has ended, or waits for something virtual. */
  private async settle() {
    await turn();
    if (this.onHost === 0) return;
    const start = performance.now();
    while (this.onHost > 0 && performance.now() - start < HOST_PATIENCE_MS) await hostMillisecond();
  }
}

/** One turn of the host's event loop: every promise that can settle without real I/O has settled afterwards. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function hostMillisecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
