/** What an override may do in virtual time. */
export interface OverrideTools {
  sleep(ms: number): Promise<void>;
  /** An API call with the function's role, e.g. `call('sqs', 'SendMessage', {...})`. */
  call(service: string, operation: string, input: unknown): Promise<any>;
  /** The environment's wall clock: virtual time in milliseconds since 1970, unless the fault plan makes it wrong. */
  now(): number;
}

/** Stands in for a function's code: for stub functions in tests, and for runtimes other than Node.js. */
export type FunctionOverride = (event: any, context: any, tools: OverrideTools) => unknown;
