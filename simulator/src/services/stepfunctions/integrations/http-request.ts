import { type ArrayFormat, formEncoded, isArrayFormat } from './form-encoding';
import { TaskFailed } from './service-errors';
import { type Connection, withQuery } from '../../events';
import { type Headers, HTTP_METHODS, type HttpRequest, lowerCaseNames } from '../../http';
import { ErrorName } from '../asl/errors';
import { isObject, type Json, type JsonObject } from '../asl/json';

/** "You can't use the following headers in your HTTP Task definition." @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html */
const REFUSED_HEADERS: ReadonlySet<string> = new Set([
  'a-im', 'accept-charset', 'accept-datetime', 'accept-encoding', 'authorization', 'cache-control', 'connection', 'content-encoding', 'content-md5',
  'date', 'expect', 'forwarded', 'from', 'host', 'http2-settings', 'if-match', 'if-modified-since', 'if-none-match', 'if-range',
  'if-unmodified-since', 'max-forwards', 'origin', 'pragma', 'proxy-authorization', 'referer', 'server', 'te', 'trailer', 'transfer-encoding',
  'upgrade', 'via', 'warning',
]);
const REFUSED_PREFIXES = /^(x-forwarded-|x-amz-|x-amzn-)/;

/** What a task says about its request, checked. */
export interface TaskRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Json;
  /** Set when the body is sent as a form. */
  readonly form?: ArrayFormat;
}

/** A request that cannot be made: "the HTTP Task fails with the States.Runtime error". */
export function badRequest(reason: string): TaskFailed {
  return new TaskFailed(ErrorName.RUNTIME, reason);
}

export function taskRequest(args: JsonObject): TaskRequest {
  const { ApiEndpoint: url, Method: method, RequestBody: body } = args;
  if (typeof url !== 'string' || !/^https:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw badRequest(`The value for the field 'ApiEndpoint' must be a valid HTTPS URL but was ${JSON.stringify(url)}`);
  }
  if (typeof method !== 'string' || !HTTP_METHODS.includes(method)) {
    throw badRequest(`The value for the field 'Method' must be one of ${HTTP_METHODS.join(', ')} but was ${JSON.stringify(method)}`);
  }
  return { url, method, headers: headersIn(args), query: queryIn(args), body, form: formIn(args) };
}

/**
 * The request with what the connection adds: "If there are any duplicate keys … Step Functions overwrites the values in the HTTP Task with the
 * values in the connection."
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html#http-task-data-merge
 */
export function merged(request: TaskRequest, { parameters }: Connection, authorization: Headers, region: string): HttpRequest {
  const body = bodyText(request, parameters.body);
  return {
    method: request.method,
    url: withQuery(withQuery(request.url, request.query), parameters.query),
    headers: {
      ...(body === '' ? {} : { 'content-type': 'application/json; charset=UTF-8' }),
      ...request.headers,
      ...parameters.headers,
      ...authorization,
      'user-agent': `Amazon|StepFunctions|HttpInvoke|${region}|`,
      'range': 'bytes=0-262144',
      'host': new URL(request.url).host,
    },
    body,
  };
}

function bodyText({ body, form }: TaskRequest, added: Readonly<Record<string, string>>): string {
  const mergeable = body === undefined || body === null || isObject(body);
  const all: Json | undefined = Object.keys(added).length === 0 ? body : { ...(isObject(body) ? body : {}), ...added };
  if (all !== body && !mergeable) throw badRequest('The request body is no JSON object: it cannot be merged with the body parameters of the connection');
  if (all === undefined) return '';
  if (form) return typeof all === 'string' ? all : formEncoded(all, form);
  return typeof all === 'string' ? all : JSON.stringify(all);
}

function headersIn({ Headers: headers = {} }: JsonObject): Record<string, string> {
  if (!isObject(headers)) throw badRequest("The value for the field 'Headers' must be an OBJECT");
  const named = lowerCaseNames(headers);
  const refused = Object.keys(named).find((name) => REFUSED_HEADERS.has(name) || REFUSED_PREFIXES.test(name));
  if (refused !== undefined) throw badRequest(`The header '${refused}' cannot be set in the field 'Headers'`);
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, listOf(value).join(',')]));
}

function queryIn({ QueryParameters: query = {} }: JsonObject): Record<string, string[]> {
  if (!isObject(query)) throw badRequest("The value for the field 'QueryParameters' must be an OBJECT; texts and arrays are not simulated");
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, listOf(value)]));
}

function listOf(value: Json): string[] {
  return (Array.isArray(value) ? value : [value]).map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
}

function formIn({ Transform: transform = {} }: JsonObject): ArrayFormat | undefined {
  if (!isObject(transform)) throw badRequest("The value for the field 'Transform' must be an OBJECT");
  const { RequestBodyEncoding: encoding = 'NONE', RequestEncodingOptions: options = {} } = transform;
  if (encoding === 'NONE') return undefined;
  if (encoding !== 'URL_ENCODED') throw badRequest(`The value for the field 'RequestBodyEncoding' must be NONE or URL_ENCODED but was ${JSON.stringify(encoding)}`);
  const format = (isObject(options) ? options.ArrayFormat : undefined) ?? 'INDICES';
  if (!isArrayFormat(format)) throw badRequest(`The value for the field 'ArrayFormat' is not known: ${JSON.stringify(format)}`);
  return format;
}
