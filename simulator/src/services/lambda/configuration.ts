import type { FunctionCode } from './code';
import type { LogConfiguration } from './log';

/** A destination ARN per outcome of an asynchronous invocation, and how hard Lambda tries. */
export interface EventInvokeConfig {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeMs: number;
  readonly onSuccess?: string;
  readonly onFailure?: string;
}

/** A function as its template declares it. */
export interface FunctionConfiguration {
  readonly name: string;
  readonly arn: string;
  /** In traces, e.g. `LoanQuotes/Collect`. */
  readonly readableName: string;
  /** Construct path without the stack's resource suffix, e.g. `LoanBroker/LoanQuotes/Collect`. */
  readonly path: string;
  readonly role: string;
  readonly runtime: string;
  /** 0 for runtimes other than Node.js. */
  readonly nodeVersion: number;
  readonly handler: string;
  readonly code: FunctionCode;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number;
  /** ARN of the queue or topic for events that were given up, the older form of an on-failure destination. */
  readonly deadLetterTarget?: string;
  readonly logs: LogConfiguration;
  readonly logStream: string;
  /** Whether it may be invoked again and again in one chain of requests. */
  readonly allowsRecursion: boolean;
  /** Whether Lambda sends traces to X-Ray. */
  readonly tracing: boolean;
}
