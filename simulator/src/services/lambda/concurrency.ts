import type { LambdaFunction } from './function';
import { ServiceError } from '../../service';

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html */
export const ACCOUNT_CONCURRENCY = 1_000;
/** Reservations must leave this much for functions without one. */
const LEAST_UNRESERVED = 100;

/** The account's concurrent executions: one pool, less what functions have reserved for themselves. */
export class Concurrency {
  private reserved = 0;
  private unreservedRunning = 0;

  constructor(private readonly limit: number = ACCOUNT_CONCURRENCY) {}

  reserve(owner: string, executions: number) {
    if (this.limit - this.reserved - executions < Math.min(LEAST_UNRESERVED, this.limit)) {
      throw new ServiceError('InvalidParameterValueException', `Specified ReservedConcurrentExecutions for function ${owner} decreases account's `
        + `UnreservedConcurrentExecution below its minimum value of [${LEAST_UNRESERVED}].`);
    }
    this.reserved += executions;
  }

  /** Takes one execution, or throws as Lambda does when it throttles. The result gives it back. */
  acquire(target: LambdaFunction): () => void {
    const { reservedConcurrency } = target.configuration;
    if (reservedConcurrency !== undefined) {
      if (target.acquired >= reservedConcurrency) throw throttled(target, 'ReservedFunctionConcurrentInvocationLimitExceeded');
    } else if (this.unreservedRunning >= this.limit - this.reserved) {
      throw throttled(target, 'ConcurrentInvocationLimitExceeded');
    } else {
      this.unreservedRunning++;
    }
    target.acquired++;
    return () => {
      target.acquired--;
      if (reservedConcurrency === undefined) this.unreservedRunning--;
    };
  }
}

function throttled(target: LambdaFunction, reason: string): ServiceError {
  target.metrics.record('Throttles', 1);
  return new ServiceError('TooManyRequestsException', 'Rate Exceeded.', { retryable: true, fields: { Reason: reason, Type: 'User' } });
}
