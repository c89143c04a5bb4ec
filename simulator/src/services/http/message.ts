import { STATUS_CODES } from 'http';

export const HTTP_METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'];

/** Header names are in lower case. */
export type Headers = Readonly<Record<string, string>>;

/** A request as an endpoint receives it. */
export interface HttpRequest {
  readonly method: string;
  /** The whole URL, with its query. */
  readonly url: string;
  readonly headers: Headers;
  /** Empty where there is none. */
  readonly body: string;
}

/** What an endpoint answers. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, or anything else, which is sent as JSON. */
  readonly body?: unknown;
}

/** A response as a client receives it. */
export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Checks what an endpoint answered; throws a sentence when it is no answer. */
export function responseOf(answer: HttpAnswer): HttpResponse {
  const status = answer?.status;
  if (!Number.isInteger(status) || status < 100 || status > 599) {
    throw new Error(`an answer needs a status from 100 to 599, got ${JSON.stringify(answer)}`);
  }
  const { body } = answer;
  const json = body !== undefined && typeof body !== 'string';
  return {
    status,
    statusText: STATUS_CODES[status] ?? '',
    headers: { ...(json ? { 'content-type': 'application/json' } : {}), ...lowerCaseNames(answer.headers) },
    body: json ? JSON.stringify(body) : body ?? '',
  };
}

export function lowerCaseNames<T>(headers: Readonly<Record<string, T>> = {}): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

export function isSuccess({ status }: HttpResponse): boolean {
  return status >= 200 && status <= 299;
}
