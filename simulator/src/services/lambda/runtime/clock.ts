import type { Kernel } from '../../../kernel/kernel';
import type { World } from '../../../service';

/** A handler that reads the clock this often without anything happening waits for time to pass, which here never happens. */
const SPIN_LIMIT = 2_000_000;

/** The virtual clock as a handler reads it: the wall clock may be wrong by a constant, durations are right. */
export class HandlerClock {
  private lastRead = -1;
  private reads = 0;

  constructor(private readonly kernel: Kernel, private readonly owner: string, private readonly skewMs: () => number) {}

  /** Milliseconds since 1970, whole as `Date.now()` has them. */
  now(): number {
    return Math.floor(this.precise() + this.skewMs());
  }

  /** With microseconds, for `performance.now()` and `process.hrtime()`. */
  precise(): number {
    const { now } = this.kernel;
    if (now !== this.lastRead) {
      this.lastRead = now;
      this.reads = 0;
    } else if (++this.reads > SPIN_LIMIT) {
      throw new Error(`${this.owner} waits in a loop for the clock to advance; virtual time passes only while the handler awaits something`);
    }
    return now;
  }
}

/** How far the clock of a new process is ahead, as the fault plan wants it. */
export function clockSkew(world: World, subject: string): number {
  const fault = world.faults.onEnvironment?.({ subject });
  if (!fault) return 0;
  const { clockSkewMs } = fault;
  world.trace.record({ at: world.kernel.now, subject, event: 'fault.clockSkew', detail: { ms: clockSkewMs } });
  return clockSkewMs;
}
