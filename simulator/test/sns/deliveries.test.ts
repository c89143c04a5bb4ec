import { AS_ROLE, attribute, Bench } from './harness';
import { type DeliveryFault, type FaultPlan, NO_FAULTS, ScriptedFaults } from '../../src/kernel/faults';
import { MOST_RETRIES, nextRetry } from '../../src/services/sns/retry-policy';

const throttled = (times: number, nth: number = 1) => new ScriptedFaults([
  { service: 'sqs', operation: 'SendMessage', caller: 'sns:', nth, times, fault: { kind: 'throttle' } },
]);
const delivering = (fault: DeliveryFault): FaultPlan => ({ ...NO_FAULTS, onDelivery: ({ subject }) => (subject.includes('/') ? fault : undefined) });

describe('the delivery policy', () => {
  it('is that of SNS for queues and functions: 3 at once, 2 after a second, 10 from 1 to 20 seconds, 100,000 each 20 seconds, over 23 days', () => {
    const first = Array.from({ length: 16 }, (_, made) => nextRetry(made)!);
    expect(first.slice(0, 5).map(({ afterMs }) => afterMs)).toEqual([0, 0, 0, 1000, 1000]);
    const backoff = first.slice(5, 15).map(({ afterMs }) => Math.round(afterMs));
    expect([backoff[0], backoff[9]]).toEqual([1000, 20_000]);
    expect(backoff).toEqual([...backoff].sort((a, b) => a - b));
    expect(first[15]).toEqual({ afterMs: 20_000, standsFor: 1 });
    expect(MOST_RETRIES).toBe(100_015);
    expect(nextRetry(MOST_RETRIES)).toBeUndefined();
  });

  it('counts all of AWS\'s attempts, and makes few of them', () => {
    let [made, real, waited, longest] = [0, 0, 0, 0];
    for (let retry = nextRetry(0); retry; retry = nextRetry(made)) {
      made += retry.standsFor;
      real++;
      waited += retry.afterMs;
      longest = Math.max(longest, retry.afterMs);
    }
    expect(made).toBe(MOST_RETRIES);
    expect(real).toBeLessThan(4_000);
    expect(longest).toBe(600_000);
    expect(waited / 86_400_000).toBeCloseTo(100_000 * 20 / 86_400, 1);
  });
});

describe('a delivery', () => {
  it('that the server refuses is retried', async () => {
    const bench = new Bench({ faults: throttled(8) });
    const topic = bench.topic('T');
    const queue = bench.queue('Q');
    bench.subscribe(topic, queue);
    await bench.publish(topic, 'm');
    expect(await bench.bodies(queue, 1)).toEqual([]);
    expect(await bench.bodies(queue, 30)).toHaveLength(1);
    expect(bench.traced('sns.delivered')).toMatchObject([{ to: 'Q', retries: 8 }]);
    expect([bench.metric('T', 'NumberOfNotificationsDelivered'), bench.metric('T', 'NumberOfNotificationsFailed')]).toEqual([1, 0]);
  });

  it('outlives an outage of 30 hours', async () => {
    const outage: FaultPlan = {
      ...NO_FAULTS,
      onCall: ({ caller }) => (caller.startsWith('sns:') && bench.world.kernel.now < start + 30 * 3_600_000 ? { kind: 'throttle' } : undefined),
    };
    const bench: Bench = new Bench({ faults: outage });
    const start = bench.world.kernel.now;
    const topic = bench.topic('T');
    const queue = bench.queue('Q', { MessageRetentionPeriod: 1_209_600 });
    bench.subscribe(topic, queue);
    await bench.publish(topic, 'm');
    expect(await bench.bodies(queue, 30 * 3600)).toEqual([]);
    expect(await bench.bodies(queue, 15 * 60)).toHaveLength(1);
  });

  it('is given up after 23 days, and is lost without a dead-letter queue', async () => {
    const bench = new Bench({ faults: throttled(Infinity) });
    const topic = bench.topic('T');
    bench.subscribe(topic, bench.queue('Q'));
    await bench.publish(topic, 'm');
    await bench.pass(22 * 86_400);
    expect(bench.traced('sns.lost')).toEqual([]);
    await bench.pass(3 * 86_400);
    expect(bench.traced('sns.lost')).toMatchObject([{ to: 'Q', because: 'the subscription has no dead-letter queue' }]);
    expect(bench.traced('sns.failed')).toMatchObject([{ retries: MOST_RETRIES }]);
    expect(bench.metric('T', 'NumberOfNotificationsFailed')).toBe(1);
  });

  it('may happen twice when the answer was lost', async () => {
    const bench = new Bench({ faults: new ScriptedFaults([{ service: 'sqs', operation: 'SendMessage', nth: 1, fault: { kind: 'error-after' } }]) });
    const topic = bench.topic('T');
    const queue = bench.queue('Q');
    bench.subscribe(topic, queue);
    await bench.publish(topic, 'm');
    const ids = (await bench.bodies(queue)).map((body) => JSON.parse(body).MessageId);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
  });

  it('may be repeated or late when the fault plan says so', async () => {
    const bench = new Bench({ faults: delivering({ delayMs: 5_000, duplicatesAfterMs: [20_000] }) });
    const topic = bench.topic('T');
    const queue = bench.queue('Q');
    bench.subscribe(topic, queue);
    await bench.publish(topic, 'm');
    expect(await bench.bodies(queue, 4)).toHaveLength(0);
    expect(await bench.bodies(queue, 2)).toHaveLength(1);
    expect(await bench.bodies(queue, 20)).toHaveLength(1);
    expect(bench.traced('fault.delivery')).toMatchObject([{ to: 'Q', delayMs: 5_000 }]);
  });

  it('needs the queue\'s policy, and is not retried without it', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    bench.subscribe(topic, bench.queue('Q', { open: false }));
    await bench.publish(topic, 'm');
    await bench.pass(1);
    expect(bench.traced('sns.failed')).toMatchObject([{ error: 'AccessDeniedException', retries: 0 }]);
    expect(bench.iam.denials).toMatchObject([{ role: 'sns.amazonaws.com', action: 'sqs:SendMessage' }]);
  });

  it('is made for its topic, which the policy may ask for', async () => {
    const bench = new Bench();
    const [allowed, other] = [bench.topic('Allowed'), bench.topic('Other')];
    const queue = bench.queue('Q', { open: false });
    const Condition = { ArnEquals: { 'aws:SourceArn': allowed } };
    bench.iam.addResourcePolicy(queue, { Statement: { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: queue, Condition } });
    for (const topic of [allowed, other]) {
      bench.subscribe(topic, queue, { RawMessageDelivery: true });
      await bench.publish(topic, topic);
    }
    expect(await bench.bodies(queue)).toEqual([allowed]);
  });

  it('to an encrypted queue needs the key as well', async () => {
    const bench = new Bench();
    const key = bench.create('AWS::KMS::Key', {}, 'Key').attributes!.Arn;
    const topic = bench.topic('T');
    const queue = bench.queue('Q', { KmsMasterKeyId: key });
    bench.subscribe(topic, queue);
    await bench.publish(topic, 'm');
    await bench.pass(1);
    expect(bench.traced('sns.lost')).toHaveLength(1);
    bench.allow(key, 'kms:*');
    await bench.publish(topic, 'm');
    await bench.pass(1);
    expect(bench.traced('sns.delivered')).toHaveLength(1);
  });
});

describe('the dead-letter queue of a subscription', () => {
  it('gets what could not be delivered, as the subscriber would have got it, with the reason', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    const dead = bench.queue('Dead');
    bench.subscribe(topic, 'arn:aws:sqs:us-east-1:123456789012:gone', { RedrivePolicy: { deadLetterTargetArn: dead } });
    await bench.publish(topic, 'm', { MessageAttributes: { a: attribute('x') } });
    const [message] = await bench.messages(dead);
    expect(JSON.parse(message.Body)).toMatchObject({ Type: 'Notification', Message: 'm', MessageAttributes: { a: { Value: 'x' } } });
    expect(message.MessageAttributes).toMatchObject({
      ErrorCode: { StringValue: 'AWS.SimpleQueueService.NonExistentQueue' }, ErrorMessage: { DataType: 'String' }, RequestID: { DataType: 'String' },
    });
    expect(Object.keys(message.MessageAttributes)).toHaveLength(3);
    expect([bench.metric('T', 'NumberOfNotificationsFailed'), bench.metric('T', 'NumberOfNotificationsRedrivenToDlq')]).toEqual([1, 1]);
  });

  it('keeps a raw message raw, with its attributes', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    const dead = bench.queue('Dead');
    bench.subscribe(topic, bench.queue('Q', { open: false }), { RawMessageDelivery: true, RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead }) });
    await bench.publish(topic, 'm', { MessageAttributes: { a: attribute('x') } });
    expect(await bench.messages(dead)).toMatchObject([{ Body: 'm', MessageAttributes: { a: { StringValue: 'x' }, ErrorCode: { StringValue: 'AccessDeniedException' } } }]);
  });

  it('loses the message when SNS may not send to it', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    const dead = bench.queue('Dead', { open: false });
    bench.subscribe(topic, bench.queue('Q', { open: false }), { RedrivePolicy: { deadLetterTargetArn: dead } });
    await bench.publish(topic, 'm');
    expect(await bench.bodies(dead)).toEqual([]);
    expect(bench.traced('sns.lost')).toMatchObject([{ error: 'AccessDeniedException', because: expect.stringMatching(/^the dead-letter queue did not take it/) }]);
    expect(bench.metric('T', 'NumberOfNotificationsFailedToRedriveToDlq')).toBe(1);
  });

  it('is tried again while it is throttled', async () => {
    const bench = new Bench({ faults: throttled(3, 2) });
    const topic = bench.topic('T');
    const dead = bench.queue('Dead');
    bench.subscribe(topic, 'arn:aws:sqs:us-east-1:123456789012:gone', { RedrivePolicy: { deadLetterTargetArn: dead } });
    await bench.publish(topic, 'm');
    expect(await bench.bodies(dead, 1)).toEqual([]);
    expect(await bench.bodies(dead, 30)).toHaveLength(1);
  });
});

describe('permissions on topics', () => {
  it('come from the publisher\'s role', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    bench.grant('none:None');
    await expect(bench.publish(topic, 'm', {}, AS_ROLE)).rejects.toMatchObject({ name: 'AuthorizationErrorException', action: 'sns:Publish', resource: topic });
    const batch = { TopicArn: topic, PublishBatchRequestEntries: [{ Id: '1', Message: 'm' }] };
    await expect(bench.call('sns', 'PublishBatch', batch, AS_ROLE)).rejects.toMatchObject({ name: 'AuthorizationErrorException' });
    bench.grant('sns:Publish');
    await expect(bench.publish(topic, 'm', {}, AS_ROLE)).resolves.toBeDefined();
    await expect(bench.call('sns', 'PublishBatch', batch, AS_ROLE)).resolves.toBeDefined();
  });

  it('come from the topic\'s policy, which may also deny', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    bench.grant('none:None');
    const policy = (Effect: string, more: object = {}) => bench.create('AWS::SNS::TopicPolicy', {
      Topics: [topic], PolicyDocument: { Statement: [{ Effect, Principal: { AWS: '*' }, Action: 'sns:Publish', Resource: topic, ...more }] },
    }, 'Policy');
    policy('Deny', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
    policy('Allow');
    await expect(bench.publish(topic, 'm', {}, AS_ROLE)).resolves.toBeDefined();
    policy('Deny');
    await expect(bench.publish(topic, 'm', {}, AS_ROLE)).rejects.toMatchObject({ name: 'AuthorizationErrorException' });
  });

  it('include the key of an encrypted topic', async () => {
    const bench = new Bench();
    const key = bench.create('AWS::KMS::Key', {}, 'Key').attributes!.Arn;
    const topic = bench.topic('T', { KmsMasterKeyId: key });
    bench.grant('sns:Publish');
    await expect(bench.publish(topic, 'm', {}, AS_ROLE)).rejects.toMatchObject({ action: 'kms:GenerateDataKey', resource: key });
    bench.grant('kms:GenerateDataKey', 'kms:Decrypt');
    await expect(bench.publish(topic, 'm', {}, AS_ROLE)).resolves.toBeDefined();
  });
});

describe('a subscription is refused', () => {
  const queue = 'arn:aws:sqs:us-east-1:123456789012:q';
  const fn = 'arn:aws:lambda:us-east-1:123456789012:function:f';
  it.each<[string, string, string, Record<string, unknown>, RegExp]>([
    ['with a protocol that is not simulated', 'T', 'x@example.com', { Protocol: 'email' }, /protocol 'email' is not simulated; simulated: sqs, lambda/],
    ['of an HTTP endpoint', 'T', 'https://example.com', { Protocol: 'https' }, /protocol 'https' is not simulated/],
    ['whose endpoint is of another protocol', 'T', fn, { Protocol: 'sqs' }, /the endpoint of protocol 'sqs' must be the ARN of a queue/],
    ['of a FIFO queue to a standard topic', 'T', `${queue}.fifo`, {}, /a standard topic cannot deliver to a FIFO queue/],
    ['of a function to a FIFO topic', 'T.fifo', fn, {}, /a FIFO topic delivers to queues only/],
    ['of a function with raw delivery', 'T', fn, { RawMessageDelivery: true }, /functions have no raw message delivery/],
    ['with a FIFO dead-letter queue on a standard topic', 'T', queue, { RedrivePolicy: { deadLetterTargetArn: `${queue}.fifo` } }, /must be standard/],
    ['with a redrive policy without a queue', 'T', queue, { RedrivePolicy: { deadLetterTargetArn: fn } }, /must have a deadLetterTargetArn/],
  ])('%s', (_, name, endpoint, properties, message) => {
    const bench = new Bench();
    const topic = bench.topic(name, name.endsWith('.fifo') ? { FifoTopic: true } : {});
    expect(() => bench.subscribe(topic, endpoint, properties)).toThrow(message);
  });

  it('twice, and beyond a hundred where messages may be large', () => {
    const bench = new Bench();
    const topic = bench.topic('Large', { MaximumMessageSize: 262_145 });
    bench.subscribe(topic, queue);
    expect(() => bench.subscribe(topic, queue)).toThrow(/is subscribed already/);
    for (let i = 1; i < 100; i++) bench.subscribe(topic, `${queue}${i}`);
    expect(() => bench.subscribe(topic, `${queue}100`)).toThrow(/at most 100 subscriptions/);
    expect(bench.sns.topics()[0].subscriptions).toHaveLength(100);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['that is FIFO by name only', { TopicName: 'a.fifo' }, /ends in .fifo \(FifoTopic is false\)/],
    ['that is FIFO but not by name', { TopicName: 'a', FifoTopic: 'true' }, /ends in .fifo \(FifoTopic is true\)/],
    ['with deduplication but not FIFO', { ContentBasedDeduplication: true }, /ContentBasedDeduplication needs FifoTopic/],
    ['with an unknown scope', { TopicName: 'a.fifo', FifoTopic: true, FifoThroughputScope: 'Group' }, /FifoThroughputScope must be Topic or MessageGroup, got 'Group'/],
  ])('to a topic %s, which is refused itself', (_, properties, message) => {
    expect(() => new Bench().topic('t', properties)).toThrow(message);
  });

  it('properties that would have an effect are refused by the loader', () => {
    const { properties } = new Bench().sns.resources.find(({ type }) => type === 'AWS::SNS::Subscription')!;
    expect((properties.DeliveryPolicy as any)({})).toMatch(/HTTP endpoints/);
    expect((properties.Region as any)('eu-west-1')).toMatch(/'eu-west-1' is not simulated/);
    expect((properties.Region as any)('us-east-1')).toBeUndefined();
  });
});
