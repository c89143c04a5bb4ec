import { Duration } from 'aws-cdk-lib';
import { RetryDescription } from './workflow/description';
import { misuse, requireIntegerInRange, wholeSeconds } from '../shared/misuse';

/** Options of retries that wait longer each time. */
export interface ExponentialRetryOptions {
  /**
   * How often the step is tried again after it has failed, from 1 to 50.
   * @default 3
   */
  readonly maxAttempts?: number;

  /**
   * The wait before the first further attempt: whole seconds. Each wait is a random part of what it could be (full jitter).
   * @default Duration.seconds(1)
   */
  readonly interval?: Duration;

  /**
   * By how much each wait is longer than the one before, from 1 to 10.
   * @default 2
   */
  readonly backoffRate?: number;

  /**
   * The longest wait: whole seconds.
   * @default Duration.seconds(30)
   */
  readonly maxInterval?: Duration;
}

/** How a step is tried again after a failure that is not declared (`abortOn`) and not a timeout. */
export class SagaRetry {
  /**
   * Again, after waits that grow. Each attempt has the same idempotency key.
   * @param options how often, and how long the waits are
   */
  public static exponential(options: ExponentialRetryOptions = {}): SagaRetry {
    const { maxAttempts = 3, interval = Duration.seconds(1), backoffRate = 2, maxInterval = Duration.seconds(30) } = options;
    requireIntegerInRange(undefined, 'maxAttempts of SagaRetry.exponential', maxAttempts, 1, 50);
    if (!(backoffRate >= 1 && backoffRate <= 10)) throw misuse(undefined, `backoffRate of SagaRetry.exponential must be from 1 to 10, received ${backoffRate}`);
    const intervalSeconds = wholeSeconds(undefined, 'interval of SagaRetry.exponential', interval);
    const maxIntervalSeconds = wholeSeconds(undefined, 'maxInterval of SagaRetry.exponential', maxInterval);
    if (maxIntervalSeconds < intervalSeconds) {
      throw misuse(undefined, `maxInterval of SagaRetry.exponential must be at least interval (${intervalSeconds} s), received ${maxIntervalSeconds} s`);
    }
    return new SagaRetry({ maxAttempts, intervalSeconds, backoffRate, maxIntervalSeconds });
  }

  /** Not at all: the first failure is the step's outcome. */
  public static none(): SagaRetry {
    return new SagaRetry({ maxAttempts: 0, intervalSeconds: 1, backoffRate: 1, maxIntervalSeconds: 1 });
  }

  private constructor(private readonly description: RetryDescription) {}

  /** @internal */
  public _bind(): RetryDescription {
    return this.description;
  }
}
