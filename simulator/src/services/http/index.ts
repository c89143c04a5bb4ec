import { type EndpointHandler, EndpointDirectory } from './directory';
import { type HttpRequest, type HttpResponse, responseOf } from './message';
import type { ApiCall, Operation, Service, World } from '../../service';

export { requestWithin, TIMED_OUT } from './client';
export type { EndpointHandler, EndpointTools } from './directory';
export { type Headers, HTTP_METHODS, type HttpAnswer, type HttpRequest, type HttpResponse, isSuccess, lowerCaseNames } from './message';

/** Endpoints outside AWS: whatever API destinations and HTTP tasks call. */
export interface HttpService extends Service {
  /**
   * Answers requests to this URL, and to those below it that have no endpoint of their own, for example
   * `https://sms.example.com/messages`. A `*` in the path stands for any one part of it. The same URL again replaces the handler.
   */
  endpoint(url: string, handler: EndpointHandler): void;
}

export function httpService(world: World): HttpService {
  const { kernel, trace } = world;
  const directory = new EndpointDirectory();
  const tools = { sleep: (ms: number) => kernel.sleep(ms), now: () => kernel.now };

  const invoke = async (request: HttpRequest, caller: ApiCall['caller']): Promise<HttpResponse> => {
    const { method, url } = request;
    const { host, pathname } = new URL(url);
    const startedAt = kernel.now;
    const response = responseOf(await directory.find(url)(request, tools));
    // No query: it may hold a secret.
    const detail = { by: caller.name, method, path: pathname, status: response.status, ms: Math.round(kernel.now - startedAt) };
    trace.record({ at: kernel.now, subject: host, event: 'http.answer', detail });
    return response;
  };

  /** The owner of an endpoint pays for it, and asks for its own permissions. */
  const operation: Operation = {
    access: () => [],
    target: ({ url }: HttpRequest) => url,
    handle: (request: HttpRequest, { caller }) => invoke(request, caller).catch((error) => failSimulation(world, error)),
  };
  return {
    name: 'http',
    operations: { Invoke: operation },
    resources: [],
    endpoint: (url, handler) => directory.register(url, handler),
  };
}

/** A missing endpoint or a broken handler is the scenario's mistake, no failure that a retry might hide: the run ends with it. */
function failSimulation(world: World, error: unknown): Promise<never> {
  world.kernel.schedule(0, () => { throw error; });
  return new Promise(() => {});
}
