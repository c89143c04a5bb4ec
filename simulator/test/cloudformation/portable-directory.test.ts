import { createHash } from 'crypto';
import { readFileSync, rmSync, writeFileSync } from 'fs';
import * as path from 'path';
import { zipSync } from 'fflate';
import { assembly, deployProbes, directoryWith } from './fixtures';
import { Simulation } from '../../src';
import { main } from '../../src/cli/simulate-command';

const HANDLER = "exports.handler = async (event) => ({ answer: require('./lib/twice').twice(event.n) });";
const TWICE = 'exports.twice = (n) => 2 * n;';
const TRUST = { Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }] };
const PARAMETERS = {
  Bucket: { Type: 'String' },
  Prefix: { Type: 'String', Default: '' },
};

function zip(files: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]))));
}

function keyOf(objectKey: string) {
  return { 'Fn::Join': ['', [{ Ref: 'Prefix' }, objectKey]] };
}

function functionWith(objectKey: string): object {
  return {
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: TRUST } },
    Twice: {
      Type: 'AWS::Lambda::Function',
      Properties: { Runtime: 'nodejs22.x', Handler: 'index.handler', Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Code: { S3Bucket: { Ref: 'Bucket' }, S3Key: keyOf(objectKey) } },
    },
  };
}

interface Portable {
  readonly resources?: object;
  readonly assets?: Readonly<Record<string, string | Buffer>>;
  /** What is wrong with the manifest. */
  readonly manifest?: (manifest: any) => any;
}

/** A portable directory, whose manifest says what is true unless told otherwise. */
function portable({ resources, assets = { 'code.zip': zip({ 'index.js': HANDLER, 'lib/twice.js': TWICE }) }, manifest = (right) => right }: Portable = {}): string {
  const template = JSON.stringify({ Parameters: PARAMETERS, Resources: resources ?? functionWith('code.zip') });
  const directory = directoryWith({ 'template.json': template, 'assets/.keep': '' });
  for (const [name, content] of Object.entries(assets)) writeFileSync(path.join(directory, 'assets', name), content);
  const file = (name: string, objectKey: string, content: string | Buffer) =>
    ({ path: name, objectKey, sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length });
  writeFileSync(path.join(directory, 'manifest.json'), JSON.stringify(manifest({
    formatVersion: 1,
    stack: { name: 'Orders' },
    parameters: { bucket: 'Bucket', prefix: 'Prefix' },
    capabilities: ['CAPABILITY_IAM'],
    template: file('template.json', 'sum.template.json', template),
    assets: Object.entries(assets).map(([name, content]) => file(`assets/${name}`, name, content)),
  })));
  return directory;
}

describe('a portable directory', () => {
  it('runs with the code in its zip files', async () => {
    const simulation = Simulation.load(portable());
    expect(await simulation.complete('Twice', { n: 21 })).toMatchObject({ status: 'SUCCEEDED', output: { answer: 42 } });
    expect(simulation.find('Twice').stackName).toBe('Orders');
  });

  it('runs by its template too', async () => {
    const simulation = Simulation.load(path.join(portable(), 'template.json'));
    expect(await simulation.complete('Twice', { n: 2 })).toMatchObject({ output: { answer: 4 } });
  });

  it('runs from the command line', async () => {
    const lines: string[] = [];
    const code = await main([portable(), '--start', 'Twice', '--input', '{"n": 3}'], { out: (line) => lines.push(line), err: (line) => lines.push(line) });
    expect(code).toBe(0);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ status: 'SUCCEEDED', output: { answer: 6 } });
  });

  it('runs where it lies in a cloud assembly beside the stack, which publishes no assets then', async () => {
    const directory = portable();
    const read = (...name: string[]) => readFileSync(path.join(directory, ...name));
    const beside = assembly({ Orders: { template: JSON.parse(read('template.json').toString()) } }, {
      'Orders.portable/manifest.json': read('manifest.json').toString(),
      'Orders.portable/template.json': read('template.json').toString(),
      'Orders.portable/assets/.keep': '',
    });
    writeFileSync(path.join(beside, 'Orders.portable/assets/code.zip'), read('assets/code.zip'));
    expect(await Simulation.load(beside).complete('Twice', { n: 4 })).toMatchObject({ output: { answer: 8 } });
  });

  it('gets a bucket and a prefix of the simulator, or those of the user', () => {
    const resources = { Place: { Type: 'Test::Probe', Properties: { Value: { 'Fn::Sub': '${Bucket} ${Prefix}' } } } };
    expect(deployProbes(portable({ resources })).value('Place')).toBe('portable-assets simulated/');
    expect(deployProbes(portable({ resources }), { parameters: { Prefix: 'mine/' } }).value('Place')).toBe('portable-assets mine/');
  });

  it('finds its assets below any prefix, and only below the prefix', async () => {
    expect(await Simulation.load(portable(), { parameters: { Prefix: 'a/b/' } }).complete('Twice', { n: 1 })).toMatchObject({ output: { answer: 2 } });
    expect(() => Simulation.load(portable(), { parameters: { Prefix: 'a-' } }))
      .toThrow('asset a-code.zip of bucket portable-assets is not in the portable directory');
  });

  it('has files that are no zip files as they are', () => {
    const directory = portable({ resources: { A: { Type: 'Test::Probe' } }, assets: { 'definition.json': '{"a":1}' } });
    const { created } = deployProbes(directory);
    expect(readFileSync(created[0].assetPath('portable-assets', 'simulated/definition.json'), 'utf8')).toBe('{"a":1}');
  });

  it('has nested templates among its assets', () => {
    const url = { 'Fn::Join': ['', ['https://s3.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }, '/', { Ref: 'Bucket' }, '/', { Ref: 'Prefix' }, 'inner.json']] };
    const inner = { Parameters: { P: { Type: 'String' } }, Resources: { Inner: { Type: 'Test::Probe', Properties: { Value: { Ref: 'P' } } } } };
    const nested = { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: url, Parameters: { P: { Ref: 'Prefix' } } } };
    expect(deployProbes(portable({ resources: { nested }, assets: { 'inner.json': JSON.stringify(inner) } })).value('Inner')).toBe('simulated/');
    expect(() => deployProbes(portable({ resources: { nested }, assets: {} }))).toThrow('nested template inner.json is not in the portable directory');
  });
});

describe('what is not as the manifest says is refused', () => {
  function damaged(...file: string[]): string {
    const directory = portable();
    const bytes = readFileSync(path.join(directory, ...file));
    // eslint-disable-next-line no-bitwise
    bytes[Math.floor(bytes.length / 2)] ^= 1;
    writeFileSync(path.join(directory, ...file), bytes);
    return directory;
  }

  function without(...file: string[]): string {
    const directory = portable();
    rmSync(path.join(directory, ...file));
    return directory;
  }

  const escaping = (name: string) => () => portable({ assets: { 'code.zip': zip({ 'index.js': HANDLER, [name]: 'evil' }) } });

  it.each<[string, () => string, string | RegExp]>([
    ['one bit of a zip file is another', () => damaged('assets', 'code.zip'),
      /assets\/code\.zip is not the file that the manifest was written for: its SHA-256 sum is [0-9a-f]{64}, expected [0-9a-f]{64}; synthesize it again$/],
    ['one bit of the template is another', () => damaged('template.json'), 'template.json is not the file that the manifest was written for'],
    ['an asset is missing', () => without('assets', 'code.zip'), 'assets/code.zip is in the manifest and does not exist; copy the whole directory, or synthesize it again'],
    ['the format is a later one', () => portable({ manifest: (right) => ({ ...right, formatVersion: 2 }) }), 'its manifest has format version 2, and the simulator knows 1'],
    ['the manifest names a file elsewhere', () => portable({ manifest: (right) => ({ ...right, template: { ...right.template, path: '../template.json' } }) }),
      'manifest.json names a file outside of it: ../template.json'],
    ['a zip file has a file above itself', escaping('../evil.js'), 'code.zip names a file outside of it: ../evil.js'],
    ['a zip file has a file deeper above itself', escaping('lib/../../evil.js'), 'code.zip names a file outside of it: lib/../../evil.js'],
    ['a zip file has an absolute path', escaping('/tmp/evil.js'), 'code.zip names a file outside of it: /tmp/evil.js'],
    ['a zip file has a path of Windows', escaping('..\\evil.js'), 'code.zip names a file outside of it: ..\\evil.js'],
    ['a zip file has a drive', escaping('C:evil.js'), 'code.zip names a file outside of it: C:evil.js'],
    ['a zip file is none', () => portable({ assets: { 'code.zip': 'not a zip' } }), 'code.zip is not a zip file that can be read: invalid zip data'],
  ])('%s', (_, location, message) => {
    expect(() => Simulation.load(location())).toThrow(message);
  });
});
