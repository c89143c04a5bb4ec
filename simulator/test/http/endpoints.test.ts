import { NO_FAULTS, ScriptedFaults } from '../../src/kernel/faults';
import { type HttpRequest, type HttpService, httpService, requestWithin, TIMED_OUT } from '../../src/services/http';
import { SimulatedWorld, type WorldOptions } from '../../src/world';
import { FakeIam } from '../stepfunctions/world';

const CALLER = { principal: { kind: 'operator' }, name: 'client' } as const;
const URL = 'https://sms.example.com/messages';
const post = (url: string = URL): HttpRequest => ({ method: 'POST', url, headers: { 'x-api-key': 's3cret' }, body: '{"to":"you"}' });

function setUp(options: WorldOptions = {}) {
  const world = new SimulatedWorld(new FakeIam(), [httpService], { trace: { keep: true }, ...options });
  const http = world.service<HttpService>('http');
  const send = async (request: HttpRequest = post(), timeoutMs: number = 5_000) => {
    const answer = requestWithin(world, timeoutMs, request, CALLER);
    answer.catch(() => undefined);
    await world.kernel.run();
    return answer;
  };
  return { world, http, send };
}

describe('an endpoint outside AWS', () => {
  it('is sent the request, and its answer comes back', async () => {
    const { http, send } = setUp();
    const received: HttpRequest[] = [];
    http.endpoint(URL, (request) => {
      received.push(request);
      return { status: 201, headers: { 'Location': '/1', 'X-Left': '9' }, body: { id: 1 } };
    });
    expect(await send(post(`${URL}?dry=1`))).toEqual({
      status: 201,
      statusText: 'Created',
      headers: { 'location': '/1', 'x-left': '9', 'content-type': 'application/json' },
      body: '{"id":1}',
    });
    expect(received).toEqual([post(`${URL}?dry=1`)]);
  });

  it('takes virtual time', async () => {
    const { world, http, send } = setUp({ latency: { 'http.call': { median: 0, p99: 0 } } });
    const seen: number[] = [];
    http.endpoint(URL, async (_, { sleep, now }) => {
      seen.push(now());
      await sleep(1_500);
      return { status: 200 };
    });
    const start = world.kernel.now;
    await send();
    expect({ seen, took: world.kernel.now - start }).toEqual({ seen: [start], took: 1_500 });
  });

  it('does its work though the client has stopped waiting', async () => {
    const { http, send } = setUp();
    let done = 0;
    http.endpoint(URL, async (_, { sleep }) => {
      await sleep(6_000);
      done++;
      return { status: 200 };
    });
    expect(await send()).toBe(TIMED_OUT);
    expect(done).toBe(1);
  });

  it('leaves no timer behind when it answers in time', async () => {
    const { world, http, send } = setUp();
    http.endpoint(URL, () => ({ status: 200 }));
    const start = world.kernel.now;
    await send();
    expect(world.kernel.now - start).toBeLessThan(1_000);
  });

  it('is in the trace without the query, and costs nothing', async () => {
    const { world, http, send } = setUp();
    http.endpoint(URL, () => ({ status: 404 }));
    await send(post(`${URL}?key=s3cret`));
    expect(world.trace.entries).toContainEqual(expect.objectContaining({
      subject: 'sms.example.com', event: 'http.answer', detail: { by: 'client', method: 'POST', path: '/messages', status: 404, ms: 0 },
    }));
    expect(JSON.stringify(world.trace.entries)).not.toContain('s3cret');
    expect(world.meter.totals()).toEqual({});
  });
});

describe('the address of a request', () => {
  const answering = async (url: string) => {
    const { http, send } = setUp();
    for (const registered of ['https://a.example.com', 'https://a.example.com/v1', 'https://a.example.com/v1/*/items', 'https://a.example.com/v1/me/items']) {
      http.endpoint(registered, () => ({ status: 200, body: registered.slice('https://a.example.com'.length) }));
    }
    return (await send(post(url)) as { body: string }).body;
  };

  it.each([
    ['https://a.example.com/other', ''],
    ['https://a.example.com/v1', '/v1'],
    ['https://a.example.com/v10', ''],
    ['https://a.example.com/v1/you/items/7', '/v1/*/items'],
    ['https://a.example.com/v1/me/items', '/v1/me/items'],
    ['https://A.example.com:443/v1?x=1', '/v1'],
  ])('%s finds the endpoint %j', async (url, expected) => {
    expect(await answering(url)).toBe(expected);
  });

  it.each(['https://b.example.com/v1', 'http://a.example.com/v1', 'https://a.example.com:8443/v1'])('%s finds none, which ends the run with what is there', async (url) => {
    const { http, send } = setUp();
    http.endpoint('https://a.example.com/v1', () => ({ status: 200 }));
    await expect(send(post(url))).rejects.toThrow(`nothing answers at ${url}; register it with simulation.http.endpoint(url, handler); registered: https://a.example.com/v1`);
  });

  it.each([
    ['ftp://a.example.com', 'an endpoint is an http or https URL, got ftp://a.example.com'],
    ['https://a.example.com/?q=1', 'an endpoint\'s URL has no query and no fragment'],
    ['a.example.com', '\'a.example.com\' is not a URL'],
  ])('%s cannot be registered', (url, message) => {
    expect(() => setUp().http.endpoint(url, () => ({ status: 200 }))).toThrow(message);
  });
});

describe('an endpoint that is written wrongly', () => {
  it.each<[string, () => any, string]>([
    ['throws', () => { throw new Error('typo'); }, 'typo'],
    ['answers nothing', () => undefined, 'an answer needs a status from 100 to 599, got undefined'],
    ['answers a status that does not exist', () => ({ status: 1000 }), 'an answer needs a status from 100 to 599, got {"status":1000}'],
  ])('ends the run when it %s', async (_, handler, message) => {
    const { http, send } = setUp();
    http.endpoint(URL, handler);
    await expect(send()).rejects.toThrow(message);
  });
});

describe('a fault plan', () => {
  const withFault = async (kind: 'throttle' | 'error-before' | 'error-after') => {
    const { http, send } = setUp({ faults: new ScriptedFaults([{ service: 'http', operation: 'Invoke', nth: 1, fault: { kind } }]) });
    let requests = 0;
    http.endpoint(URL, () => ({ status: 200, body: String(++requests) }));
    const { status } = await send() as { status: number };
    return { status, requests };
  };

  it('lets an endpoint throttle, and fail before or after its work', async () => {
    expect(await withFault('throttle')).toEqual({ status: 429, requests: 0 });
    expect(await withFault('error-before')).toEqual({ status: 500, requests: 0 });
    expect(await withFault('error-after')).toEqual({ status: 500, requests: 1 });
  });

  it('is told the URL', async () => {
    const targets: unknown[] = [];
    const { http, send } = setUp({ faults: { ...NO_FAULTS, onCall: ({ target }) => { targets.push(target); return undefined; } } });
    http.endpoint(URL, () => ({ status: 200 }));
    await send();
    expect(targets).toEqual([URL]);
  });

  it('makes an answer come too late', async () => {
    const { http, send } = setUp({ faults: new ScriptedFaults([{ service: 'http', fault: { kind: 'slow', ms: 20_000 } }]) });
    http.endpoint(URL, () => ({ status: 200 }));
    expect(await send()).toBe(TIMED_OUT);
  });
});
