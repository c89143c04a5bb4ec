import { Duration, Stack } from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-events';
import { connection } from './fixtures';
import type { EndpointHandler, HttpRequest } from '../../simulator/src';
import { FanOutTarget, HttpTargetProps, Rate, ThrottledFanOut } from '../../src';
import type { Delivery } from '../../src/throttled-fan-out/contract';
import { simulate } from '../simulate';

const URL = 'https://sms.example.com/send';
const DELIVERY: Delivery = {
  id: 'm-1', fanOut: 'Notify', target: 'Sms', priority: 'normal', tenant: 't-1', message: 'hello', attributes: { channel: 'sms' }, publishedAt: '2026-01-01T00:00:00.000Z',
};

describe('the HTTP workflow', () => {
  it('sends the delivery as JSON, with its id as Idempotency-Key, its own headers and the connection\'s authorization', async () => {
    const { requests } = await send(() => ({ status: 202 }), { headers: { 'X-Sender': 'shop', 'Idempotency-Key': 'forged' } });
    expect(requests).toEqual([expect.objectContaining({
      method: 'POST', url: URL, headers: expect.objectContaining({ 'idempotency-key': 'm-1', 'x-sender': 'shop', 'x-api-key': 'secret' }),
    })]);
    expect(requests[0].headers['content-type']).toMatch(/^application\/json/);
    expect(JSON.parse(requests[0].body!)).toEqual(DELIVERY);
  });

  it('uses the given method', async () => {
    const { requests, status } = await send(() => ({ status: 200 }), { method: HttpMethod.PUT });
    expect([status, requests[0].method]).toEqual(['SUCCEEDED', 'PUT']);
  });

  it.each([200, 204, 429, 404, 500, 503])('tells status %d, and does not repeat the request', async (status) => {
    const answer = await send(() => ({ status, headers: { 'retry-after': '7' } }));
    expect(answer).toMatchObject({ status: 'SUCCEEDED', output: { status } });
    expect(answer.requests).toHaveLength(1);
  });

  it('fails with its error when there is no answer in time', async () => {
    const answer = await send(async (_, { sleep }) => {
      await sleep(4_000);
      return { status: 200 };
    });
    expect(answer).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  it('fails with its error when the answer cannot be read', async () => {
    const answer = await send(() => ({ status: 200, headers: { 'content-type': 'image/png' } }));
    expect(answer.status).toBe('FAILED');
    expect(answer.error).toMatch(/^States\./);
    expect(answer.error).not.toMatch(/StatusCode/);
  });
});

/** Lets the workflow send one delivery. */
async function send(answer: EndpointHandler, props: Partial<HttpTargetProps> = {}) {
  const simulation = simulate((stack: Stack) => {
    const target = FanOutTarget.http({ url: URL, connection: connection(stack), ...props });
    new ThrottledFanOut(stack, 'Notify').addTarget('Sms', target, { rate: Rate.perSecond(5), deliveryTimeout: Duration.seconds(3) });
  });
  const requests: HttpRequest[] = [];
  simulation.http.endpoint(URL, (request, tools) => {
    requests.push(request);
    return answer(request, tools);
  });
  const outcome = await simulation.complete('Notify/Sms/Http', DELIVERY);
  return { ...outcome, requests };
}
