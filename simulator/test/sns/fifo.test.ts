import { Bench } from './harness';
import { type FaultPlan, NO_FAULTS, ScriptedFaults } from '../../src/kernel/faults';

const MINUTE = 60;

function fifo(options: ConstructorParameters<typeof Bench>[0] = {}, properties: Record<string, unknown> = {}, endpoint: string = 'Q.fifo') {
  const bench = new Bench(options);
  const topic = bench.topic('T.fifo', { FifoTopic: true, ContentBasedDeduplication: true, ...properties });
  const queue = bench.queue(endpoint);
  bench.subscribe(topic, queue, { RawMessageDelivery: true });
  return { bench, topic, queue };
}

describe('a FIFO topic', () => {
  it('keeps the order of a group, whatever delays single deliveries', async () => {
    let deliveries = 0;
    const faults: FaultPlan = { ...NO_FAULTS, onDelivery: ({ subject }) => (subject.startsWith('T.fifo/') && deliveries++ === 0 ? { delayMs: 5_000 } : undefined) };
    const { bench, topic, queue } = fifo({ faults });
    for (const message of ['1', '2', '3']) await bench.publish(topic, message, { MessageGroupId: 'g' });
    await bench.publish(topic, 'other', { MessageGroupId: 'h' });
    expect(await bench.bodies(queue, 1)).toEqual(['other']);
    expect(await bench.bodies(queue, 10)).toEqual(['1', '2', '3']);
  });

  it('keeps the order of a group while one is being retried', async () => {
    const faults = new ScriptedFaults([{ service: 'sqs', operation: 'SendMessage', nth: 1, times: 6, fault: { kind: 'throttle' } }]);
    const { bench, topic, queue } = fifo({ faults });
    for (const message of ['1', '2', '3']) await bench.publish(topic, message, { MessageGroupId: 'g' });
    expect(await bench.bodies(queue, 60)).toEqual(['1', '2', '3']);
  });

  it('goes on with the group after one that cannot be delivered', async () => {
    const bench = new Bench();
    const topic = bench.topic('T.fifo', { FifoTopic: true, ContentBasedDeduplication: true });
    const dead = bench.queue('Dead.fifo');
    bench.subscribe(topic, 'arn:aws:sqs:us-east-1:123456789012:gone.fifo', { RawMessageDelivery: true, RedrivePolicy: { deadLetterTargetArn: dead } });
    for (const message of ['1', '2']) await bench.publish(topic, message, { MessageGroupId: 'g' });
    expect(await bench.messages(dead)).toMatchObject([{ Body: '1', Attributes: { MessageGroupId: 'g' } }, { Body: '2' }]);
  });

  it('gives each message a sequence number that grows, and hands on group and deduplication id', async () => {
    const { bench, topic, queue } = fifo();
    const answers = [];
    for (const id of ['a', 'b']) answers.push(await bench.publish(topic, 'same', { MessageGroupId: 'g', MessageDeduplicationId: id }));
    expect(answers[0].SequenceNumber).toMatch(/^\d{20}$/);
    expect(answers[1].SequenceNumber > answers[0].SequenceNumber).toBe(true);
    expect((await bench.messages(queue)).map(({ Attributes }) => [Attributes.MessageGroupId, Attributes.MessageDeduplicationId])).toEqual([['g', 'a'], ['g', 'b']]);
  });

  it('writes its number into the envelope, unsigned', async () => {
    const bench = new Bench();
    const topic = bench.topic('T.fifo', { FifoTopic: true, ContentBasedDeduplication: true });
    const queue = bench.queue('Q.fifo');
    bench.subscribe(topic, queue);
    const { SequenceNumber } = await bench.publish(topic, 'm', { MessageGroupId: 'g' });
    const body = JSON.parse((await bench.bodies(queue))[0]);
    expect(body.SequenceNumber).toBe(SequenceNumber);
    expect(body).not.toHaveProperty('Signature');
  });

  it('delivers what is published twice within five minutes once, by content', async () => {
    const { bench, topic, queue } = fifo();
    const first = await bench.publish(topic, 'm', { MessageGroupId: 'g' });
    await bench.pass(4 * MINUTE);
    expect(await bench.publish(topic, 'm', { MessageGroupId: 'h' })).toEqual(first);
    expect(await bench.bodies(queue)).toEqual(['m']);
    await bench.pass(MINUTE);
    expect((await bench.publish(topic, 'm', { MessageGroupId: 'g' })).MessageId).not.toBe(first.MessageId);
  });

  it('delivers the same content in another group when deduplication is by group', async () => {
    const { bench, topic, queue } = fifo({}, { FifoThroughputScope: 'MessageGroup' });
    for (const MessageGroupId of ['g', 'h', 'g']) await bench.publish(topic, 'm', { MessageGroupId, MessageDeduplicationId: 'd' });
    await bench.pass(1);
    expect(bench.traced('sns.delivered')).toHaveLength(2);
    expect(await bench.bodies(queue)).toHaveLength(1);
  });

  it('delivers to a standard queue too: without its group, and maybe twice', async () => {
    const faults: FaultPlan = { ...NO_FAULTS, onDelivery: ({ subject }) => (subject === 'T.fifo/Q' ? { duplicatesAfterMs: [100] } : undefined) };
    const { bench, topic, queue } = fifo({ faults }, {}, 'Q');
    await bench.publish(topic, 'm', { MessageGroupId: 'g' });
    const messages = await bench.messages(queue);
    expect(messages.map(({ Body }) => Body)).toEqual(['m', 'm']);
    expect(messages[0].Attributes).not.toHaveProperty('MessageGroupId');
  });

  it('delivers to a FIFO queue once, where another subscriber might get it twice', async () => {
    const faults: FaultPlan = { ...NO_FAULTS, onDelivery: ({ subject }) => (subject.startsWith('T.fifo/') ? { duplicatesAfterMs: [400_000] } : undefined) };
    const { bench, topic } = fifo({ faults });
    await bench.publish(topic, 'm', { MessageGroupId: 'g' });
    await bench.pass(500);
    expect(bench.traced('sns.delivered')).toHaveLength(1);
  });

  it('bills messages and bytes in place of requests', async () => {
    const { bench, topic } = fifo();
    await bench.publish(topic, '12345', { MessageGroupId: 'g' });
    await bench.pass(1);
    expect(bench.world.meter.totals()).toMatchObject({ 'sns.fifo.published': 1, 'sns.fifo.publishedBytes': 5, 'sns.fifo.deliveredBytes': 5, 'sns.deliveries.sqs': 1 });
    expect(bench.world.meter.get('sns.requests')).toBe(0);
  });

  it('refuses a message without a group, or without anything to deduplicate by', async () => {
    const { bench, topic } = fifo({}, { ContentBasedDeduplication: false });
    await expect(bench.publish(topic, 'm', { MessageDeduplicationId: 'd' })).rejects.toThrow(/MessageGroupId parameter is required for FIFO topics/);
    await expect(bench.publish(topic, 'm', { MessageGroupId: 'g' })).rejects.toThrow(/ContentBasedDeduplication enabled or MessageDeduplicationId provided/);
    await expect(bench.publish(topic, 'm', { MessageGroupId: 'g', MessageDeduplicationId: 'a b' })).rejects.toThrow(/MessageDeduplicationId/);
  });
});
