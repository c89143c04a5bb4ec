import fc from 'fast-check';
import { type RoutableGroup, route } from '../../../../lambda-src/work-stealing-pool/routing/route';
import { SentSince } from '../../../../lambda-src/work-stealing-pool/routing/sent-since';
import { Random } from '../../../../simulator/src';
import type { Routing } from '../../../../src/work-stealing-pool/contract';

const AFFINITY: Routing = { kind: 'AFFINITY', member: 'tenant' };
const TWO: Routing = { kind: 'POWER_OF_TWO_CHOICES' };
const LEAST: Routing = { kind: 'LEAST_LOADED' };
const ALL = [AFFINITY, TWO, LEAST];
const KEYS = Array.from({ length: 3_000 }, (_, index) => `tenant-${index}`);

function group(name: string, more: Partial<RoutableGroup> = {}): RoutableGroup {
  return { name, weight: 1, capacity: 4, backlogSeconds: 0, retired: false, ...more };
}

function dice(seed: string): () => number {
  const random = new Random(seed);
  return () => random.next();
}

function homes(groups: readonly RoutableGroup[], keys: readonly string[] = KEYS): Map<string, string | undefined> {
  return new Map(keys.map((key) => [key, route({ key }, groups, AFFINITY, dice('unused'))]));
}

function counts(groups: readonly RoutableGroup[], routing: Routing, times = 10_000): Record<string, number> {
  const random = dice(routing.kind);
  const found: Record<string, number> = Object.fromEntries(groups.map(({ name }) => [name, 0]));
  for (let time = 0; time < times; time++) found[route({}, groups, routing, random)!]!++;
  return found;
}

/** The sum of (found − expected)² ÷ expected. */
function chiSquare(found: Record<string, number>, groups: readonly RoutableGroup[]): number {
  const total = Object.values(found).reduce((sum, count) => sum + count, 0);
  const weights = groups.reduce((sum, { weight }) => sum + weight, 0);
  return groups.reduce((sum, { name, weight }) => sum + (found[name]! - total * weight / weights) ** 2 / (total * weight / weights), 0);
}

describe('affinity', () => {
  const groups = [group('gpu', { weight: 8 }), group('cpu-a', { weight: 4 }), group('cpu-b', { weight: 4 }), group('fleet', { weight: 1 })];

  it('sends a key to the same group each time, in whatever order the groups come and however loaded or dead it is', () => {
    const before = homes(groups);
    expect(homes([...groups].reverse().map((each) => ({ ...each, backlogSeconds: each.weight * 100, capacity: each.weight % 8 })))).toEqual(before);
  });

  it('gives each group keys by its weight', () => {
    const found: Record<string, number> = { 'gpu': 0, 'cpu-a': 0, 'cpu-b': 0, 'fleet': 0 };
    for (const home of homes(groups).values()) found[home!]!++;
    // 16.3 is the 99.9 % quantile with three degrees of freedom.
    expect(chiSquare(found, groups)).toBeLessThan(16.3);
  });

  it.each(groups.map(({ name }) => name))('moves only the keys of a group that is retired, and spreads them by weight: %s', (name) => {
    const before = homes(groups);
    const left = groups.filter((each) => each.name !== name);
    const after = homes(groups.map((each) => ({ ...each, retired: each.name === name })));
    const found: Record<string, number> = Object.fromEntries(left.map((each) => [each.name, 0]));
    for (const [key, home] of before) {
      if (home === name) found[after.get(key)!]!++;
      else expect(after.get(key)).toBe(home);
    }
    // 13.8 is the 99.9 % quantile with two.
    expect(chiSquare(found, left)).toBeLessThan(13.8);
  });

  it('moves keys only to a group that comes', () => {
    const before = homes(groups);
    for (const [key, home] of homes([...groups, group('new', { weight: 4 })])) expect([before.get(key), 'new']).toContain(home);
  });

  it('is not fooled by names and keys that read the same when they are joined', () => {
    const [one, other] = [group('a'), group('ab')];
    const pairs = Array.from({ length: 500 }, (_, index) => [`b${index}`, `${index}`] as const);
    const same = pairs.filter(([key, shorter]) => homes([one, other], [key]).get(key) === homes([one, other], [shorter]).get(shorter)).length;
    expect(same).toBeGreaterThan(180);
    expect(same).toBeLessThan(320);
  });

  it('gives a task without a key to the less loaded of two', () => {
    expect(counts([group('a', { backlogSeconds: 9 }), group('b')], AFFINITY, 100)).toEqual({ a: 0, b: 100 });
  });
});

describe('the power of two choices', () => {
  it('never chooses the most loaded of all, and the least loaded not always', () => {
    const found = counts([group('a', { backlogSeconds: 3 }), group('b', { backlogSeconds: 2 }), group('c', { backlogSeconds: 1 }), group('d')], TWO, 6_000);
    expect(found.a).toBe(0);
    // One, two and three of the six pairs.
    expect([found.b, found.c, found.d].map((count) => Math.round(count! / 100) / 10)).toEqual([1, 2, 3]);
  });

  it('draws by weight', () => {
    const found = counts([group('a', { weight: 6 }), group('b', { weight: 1 }), group('c', { weight: 1 })], TWO, 8_000);
    // With nothing to choose between it is the first draw: six of eight.
    expect(found.a! / 8_000).toBeCloseTo(0.75, 1);
  });
});

describe('the least loaded', () => {
  it('is always chosen, and by weight where there are several', () => {
    const found = counts([group('a', { backlogSeconds: 1 }), group('b', { weight: 3 }), group('c')], LEAST, 4_000);
    expect(found.a).toBe(0);
    expect(found.b! / 4_000).toBeCloseTo(0.75, 1);
  });
});

describe.each([TWO, LEAST])('by load: $kind', (routing) => {
  it('a group in which nobody is alive comes last', () => {
    expect(counts([group('a', { capacity: 0 }), group('b', { backlogSeconds: 1_000 })], routing, 100)).toEqual({ a: 0, b: 100 });
    expect(counts([group('a', { capacity: 0, backlogSeconds: 1 }), group('b', { capacity: 0 })], routing, 100)).toEqual({ a: 0, b: 100 });
  });
});

describe('whichever way', () => {
  const anyGroup = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), weight: fc.integer({ min: 1, max: 50 }), capacity: fc.integer({ min: 0, max: 9 }),
    backlogSeconds: fc.double({ min: 0, max: 1e4, noNaN: true }), retired: fc.boolean(),
  });
  const pool = fc.uniqueArray(anyGroup, { selector: ({ name }) => name, maxLength: 5 });
  const task = fc.record({ key: fc.option(fc.string(), { nil: undefined }), groups: fc.option(fc.subarray(['a', 'b', 'c', 'd', 'x']), { nil: undefined }) });

  it.each(ALL)('a task goes to a group that may have it and is not retired, or nowhere when there is none: $kind', (routing) => {
    const seen = { somewhere: 0, nowhere: 0 };
    fc.assert(fc.property(pool, task, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (groups, each, point) => {
      const may = groups.filter(({ name, retired }) => !retired && (each.groups === undefined || each.groups.includes(name))).map(({ name }) => name);
      const home = route(each, groups, routing, () => point);
      seen[home === undefined ? 'nowhere' : 'somewhere']++;
      if (may.length === 0) expect(home).toBeUndefined();
      else expect(may).toContain(home);
    }), { numRuns: 500, seed: 6 });
    expect(Math.min(seen.somewhere, seen.nowhere)).toBeGreaterThan(50);
  });

  it.each(ALL)('the order in which the groups come does not matter: $kind', (routing) => {
    const open = fc.uniqueArray(anyGroup, { selector: ({ name }) => name, minLength: 3 })
      .map((groups) => groups.map((each) => ({ ...each, backlogSeconds: Math.floor(each.backlogSeconds % 3), retired: false })));
    fc.assert(fc.property(open, fc.option(fc.string(), { nil: undefined }), fc.nat(), (groups, key, seed) => {
      expect(route({ key }, [...groups].reverse(), routing, dice(String(seed)))).toBe(route({ key }, groups, routing, dice(String(seed))));
    }), { seed: 6 });
  });
});

describe('what was sent since the load was read', () => {
  it('adds to it, by the places of the group, until there is a newer load', () => {
    const since = new SentSince();
    since.read(7);
    since.sent('a', 6);
    since.sent('a', 2);
    since.read(7);
    expect([since.backlogSeconds('a', 4), since.backlogSeconds('a', 0), since.backlogSeconds('b', 4)]).toEqual([2, 8, 0]);
    since.read(8);
    expect(since.backlogSeconds('a', 4)).toBe(0);
  });
});
