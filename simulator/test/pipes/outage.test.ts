import { AT_ONCE, HOUR, PipeWorld } from './pipe-world';
import { item } from '../streams/stream-world';

const KEYS = { TargetParameters: { InputTemplate: '<$.dynamodb.Keys.sk.N>' } };
const DAY = 24 * HOUR;

/** Numbers of what arrived, and of what was lost, after a pipe stood still. */
async function outage(hours: number, rows: number) {
  const world = new PipeWorld({ latency: AT_ONCE.latency });
  world.pipe({ ...KEYS, DesiredState: 'STOPPED' }, { BatchSize: 10, ParallelizationFactor: 10 });
  const start = world.world.kernel.now;
  const step = (hours * HOUR) / rows;
  for (let n = 0; n < rows; n++) {
    world.world.kernel.schedule(n * step, () => world.write(item(`p${n % 97}`, n)));
  }
  await world.run(hours * HOUR);
  void world.call('pipes', 'StartPipe', { Name: 'relay' });
  await world.run(HOUR);
  const arrived = (await world.bodies()).sort((a, b) => a - b);
  const lost = world.events('pipes.lost');
  return { world, start, step, arrived, lost };
}

describe('a pipe that stands still', () => {
  it('loses exactly what is older than 24 hours when it goes on', async () => {
    const { arrived, lost, step } = await outage(30, 1000);
    const kept = Math.floor((30 * HOUR - DAY) / step) + 1;
    expect(arrived[0]).toBe(kept);
    expect(arrived).toEqual(Array.from({ length: 1000 - kept }, (_, index) => kept + index));
    expect(lost).toHaveLength(kept);
    expect(new Set(lost.map(({ detail }) => detail!.because))).toEqual(new Set(['the stream has trimmed it']));
  });

  it('loses nothing in 23 hours', async () => {
    const { arrived, lost } = await outage(23, 200);
    expect([arrived.length, lost.length]).toEqual([200, 0]);
  });
});

describe('days of nothing', () => {
  it('take no events: neither an idle stream nor a stopped or running pipe is polled', async () => {
    for (const DesiredState of ['RUNNING', 'STOPPED']) {
      const world = new PipeWorld();
      world.pipe({ ...KEYS, DesiredState });
      world.write(item('a', 1));
      await world.run(HOUR);
      const before = world.world.trace.count;
      let happened = 0;
      await world.world.kernel.run({ deadline: world.world.kernel.now + 30 * DAY, until: () => (happened++, false) });
      expect(world.world.trace.count - before).toBeLessThanOrEqual(1);
      // CloudWatch's minutes are all that is left.
      expect(happened).toBeLessThan(30 * 24 * 60 + 100);
    }
  });
});

describe('Time to Live', () => {
  it('removes items hours to days late, and the pipe gets the removals then', async () => {
    const world = new PipeWorld();
    world.pipe({ TargetParameters: { InputTemplate: '{"name": <$.eventName>, "at": <$.dynamodb.ApproximateCreationDateTime>}' } });
    const expires = Math.floor(world.world.kernel.now / 1000) + 7 * 24 * 3600;
    for (let n = 0; n < 50; n++) world.write(item(`p${n}`, n, { expires: { N: String(expires) } }));
    await world.run(12 * DAY);
    const removed = (await world.bodies()).filter(({ name }) => name === 'REMOVE').map(({ at }) => (at - expires) / 3600);
    expect(removed).toHaveLength(50);
    expect(Math.min(...removed)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...removed)).toBeGreaterThan(24);
    expect(Math.max(...removed)).toBeLessThanOrEqual(48);
  });
});
