import { types } from 'util';

/** What a failed invocation answers with, as Lambda's Node.js runtime writes it. */
export interface ErrorPayload {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: string[];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
export function errorPayload(error: any): ErrorPayload {
  if (types.isNativeError(error) || (typeof error?.name === 'string' && typeof error?.message === 'string' && typeof error?.stack === 'string')) {
    const { name, message, stack } = error as Error;
    return { errorType: name, errorMessage: message, trace: taskFrames(String(stack)).split('\n') };
  }
  try {
    return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch {
    return {
      errorType: 'handled',
      errorMessage: 'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
    };
  }
}

/**
 * Drops the stack frames outside the function's own code: they are the simulator's, not Lambda's, and name folders of this
 * machine, which must not reach a payload or a log.
 */
export function taskFrames(text: string): string {
  return text.includes('\n    at ') ? text.replace(/\n {4,}at [^\n]*/g, (frame) => (frame.includes('/var/task/') ? frame : '')) : text;
}

export function timedOut(requestId: string, timeoutSeconds: number): ErrorPayload {
  return { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds` };
}

export function exited(requestId: string, reason: string): ErrorPayload {
  return { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${reason}` };
}

/** https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/pull/144 */
export function neverSettled(): ErrorPayload {
  return {
    errorType: 'Runtime.NodeJsExit',
    errorMessage: 'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. '
      + 'For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
    trace: [],
  };
}

/** https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/Errors.js */
export function unhandledRejection(reason: unknown): ErrorPayload {
  return { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: String(reason), trace: errorPayload(reason).trace };
}

/** A handler that cannot be loaded. */
export class InitError extends Error {
  constructor(errorType: string, message: string) {
    super(message);
    this.name = errorType;
  }
}
