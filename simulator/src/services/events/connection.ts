import { type HttpParameters, httpParameters, type HttpParametersProperties, withQuery } from './http-parameters';
import type { Caller, World } from '../../service';
import { type Headers, isSuccess, lowerCaseNames, requestWithin, TIMED_OUT } from '../http';

/** A connection as a template describes it. */
export interface ConnectionProperties {
  readonly Name: string;
  readonly AuthorizationType: string;
  readonly AuthParameters?: {
    readonly ApiKeyAuthParameters?: { readonly ApiKeyName: string; readonly ApiKeyValue: string };
    readonly BasicAuthParameters?: { readonly Username: string; readonly Password: string };
    readonly OAuthParameters?: OAuthProperties;
    readonly InvocationHttpParameters?: HttpParametersProperties;
  };
}

interface OAuthProperties {
  readonly AuthorizationEndpoint: string;
  readonly HttpMethod: string;
  readonly ClientParameters: { readonly ClientID: string; readonly ClientSecret: string };
  readonly OAuthHttpParameters?: HttpParametersProperties;
}

/** Thrown when the authorization endpoint gives no token. */
export class NotAuthorized extends Error {}

/** AWS tells no limit for the request of a token; it is that of a request to an API destination. */
const TOKEN_TIMEOUT_MS = 5_000;
/**
 * A token that expires within 60 seconds is fetched anew.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection-auth.html
 */
const RENEWED_BEFORE_MS = 60_000;

/**
 * How requests to an API are authorized, for API destinations and HTTP tasks.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection.html
 */
export class Connection {
  /** What it adds to each request besides its authorization. */
  readonly parameters: HttpParameters;
  private readonly headers?: Headers;
  private token?: { readonly value: string; readonly expiresAt: number };

  constructor(
    private readonly world: World, readonly arn: string, readonly secretArn: string, private readonly properties: ConnectionProperties,
  ) {
    this.parameters = httpParameters(properties.AuthParameters?.InvocationHttpParameters);
    this.headers = fixedHeaders(properties);
  }

  /** The headers that authorize a request; rejects with `NotAuthorized` when there is no token to be had. */
  async authorization(caller: Caller): Promise<Headers> {
    if (this.headers) return this.headers;
    if (!this.token || this.token.expiresAt - RENEWED_BEFORE_MS <= this.world.kernel.now) this.token = await this.fetchToken(caller);
    return { authorization: `Bearer ${this.token.value}` };
  }

  /** "OAuth tokens are refreshed when a 401 or 407 response is returned." */
  refused(status: number) {
    if (status === 401 || status === 407) this.token = undefined;
  }

  /** The client credentials grant. @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4 */
  private async fetchToken(caller: Caller) {
    const { AuthorizationEndpoint, HttpMethod, ClientParameters, OAuthHttpParameters } = this.properties.AuthParameters!.OAuthParameters!;
    const { headers, query, body } = httpParameters(OAuthHttpParameters);
    const form = new URLSearchParams({
      grant_type: 'client_credentials', client_id: ClientParameters.ClientID, client_secret: ClientParameters.ClientSecret, ...body,
    });
    const response = await requestWithin(this.world, TOKEN_TIMEOUT_MS, {
      method: HttpMethod,
      url: withQuery(AuthorizationEndpoint, query),
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', ...headers },
      body: form.toString(),
    }, caller);
    if (response === TIMED_OUT) throw new NotAuthorized(`${AuthorizationEndpoint} did not answer in time`);
    if (!isSuccess(response)) throw new NotAuthorized(`${AuthorizationEndpoint} answered ${response.status}`);
    const { access_token: value, expires_in: seconds } = tokenIn(response.body);
    if (typeof value !== 'string') throw new NotAuthorized(`${AuthorizationEndpoint} answered without an access_token`);
    return { value, expiresAt: seconds === undefined ? Infinity : this.world.kernel.now + Number(seconds) * 1000 };
  }
}

function tokenIn(body: string): { access_token?: unknown; expires_in?: unknown } {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

/** Checks the properties; undefined for OAuth, whose header changes. */
function fixedHeaders({ AuthorizationType: type, AuthParameters = {} }: ConnectionProperties): Headers | undefined {
  const { ApiKeyAuthParameters: key, BasicAuthParameters: basic, OAuthParameters: oauth } = AuthParameters;
  const missing = (name: string) => new Error(`a connection of type ${type} needs AuthParameters.${name}`);
  switch (type) {
    case 'API_KEY':
      if (!key) throw missing('ApiKeyAuthParameters');
      return lowerCaseNames({ [key.ApiKeyName]: String(key.ApiKeyValue) });
    case 'BASIC':
      if (!basic) throw missing('BasicAuthParameters');
      return { authorization: `Basic ${Buffer.from(`${basic.Username}:${basic.Password}`).toString('base64')}` };
    case 'OAUTH_CLIENT_CREDENTIALS':
      if (!oauth) throw missing('OAuthParameters');
      return undefined;
    default:
      throw new Error(`AuthorizationType must be API_KEY, BASIC or OAUTH_CLIENT_CREDENTIALS, not ${JSON.stringify(type)}`);
  }
}
