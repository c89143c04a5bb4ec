import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CONTENDERS } from '../../bench/package/contenders';
import { type Footprint, footprint, installedFor, type Lock, type Tarball, together } from '../../bench/package/footprint';
import { goalsOf, missedGoals } from '../../bench/package/goals';
import { type Inventory, inventoryOf, resourcesOf, withCopiedAssets } from '../../bench/package/inventory';
import type { Load, LoadRequest } from '../../bench/package/load-process';
import { type LoadTime, measureLoading } from '../../bench/package/loading';
import { OUR_USES } from '../../bench/package/our-uses';
import { addPlainResources } from '../../bench/package/plain-stack';
import { interleaved, ratioOf, spreadOf } from '../../bench/package/rounds';
import type { SynthRequest } from '../../bench/package/synth-process';
import { measureSynthesis, type SynthTimes } from '../../bench/package/synthesis';
import { THEIR_USES } from '../../bench/package/their-uses';

process.env.CDK_VALIDATION = 'false';

const ROOT = path.join(__dirname, '../..');
const PATTERNS = CONTENDERS.map(({ pattern }) => pattern);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'package-bench-test-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function synthesize(fill: (stack: Stack) => void, outdir = mkdtempSync(path.join(directory, 'out-'))): Inventory {
  const app = new App({ outdir, analyticsReporting: false });
  fill(new Stack(app, 'Stack'));
  app.synth();
  return inventoryOf(outdir);
}

const fillWithOurs = (stack: Stack) => PATTERNS.forEach((pattern) => OUR_USES[pattern](new Construct(stack, pattern)));

describe('the bench of the package', () => {
  it('has all patterns, each beside one construct', () => {
    const patterns = readdirSync(path.join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && readdirSync(path.join(ROOT, 'src', entry.name)).includes('README.md')).map(({ name }) => name);
    expect([...PATTERNS].sort()).toEqual(patterns.sort());
    expect(Object.keys(OUR_USES).sort()).toEqual(patterns);
    expect(Object.keys(THEIR_USES).sort()).toEqual(patterns);
  });

  it('compares all patterns with as many plain resources of each type, with the same files for their code', () => {
    const ours = synthesize(fillWithOurs);
    const plain = synthesize((stack) => addPlainResources(stack, withCopiedAssets(ours, directory)));
    expect(plain.types).toEqual(ours.types);
    expect(resourcesOf(ours)).toBeGreaterThan(200);
    expect(ours.assets.length).toBeGreaterThan(8);
    const hashes = ({ assets }: Inventory) => assets.map((asset) => path.basename(asset)).sort();
    expect(hashes(plain)).toEqual(hashes(ours));
    for (const asset of plain.assets) expect(readFileSync(path.join(asset, 'index.js')).length).toBeGreaterThan(1_000);
  });

  it('refuses a type that the plain resources do not have, and a kind of which they have too few', () => {
    const plain = (types: Inventory['types']) => () => synthesize((stack) => addPlainResources(stack, { types, assets: [] }));
    expect(plain({ 'AWS::SQS::Queue': 1, 'AWS::Scheduler::Schedule': 2 })).toThrow('the plain stack lacks 2 of AWS::Scheduler::Schedule');
    expect(plain({ 'AWS::SQS::Queue': 1, 'AWS::SQS::QueuePolicy': 2 })).toThrow('the plain stack lacks 1 of AWS::SQS::QueuePolicy');
  });
});

describe('what installing brings', () => {
  const lock: Lock = {
    packages: {
      'node_modules/aws-cdk-lib': { version: '2.1.0', dependencies: { semver: '^7' } },
      'node_modules/semver': { version: '7.0.0' },
      'node_modules/first': { version: '1.0.0', dependencies: { 'core': '2.9.0', 'aws-cdk-lib': '^2' } },
      'node_modules/first/node_modules/core': { version: '2.9.0', dependencies: { merge: '^1', broken: '^1' } },
      'node_modules/first/node_modules/core/node_modules/merge': { version: '1.0.0', inBundle: true },
      'node_modules/first/node_modules/core/node_modules/broken': { version: '1.0.0', inBundle: true, dependencies: { absent: '^1', merge: '^1' } },
      'node_modules/second': { version: '1.0.0', dependencies: { core: '2.10.0' } },
      'node_modules/core': { version: '2.10.0', dependencies: { merge: '^1', semver: '^7' } },
      'node_modules/core/node_modules/merge': { version: '1.0.1', inBundle: true },
      'node_modules/lost': { version: '1.0.0', dependencies: { absent: '^1' } },
    },
  };
  const installed = (name: string) => installedFor(lock, name, ['aws-cdk-lib']);
  const places = (packages: ReturnType<typeof installed>) => packages.map(({ place }) => place.replaceAll('node_modules/', '')).sort();
  const tarball = (name: string, version: string, size: number): Tarball => ({ name, version, size, unpackedSize: 10 * size, entryCount: 3 });

  it('is a package with all that it depends on, without the peers', () => {
    expect(places(installed('first'))).toEqual(['first', 'first/core', 'first/core/broken', 'first/core/merge']);
    expect(places(installed('second'))).toEqual(['core', 'core/merge', 'second', 'semver']);
    expect(() => installed('lost')).toThrow('absent is not installed, though node_modules/lost depends on it');
  });

  it('is each tarball once, and counts what is inside of them', () => {
    const tarballs = [tarball('first', '1.0.0', 100), tarball('core', '2.9.0', 1_000), tarball('core', '2.10.0', 2_000)];
    expect(footprint('first', installed('first'), tarballs)).toEqual({ name: 'first', packedBytes: 1_100, unpackedBytes: 11_000, files: 6, packages: 4 });
    expect(() => footprint('second', installed('second'), tarballs)).toThrow('there is no tarball of second 1.0.0');
  });

  it('is, of several packages, one version of each', () => {
    expect(places(together([installed('first'), installed('second'), installed('second')]))).toEqual(['core', 'core/merge', 'first', 'second', 'semver']);
  });
});

describe('the measurements', () => {
  it('take turns, and the first turn does not count', () => {
    const calls: string[] = [];
    const results = interleaved(['a', 'b'], 2, (name) => calls.push(name));
    expect(calls.join('')).toBe('ababab');
    expect(results).toEqual([[3, 5], [4, 6]]);
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2, lower: 1, upper: 3 });
    expect(ratioOf([2, 30, 4], [1, 10, 1])).toEqual({ median: 3, lower: 2, upper: 4 });
  });

  it('tell what a library loads of aws-cdk-lib from what it brings', () => {
    const files = ['ours/lib/a.js', 'aws-cdk-lib/aws-sqs/index.js', 'ours/node_modules/@aws-cdk/aws-pipes-alpha/b.js']
      .map((file) => path.join('/project/node_modules', file));
    const requests: LoadRequest[] = [];
    const load = (request: LoadRequest): Load => {
      requests.push(request);
      const before = 20 * request.before.length;
      return { peersMs: 5, beforeMs: before, libraryMs: 90 - before, files: before > 0 ? [] : files };
    };
    expect(measureLoading({ call: (_, request) => load(request as LoadRequest) }, ['ours'], 1)).toEqual([
      { library: 'ours', adds: { median: 90, lower: 90, upper: 90 }, ofPeersMs: 20, itselfMs: 70, files: 2 },
    ]);
    expect(requests.map(({ before }) => before)).toEqual([[], [], [files[1]], [], [files[1]]]);
  });

  it('compare all patterns and plain resources in the same round', () => {
    const seen: SynthRequest[] = [];
    const times: SynthTimes = measureSynthesis({
      directory: () => mkdtempSync(path.join(directory, 'out-')),
      call: (_, request) => {
        const { content, outdir, times: repeated } = request as SynthRequest;
        seen.push(request as SynthRequest);
        synthesize((stack) => content.of === 'plain' ? addPlainResources(stack, content.inventory) : new Construct(stack, 'Nothing'), outdir);
        const first = { ours: 300, theirs: 100, plain: 200 }[content.of] * (1 + seen.length);
        return { milliseconds: [first, ...Array.from({ length: repeated - 1 }, () => content.of === 'plain' ? 10 : 12)] };
      },
    }, CONTENDERS, 1);
    expect(seen.map(({ content }) => content.of).slice(0, 5)).toEqual(['ours', 'ours', 'plain', 'ours', 'theirs']);
    expect(seen.filter(({ content }) => content.of === 'theirs').map(({ library }) => library).slice(0, 5)).toEqual(CONTENDERS.map(({ name }) => name));
    expect(times.ours.map(({ name }) => name)).toEqual(PATTERNS);
    expect(times.theirs.map(({ name }) => name)).toEqual(CONTENDERS.map(({ name }) => name));
    expect(times.ratio.median).toBeCloseTo((300 * 15) / (200 * 16), 5);
    expect(times.ratioAgain.median).toBeCloseTo(1.2, 5);
  });
});

describe('the goals of the package', () => {
  const even = (median: number) => ({ median, lower: median, upper: median });
  const goals = (megabytes: number, loadMs: number, ratio: number, again: number) => goalsOf(
    { packedBytes: megabytes * 1024 * 1024 } as Footprint,
    { adds: even(loadMs) } as LoadTime,
    { ratio: even(ratio), ratioAgain: even(again) } as SynthTimes,
  );

  it('are met below their limits', () => {
    expect(goals(2.99, 149, 1.99, 1.99).map(({ met }) => met)).toEqual([true, true, true, true]);
    expect(goals(3, 150, 2, 2).map(({ met }) => met)).toEqual([false, false, false, false]);
  });

  it('fail the bench but for what depends on the machine', () => {
    expect(missedGoals(goals(2, 100, 1, 1))).toEqual([]);
    expect(missedGoals(goals(2, 400, 1, 1))).toEqual([]);
    expect(missedGoals(goals(3.5, 400, 2.5, 1))).toEqual([
      'tarball (MB): 3.50, < 3 is allowed',
      'synthesis of all five ÷ of as many plain resources, in a fresh process: 2.50 (2.50–2.50), < 2 is allowed',
    ]);
  });
});

describe('requiring the library', () => {
  it('loads neither the parser of JSONata nor what zips: most apps use neither', () => {
    jest.isolateModules(() => {
      for (const name of ['jsonata', 'fflate']) jest.doMock(name, () => { throw new Error(`${name} is loaded`); });
      const { ReplyAggregation, ScatterGather } = jest.requireActual('../../src');
      expect(ScatterGather).toBeDefined();
      // It is when it is used.
      expect(() => ReplyAggregation.jsonata('{% $replies %}')).toThrow('jsonata is loaded');
    });
  });
});
