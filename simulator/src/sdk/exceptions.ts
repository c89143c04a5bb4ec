import { retryableKind } from './retry';

/** What an SDK module exports, as far as errors are concerned. */
export type SdkExports = Readonly<Record<string, any>>;

/** Turns an error of a simulated service into the exception that the real client would throw. */
export function sdkException(error: any, serviceId: string, exported: SdkExports, metadata: Record<string, unknown>): Error {
  const fields = ownFields(error);
  const options = { ...fields, message: error.message, $metadata: { httpStatusCode: statusCode(error), ...metadata } };
  const Modeled = exceptionClass(exported, error.name);
  const Base = exceptionClass(exported, `${serviceId.replace(/\s+/g, '')}ServiceException`);
  let exception: any;
  if (Modeled) {
    exception = new Modeled(options);
  } else if (Base) {
    exception = new Base({ ...options, name: error.name, $fault: error.$fault });
  } else {
    exception = Object.assign(new Error(error.message), { name: error.name, $fault: error.$fault, $metadata: options.$metadata });
  }
  Object.assign(exception, fields);
  const kind = retryableKind(error);
  if (kind) exception.$retryable = { throttling: kind === 'throttling' };
  return exception;
}

/** Whether a simulated service refused the call, as opposed to the simulator itself. */
export function isServiceError(error: any): boolean {
  return typeof error?.$fault === 'string';
}

function exceptionClass(exported: SdkExports, name: string): (new (options: any) => Error) | undefined {
  const candidate = exported[name];
  return typeof candidate === 'function' && typeof candidate.shapeId === 'string' ? candidate : undefined;
}

/** The error's modeled fields, e.g. `CancellationReasons` or `Item`. */
function ownFields(error: any): Record<string, unknown> {
  const { name, message, stack, $fault, $metadata, retryable, ...fields } = error;
  return fields;
}

const DENIALS: readonly string[] = ['AccessDenied', 'AccessDeniedException', 'AuthorizationErrorException', '403'];

function statusCode(error: any): number {
  if (typeof error.$metadata?.httpStatusCode === 'number') return error.$metadata.httpStatusCode;
  if (error.$fault === 'server') return 500;
  if (error.name === 'TooManyRequestsException') return 429;
  if (DENIALS.includes(error.name)) return 403;
  if (error.name === 'NotFoundException') return 404;
  return 400;
}
