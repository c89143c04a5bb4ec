import { awsError, FakeClient, NOON, record } from './fakes';
import { PRIORITY } from './scene';
import { createObservability } from '../../../lambda-src/shared/observability';
import { TableAttempts } from '../../../lambda-src/throttled-fan-out/attempts';
import { priorityOf, received } from '../../../lambda-src/throttled-fan-out/received';
import { report } from '../../../lambda-src/throttled-fan-out/report';
import { METRIC } from '../../../src/throttled-fan-out/contract';

describe('received records', () => {
  const priorities = [{ ...PRIORITY, name: 'critical', queueArn: 'arn:critical' }, PRIORITY];

  it('have the priority of their queue', () => {
    expect(priorityOf([record('a')], priorities)).toEqual({ rank: 1, priority: PRIORITY });
  });

  it('of another queue are refused, with the queues that are known', () => {
    expect(() => priorityOf([{ ...record('a'), eventSourceARN: 'arn:other' }], priorities)).toThrow(/'arn:other' cannot .* know arn:critical, arn:aws:sqs:/);
  });

  it('that are no messages are given up; the others are not held up', () => {
    const errors: Record<string, unknown>[] = [];
    const { messages, invalid } = received([record('a'), record('b', { sentAt: 'x' })], { fanOut: 'F', target: 'T', priority: 'normal' }, (_, details) => void errors.push(details));
    expect(messages.map(({ delivery }) => delivery.id)).toEqual(['a']);
    expect(invalid).toMatchObject([{ messageId: 'b', reason: 'INVALID', priority: 'normal' }]);
    expect(errors).toEqual([{ messageId: 'b', reason: 'INVALID', error: "attribute 'SentTimestamp' is no time" }]);
  });
});

describe('failed attempts', () => {
  const attempts = (client: FakeClient) =>
    new TableAttempts({ documents: client.as(), tableName: 'table', target: 'Email', maxAgeSeconds: 3_600, now: () => NOON });

  it('are counted by receive in an item that goes a day after the message is too old', async () => {
    const client = new FakeClient((_, call) => ({ Attributes: { failedReceives: new Set(call === 1 ? ['one'] : ['one', 'two']) } }));
    expect(await attempts(client).failed(record('m-1'))).toBe(1);
    expect(await attempts(client).failed(record('m-1'))).toBe(2);
    const [one, same] = client.inputs;
    expect(one).toMatchObject({ Key: { id: 'Email#attempts#m-1' }, ExpressionAttributeValues: { ':expiresAt': NOON / 1000 + 3_600 + 86_400 } });
    // The same receive is the same element.
    expect(same!.ExpressionAttributeValues).toEqual(one!.ExpressionAttributeValues);
    await attempts(client).failed({ ...record('m-1'), receiptHandle: 'another' });
    expect(client.inputs[2]!.ExpressionAttributeValues[':receive']).not.toEqual(one!.ExpressionAttributeValues[':receive']);
  });

  it('that cannot be counted say so', async () => {
    await expect(attempts(new FakeClient(() => awsError('ThrottlingException'))).failed(record('m-1'))).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});

describe('the report of an invocation', () => {
  it('has the metrics of its priority and of its target', () => {
    const lines: any[] = [];
    jest.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(JSON.parse(line)));
    const observability = createObservability(METRIC.NAMESPACE, 'Notify');
    (observability.metrics as any).console = console;
    const infos = jest.spyOn(observability.logger, 'info').mockImplementation(() => {});
    const counts = { delivered: 7, deferred: 2, failed: 1, throttled: 3, expired: 4, deadLettered: 5, wouldHaveWaited: 0 };
    report(observability, { target: 'Email', priority: 'bulk', counts, reading: { ratePerSecond: 42, switchOpen: true } });
    report(observability, { target: 'Email', priority: 'bulk', counts: { ...counts, wouldHaveWaited: 6 }, reading: { ratePerSecond: 42, switchOpen: false } });
    jest.restoreAllMocks();
    const dimensions = lines.map(({ _aws: { CloudWatchMetrics: [{ Dimensions }] } }) => Dimensions[0]);
    expect(dimensions.slice(0, 2)).toEqual([['service', 'target', 'priority'], ['service', 'target']]);
    expect(lines[0]).toMatchObject({ service: 'Notify', target: 'Email', priority: 'bulk', Delivered: 7, Deferred: 2, Expired: 4, FailedDeliveries: 1, DeadLettered: 5 });
    expect(lines[0]).not.toHaveProperty('WouldHaveWaited');
    expect(lines[1]).toMatchObject({ service: 'Notify', target: 'Email', ThrottledByTarget: 3, RateNow: 42, KillSwitchOpen: 1 });
    expect(lines[1]).not.toHaveProperty('priority');
    expect(lines[2]).toMatchObject({ WouldHaveWaited: 6 });
    expect(lines[3]).toMatchObject({ KillSwitchOpen: 0 });
    expect(infos).toHaveBeenCalledTimes(2);
  });
});
