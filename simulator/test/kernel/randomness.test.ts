import { DEFAULT_LATENCY, LatencySampler } from '../../src/kernel/latency';
import { Meter } from '../../src/kernel/meter';
import { Random } from '../../src/kernel/random';
import { Trace } from '../../src/kernel/trace';

describe('randomness', () => {
  const draw = (random: Random) => Array.from({ length: 5 }, () => random.next());

  it('is the same for the same seed and different for another', () => {
    expect(draw(new Random('1'))).toEqual(draw(new Random('1')));
    expect(draw(new Random('1'))).not.toEqual(draw(new Random('2')));
  });

  it('gives each concern a stream of its own, whatever others draw', () => {
    const random = new Random('1');
    const before = draw(random.fork('latency'));
    draw(random);
    expect(draw(random.fork('latency'))).toEqual(before);
    expect(draw(random.fork('faults'))).not.toEqual(before);
  });

  it('is even, within its bounds and of the right form', () => {
    const random = new Random('1');
    const values = Array.from({ length: 20_000 }, () => random.next());
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(values.reduce((sum, value) => sum + value) / values.length).toBeCloseTo(0.5, 1);
    const dice = new Set(Array.from({ length: 1000 }, () => random.integer(1, 6)));
    expect([...dice].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
    expect(() => random.pick([])).toThrow('cannot pick from an empty list');
  });
});

describe('latency', () => {
  it('has the median and the 99th percentile of its model', () => {
    const sampler = new LatencySampler(DEFAULT_LATENCY, new Random('1'));
    const samples = Array.from({ length: 40_000 }, () => sampler.sample('events.delivery')).sort((a, b) => a - b);
    const relative = (value: number, expected: number) => Math.abs(value - expected) / expected;
    expect(relative(samples[20_000], DEFAULT_LATENCY['events.delivery'].median)).toBeLessThan(0.03);
    expect(relative(samples[39_600], DEFAULT_LATENCY['events.delivery'].p99)).toBeLessThan(0.06);
  });

  it('can be none, and is the default for calls to other services', () => {
    const sampler = new LatencySampler({ 'x.call': { median: 0, p99: 0 }, 'default.call': { median: 7, p99: 7 } }, new Random('1'));
    expect(sampler.call('x')).toBe(0);
    expect(sampler.call('other')).toBe(7);
    expect(() => sampler.sample('x.delivery')).toThrow("no latency is known for 'x.delivery'; known: x.call, default.call");
  });
});

describe('the meter', () => {
  it('adds up and lists units in order', () => {
    const meter = new Meter();
    meter.add('sqs.requests');
    meter.add('lambda.gbSeconds', 0.5);
    meter.add('sqs.requests', 2);
    expect(JSON.stringify(meter.totals())).toBe('{"lambda.gbSeconds":0.5,"sqs.requests":3}');
    expect(meter.get('other')).toBe(0);
  });
});

describe('the trace', () => {
  const entry = { at: 1, subject: 's', event: 'e', detail: { a: 1 } };

  it('has a hash of everything, kept or not', () => {
    const kept = new Trace({ keep: true });
    const bare = new Trace();
    for (const trace of [kept, bare]) trace.record(entry);
    expect(kept.entries).toEqual([entry]);
    expect(bare.entries).toEqual([]);
    expect(kept.hash()).toBe(bare.hash());
    const before = bare.hash();
    bare.record({ ...entry, detail: { a: 2 } });
    expect(bare.hash()).not.toBe(before);
    expect(bare.count).toBe(2);
  });
});
