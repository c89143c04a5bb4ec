import type { Outcomes } from './limiter/acquisition';

const NONE: Outcomes = { delivered: 0, slow: 0, throttled: 0, failed: 0 };

/** How deliveries ended since the limiter was told last, also those of an invocation before. */
export class Tally {
  private outcomes = NONE;

  /** Something else than success is among them. */
  get hasDrops(): boolean {
    const { slow, throttled, failed, probe } = this.outcomes;
    return slow + throttled + failed > 0 || probe !== undefined;
  }

  add(more: Partial<Outcomes>): void {
    const { delivered, slow, throttled, failed, retryAfterMs = 0, probe } = this.outcomes;
    const longest = Math.max(retryAfterMs, more.retryAfterMs ?? 0);
    const lastProbe = more.probe ?? probe;
    this.outcomes = {
      delivered: delivered + (more.delivered ?? 0),
      slow: slow + (more.slow ?? 0),
      throttled: throttled + (more.throttled ?? 0),
      failed: failed + (more.failed ?? 0),
      ...(longest > 0 && { retryAfterMs: longest }),
      ...(lastProbe && { probe: lastProbe }),
    };
  }

  /** What there is, and begins anew: whoever takes it tells it. */
  take(): Outcomes {
    const { outcomes } = this;
    this.outcomes = NONE;
    return outcomes;
  }
}
