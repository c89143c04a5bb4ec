import { entry, instance } from './harness';
import { PolicyEngine } from '../../src/iam/policies';
import { type FaultPlan, ScriptedFaults } from '../../src/kernel/faults';
import { type EventsService, eventsService } from '../../src/services/events';
import { type EndpointHandler, type HttpRequest, type HttpService, httpService } from '../../src/services/http';
import { sqsService } from '../../src/services/sqs';
import { ACCOUNT, REGION, SimulatedWorld } from '../../src/world';

const SECOND = 1000;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Rule`;
const DLQ = `arn:aws:sqs:${REGION}:${ACCOUNT}:dlq`;
const ENDPOINT = 'https://sms.example.com/messages';
const OPERATOR = { name: 'operator', principal: { kind: 'operator' } } as const;
const NO_LATENCY = { median: 0, p99: 0 };

interface Setting {
  readonly answer?: EndpointHandler;
  readonly events?: readonly unknown[];
  /** When to publish one more event. */
  readonly laterMs?: number;
  readonly destination?: object;
  readonly connection?: object;
  readonly target?: object;
  readonly granted?: boolean;
  readonly faults?: FaultPlan;
}

interface Received extends HttpRequest {
  readonly at: number;
}

/** A rule whose target is an API destination, and a dead-letter queue; what the endpoint and the queue received. */
async function deliver(setting: Setting = {}) {
  const { answer = () => ({ status: 200 }), events = [{ n: 1 }], destination, connection, target, granted = true, faults } = setting;
  const iam = new PolicyEngine({ account: ACCOUNT, region: REGION });
  const latency = { 'http.call': NO_LATENCY, 'events.call': NO_LATENCY, 'events.delivery': NO_LATENCY };
  const world = new SimulatedWorld(iam, [httpService, sqsService, eventsService], { latency, faults, trace: { keep: true } });
  const create = (type: string, properties: object, id: string) => world.allServices().flatMap(({ resources }) => resources)
    .find((provider) => provider.type === type)!.create(instance(type, properties, id));
  create('AWS::SQS::Queue', { QueueName: 'dlq' }, 'dlq');
  iam.addResourcePolicy(DLQ, { Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Principal: { Service: 'events.amazonaws.com' }, Resource: DLQ } });
  const made = create('AWS::Events::Connection', {
    Name: 'sms', AuthorizationType: 'API_KEY', AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Api-Key', ApiKeyValue: 's3cret' } }, ...connection,
  }, 'Connection');
  const { attributes } = create('AWS::Events::ApiDestination', {
    Name: 'messages', ConnectionArn: made.attributes!.Arn, HttpMethod: 'POST', InvocationEndpoint: ENDPOINT, ...destination,
  }, 'Destination');
  iam.addRole(ROLE);
  if (granted) iam.addRolePolicy(ROLE, 'Invoke', { Statement: { Effect: 'Allow', Action: 'events:InvokeApiDestination', Resource: attributes!.Arn } });
  world.service<EventsService>('events').createRule({
    Name: 'rule', EventPattern: { source: ['test'] }, Targets: [{ Id: 'http', Arn: attributes!.Arn, RoleArn: ROLE, DeadLetterConfig: { Arn: DLQ }, ...target }],
  });
  const startedAt = world.kernel.now;
  const received: Received[] = [];
  world.service<HttpService>('http').endpoint('https://sms.example.com', (request, tools) => {
    received.push({ ...request, at: tools.now() - startedAt });
    return answer(request, tools);
  });
  const publish = (detail: unknown) => {
    void world.call({ service: 'events', operation: 'PutEvents', input: { Entries: [entry(detail)] }, caller: OPERATOR });
  };
  events.forEach(publish);
  if (setting.laterMs) world.kernel.schedule(setting.laterMs, () => publish({ later: true }));
  await world.kernel.run();
  const input = { QueueUrl: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/dlq`, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
  const letters = world.call<any>({ service: 'sqs', operation: 'ReceiveMessage', input, caller: OPERATOR });
  await world.kernel.run();
  const deadLetters: any[] = ((await letters).Messages ?? []).map(({ Body, MessageAttributes }: any) => ({
    detail: JSON.parse(Body).detail,
    ...Object.fromEntries(Object.entries<any>(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue])),
  }));
  return { received, deadLetters, world, arn: attributes!.Arn, times: received.map(({ at }) => at) };
}

describe('an API destination as the target of a rule', () => {
  it('is sent the event with the connection\'s authorization', async () => {
    const { received: [request] } = await deliver();
    const { body, headers, ...rest } = request;
    expect(rest).toEqual({ method: 'POST', url: ENDPOINT, at: 0 });
    expect(JSON.parse(body)).toMatchObject({ 'source': 'test', 'detail-type': 'happened', 'detail': { n: 1 } });
    expect(headers).toEqual({
      'x-api-key': 's3cret',
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Amazon/EventBridge/ApiDestinations',
      'range': 'bytes=0-1048575',
      'accept-encoding': 'gzip,deflate',
      'connection': 'close',
      'content-length': String(body.length),
      'host': 'sms.example.com',
    });
  });

  it('is sent what the input transformer makes, with the parameters of the target filled from the event', async () => {
    const { received: [{ url, headers, body }] } = await deliver({
      events: [{ to: 'a b/c', n: 7 }],
      destination: { InvocationEndpoint: 'https://sms.example.com/*/messages/*' },
      target: {
        InputTransformer: { InputPathsMap: { n: '$.detail.n' }, InputTemplate: '{"number": <n>}' },
        HttpParameters: { PathParameterValues: ['$.detail.to', 'fixed'], HeaderParameters: { 'X-N': '$.detail.n' }, QueryStringParameters: { to: '$.detail.to', x: 'y' } },
      },
    });
    expect(url).toBe('https://sms.example.com/a%20b%2Fc/messages/fixed?to=a+b%2Fc&x=y');
    expect(headers['x-n']).toBe('7');
    expect(JSON.parse(body)).toEqual({ number: 7 });
  });

  it('is sent the parameters of the connection, which win over those of the target', async () => {
    const parameter = (Key: string) => [{ Key, Value: 'connection', IsValueSecret: false }];
    const { received: [{ url, headers, body }] } = await deliver({
      connection: {
        AuthParameters: {
          ApiKeyAuthParameters: { ApiKeyName: 'k', ApiKeyValue: 'v' },
          InvocationHttpParameters: { HeaderParameters: parameter('X-Both'), QueryStringParameters: parameter('both'), BodyParameters: parameter('both') },
        },
      },
      target: { InputPath: '$.detail', HttpParameters: { HeaderParameters: { 'x-both': 'target' }, QueryStringParameters: { both: 'target' } } },
      events: [{ both: 'event', own: 1 }],
    });
    expect({ url, both: headers['x-both'], body }).toEqual({ url: `${ENDPOINT}?both=connection`, both: 'connection', body: '{"both":"connection","own":1}' });
  });

  it('needs the permission of its role', async () => {
    const { received, deadLetters } = await deliver({ granted: false });
    expect(received).toEqual([]);
    expect(deadLetters).toMatchObject([{ ERROR_CODE: 'NO_PERMISSIONS', ERROR_MESSAGE: expect.stringContaining('events:InvokeApiDestination') }]);
  });

  it('costs one invocation for each request and 64 KB', async () => {
    const billed = async (setting: Setting) => (await deliver(setting)).world.meter.get('events.apiDestinationInvocations');
    expect(await billed({})).toBe(1);
    expect(await billed({ events: [{ text: 'x'.repeat(70_000) }] })).toBe(2);
    let requests = 0;
    expect(await billed({ answer: () => ({ status: ++requests < 3 ? 500 : 200 }) })).toBe(3);
  });

  it.each<[string, Setting, string]>([
    ['no role', { target: { RoleArn: undefined } }, 'target \'http\' needs a RoleArn: EventBridge invokes API destinations with a role'],
    ['too few path values', { destination: { InvocationEndpoint: `${ENDPOINT}/*` } }, 'PathParameterValues must have one value for each of the 1 wildcards'],
    ['another destination', { target: { Arn: 'arn:aws:events:us-east-1:123456789012:api-destination/other/1' } }, 'is an API destination that does not exist'],
    ['parameters for a queue', { target: { Arn: DLQ, HttpParameters: {} } }, 'target \'http\' has HttpParameters but is no API destination'],
    ['plain HTTP', { destination: { InvocationEndpoint: 'http://sms.example.com' } }, 'InvocationEndpoint must be an HTTPS URL, not "http://sms.example.com"'],
    ['another method', { destination: { HttpMethod: 'TRACE' } }, 'HttpMethod must be one of GET, POST, PUT, DELETE, PATCH, OPTIONS, HEAD, not "TRACE"'],
    ['no rate', { destination: { InvocationRateLimitPerSecond: 0 } }, 'InvocationRateLimitPerSecond must be 1 or more, not 0'],
    ['another connection', { destination: { ConnectionArn: 'arn:x' } }, 'connection arn:x of API destination \'messages\' does not exist'],
  ])('is refused with %s', async (_, setting, message) => {
    await expect(deliver(setting)).rejects.toThrow(message);
  });
});

describe('an event that an API destination does not take', () => {
  const RetryPolicy = { MaximumRetryAttempts: 2 };

  it.each([401, 407, 409, 429, 500, 503])('is sent again after status %d, and goes to the dead-letter queue in the end', async (status) => {
    const { received, deadLetters, arn } = await deliver({ answer: () => ({ status, body: 'no' }), target: { RetryPolicy } });
    expect(received).toHaveLength(3);
    expect(deadLetters).toEqual([{
      detail: { n: 1 },
      RULE_ARN: `arn:aws:events:${REGION}:${ACCOUNT}:rule/rule`,
      TARGET_ARN: arn,
      ERROR_CODE: 'SDK_CLIENT_ERROR',
      ERROR_MESSAGE: `Unable to invoke ApiDestination endpoint: API destination returned HTTP status ${status} with payload: no`,
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: '2',
    }]);
  });

  it.each([301, 400, 403, 404, 408, 425])('is not sent again after status %d', async (status) => {
    const { received, deadLetters } = await deliver({ answer: () => ({ status }), target: { RetryPolicy } });
    expect(received).toHaveLength(1);
    expect(deadLetters).toHaveLength(1);
    expect(deadLetters[0]).not.toHaveProperty('EXHAUSTED_RETRY_CONDITION');
  });

  it('is sent again when the answer takes longer than 5 seconds', async () => {
    const slow = (ms: number): EndpointHandler => async (_, { sleep }) => {
      await sleep(ms);
      return { status: 200 };
    };
    expect((await deliver({ answer: slow(4_900), target: { RetryPolicy } })).received).toHaveLength(1);
    const { received, deadLetters } = await deliver({ answer: slow(5_100), target: { RetryPolicy } });
    expect(received).toHaveLength(3);
    expect(deadLetters).toMatchObject([{ ERROR_CODE: 'UNKNOWN', ERROR_MESSAGE: expect.stringContaining('Timeout calling endpoint') }]);
  });

  it('is sent again after an injected throttle of EventBridge itself', async () => {
    const faults = new ScriptedFaults([{ service: 'events', operation: 'InvokeApiDestination', nth: 1, fault: { kind: 'throttle' } }]);
    const { received, deadLetters } = await deliver({ faults });
    expect({ requests: received.length, deadLetters, hits: faults.hits }).toEqual({ requests: 1, deadLetters: [], hits: [1] });
  });
});

describe('Retry-After', () => {
  const pauses = async (value: string | ((now: number) => string), status = 429) => {
    let requests = 0;
    const { times, deadLetters } = await deliver({
      answer: (_, { now }) => (++requests === 1 ? { status, headers: { 'Retry-After': typeof value === 'string' ? value : value(now()) } } : { status: 200 }),
    });
    return { pauses: times.slice(1).map((at, index) => at - times[index]), deadLetters };
  };

  it('is waited for, in seconds or to a date', async () => {
    expect(await pauses('90')).toMatchObject({ pauses: [90 * SECOND] });
    expect(await pauses((now) => new Date(now + 90 * SECOND).toUTCString())).toMatchObject({ pauses: [90 * SECOND] });
  });

  it('does not make the pause shorter than the retry policy\'s', async () => {
    const [pause] = (await pauses('0')).pauses;
    expect(pause).toBeGreaterThanOrEqual(SECOND / 2);
    expect((await pauses('nonsense')).pauses).toEqual([pause]);
  });

  it('ends the retries when it is negative', async () => {
    expect(await pauses('-1')).toMatchObject({ pauses: [], deadLetters: [{ ERROR_CODE: 'SDK_CLIENT_ERROR' }] });
  });

  it('does not keep an event longer than its age allows', async () => {
    const { received, deadLetters } = await deliver({
      answer: () => ({ status: 503, headers: { 'retry-after': '300' } }), target: { RetryPolicy: { MaximumEventAgeInSeconds: 120 } },
    });
    expect(received).toHaveLength(1);
    expect(deadLetters).toMatchObject([{ EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' }]);
  });
});

describe('the rate limit of an API destination', () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

  it('makes events wait their turn', async () => {
    const { times } = await deliver({ events: many(5), destination: { InvocationRateLimitPerSecond: 2 } });
    expect(times).toEqual([0, 500, 1000, 1500, 2000]);
  });

  it('is 300 a second where none is set', async () => {
    const { times } = await deliver({ events: many(301) });
    expect(times[300]).toBeCloseTo(1000, 0);
  });

  it('counts retries too', async () => {
    const { times } = await deliver({
      events: many(2),
      destination: { InvocationRateLimitPerSecond: 1 },
      answer: () => ({ status: 500 }),
      target: { RetryPolicy: { MaximumRetryAttempts: 1 } },
    });
    expect(times).toHaveLength(4);
    times.slice(1).forEach((at, index) => expect(at - times[index]).toBeGreaterThanOrEqual(SECOND));
  });

  it('leaves events that get too old meanwhile to the dead-letter queue', async () => {
    const { times, deadLetters, world } = await deliver({
      events: many(63),
      laterMs: 30 * SECOND,
      destination: { InvocationRateLimitPerSecond: 1 },
      target: { RetryPolicy: { MaximumEventAgeInSeconds: 60 } },
    });
    // One a second until the 60th; the last one comes later, and those that were given up have not used up its turn.
    expect(times.slice(-3)).toEqual([59, 60, 61].map((second) => second * SECOND));
    expect(deadLetters.map(({ detail: { n } }) => n).sort()).toEqual([61, 62]);
    expect(deadLetters[0]).toMatchObject({ ERROR_CODE: 'THROTTLING', EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds', RETRY_ATTEMPTS: '0' });
    expect(world.trace.entries.some(({ event }) => event === 'events.lost')).toBe(false);
  });
});

describe('an API destination with OAuth', () => {
  const oauth = (ClientSecret = 'pw') => ({
    AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS',
    AuthParameters: {
      OAuthParameters: { AuthorizationEndpoint: 'https://sms.example.com/token', HttpMethod: 'POST', ClientParameters: { ClientID: 'id', ClientSecret } },
    },
  });
  const server = (status: (token: string) => number): EndpointHandler => {
    let tokens = 0;
    return ({ url, body, headers }) => {
      if (!url.endsWith('/token')) return { status: status(headers.authorization) };
      return body.includes('client_secret=pw') ? { status: 200, body: { access_token: `t${++tokens}`, expires_in: 3600 } } : { status: 400 };
    };
  };

  it('is sent again with a new token after 401', async () => {
    const { received, deadLetters } = await deliver({ connection: oauth(), answer: server((token) => (token === 'Bearer t1' ? 401 : 200)) });
    expect(received.map(({ url, headers }) => headers.authorization ?? url)).toEqual(
      ['https://sms.example.com/token', 'Bearer t1', 'https://sms.example.com/token', 'Bearer t2']);
    expect(deadLetters).toEqual([]);
  });

  it('takes no event when it gives no token', async () => {
    const { received, deadLetters } = await deliver({
      connection: oauth('wrong'), answer: server(() => 200), target: { RetryPolicy: { MaximumRetryAttempts: 1 } },
    });
    expect(received.map(({ url }) => url)).toEqual(['https://sms.example.com/token', 'https://sms.example.com/token']);
    expect(deadLetters).toMatchObject([{ ERROR_MESSAGE: expect.stringContaining('https://sms.example.com/token answered 400') }]);
  });
});
