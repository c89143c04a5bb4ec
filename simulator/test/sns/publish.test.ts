import { attribute, Bench } from './harness';
import { ScriptedFaults } from '../../src/kernel/faults';

const KB = 1024;

describe('publishing', () => {
  it('brings a message to every subscriber, in the envelope that SNS writes', async () => {
    const bench = new Bench();
    const topic = bench.topic('Orders');
    const [a, b] = [bench.queue('A'), bench.queue('B')];
    const subscription = bench.subscribe(topic, a);
    bench.subscribe(topic, b);
    const { MessageId } = await bench.publish(topic, 'hello "you"', {
      Subject: 'Greeting', MessageAttributes: { kind: attribute('x'), n: attribute('5', 'Number'), raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) } },
    });
    const [body] = await bench.bodies(a);
    expect(JSON.parse(body)).toEqual({
      Type: 'Notification',
      MessageId,
      TopicArn: topic,
      Subject: 'Greeting',
      Message: 'hello "you"',
      Timestamp: '2026-01-01T00:00:00.000Z',
      SignatureVersion: '1',
      Signature: expect.any(String),
      SigningCertURL: expect.stringMatching(/^https:\/\/sns\.us-east-1\.amazonaws\.com\/SimpleNotificationService-[0-9a-f]+\.pem$/),
      UnsubscribeURL: `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscription}`,
      MessageAttributes: { kind: { Type: 'String', Value: 'x' }, n: { Type: 'Number', Value: '5' }, raw: { Type: 'Binary', Value: 'AQI=' } },
    });
    expect(body.startsWith(`{\n  "Type" : "Notification",\n  "MessageId" : "${MessageId}",\n  "TopicArn" : `)).toBe(true);
    expect(await bench.bodies(b)).toHaveLength(1);
    expect([bench.metric('Orders', 'NumberOfMessagesPublished'), bench.metric('Orders', 'NumberOfNotificationsDelivered')]).toEqual([1, 2]);
  });

  it('takes the time that deliveries take', async () => {
    const bench = new Bench({ latency: { 'sns.delivery': { median: 100, p99: 100 } } });
    const topic = bench.topic('T');
    const queue = bench.queue('Q');
    bench.subscribe(topic, queue);
    await bench.publish(topic, 'm');
    expect(await bench.bodies(queue, 0.05)).toEqual([]);
    expect(await bench.bodies(queue, 0.1)).toHaveLength(1);
  });

  it('hands on the message alone, with its attributes, by raw delivery', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    const queue = bench.queue('Q');
    bench.subscribe(topic, queue, { RawMessageDelivery: true });
    await bench.publish(topic, '{"ü":1}', { MessageAttributes: { tags: attribute('["a"]', 'String.Array') } });
    expect(await bench.messages(queue)).toMatchObject([{ Body: '{"ü":1}', MessageAttributes: { tags: { DataType: 'String.Array', StringValue: '["a"]' } } }]);
  });

  it('refuses raw messages with more attributes than SQS takes, as an error of the client', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    const [raw, wrapped, dead] = [bench.queue('Raw'), bench.queue('Wrapped'), bench.queue('Dead')];
    bench.subscribe(topic, raw, { RawMessageDelivery: true, RedrivePolicy: { deadLetterTargetArn: dead } });
    bench.subscribe(topic, wrapped);
    await bench.publish(topic, 'm', { MessageAttributes: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, attribute('x')])) });
    expect(await bench.bodies(raw)).toEqual([]);
    expect(await bench.bodies(dead)).toEqual(['m']);
    expect(Object.keys(JSON.parse((await bench.bodies(wrapped))[0]).MessageAttributes)).toHaveLength(11);
  });

  it('can say something else to each protocol, and then carries no attributes', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    const queue = bench.queue('Q');
    bench.subscribe(topic, queue);
    await bench.publish(topic, JSON.stringify({ default: 'd', sqs: 'for queues' }), { MessageStructure: 'json', MessageAttributes: { a: attribute('x') } });
    await bench.publish(topic, JSON.stringify({ default: 'd', lambda: 'l' }), { MessageStructure: 'json' });
    const bodies = (await bench.bodies(queue)).map((body) => JSON.parse(body));
    expect(bodies.map(({ Message, MessageAttributes }) => [Message, MessageAttributes])).toEqual([['for queues', undefined], ['d', undefined]]);
    await expect(bench.publish(topic, '{"sqs":"x"}', { MessageStructure: 'json' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(bench.publish(topic, 'no json', { MessageStructure: 'json' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('takes a group on a standard topic only as a hint for the fairness of standard queues', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    const queue = bench.queue('Q');
    bench.subscribe(topic, queue);
    await bench.publish(topic, 'm', { MessageGroupId: 'tenant' });
    expect((await bench.messages(queue))[0].Attributes.MessageGroupId).toBe('tenant');
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no message', { Message: '' }, 'Empty message'],
    ['a subject with a line break', { Subject: 'a\nb' }, 'Subject'],
    ['a subject of 100 characters', { Subject: 'a'.repeat(100) }, 'Subject'],
    ['an attribute without a value', { MessageAttributes: { a: attribute('') } }, 'non-empty'],
    ['an attribute of an unknown type', { MessageAttributes: { a: attribute('x', 'Text') } }, 'invalid message attribute type'],
    ['a number that is none', { MessageAttributes: { a: attribute('x', 'Number') } }, 'cast'],
    ['a deduplication id on a standard topic', { MessageDeduplicationId: 'd' }, 'not valid for this topic type'],
    ['another structure than json', { MessageStructure: 'xml' }, 'MessageStructure'],
  ])('refuses %s', async (_, input, text) => {
    const bench = new Bench();
    await expect(bench.publish(bench.topic('T'), 'm', input)).rejects.toMatchObject({ name: 'InvalidParameterException', message: expect.stringContaining(text) });
  });

  it('refuses a topic that does not exist, no topic, and a telephone', async () => {
    const bench = new Bench();
    await expect(bench.publish('arn:aws:sns:us-east-1:123456789012:none', 'm')).rejects.toMatchObject({ name: 'NotFoundException', message: 'Topic does not exist' });
    await expect(bench.publish(undefined as any, 'm')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(bench.publish(undefined as any, 'm', { PhoneNumber: '+1' })).rejects.toThrow(/PhoneNumber is not simulated/);
  });

  it('takes 256 KiB with attributes, and 1 MiB where the topic says so', async () => {
    const bench = new Bench();
    const [usual, large, small] = [bench.topic('Usual'), bench.topic('Large', { MaximumMessageSize: '1048576' }), bench.topic('Small', { MaximumMessageSize: 1024 })];
    await bench.publish(usual, 'x'.repeat(256 * KB));
    await expect(bench.publish(usual, 'x'.repeat(256 * KB), { MessageAttributes: { a: attribute('x') } })).rejects.toThrow(/Message too long/);
    await bench.publish(large, 'x'.repeat(1024 * KB));
    await expect(bench.publish(large, 'x'.repeat(1024 * KB + 1))).rejects.toThrow(/Message too long/);
    await expect(bench.publish(small, 'ü'.repeat(513))).rejects.toThrow(/Message too long/);
    expect(() => bench.topic('Huge', { MaximumMessageSize: 1_048_577 })).toThrow(/MaximumMessageSize must be an integer from 1024 to 1048576, got 1048577/);
  });

  it('costs a request per 64 KB, and nothing for deliveries to queues', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    bench.subscribe(topic, bench.queue('Q'));
    await bench.publish(topic, 'm');
    await bench.publish(topic, 'x'.repeat(64 * KB + 1));
    await bench.pass(1);
    expect(bench.world.meter.get('sns.requests')).toBe(1 + 2);
    expect(bench.world.meter.get('sns.deliveries.sqs')).toBe(2);
  });
});

describe('publishing a batch', () => {
  const batch = (bench: Bench, TopicArn: string, PublishBatchRequestEntries: any) => bench.call('sns', 'PublishBatch', { TopicArn, PublishBatchRequestEntries });
  const entries = (count: number, Message: string = 'm') => Array.from({ length: count }, (_, i) => ({ Id: `${i}`, Message }));

  it('succeeds or fails entry by entry', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    const queue = bench.queue('Q');
    bench.subscribe(topic, queue, { RawMessageDelivery: 'true' });
    const answer = await batch(bench, topic, [{ Id: 'a', Message: 'one' }, { Id: 'b', Message: '' }, { Id: 'c', Message: 'three' }]);
    expect(answer.Successful).toEqual([{ Id: 'a', MessageId: expect.any(String) }, { Id: 'c', MessageId: expect.any(String) }]);
    expect(answer.Failed).toEqual([{ Id: 'b', Code: 'InvalidParameter', Message: 'Invalid parameter: Empty message', SenderFault: true }]);
    expect((await bench.bodies(queue)).sort()).toEqual(['one', 'three']);
  });

  it('lets injected faults fail some entries only', async () => {
    const bench = new Bench({ faults: new ScriptedFaults([{ operation: 'PublishBatch', fault: { kind: 'partial', share: 1 } }]) });
    const topic = bench.topic('T');
    const answer = bench.world.call<any>({
      service: 'sns', operation: 'PublishBatch', input: { TopicArn: topic, PublishBatchRequestEntries: entries(2) }, caller: { principal: { kind: 'operator' }, name: 'test' },
    });
    await bench.world.kernel.run();
    expect((await answer).Failed).toMatchObject([{ Id: '0', Code: 'InternalError', SenderFault: false }, { Id: '1' }]);
  });

  it('is billed by its whole size', async () => {
    const bench = new Bench();
    await batch(bench, bench.topic('T'), entries(10, 'x'.repeat(10 * KB)));
    expect(bench.world.meter.get('sns.requests')).toBe(2);
  });

  it.each<[string, any, string]>([
    ['without entries', [], 'EmptyBatchRequestException'],
    ['of eleven', entries(11), 'TooManyEntriesInBatchRequestException'],
    ['with an id twice', [...entries(1), ...entries(1)], 'BatchEntryIdsNotDistinctException'],
    ['with a bad id', [{ Id: 'a b', Message: 'm' }], 'InvalidBatchEntryIdException'],
    ['of more than 256 KiB', entries(2, 'x'.repeat(200 * KB)), 'BatchRequestTooLongException'],
  ])('%s is refused as a whole', async (_, list, name) => {
    const bench = new Bench();
    await expect(batch(bench, bench.topic('T'), list)).rejects.toMatchObject({ name });
  });
});
