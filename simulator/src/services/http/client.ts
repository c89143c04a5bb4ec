import { type HttpRequest, type HttpResponse, responseOf } from './message';
import type { Caller, World } from '../../service';

export const TIMED_OUT = Symbol('timed out');

/**
 * Sends a request and waits so long for its answer; the endpoint does its work whether or not somebody still waits. A fault plan's
 * faults look like those of any endpoint: a throttle is 429, a failure before or after the work is 500.
 */
export async function requestWithin(world: World, timeoutMs: number, request: HttpRequest, caller: Caller): Promise<HttpResponse | typeof TIMED_OUT> {
  const answer = world.call<HttpResponse>({ service: 'http', operation: 'Invoke', input: request, caller }).catch(answerOfFault);
  return new Promise((resolve, reject) => {
    const timer = world.kernel.schedule(timeoutMs, () => resolve(TIMED_OUT));
    answer.finally(() => timer.cancel()).then(resolve, reject);
  });
}

function answerOfFault(error: any): HttpResponse {
  if (error?.$fault === undefined) throw error;
  return responseOf({ status: error.$fault === 'client' ? 429 : 500, body: String(error.message) });
}
