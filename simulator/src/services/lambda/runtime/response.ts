import { errorPayload } from './errors';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (6 MB and what the envelope takes). */
export const LARGEST_RESPONSE = 6_291_556;

/** A handler's result as the answer to its invocation. */
export function serializeResponse(value: unknown): { payload: string; status: 'success' | 'error' } {
  let payload: string;
  try {
    payload = JSON.stringify(value === undefined ? null : value) ?? 'null';
  } catch {
    return failure(new Error('Unable to stringify response body'));
  }
  const size = Buffer.byteLength(payload);
  if (size <= LARGEST_RESPONSE) return { payload, status: 'success' };
  const error = new Error(`Response payload size exceeded maximum allowed payload size (${LARGEST_RESPONSE} bytes).`);
  error.name = 'Function.ResponseSizeTooLarge';
  return failure(error);
}

function failure(error: Error): { payload: string; status: 'error' } {
  const { errorType, errorMessage } = errorPayload(error);
  return { payload: JSON.stringify({ errorType, errorMessage }), status: 'error' };
}
