import { Bench } from './harness';

/** 40 messages of a noisy tenant in flight, 60 of others, which have one each: 40 % of all. */
async function noisy(bench: Bench, url: string) {
  for (let i = 0; i < 40; i++) await bench.send(url, `noisy ${i}`, { MessageGroupId: 'noisy' });
  for (let i = 0; i < 60; i++) await bench.send(url, `other ${i}`, { MessageGroupId: `other-${i}` });
  const received = [];
  for (let i = 0; i < 10; i++) received.push(...await bench.receive(url, { VisibilityTimeout: 600 }));
  return received;
}

const bodies = async (bench: Bench, url: string, most: number = 10) => bench.bodies(url, { MaxNumberOfMessages: most, VisibilityTimeout: 600 });

/** A world with queues whose CloudWatch can be read at once. */
function watched() {
  const gauges = new Map<string, () => number>();
  const cloudwatch = () => ({
    name: 'cloudwatch', operations: {}, resources: [], recordMetric: () => {}, gauge: ({ metricName, read }: any) => gauges.set(metricName, read),
  });
  return { bench: new Bench({ services: [cloudwatch] }), gauges, read: (name: string) => gauges.get(name)!() };
}

describe('a standard queue with message groups', () => {
  it('hands out in the order of arrival while nobody is noisy, and shows the group', async () => {
    const bench = new Bench();
    const url = bench.queue('Jobs');
    for (const body of ['a1', 'b1', 'a2', 'x', 'b2']) await bench.send(url, body, body === 'x' ? {} : { MessageGroupId: body[0] });
    const received = await bench.receive(url);
    expect(received.map(({ Body, Attributes }) => `${Body} ${Attributes.MessageGroupId}`)).toEqual(['a1 a', 'b1 b', 'a2 a', 'x undefined', 'b2 b']);
  });

  it('gives a noisy group only what quiet ones, or none, leave', async () => {
    const bench = new Bench();
    const url = bench.queue('Jobs');
    await noisy(bench, url);
    for (const body of ['noisy 40', 'noisy 41']) await bench.send(url, body, { MessageGroupId: 'noisy' });
    await bench.send(url, 'quiet', { MessageGroupId: 'quiet' });
    await bench.send(url, 'nobody\'s');
    await bench.pass(1);
    expect(await bodies(bench, url)).toEqual(['quiet', 'nobody\'s', 'noisy 40', 'noisy 41']);
  });

  it('takes a group for noisy from 30 messages in flight on, if they are more than a tenth', async () => {
    const first = async (mine: number, others: number) => {
      const bench = new Bench();
      const url = bench.queue('Jobs', { VisibilityTimeout: 600 });
      // What others have taken of the consumers' time, so that the group's own share of it is small.
      for (let i = 0; i < 60; i++) await bench.send(url, 'm', { MessageGroupId: `before-${i}` });
      for (let i = 0; i < 6; i++) await bench.receive(url, { VisibilityTimeout: 60 });
      await bench.pass(59);
      await bench.call('PurgeQueue', { QueueUrl: url });
      for (let i = 0; i < mine; i++) await bench.send(url, 'm', { MessageGroupId: 'big' });
      for (let i = 0; i < others; i++) await bench.send(url, 'm', { MessageGroupId: `small-${i}` });
      for (let i = 0; i < (mine + others) / 10; i++) await bench.receive(url);
      await bench.send(url, 'big', { MessageGroupId: 'big' });
      await bench.pass(1);
      await bench.send(url, 'small', { MessageGroupId: 'small' });
      return (await bodies(bench, url))[0];
    };
    expect(await first(30, 0)).toBe('small');
    expect(await first(29, 0)).toBe('big');
    expect(await first(31, 270)).toBe('small');
    // Exactly a tenth is not more than a tenth.
    expect(await first(31, 279)).toBe('big');
  });

  it('takes a group for noisy whose few messages take most of the consumers\' time', async () => {
    const bench = new Bench();
    const url = bench.queue('Jobs');
    await bench.send(url, 'slow 1', { MessageGroupId: 'slow' });
    expect(await bodies(bench, url)).toEqual(['slow 1']);
    await bench.pass(30);
    await bench.send(url, 'slow 2', { MessageGroupId: 'slow' });
    await bench.pass(1);
    await bench.send(url, 'quick', { MessageGroupId: 'quick' });
    expect(await bodies(bench, url)).toEqual(['quick', 'slow 2']);
  });

  it('prefers of several noisy groups the one with the fewest messages in flight', async () => {
    const bench = new Bench();
    const url = bench.queue('Jobs');
    for (const [group, count] of [['a', 50], ['b', 40], ['c', 45]] as const) {
      for (let i = 0; i < count; i++) await bench.send(url, 'm', { MessageGroupId: group });
    }
    for (let i = 0; i < 14; i++) await bodies(bench, url);
    for (const body of ['a1', 'a2', 'b1', 'b2', 'c1']) await bench.send(url, body, { MessageGroupId: body[0] });
    await bench.pass(1);
    expect(await bodies(bench, url)).toEqual(['b1', 'b2', 'c1', 'a1', 'a2']);
  });

  it('takes a group for quiet again when it has not sent for five minutes, or has little in flight', async () => {
    for (const [seconds, remove] of [[299, false], [300, false], [240, true]] as const) {
      const bench = new Bench();
      const url = bench.queue('Jobs');
      const received = await noisy(bench, url);
      await bench.send(url, 'noisy 40', { MessageGroupId: 'noisy' });
      await bench.pass(1);
      if (remove) {
        for (const { Body, ReceiptHandle } of received) {
          if (Body.startsWith('noisy')) await bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle });
        }
      }
      await bench.pass(seconds - 1);
      await bench.send(url, 'quiet', { MessageGroupId: 'quiet' });
      expect(await bodies(bench, url, 1)).toEqual([seconds === 299 ? 'quiet' : 'noisy 40']);
    }
  });

  it('returns what the noisy group has left, in its order, when it becomes quiet', async () => {
    const bench = new Bench();
    const url = bench.queue('Jobs');
    await noisy(bench, url);
    for (let i = 40; i < 45; i++) await bench.send(url, `noisy ${i}`, { MessageGroupId: 'noisy' });
    await bench.pass(1);
    expect(await bodies(bench, url, 2)).toEqual(['noisy 40', 'noisy 41']);
    await bench.pass(300);
    expect(await bodies(bench, url)).toEqual(['noisy 42', 'noisy 43', 'noisy 44']);
  });

  it('tells CloudWatch about noisy groups, and what there is without them', async () => {
    const { bench, gauges, read } = watched();
    const url = bench.queue('Jobs');
    await bench.send(url, 'plain');
    expect([...gauges.keys()].filter((name) => /Groups$/.test(name))).toEqual([]);
    await bodies(bench, url);
    await noisy(bench, url);
    await bench.send(url, 'noisy 40', { MessageGroupId: 'noisy' });
    await bench.send(url, 'noisy 41', { MessageGroupId: 'noisy', DelaySeconds: 900 });
    await bench.pass(60);
    await bench.send(url, 'quiet', { MessageGroupId: 'quiet' });
    await bench.send(url, 'quiet', { MessageGroupId: 'quiet', DelaySeconds: 900 });
    await bench.pass(5);
    expect(read('ApproximateNumberOfNoisyGroups')).toBe(1);
    expect([read('ApproximateNumberOfMessagesVisible'), read('ApproximateNumberOfMessagesVisibleInQuietGroups')]).toEqual([2, 1]);
    expect([read('ApproximateNumberOfMessagesNotVisible'), read('ApproximateNumberOfMessagesNotVisibleInQuietGroups')]).toEqual([101, 61]);
    expect([read('ApproximateNumberOfMessagesDelayed'), read('ApproximateNumberOfMessagesDelayedInQuietGroups')]).toEqual([2, 1]);
    await bench.call('PurgeQueue', { QueueUrl: url });
    await bench.send(url, 'quiet', { MessageGroupId: 'quiet' });
    await bench.pass(5);
    expect(read('ApproximateNumberOfNoisyGroups')).toBe(0);
    expect(read('ApproximateAgeOfOldestMessageInQuietGroups')).toBe(5);
  });

  it('holds the age of the oldest message of noisy groups apart', async () => {
    const { bench, read } = watched();
    const url = bench.queue('Jobs');
    for (const { ReceiptHandle, Body } of await noisy(bench, url)) {
      if (Body.startsWith('other')) await bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle });
    }
    await bench.send(url, 'noisy 40', { MessageGroupId: 'noisy' });
    await bench.pass(20);
    await bench.send(url, 'quiet', { MessageGroupId: 'quiet' });
    await bench.pass(5);
    expect(read('ApproximateNumberOfNoisyGroups')).toBe(1);
    expect([read('ApproximateAgeOfOldestMessage'), read('ApproximateAgeOfOldestMessageInQuietGroups')]).toEqual([25, 5]);
  });

  it('loses and repeats nothing among a thousand groups of which some are noisy', async () => {
    const bench = new Bench();
    const url = bench.queue('Jobs', { VisibilityTimeout: 60 });
    const group = (i: number) => (i % 2 ? 'flood' : `g${i % 1000}`);
    for (let i = 0; i < 3_000; i++) await bench.send(url, String(i), { MessageGroupId: group(i) });
    const seen: string[] = [];
    for (let round = 0; seen.length < 3_000 && round < 2_000; round++) {
      await bench.pass(0.1);
      for (const { Body, ReceiptHandle, Attributes } of await bench.receive(url)) {
        if (Number(Body) % 7 === 0 && Attributes.ApproximateReceiveCount === '1') continue;
        seen.push(Body);
        await bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle });
      }
    }
    expect(seen.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
  });
});
