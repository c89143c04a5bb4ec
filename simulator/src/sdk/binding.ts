import type { Random } from '../kernel/random';

/** Whoever holds SDK clients: a Lambda function's execution environment, or a test outside Lambda. */
export interface SdkBinding {
  readonly random: Random;
  readonly region: string;
  /** `AWS_MAX_ATTEMPTS` of the holder's environment. */
  readonly maxAttempts?: number;
  /** One attempt of an API call. */
  call(service: string, operation: string, input: unknown): Promise<any>;
  sleep(ms: number): Promise<void>;
  /** Wraps a whole call with its retries: the holder waits for something virtual meanwhile. */
  waitFor<T>(work: () => Promise<T>): Promise<T>;
}
