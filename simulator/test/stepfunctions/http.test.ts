import { ROLE, StatesWorld, task } from './world';
import { type EventsService, eventsService } from '../../src/services/events';
import type { ConnectionProperties } from '../../src/services/events/connection';
import { type EndpointHandler, type HttpRequest, type HttpService, httpService } from '../../src/services/http';

const URL = 'https://sms.example.com/messages';
const API_KEY = { ApiKeyAuthParameters: { ApiKeyName: 'X-Api-Key', ApiKeyValue: 's3cret' } };
const INSTANT = { 'http.call': { median: 0, p99: 0 } };

interface Setting {
  readonly args?: object;
  readonly answer?: EndpointHandler;
  readonly connection?: Partial<ConnectionProperties>;
  readonly denied?: readonly string[];
  readonly fields?: object;
}

/** Runs one HTTP task against an endpoint; what the endpoint received, and how the execution ended. */
async function call({ args, answer = () => ({ status: 200 }), connection, denied = [], fields }: Setting = {}) {
  const world = new StatesWorld({}, { factories: [httpService, eventsService], latency: INSTANT });
  for (const action of denied) world.iam.denied.add(action);
  const requests: HttpRequest[] = [];
  world.world.service<HttpService>('http').endpoint(URL, (request, tools) => {
    requests.push(request);
    return answer(request, tools);
  });
  const { arn } = world.world.service<EventsService>('events').connections
    .create({ Name: 'sms', AuthorizationType: 'API_KEY', AuthParameters: API_KEY, ...connection });
  const definition = task('arn:aws:states:::http:invoke', {
    Arguments: { ApiEndpoint: URL, Method: 'POST', InvocationConfig: { ConnectionArn: arn }, ...args }, ...fields,
  });
  const { status, output, error, cause } = await world.execute(world.create(definition));
  return { status, output: output === undefined ? undefined : JSON.parse(output), error, cause, requests, request: requests[0], world, arn };
}

describe('an HTTP task', () => {
  it('sends its request with the connection\'s authorization', async () => {
    const { request } = await call({ args: { Headers: { 'X-Trace': 't', 'Accept': ['a/b', 'c/d'] }, QueryParameters: { q: 'a b', tag: ['x', 'y'] }, RequestBody: { to: 'you' } } });
    expect(request).toEqual({
      method: 'POST',
      url: `${URL}?q=a+b&tag=x&tag=y`,
      headers: {
        'x-trace': 't',
        'accept': 'a/b,c/d',
        'x-api-key': 's3cret',
        'content-type': 'application/json; charset=UTF-8',
        'user-agent': 'Amazon|StepFunctions|HttpInvoke|us-east-1|',
        'range': 'bytes=0-262144',
        'host': 'sms.example.com',
      },
      body: '{"to":"you"}',
    });
  });

  it('outputs body, headers and status', async () => {
    const { status, output } = await call({ answer: () => ({ status: 201, headers: { 'X-Left': '9' }, body: { id: 1 } }) });
    expect(status).toBe('SUCCEEDED');
    expect(output).toEqual({
      Headers: { 'x-left': ['9'], 'content-type': ['application/json'] }, ResponseBody: { id: 1 }, StatusCode: 201, StatusText: 'Created',
    });
  });

  it.each([
    [{ body: '{"id":1}', headers: { 'content-type': 'text/plain' } }, '{"id":1}'],
    [{ body: '{"id":1}', headers: { 'content-type': 'application/problem+json; charset=utf-8' } }, { id: 1 }],
    [{ body: '{broken', headers: { 'content-type': 'application/json' } }, '{broken'],
    [{}, ''],
  ])('reads the body of %j as %j', async (answer, expected) => {
    expect((await call({ answer: () => ({ status: 200, ...answer }) })).output.ResponseBody).toEqual(expected);
  });

  it.each([[429, 'Too Many Requests'], [500, 'Internal Server Error'], [404, 'Not Found'], [301, 'Moved Permanently']])(
    'fails on status %d with the status in the name, and nothing else of the response', async (code, text) => {
      const { error, cause } = await call({ answer: () => ({ status: code, headers: { 'retry-after': '7' }, body: { reason: 'x' } }) });
      expect({ error, cause }).toEqual({ error: `States.Http.StatusCode.${code}`, cause: text });
    });

  it('can be retried by that name', async () => {
    let attempts = 0;
    const { status, requests } = await call({
      answer: () => ({ status: ++attempts < 3 ? 503 : 200 }), fields: { Retry: [{ ErrorEquals: ['States.Http.StatusCode.503'], MaxAttempts: 5 }] },
    });
    expect({ status, requests: requests.length }).toEqual({ status: 'SUCCEEDED', requests: 3 });
  });

  it('waits 60 seconds for the answer, and no longer', async () => {
    const slow = (seconds: number): EndpointHandler => async (_, { sleep }) => {
      await sleep(seconds * 1000);
      return { status: 200 };
    };
    expect(await call({ answer: slow(59.9) })).toMatchObject({ status: 'SUCCEEDED' });
    expect(await call({ answer: slow(60.1) })).toMatchObject({ error: 'States.Http.Socket' });
    expect(await call({ answer: slow(5), fields: { TimeoutSeconds: 4 } })).toMatchObject({ error: 'States.Timeout' });
  });

  it('works in Express workflows too', async () => {
    const { world, arn } = await call();
    const machine = world.create(task('arn:aws:states:::http:invoke', {
      Arguments: { ApiEndpoint: URL, Method: 'GET', Authentication: { ConnectionArn: arn } }, Output: '{% $states.result.StatusCode %}',
    }), { name: 'Quick', type: 'EXPRESS' });
    expect(await world.call('StartSyncExecution', { stateMachineArn: machine })).toMatchObject({ status: 'SUCCEEDED', output: '200' });
  });
});

describe('what an HTTP task may not do', () => {
  it.each([
    [{ ApiEndpoint: 'http://sms.example.com' }, 'must be a valid HTTPS URL but was "http://sms.example.com"'],
    [{ ApiEndpoint: 'https:///x' }, 'must be a valid HTTPS URL'],
    [{ Method: 'TRACE' }, 'must be one of GET, POST, PUT, DELETE, PATCH, OPTIONS, HEAD but was "TRACE"'],
    [{ Headers: { Authorization: 'Bearer x' } }, 'The header \'authorization\' cannot be set'],
    [{ Headers: { 'X-Amz-Date': 'now' } }, 'The header \'x-amz-date\' cannot be set'],
    [{ Headers: 'a: b' }, 'The value for the field \'Headers\' must be an OBJECT'],
    [{ Transform: { RequestBodyEncoding: 'XML' } }, 'must be NONE or URL_ENCODED but was "XML"'],
    [{ InvocationConfig: {} }, 'The field \'ConnectionArn\''],
  ])('%j fails with States.Runtime before anything is sent', async (args, cause) => {
    const result = await call({ args });
    expect(result).toMatchObject({ error: 'States.Runtime', cause: expect.stringContaining(cause), requests: [] });
  });

  it('does not read images', async () => {
    expect(await call({ answer: () => ({ status: 200, headers: { 'content-type': 'image/png' }, body: 'x' }) })).toMatchObject({ error: 'States.Runtime' });
  });

  it('has no .waitForTaskToken and no argument of another name', async () => {
    const world = new StatesWorld({}, { factories: [httpService, eventsService] });
    expect(() => world.create(task('arn:aws:states:::http:invoke.waitForTaskToken'))).toThrow('has no \'.waitForTaskToken\'');
    expect(() => world.create(task('arn:aws:states:::http:invoke', { Arguments: { ApiEndpoint: URL, Method: 'GET', Verb: 'x' } })))
      .toThrow('The field \'Verb\' is not supported by Step Functions');
  });

  it.each([
    ['states:InvokeHTTPEndpoint', 'States.Permissions'],
    ['events:RetrieveConnectionCredentials', 'Events.ConnectionResource.AccessDenied'],
    ['secretsmanager:GetSecretValue', 'Events.ConnectionResource.AccessDenied'],
    ['secretsmanager:DescribeSecret', 'Events.ConnectionResource.AccessDenied'],
  ])('fails without %s', async (action, error) => {
    expect(await call({ denied: [action] })).toMatchObject({ error, requests: [] });
  });

  it('asks for its permissions with the endpoint, the method and the connection\'s secret', async () => {
    const { world, arn } = await call();
    const asked = world.iam.asked.filter(({ principal }) => principal.kind === 'role' && principal.arn === ROLE).map(({ request }) => request);
    const secret = expect.stringMatching(/^arn:aws:secretsmanager:us-east-1:123456789012:secret:events!connection\/sms\/[0-9a-f-]{36}-[0-9a-f]{6}$/);
    expect(asked).toEqual([
      {
        action: 'states:InvokeHTTPEndpoint',
        resource: 'arn:aws:states:us-east-1:123456789012:stateMachine:Quotes',
        context: { 'states:HTTPEndpoint': URL, 'states:HTTPMethod': 'POST' },
      },
      { action: 'events:RetrieveConnectionCredentials', resource: arn },
      { action: 'secretsmanager:DescribeSecret', resource: secret },
      { action: 'secretsmanager:GetSecretValue', resource: secret },
    ]);
  });

  it('has a connection that exists', async () => {
    const ConnectionArn = 'arn:aws:events:us-east-1:123456789012:connection/other/1';
    expect(await call({ args: { InvocationConfig: { ConnectionArn } } })).toMatchObject({ error: 'Events.ConnectionResource.ResourceNotFound' });
  });
});

describe('the body of an HTTP task', () => {
  const bodyOf = async (RequestBody: unknown, ArrayFormat?: string) => {
    const RequestEncodingOptions = ArrayFormat === undefined ? undefined : { ArrayFormat };
    const { request } = await call({ args: { RequestBody, Transform: { RequestBodyEncoding: 'URL_ENCODED', ...(RequestEncodingOptions && { RequestEncodingOptions }) } } });
    return decodeURIComponent(request.body);
  };

  it.each([
    [undefined, 'a[0]=x&a[1]=y'],
    ['INDICES', 'a[0]=x&a[1]=y'],
    ['REPEAT', 'a=x&a=y'],
    ['COMMAS', 'a=x,y'],
    ['BRACKETS', 'a[]=x&a[]=y'],
  ])('has arrays as a form in the format %s', async (format, expected) => {
    expect(await bodyOf({ a: ['x', 'y'] }, format)).toBe(expected);
  });

  it('has objects in brackets, percent-encoded', async () => {
    const { request } = await call({ args: { RequestBody: { metadata: { order: 'a b' }, n: 1 }, Transform: { RequestBodyEncoding: 'URL_ENCODED' } } });
    expect(request.body).toBe('metadata%5Border%5D=a%20b&n=1');
  });
});

describe('a connection', () => {
  const InvocationHttpParameters = {
    HeaderParameters: [{ Key: 'X-Both', Value: 'connection' }],
    QueryStringParameters: [{ Key: 'both', Value: 'connection' }],
    BodyParameters: [{ Key: 'both', Value: 'connection' }],
  };
  const connection = { AuthParameters: { ...API_KEY, InvocationHttpParameters } };
  const both = { both: 'task', own: 'task' };

  it('adds its parameters, which win over the task\'s', async () => {
    const { request } = await call({ connection, args: { Headers: { 'x-both': 'task', 'x-own': 'task' }, QueryParameters: both, RequestBody: both } });
    expect(request.headers).toMatchObject({ 'x-both': 'connection', 'x-own': 'task' });
    expect([...new globalThis.URL(request.url).searchParams]).toEqual([['own', 'task'], ['both', 'connection']]);
    expect(JSON.parse(request.body)).toEqual({ both: 'connection', own: 'task' });
  });

  it('cannot add to a body that is a text', async () => {
    expect(await call({ connection, args: { RequestBody: 'text' } })).toMatchObject({ error: 'States.Runtime', requests: [] });
    expect((await call({ args: { RequestBody: 'text' } })).request.body).toBe('text');
  });

  it('authorizes with a user name and a password', async () => {
    const { request } = await call({ connection: { AuthorizationType: 'BASIC', AuthParameters: { BasicAuthParameters: { Username: 'me', Password: 'pw' } } } });
    expect(request.headers.authorization).toBe(`Basic ${Buffer.from('me:pw').toString('base64')}`);
    expect(request.headers).not.toHaveProperty('x-api-key');
  });

  it.each([
    [{ AuthorizationType: 'BASIC' }, 'a connection of type BASIC needs AuthParameters.BasicAuthParameters'],
    [{ AuthorizationType: 'MAGIC' }, 'AuthorizationType must be API_KEY, BASIC or OAUTH_CLIENT_CREDENTIALS, not "MAGIC"'],
  ])('is refused as %j', async (properties, message) => {
    await expect(call({ connection: properties })).rejects.toThrow(message);
  });
});

describe('a connection with OAuth', () => {
  const oauth = {
    AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS',
    AuthParameters: {
      OAuthParameters: { AuthorizationEndpoint: `${URL}/token`, HttpMethod: 'POST', ClientParameters: { ClientID: 'id', ClientSecret: 'pw' } },
    },
  };
  const MINUTE = 60;

  /** Calls with pauses in between, against an endpoint whose tokens last `lasts` seconds; the bearer of each call. */
  async function bearers(pauses: readonly number[], lasts: number, refuseFirst = false) {
    const world = new StatesWorld({}, { factories: [httpService, eventsService], latency: INSTANT });
    const seen: string[] = [];
    let tokens = 0;
    const http = world.world.service<HttpService>('http');
    http.endpoint(`${URL}/token`, ({ body }) => {
      expect(Object.fromEntries(new URLSearchParams(body))).toEqual({ grant_type: 'client_credentials', client_id: 'id', client_secret: 'pw' });
      return { status: 200, body: { access_token: `t${++tokens}`, token_type: 'Bearer', expires_in: lasts } };
    });
    http.endpoint(URL, ({ headers }) => ({ status: seen.push(headers.authorization) === 1 && refuseFirst ? 401 : 200 }));
    const { arn } = world.world.service<EventsService>('events').connections.create({ Name: 'sms', ...oauth });
    const machine = world.create(task('arn:aws:states:::http:invoke', { Arguments: { ApiEndpoint: URL, Method: 'GET', InvocationConfig: { ConnectionArn: arn } } }));
    for (const pause of pauses) {
      await world.run(pause);
      await world.execute(machine);
    }
    return seen;
  }

  it('fetches a token once, and anew in the last minute before it expires', async () => {
    expect(await bearers([1, 8.5 * MINUTE, 1 * MINUTE], 10 * MINUTE)).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t2']);
  });

  it('fetches a token anew when the endpoint refuses it', async () => {
    expect(await bearers([1, 1, 1], 10 * MINUTE, true)).toEqual(['Bearer t1', 'Bearer t2', 'Bearer t2']);
  });

  it.each<[string, EndpointHandler, string]>([
    ['refuses', () => ({ status: 403 }), 'answered 403'],
    ['answers no token', () => ({ status: 200, body: 'ok' }), 'answered without an access_token'],
    ['does not answer', async (_, { sleep }) => { await sleep(10_000); return { status: 200 }; }, 'did not answer in time'],
  ])('fails when the authorization endpoint %s', async (_, answer, cause) => {
    expect(await call({ connection: oauth, answer })).toMatchObject({ error: 'Events.ConnectionResource.InvalidConnectionState', cause: expect.stringContaining(cause) });
  });
});
