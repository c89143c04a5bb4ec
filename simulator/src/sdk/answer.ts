import type { SdkBinding } from './binding';
import { copy } from './copy';
import { isServiceError, sdkException, type SdkExports } from './exceptions';
import { inputOf, outputOf } from './payloads';
import { ClientRetries, defaultMaxAttempts, type RetryableKind, retryableKind } from './retry';
import { serviceName } from './services';
import { shortenStack } from './short-cut';

/** `SMITHY_CONTEXT_KEY` of @smithy/types: where the SDK keeps the command and the abort signal of a call. */
const SMITHY_CONTEXT = '__smithy_context';

/**
 * Middlewares that prepare or send an HTTP request. No request is made here, so they go: it makes a call three times as fast. The one of the
 * user agent stays, never reached: Powertools puts its own beside it, for which it must be there.
 */
const WIRE_MIDDLEWARES = [
  'contentLengthMiddleware',
  'endpointDiscoveryMiddleware',
  'hostHeaderMiddleware',
  'httpAuthSchemeMiddleware',
  'httpSigningMiddleware',
  'recursionDetectionMiddleware',
  'retryMiddleware',
];

type Handler = (args: any) => Promise<any>;
type Middleware = (next: Handler, context: any) => Handler;

/** Makes a client of the AWS SDK v3 answer from the simulated world. Middlewares that the client's owner adds keep working. */
export function answerFromWorld(client: any, exported: SdkExports, binding: SdkBinding, maxAttempts?: number) {
  const { serviceId } = client.config;
  // No wire, so nothing that SQS's checksums could find.
  client.config.md5 = false;
  const retries = new ClientRetries(serviceId, maxAttempts ?? binding.maxAttempts ?? defaultMaxAttempts(serviceId));
  for (const name of WIRE_MIDDLEWARES) client.middlewareStack.remove(name);
  const middleware = answering(serviceId, exported, binding, retries);
  client.middlewareStack.add(middleware, {
    name: 'simulatedWorld',
    // After everything that looks at input and output, before serialization.
    step: 'initialize',
    priority: 'low',
    override: true,
  });
  shortenStack(client, middleware);
}

function answering(serviceId: string, exported: SdkExports, binding: SdkBinding, retries: ClientRetries): Middleware {
  const service = serviceName(serviceId);
  return (_next, context) => {
    const operation = String(context.commandName).replace(/Command$/, '');
    const signal = context[SMITHY_CONTEXT]?.abortSignal;
    const answer: Handler = async (args) => {
      const input = copy(inputOf(service, operation, args.input));
      const work = () => attempt({ service, serviceId, operation, input, exported, binding, retries });
      return { response: {}, output: await binding.waitFor(signal ? () => abortable(work, signal) : work) };
    };
    return withDocumentMiddlewares(answer, context);
  };
}

interface Attempts {
  readonly service: string;
  readonly serviceId: string;
  readonly operation: string;
  readonly input: any;
  readonly exported: SdkExports;
  readonly binding: SdkBinding;
  readonly retries: ClientRetries;
}

async function attempt({ service, serviceId, operation, input, exported, binding, retries }: Attempts): Promise<any> {
  let lastRetry: RetryableKind | undefined;
  let totalRetryDelay = 0;
  for (let attempts = 1; ; attempts++) {
    try {
      const output = await binding.call(service, operation, attempts === 1 ? input : copy(input));
      retries.succeeded(lastRetry);
      const requestId = binding.random.uuid();
      return { $metadata: { httpStatusCode: 200, requestId, attempts, totalRetryDelay }, ...outputOf(service, operation, copy(output)) };
    } catch (error: any) {
      if (!isServiceError(error)) throw error;
      const kind = retryableKind(error);
      if (!kind || !retries.admit(kind, attempts)) {
        throw sdkException(error, serviceId, exported, { requestId: binding.random.uuid(), attempts, totalRetryDelay });
      }
      lastRetry = kind;
      const delay = retries.delay(kind, attempts, binding.random);
      totalRetryDelay += delay;
      await binding.sleep(delay);
    }
  }
}

/** An aborted call fails at once; what it has asked for may still happen. */
function abortable<T>(work: () => Promise<T>, signal: any): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    void work().then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * lib-dynamodb converts values in two middlewares around serialization and deserialization, steps that are never
 * reached here: they are taken from the command and put around the answer.
 */
function withDocumentMiddlewares(answer: Handler, context: any): Handler {
  if (context.clientName !== 'DynamoDBClient') return answer;
  let marshall: Middleware | undefined;
  let unmarshall: Middleware | undefined;
  context[SMITHY_CONTEXT]?.commandInstance?.middlewareStack.applyToStack({
    add: () => {},
    addRelativeTo: (middleware: Middleware, { name }: { name?: string }) => {
      if (name === 'DocumentMarshall') marshall = middleware;
      if (name === 'DocumentUnmarshall') unmarshall = middleware;
    },
  });
  const unmarshalling = unmarshall ? unmarshall(answer, context) : answer;
  return marshall ? marshall(unmarshalling, context) : unmarshalling;
}
