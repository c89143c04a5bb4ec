import type { Acquisition, AcquisitionRequest, LimiterReading, Outcomes } from './limiter/acquisition';
import type { ControlItem } from '../../src/throttled-fan-out/contract';

/** A target's limiter as a worker sees it. Made of the pure limiter, the item's clock and the item's store. */
export interface RateLimiter {
  /** Begins an invocation: time may have stood still since the last one. */
  resume(): void;
  /**
   * One conditional write when something is granted; none for a wait. Throws when the item cannot be reached. The request's outcomes are the
   * limiter's from then on, in any case: it tells them with its next write.
   */
  acquire(request: AcquisitionRequest): Promise<Acquisition>;
  /** Tells outcomes that must not wait for the next acquisition: drops and probes. Does not throw: what cannot be told is told with the next write. */
  report(outcomes: Outcomes): Promise<void>;
  /** The time in which slots are: milliseconds of this worker's monotonic clock. */
  now(): number;
  /** What this worker heard last. */
  reading(): LimiterReading;
  control(): ControlItem;
}
