import { cpSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import * as path from 'path';
import { unzipSync, zipSync } from 'fflate';
import { directoryWith, readJson, sha256 } from './scene';
import { patterns, readExample, synthesize } from '../../examples/example';
import { synthesizePortable } from '../../examples/portable';
import { Simulation } from '../../simulator/src';

interface Scenario {
  readonly pattern: string;
  readonly start: string;
  readonly input: string;
  /** Virtual time, where nothing ends by itself. */
  readonly minutes: number;
}

const SCENARIOS: readonly Scenario[] = [
  { pattern: 'scatter-gather', start: 'LoanQuotes', input: 'input.json', minutes: 1 },
  { pattern: 'work-stealing-pool', start: 'SubmitJob', input: 'advert.json', minutes: 3 },
];

/** What an earlier synthesis has left where this one writes to. */
const LEFT = directoryWith({ 'scatter-gather/LoanBroker/manifest.json': '{"formatVersion":1}', 'scatter-gather/LoanBroker/assets/old.zip': 'old' });
const portables = new Map(patterns().map((pattern) => [pattern, synthesizePortable(readExample(pattern), path.join(LEFT, pattern))]));

async function play(location: string, { pattern, start, input, minutes }: Scenario, seed: number) {
  const simulation = Simulation.load(location, { seed });
  const run = simulation.start(start, readJson(readExample(pattern).directory, 'typescript', input));
  await simulation.run({ deadline: simulation.world.kernel.now + minutes * 60_000 });
  return { outcome: run.outcome, report: simulation.report() };
}

describe.each(SCENARIOS)('the portable template of $pattern', (scenario) => {
  const [portable] = portables.get(scenario.pattern)!;

  it('runs as the usual one does, to the byte of what happens', async () => {
    const usual = await play(synthesize(readExample(scenario.pattern), {}, directoryWith()), scenario, 7);
    const same = await play(portable, scenario, 7);
    expect(same).toEqual(usual);
    expect(same.outcome?.status).toBe('SUCCEEDED');
    expect(same.report.billable['lambda.requests']).toBeGreaterThan(3);
    expect((await play(portable, scenario, 8)).report.traceHash).not.toBe(same.report.traceHash);
  });
});

describe('every portable example', () => {
  const directories = [...portables.values()].flat();

  it('is of one stack', () => {
    expect(directories.map((directory) => path.basename(directory)).sort())
      .toEqual(['Books', 'BooksByChanges', 'LoanBroker', 'Notifications', 'RenderFarm', 'Trips']);
  });

  it.each(directories.map((directory) => path.relative(LEFT, directory)))('%s deploys into an account that was never bootstrapped', (name) => {
    const directory = path.join(LEFT, name);
    const simulation = Simulation.load(directory);
    expect(simulation.resources.length).toBeGreaterThan(10);
    expect(readFileSync(path.join(directory, 'template.json'), 'utf8')).not.toMatch(/bootstrap|hnb659fds/i);
  });
});

describe('the code of a portable template', () => {
  /** A copy whose zip files went through `change`; the manifest says so where it is told. */
  function changed(change: (zip: Buffer) => Buffer, tellManifest: boolean): string {
    const directory = directoryWith();
    cpSync(portables.get('scatter-gather')![0], directory, { recursive: true });
    const manifest = readJson(directory, 'manifest.json');
    for (const asset of manifest.assets) {
      const content = change(readFileSync(path.join(directory, asset.path)));
      writeFileSync(path.join(directory, asset.path), content);
      if (tellManifest) asset.sha256 = sha256(content);
    }
    writeFileSync(path.join(directory, 'manifest.json'), JSON.stringify(manifest));
    return directory;
  }

  const broken = (zip: Buffer) => Buffer.from(zipSync(Object.fromEntries(
    Object.keys(unzipSync(zip)).map((name) => [name, Buffer.from('exports.handler = async () => { throw new Error("other code"); };')]),
  )));

  it('is what is in the zip files and nowhere else', async () => {
    const { outcome } = await play(changed(broken, true), SCENARIOS[0], 7);
    expect(outcome).toMatchObject({ status: 'FAILED' });
    expect(JSON.stringify(outcome)).toContain('other code');
  });

  it('is refused where a zip file is not the one that was synthesized', () => {
    expect(() => Simulation.load(changed(broken, false))).toThrow(/assets\/\w+\.zip is not the file that the manifest was written for: its SHA-256 sum is/);
  });
});

describe('a directory that portable templates are written to', () => {
  it('has of each stack what the last synthesis wrote', () => {
    const files = ['assets', 'manifest.json', 'template.json'];
    expect(readdirSync(path.join(LEFT, 'scatter-gather/LoanBroker')).sort()).toEqual(files);
    expect(readdirSync(path.join(LEFT, 'scatter-gather/LoanBroker/assets'))).toHaveLength(4);
  });

  it('keeps what is somebody else\'s', () => {
    const directory = directoryWith({ 'LoanBroker/notes.txt': 'mine' });
    expect(() => synthesizePortable(readExample('scatter-gather'), directory)).toThrow('LoanBroker is there and is no portable directory; give another, or delete it');
    expect(readdirSync(path.join(directory, 'LoanBroker'))).toEqual(['notes.txt']);
  });
});
