import { Bench } from './harness';
import { type FaultPlan, NO_FAULTS, RandomFaults } from '../../src/kernel/faults';
import { Random } from '../../src/kernel/random';

/** "may not achieve consistency until at least 1 minute after the producers stop sending messages": API_GetQueueAttributes.html */
describe('the approximate counts of a queue', () => {
  const told = async (bench: Bench, QueueUrl: string) => {
    const { Attributes } = await bench.call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    return ['', 'NotVisible', 'Delayed'].map((state) => Number(Attributes[`ApproximateNumberOfMessages${state}`]));
  };
  const lagging = (lagMs: number): FaultPlan => ({ ...NO_FAULTS, onQueueDepth: () => lagMs });

  it('are those of now without a fault', async () => {
    const bench = new Bench();
    const url = bench.queue('Orders');
    await bench.send(url, 'a');
    await bench.send(url, 'b', { DelaySeconds: 60 });
    await bench.send(url, 'c');
    await bench.receive(url, { MaxNumberOfMessages: 1 });
    expect(await told(bench, url)).toEqual([1, 1, 1]);
  });

  it('are those of a while ago, as the fault plan says', async () => {
    const bench = new Bench({ faults: lagging(30_000) });
    const url = bench.queue('Orders');
    await bench.pass(60);
    await bench.send(url, 'a');
    await bench.send(url, 'b', { DelaySeconds: 5 });
    expect(await told(bench, url)).toEqual([0, 0, 0]);
    await bench.pass(10);
    const [{ ReceiptHandle }] = await bench.receive(url, { MaxNumberOfMessages: 1 });
    await bench.pass(10);
    await bench.call('DeleteMessage', { QueueUrl: url, ReceiptHandle });
    expect(await told(bench, url)).toEqual([0, 0, 0]);
    await bench.pass(10);
    expect(await told(bench, url)).toEqual([1, 0, 1]);
    await bench.pass(5);
    expect(await told(bench, url)).toEqual([2, 0, 0]);
    await bench.pass(5);
    expect(await told(bench, url)).toEqual([1, 1, 0]);
    await bench.pass(10);
    expect(await told(bench, url)).toEqual([1, 0, 0]);
    await bench.pass(600);
    expect(await told(bench, url)).toEqual([1, 0, 0]);
  });

  it('are at most a minute old', async () => {
    const bench = new Bench({ faults: lagging(3_600_000) });
    const url = bench.queue('Orders');
    for (let second = 0; second < 90; second++) {
      await bench.send(url, 'x');
      await bench.pass(1);
    }
    expect((await told(bench, url))[0]).toBe(31);
  });

  it('lag by chance up to the longest, or not at all, and shift no other fault', () => {
    const rates = { throttle: 0.3, queueDepthLagMs: 10_000 };
    const faults = new RandomFaults(rates, new Random('1'));
    const lags = Array.from({ length: 1000 }, () => faults.onQueueDepth!('Orders'));
    expect(Math.min(...lags)).toBeLessThan(100);
    expect(Math.max(...lags)).toBeGreaterThan(9_900);
    expect(Math.max(...lags)).toBeLessThanOrEqual(10_000);
    expect(new RandomFaults({}, new Random('1')).onQueueDepth).toBeUndefined();
    const call = { service: 'sqs', operation: 'SendMessage', caller: 'c', canCrash: false, callIndex: 0, readOnly: false };
    const draws = (plan: RandomFaults) => Array.from({ length: 50 }, () => plan.onCall(call)?.kind);
    expect(draws(faults)).toEqual(draws(new RandomFaults({ throttle: 0.3 }, new Random('1'))));
  });
});
