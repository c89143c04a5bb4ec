import { existsSync, readdirSync, readFileSync } from 'fs';
import * as path from 'path';
import { App, CfnResource, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { unzipSync } from 'fflate';
import { assemble, directoryWith, functionOf, portable, readJson, sha256 } from './scene';
import { Simulation } from '../../simulator/src';
import { PortableStackSynthesizer } from '../../src';

const HANDLER = 'exports.handler = async () => 1;';
const LAMBDA = new ServicePrincipal('lambda.amazonaws.com');

/** Every file below a directory, by its path. */
function filesBelow(directory: string): Record<string, Buffer> {
  return Object.fromEntries(readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => [path.relative(directory, file), readFileSync(file)]));
}

describe('a portable template', () => {
  it('has its assets in a bucket and below a prefix that are parameters', () => {
    const template = readJson(portable({ build: (stack) => functionOf(stack, 'Function', directoryWith({ 'index.js': HANDLER })) }), 'template.json');
    // The template as a whole: what reads it knows the parameters' names.
    expect(template).toMatchSnapshot();
  });

  it('asks nothing of a bootstrapped account, and neither does its place in the cloud assembly', () => {
    const assembly = assemble({ build: (stack) => functionOf(stack, 'Function') });
    const { artifacts } = readJson(assembly, 'manifest.json');
    const written = [readFileSync(path.join(assembly, 'Orders.template.json'), 'utf8'), JSON.stringify(artifacts)].join();
    for (const word of ['hnb659fds', 'BootstrapVersion', 'cdk-bootstrap', 'assumeRole', 'bootstrapStackVersion']) expect(written).not.toContain(word);
    expect(artifacts.Orders).toMatchObject({ type: 'aws:cloudformation:stack', properties: { templateFile: 'Orders.template.json' } });
    expect(Object.values<any>(artifacts).filter(({ type }) => type === 'cdk:asset-manifest')).toEqual([]);
  });

  it('is the one of the cloud assembly, so that cdk diff tells what a deployment would change', () => {
    const assembly = assemble({ build: (stack) => functionOf(stack, 'Function') });
    expect(readFileSync(path.join(assembly, 'Orders.portable/template.json'))).toEqual(readFileSync(path.join(assembly, 'Orders.template.json')));
  });

  it('has no such parameters without assets', () => {
    const directory = portable({ build: (stack) => new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic' }) });
    expect(readJson(directory, 'template.json')).toEqual({ Resources: { Topic: { Type: 'AWS::SNS::Topic' } } });
    const { parameters, assets, capabilities } = readJson(directory, 'manifest.json');
    expect({ parameters, assets, capabilities }).toEqual({ parameters: {}, assets: [], capabilities: [] });
  });

  it('names its parameters as it is told', () => {
    const directory = portable({
      build: (stack) => functionOf(stack, 'Function'),
      synthesizer: { bucketParameter: 'Bucket', prefixParameter: 'Folder1' },
    });
    const { Parameters, Resources } = readJson(directory, 'template.json');
    expect(Object.keys(Parameters)).toEqual(['Bucket', 'Folder1']);
    const { Code: code } = Object.values<any>(Resources).find(({ Type }) => Type === 'AWS::Lambda::Function').Properties;
    expect(code).toEqual({ S3Bucket: { Ref: 'Bucket' }, S3Key: { 'Fn::Join': ['', [{ Ref: 'Folder1' }, expect.stringMatching(/^[0-9a-f]{64}\.zip$/)]] } });
    expect(readJson(directory, 'manifest.json').parameters).toEqual({ bucket: 'Bucket', prefix: 'Folder1' });
  });

  describe('takes', () => {
    const { AssetsBucket, AssetsPrefix } = readJson(portable({ build: (stack) => functionOf(stack, 'Function') }), 'template.json').Parameters;
    const prefix = new RegExp(AssetsPrefix.AllowedPattern);
    const bucket = new RegExp(AssetsBucket.AllowedPattern);

    it.each(['', 'orders/', 'releases/1.4.2/orders/', 'a_b-c/'])('the prefix "%s"', (value) => expect(value).toMatch(prefix));
    it.each(['orders', '/', '/orders/', 'a//b/', '../', 'a/../b/', 'ä/', 'a b/', 'a?/'])('not the prefix "%s"', (value) => expect(value).not.toMatch(prefix));
    it.each(['abc', 'my-bucket.example.com', 'a'.repeat(63)])('the bucket "%s"', (value) => expect(value).toMatch(bucket));
    it.each(['ab', 'My-Bucket', 's3://bucket', 'bucket/prefix', '-abc', 'abc-', 'a'.repeat(64)])('not the bucket "%s"', (value) => expect(value).not.toMatch(bucket));

    it('no prefix by default, and asks for the bucket', () => {
      expect(AssetsPrefix.Default).toBe('');
      expect(AssetsBucket).not.toHaveProperty('Default');
    });
  });
});

describe('a portable directory', () => {
  it('has each asset once, by the name that its hash gives it: directories as zip files, files as they are', () => {
    const code = directoryWith({ 'index.js': HANDLER, 'lib/part.js': '1' });
    const definition = path.join(directoryWith({ 'definition.asl.json': '{}' }), 'definition.asl.json');
    const directory = portable({
      build: (stack) => {
        functionOf(stack, 'One', code);
        functionOf(stack, 'Other', code);
        new Asset(stack, 'Definition', { path: definition });
      },
    });
    const { assets } = readJson(directory, 'manifest.json');
    expect(assets).toHaveLength(2);
    for (const asset of assets) expect(asset.path).toMatch(/^assets\/[0-9a-f]{64}\.(json|zip)$/);
    const [zip] = assets.filter(({ path: name }: any) => name.endsWith('.zip'));
    const entries = unzipSync(readFileSync(path.join(directory, zip.path)));
    expect(Object.keys(entries)).toEqual(['index.js', 'lib/part.js']);
    expect(Buffer.from(entries['index.js']).toString()).toBe(HANDLER);
    const [file] = assets.filter(({ path: name }: any) => name.endsWith('.json'));
    expect(readFileSync(path.join(directory, file.path), 'utf8')).toBe('{}');
  });

  it('has a manifest with the path, the key below the prefix, the SHA-256 sum and the size of everything else in it', () => {
    const directory = portable({
      build: (stack) => functionOf(stack, 'Function'),
      stack: { stackName: 'orders-prod', description: 'Takes orders' },
    });
    const { 'manifest.json': written, ...others } = filesBelow(directory);
    const manifest = JSON.parse(written.toString());
    expect(manifest).toMatchObject({ formatVersion: 1, stack: { name: 'orders-prod', description: 'Takes orders' }, capabilities: ['CAPABILITY_IAM'] });
    const listed = [manifest.template, ...manifest.assets];
    expect(listed.map(({ path: name }) => name).sort()).toEqual(Object.keys(others).sort());
    for (const { path: name, sha256: sum, bytes } of listed) expect([name, sum, bytes]).toEqual([name, sha256(others[name]), others[name].length]);
    for (const { path: name, objectKey } of manifest.assets) expect(name).toBe(`assets/${objectKey}`);
    expect(manifest.template.objectKey).toBe(`${sha256(others['template.json'])}.template.json`);
    expect(manifest.assets.every(({ objectKey }: any) => JSON.stringify(others['template.json'].toString()).includes(objectKey))).toBe(true);
  });

  it('is the same, to the byte, wherever it is synthesized', () => {
    const build = (stack: Stack) => {
      functionOf(stack, 'Function', directoryWith({ 'index.js': HANDLER, 'lib/part.js': '1' }));
      functionOf(new NestedStack(stack, 'Nested'), 'Function', directoryWith({ 'index.js': HANDLER }));
    };
    const [first, second] = [portable({ build }), portable({ build })];
    expect(second).not.toBe(first);
    expect(Object.keys(filesBelow(first))).toHaveLength(5);
    expect(filesBelow(second)).toEqual(filesBelow(first));
  });

  it('has nothing that an earlier synthesis left', () => {
    const outdir = directoryWith({ 'Orders.portable/assets/old.zip': 'old', 'Orders.portable/notes.txt': 'mine' });
    const directory = portable({ build: (stack) => functionOf(stack, 'Function'), app: { outdir } });
    expect(Object.keys(filesBelow(directory))).toHaveLength(3);
  });

  it('is not written where the CDK CLI leaves assets unbundled, as for cdk ls, and an older one goes', () => {
    const outdir = directoryWith({ 'Orders.portable/manifest.json': '{}' });
    const assembly = assemble({ build: (stack) => functionOf(stack, 'Function'), app: { outdir, context: { 'aws:cdk:bundling-stacks': [] } } });
    expect(existsSync(path.join(assembly, 'Orders.template.json'))).toBe(true);
    expect(existsSync(path.join(assembly, 'Orders.portable'))).toBe(false);
  });

  it('has the assets of a stack in a stage, which are staged beside the stage', () => {
    const app = new App({ outdir: directoryWith() });
    const stack = new Stack(new Stage(app, 'Prod'), 'Orders', { synthesizer: new PortableStackSynthesizer() });
    functionOf(stack, 'Function');
    const directory = path.join(app.synth().directory, `assembly-Prod/${stack.artifactId}.portable`);
    const { stack: { name }, assets } = readJson(directory, 'manifest.json');
    expect(name).toBe('Prod-Orders');
    expect(Object.keys(unzipSync(readFileSync(path.join(directory, assets[0].path))))).toEqual(['index.js']);
  });

  it('has assets that are not staged at all', () => {
    const directory = portable({ build: (stack) => functionOf(stack, 'Function'), app: { context: { 'aws:cdk:disable-asset-staging': true } } });
    const { assets } = readJson(directory, 'manifest.json');
    expect(Object.keys(unzipSync(readFileSync(path.join(directory, assets[0].path))))).toEqual(['index.js']);
  });
});

describe('nested stacks', () => {
  const assembly = assemble({
    app: { context: { 'aws:cdk:enable-path-metadata': true } },
    build: (stack) => {
      const inner = new NestedStack(stack, 'Inner');
      functionOf(inner, 'Function', directoryWith({ 'index.js': HANDLER }));
      const innermost = new NestedStack(inner, 'Innermost');
      functionOf(innermost, 'Deep', directoryWith({ 'index.js': 'exports.handler = async () => 2;' }));
      new Role(innermost, 'Role', { assumedBy: LAMBDA, roleName: 'named' });
    },
  });
  const directory = path.join(assembly, 'Orders.portable');
  const { assets, capabilities } = readJson(directory, 'manifest.json');
  const templates = assets.filter(({ path: name }: any) => name.endsWith('.json'));

  it('have their templates among the assets', () => {
    expect(templates).toHaveLength(2);
    expect(assets).toHaveLength(4);
    const [outer] = Object.values<any>(readJson(directory, 'template.json').Resources);
    const url = outer.Properties.TemplateURL['Fn::Join'][1];
    expect(url.slice(0, -1)).toEqual(['https://s3.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }, '/', { Ref: 'AssetsBucket' }, '/', { Ref: 'AssetsPrefix' }]);
    expect(templates.map(({ objectKey }: any) => objectKey)).toContain(url.at(-1));
  });

  it('are told the bucket and the prefix by the stack above', () => {
    const [outer] = Object.values<any>(readJson(directory, 'template.json').Resources);
    expect(Object.values(outer.Properties.Parameters)).toEqual([{ Ref: 'AssetsBucket' }, { Ref: 'AssetsPrefix' }]);
    for (const { path: name } of templates) {
      const { Parameters } = readJson(directory, name);
      expect(Object.keys(Parameters)).toHaveLength(2);
    }
  });

  it('run with their code from the zip files', async () => {
    const simulation = Simulation.load(directory);
    expect(await simulation.complete('Orders/Inner/Function')).toMatchObject({ status: 'SUCCEEDED', output: 1 });
    expect(await simulation.complete('Orders/Inner/Innermost/Deep')).toMatchObject({ status: 'SUCCEEDED', output: 2 });
  });

  it('count for the capabilities that a deployment needs', () => {
    expect(capabilities).toEqual(['CAPABILITY_NAMED_IAM']);
  });
});

describe('capabilities', () => {
  it.each<[string, (stack: Stack) => void, string[]]>([
    ['nothing for resources without permissions', (stack) => new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic' }), []],
    ['CAPABILITY_IAM for roles', (stack) => new Role(stack, 'Role', { assumedBy: LAMBDA }), ['CAPABILITY_IAM']],
    ['CAPABILITY_NAMED_IAM for roles with names', (stack) => new Role(stack, 'Role', { assumedBy: LAMBDA, roleName: 'mine' }), ['CAPABILITY_NAMED_IAM']],
    ['CAPABILITY_AUTO_EXPAND for macros', (stack) => stack.addTransform('AWS::LanguageExtensions'), ['CAPABILITY_AUTO_EXPAND']],
  ])('are %s', (_, build, expected) => {
    expect(readJson(portable({ build }), 'manifest.json').capabilities).toEqual(expected);
  });

  it('are those of the stack alone, not of another one below it in the tree', () => {
    const directory = portable({
      build: (stack) => {
        new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic' });
        new Role(new Stack(stack, 'Other'), 'Role', { assumedBy: LAMBDA });
      },
    });
    expect(readJson(directory, 'manifest.json').capabilities).toEqual([]);
  });
});

it('serves all stacks of an app', () => {
  const app = new App({ outdir: directoryWith(), defaultStackSynthesizer: new PortableStackSynthesizer({ prefixParameter: 'Folder' }) });
  functionOf(new Stack(app, 'A'), 'Function', directoryWith({ 'index.js': 'a' }));
  functionOf(new Stack(app, 'B'), 'Function', directoryWith({ 'index.js': 'b' }));
  const { directory } = app.synth();
  const [a, b] = ['A', 'B'].map((stack) => readJson(directory, `${stack}.portable/manifest.json`));
  expect([a, b].map(({ assets, parameters }) => [assets.length, parameters.prefix])).toEqual([[1, 'Folder'], [1, 'Folder']]);
  expect(a.assets[0].objectKey).not.toBe(b.assets[0].objectKey);
});

describe('misuse', () => {
  it.each<[string, () => unknown, string]>([
    ['a bucket parameter that is no name', () => new PortableStackSynthesizer({ bucketParameter: 'assets-bucket' }),
      "bucketParameter must be 1 to 255 letters and digits, as CloudFormation has it for parameters, received 'assets-bucket'"],
    ['a prefix parameter that is no name', () => new PortableStackSynthesizer({ prefixParameter: '' }),
      "prefixParameter must be 1 to 255 letters and digits, as CloudFormation has it for parameters, received ''"],
    ['one parameter for both', () => new PortableStackSynthesizer({ bucketParameter: 'Assets', prefixParameter: 'Assets' }),
      "bucketParameter and prefixParameter must differ, received 'Assets' for both"],
    ['a parameter named as a resource', () => portable({
      build: (stack) => {
        functionOf(stack, 'Function');
        new CfnResource(stack, 'AssetsBucket', { type: 'AWS::S3::Bucket' });
      },
    }), "'AssetsBucket' is a parameter of the portable template and cannot be the logical id of a resource too; name the parameter otherwise [Orders]"],
    ['a container image', () => portable({
      build: (stack) => stack.synthesizer.addDockerImageAsset({ sourceHash: 'abc', directoryName: 'worker', displayName: 'Worker image' } as any),
    }), "container image asset 'Worker image' cannot be in a portable template, whose assets are files in a bucket; push the image to a repository and refer to it by name and tag"],
    ['an asset that a command makes', () => portable({
      build: (stack) => stack.synthesizer.addFileAsset({ sourceHash: 'abc', executable: ['make'], displayName: 'built' } as any),
    }), "asset 'built' is made by a command at deployment, when nothing but the portable directory is there; run the command before synthesis"],
    ['a hash that is a path', () => portable({
      build: (stack) => stack.synthesizer.addFileAsset({ sourceHash: '../../evil', fileName: 'x.json', packaging: 'file' as any }),
    }), "the hash of asset '../../evil' must be letters, digits, '.', '_' and '-', since it names a file, received '../../evil' [Orders]"],
    ['an asset that is gone', () => portable({
      build: (stack) => stack.synthesizer.addFileAsset({ sourceHash: 'abc', fileName: 'gone.json', packaging: 'file', displayName: 'Gone' } as any),
    }), "asset 'Gone' cannot be packed: ENOENT"],
  ])('%s is refused with a sentence', (_, use, message) => {
    expect(use).toThrow(message);
  });

  it('one synthesizer for two stacks by bind alone is refused by the CDK', () => {
    const synthesizer = new PortableStackSynthesizer();
    const stack = new Stack(new App({ outdir: directoryWith() }), 'Orders', { synthesizer });
    const bound = stack.synthesizer as PortableStackSynthesizer;
    expect(() => bound.bind(stack)).toThrow('A StackSynthesizer can only be used for one Stack');
  });
});

