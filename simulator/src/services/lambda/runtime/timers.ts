import type { Kernel } from '../../../kernel/kernel';

/** `util.promisify.custom`: `promisify(setTimeout)` is a common way to sleep. */
const PROMISIFY = Symbol.for('nodejs.util.promisify.custom');

interface Timer {
  readonly callback: () => void;
  readonly repeatMs?: number;
  due: number;
  scheduled?: { cancel(): void };
}

/** Hears what happens to an environment's timers. */
interface TimerOwner {
  /** Their number has changed. */
  changed(): void;
  /** A callback is about to run. */
  firing(): void;
  /** A callback has thrown. */
  failed(error: unknown): void;
}

/** What setTimeout and its kin return; some libraries call `unref()` on it. */
class TimerHandle {
  constructor(readonly id: number, private readonly clear: (id: number) => void, private readonly isActive: (id: number) => boolean) {}
  ref() {
    return this;
  }
  unref() {
    return this;
  }
  hasRef() {
    return this.isActive(this.id);
  }
  refresh() {
    return this;
  }
  close() {
    this.clear(this.id);
    return this;
  }
  [Symbol.toPrimitive]() {
    return this.id;
  }
}

/**
 * The timers of one execution environment, in virtual time. Between invocations the environment is frozen, and so are they:
 * one that came due meanwhile fires as soon as the next invocation starts.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export class EnvironmentTimers {
  /** The functions that handlers see. */
  readonly api = {
    setTimeout: Object.assign(
      (callback: (...args: any[]) => void, ms?: number, ...args: any[]) => this.start(() => callback(...args), delayOf(ms)),
      { [PROMISIFY]: (ms?: number, value?: unknown) => this.wait(delayOf(ms), value) },
    ),
    setInterval: (callback: (...args: any[]) => void, ms?: number, ...args: any[]) => {
      const repeatMs = delayOf(ms);
      return this.start(() => callback(...args), repeatMs, repeatMs);
    },
    setImmediate: Object.assign(
      (callback: (...args: any[]) => void, ...args: any[]) => this.start(() => callback(...args), 0),
      { [PROMISIFY]: (value?: unknown) => this.wait(0, value) },
    ),
    clearTimeout: (handle: any) => this.clear(Number(handle)),
    clearInterval: (handle: any) => this.clear(Number(handle)),
    clearImmediate: (handle: any) => this.clear(Number(handle)),
  };

  /** The module `timers/promises`. */
  readonly promises = {
    setTimeout: (ms?: number, value?: unknown) => this.wait(delayOf(ms), value),
    setImmediate: (value?: unknown) => this.wait(0, value),
    scheduler: { wait: (ms?: number) => this.wait(delayOf(ms)), yield: () => this.wait(0) },
  };

  private readonly timers = new Map<number, Timer>();
  private nextId = 1;
  private frozen = false;

  constructor(private readonly kernel: Kernel, private readonly owner: TimerOwner) {}

  get size(): number {
    return this.timers.size;
  }

  freeze() {
    this.frozen = true;
    for (const timer of this.timers.values()) timer.scheduled?.cancel();
  }

  thaw() {
    if (!this.frozen) return;
    this.frozen = false;
    for (const [id, timer] of this.timers) this.schedule(id, timer);
  }

  /** The environment is gone. */
  drop() {
    this.freeze();
    this.timers.clear();
  }

  private wait<T>(delay: number, value?: T): Promise<T> {
    return new Promise((resolve) => this.start(() => resolve(value!), delay));
  }

  private start(callback: () => void, delay: number, repeatMs?: number): TimerHandle {
    const id = this.nextId++;
    const timer: Timer = { callback, repeatMs, due: this.kernel.now + delay };
    this.timers.set(id, timer);
    if (!this.frozen) this.schedule(id, timer);
    this.owner.changed();
    return new TimerHandle(id, (timerId) => this.clear(timerId), (timerId) => this.timers.has(timerId));
  }

  private schedule(id: number, timer: Timer) {
    timer.scheduled = this.kernel.schedule(Math.max(0, timer.due - this.kernel.now), () => this.fire(id, timer));
  }

  private fire(id: number, timer: Timer) {
    if (timer.repeatMs === undefined) {
      this.timers.delete(id);
    } else {
      timer.due = this.kernel.now + timer.repeatMs;
      this.schedule(id, timer);
    }
    this.owner.changed();
    this.owner.firing();
    try {
      timer.callback();
    } catch (error) {
      this.owner.failed(error);
    }
  }

  private clear(id: number) {
    const timer = this.timers.get(id);
    if (!timer) return;
    timer.scheduled?.cancel();
    this.timers.delete(id);
    this.owner.changed();
  }
}

/** Node.js takes whatever is not a number from 1 to 2^31-1 for 1 ms. */
function delayOf(ms: unknown): number {
  const delay = Number(ms);
  return delay >= 1 && delay <= 2_147_483_647 ? Math.trunc(delay) : 1;
}
