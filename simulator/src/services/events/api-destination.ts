import { type Connection, NotAuthorized } from './connection';
import { type HttpParameters, withQuery } from './http-parameters';
import { type Caller, ServiceError, type World } from '../../service';
import { type HttpRequest, HTTP_METHODS, type HttpResponse, isSuccess, requestWithin, TIMED_OUT } from '../http';

/** An API destination as a template describes it. */
export interface ApiDestinationProperties {
  readonly Name: string;
  readonly ConnectionArn: string;
  readonly InvocationEndpoint: string;
  readonly HttpMethod: string;
  readonly InvocationRateLimitPerSecond?: number | string;
}

/** What a rule's target makes of an event, before the connection adds its part. */
export interface Invocation extends Omit<HttpParameters, 'body'> {
  /** One for each wildcard of the endpoint. */
  readonly path: readonly string[];
  readonly payload: string;
}

/** "EventBridge requests to an API destination endpoint must have a maximum client execution timeout of 5 seconds." */
const TIMEOUT_MS = 5_000;
/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html (invocations per second of an API destination) */
const DEFAULT_RATE = 300;
/** Events cost per 64 KB. @see https://aws.amazon.com/eventbridge/pricing/ */
const BILLED_CHUNK_BYTES = 65_536;

/**
 * An HTTPS endpoint as the target of rules.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
 */
export class ApiDestination {
  /** How many wildcards the endpoint has. */
  readonly wildcards: number;
  private readonly intervalMs: number;
  private nextTurn = 0;

  constructor(
    private readonly world: World,
    readonly arn: string,
    private readonly connection: Connection,
    private readonly properties: ApiDestinationProperties,
  ) {
    const { InvocationEndpoint: endpoint, HttpMethod: method, InvocationRateLimitPerSecond: rate = DEFAULT_RATE } = properties;
    if (!/^https:\/\/[^/]/.test(endpoint)) throw new Error(`InvocationEndpoint must be an HTTPS URL, not ${JSON.stringify(endpoint)}`);
    if (!HTTP_METHODS.includes(method)) throw new Error(`HttpMethod must be one of ${HTTP_METHODS.join(', ')}, not ${JSON.stringify(method)}`);
    if (!(Number(rate) >= 1)) throw new Error(`InvocationRateLimitPerSecond must be 1 or more, not ${rate}`);
    this.intervalMs = 1000 / Number(rate);
    this.wildcards = endpoint.split('*').length - 1;
  }

  /**
   * Waits for the next invocation that the rate limit allows; false when the event gets too old before that: "if you set the invocation rate
   * per second to a value much lower than the number of invocations generated, events may not be delivered". AWS does not say how it spaces
   * the invocations of a second; here they are even, in the order of their asking.
   */
  async turn(deadline: number): Promise<boolean> {
    const { kernel } = this.world;
    const at = Math.max(kernel.now, this.nextTurn);
    const inTime = at <= deadline;
    if (inTime) this.nextTurn = at + this.intervalMs;
    const waitMs = Math.max(0, (inTime ? at : deadline) - kernel.now);
    if (waitMs > 0) await kernel.sleep(waitMs);
    return inTime;
  }

  /** Makes the request; rejects when the endpoint did not take the event. */
  async invoke(invocation: Invocation, caller: Caller): Promise<object> {
    const { world, connection } = this;
    world.meter.add('events.apiDestinationInvocations', Math.max(1, Math.ceil(Buffer.byteLength(invocation.payload) / BILLED_CHUNK_BYTES)));
    const authorization = await connection.authorization(caller).catch((error) => {
      throw error instanceof NotAuthorized ? failure(error.message, { retryable: true }) : error;
    });
    const response = await requestWithin(world, TIMEOUT_MS, this.request(invocation, authorization), caller);
    // The code and the text are those of a dead letter on AWS.
    if (response === TIMED_OUT) throw failure('Timeout calling endpoint for API Destination: socket closed.', { retryable: true, deliveryCode: 'UNKNOWN' });
    connection.refused(response.status);
    if (isSuccess(response)) return {};
    const retryAfterMs = retryAfter(response, world.kernel.now);
    // "If Retry-After value is negative, EventBridge stops retrying delivery for that event."
    const retryable = isRetried(response.status) && !(retryAfterMs !== undefined && retryAfterMs < 0);
    throw failure(`API destination returned HTTP status ${response.status} with payload: ${response.body}`, { retryable, retryAfterMs });
  }

  /**
   * "In case of any conflicting keys, values from the Connection take precedence."
   * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_HttpParameters.html
   */
  private request({ path, headers, query, payload }: Invocation, authorization: HttpRequest['headers']): HttpRequest {
    const { parameters } = this.connection;
    const values = [...path];
    const url = this.properties.InvocationEndpoint.replace(/\*/g, () => encodeURIComponent(values.shift() ?? ''));
    const body = withParameters(payload, parameters.body);
    return {
      method: this.properties.HttpMethod,
      url: withQuery(withQuery(url, query), parameters.query),
      headers: {
        'content-type': 'application/json; charset=utf-8',
        ...headers,
        ...parameters.headers,
        ...authorization,
        'user-agent': 'Amazon/EventBridge/ApiDestinations',
        'range': 'bytes=0-1048575',
        'accept-encoding': 'gzip,deflate',
        'connection': 'close',
        'content-length': String(Buffer.byteLength(body)),
        'host': new URL(url).host,
      },
      body,
    };
  }
}

/** "Retries events associated with error codes 401, 407, 409, 429, and 5xx. Does not retry events associated with error codes 1xx, 2xx, 3xx, and 4xx." */
function isRetried(status: number): boolean {
  return [401, 407, 409, 429].includes(status) || status >= 500;
}

/** Seconds or a date. */
function retryAfter({ headers }: HttpResponse, now: number): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  if (/^\s*-?\d+\s*$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** Body parameters of the connection go into a payload that is a JSON object. */
function withParameters(payload: string, added: Readonly<Record<string, string>>): string {
  if (Object.keys(added).length === 0) return payload;
  let body: unknown;
  try {
    body = JSON.parse(payload);
  } catch {
    return payload;
  }
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? JSON.stringify({ ...body, ...added }) : payload;
}

function failure(reason: string, { retryable, ...fields }: { retryable: boolean; deliveryCode?: string; retryAfterMs?: number }): ServiceError {
  return new ServiceError('ApiDestinationFailure', `Unable to invoke ApiDestination endpoint: ${reason}`, { retryable, fields });
}
