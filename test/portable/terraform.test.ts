import { spawnSync } from 'child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import * as path from 'path';
import { CfnResource, type Stack } from 'aws-cdk-lib';
import { directoryWith, functionOf, portable, readJson, sha256 } from './scene';

const MODULE = path.join(__dirname, '../../examples/terraform');

/** What the module may say of each resource, as https://registry.terraform.io/providers/hashicorp/aws/latest/docs documents it. */
const DOCUMENTED: Readonly<Record<string, readonly string[]>> = {
  aws_s3_object: ['bucket', 'key', 'source', 'source_hash', 'kms_key_id', 'server_side_encryption', 'tags', 'content_type'],
  aws_cloudformation_stack: [
    'name', 'template_url', 'capabilities', 'parameters', 'on_failure', 'disable_rollback', 'iam_role_arn', 'timeout_in_minutes', 'tags', 'notification_arns',
  ],
};
const ARGUMENTS = /(?:^ {2}(?!for_each|depends_on)\w+ += .*\n)+/gm;

function terraform(cwd: string, ...args: string[]) {
  const env = { ...process.env, CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: '/dev/null', TF_IN_AUTOMATION: '1' };
  const { status, stdout, stderr, error } = spawnSync('terraform', args, { cwd, encoding: 'utf8', env });
  return { status, error, out: `${stdout}${stderr}` };
}

const installed = terraform(__dirname, 'version').status === 0;
// eslint-disable-next-line no-console
if (!installed) console.warn('SKIPPED, since terraform is not on the PATH: the Terraform module of examples/terraform is not tried');

/**
 * The module with AWS's resources replaced by `terraform_data`, which is in every terraform: their arguments become its input. What is tried is every
 * expression, the checks and the order of things; not tried is whether the AWS provider takes the arguments.
 */
function standIn(source: string): string {
  return source
    .replace(/^data "aws_s3_bucket"[^]*?^}\n/m, '')
    .replace('data.aws_s3_bucket.assets.bucket_regional_domain_name', '"${var.bucket}.s3.eu-west-1.amazonaws.com"')
    .replace(/^resource "aws_\w+"([^]*?^})/gm, (_, rest: string) => `resource "terraform_data"${rest.replace(ARGUMENTS, '  input = {\n$&  }\n')}`)
    .replace(/\baws_(s3_object|cloudformation_stack)\b/g, 'terraform_data')
    .replace('terraform_data.stack.outputs', 'terraform_data.stack.output');
}

interface Variables {
  readonly directory: string;
  readonly [name: string]: string | Readonly<Record<string, string>>;
}

/** A working directory of terraform with the module's stand-in. */
function workspace(): string {
  const directory = directoryWith();
  for (const name of readdirSync(MODULE).filter((one) => one.endsWith('.tf') && one !== 'versions.tf')) {
    writeFileSync(path.join(directory, name), standIn(readFileSync(path.join(MODULE, name), 'utf8')));
  }
  expect(terraform(directory, 'init', '-no-color')).toMatchObject({ status: 0 });
  return directory;
}

function apply(directory: string, variables: Variables) {
  writeFileSync(path.join(directory, 'terraform.tfvars.json'), JSON.stringify({ bucket: 'assets', ...variables }));
  const { status, out } = terraform(directory, 'apply', '-auto-approve', '-no-color', '-parallelism=1');
  // Terraform breaks its messages into lines.
  return { status, out, text: out.replace(/[\s│]+/g, ' ') };
}

/** What there is now, by address. */
function resources(directory: string): Record<string, any> {
  const { root_module: root } = JSON.parse(terraform(directory, 'show', '-json').out).values ?? { root_module: {} };
  return Object.fromEntries((root.resources ?? []).map(({ address, values }: any) => [address.replace('terraform_data.', ''), values.output]));
}

function release(code: string): string {
  return portable({ build: (stack: Stack) => functionOf(stack, 'Function', directoryWith({ 'index.js': code })), stack: { stackName: 'orders-prod' } });
}

describe('the Terraform module', () => {
  it('says of a resource only what the provider documents', () => {
    const blocks = [...readFileSync(path.join(MODULE, 'main.tf'), 'utf8').matchAll(/^resource "(\w+)" "\w+" \{\n([^]*?)^}/gm)];
    expect(blocks.map(([, type]) => type)).toEqual(Object.keys(DOCUMENTED));
    for (const [, type, body] of blocks) {
      const names = body.match(ARGUMENTS)!.join('').trimEnd().split('\n').map((line) => line.trim().split(' ')[0]);
      expect(DOCUMENTED[type]).toEqual(expect.arrayContaining(names));
    }
  });
});

(installed ? describe : describe.skip)('the Terraform module, played by terraform', () => {
  it('is formatted as terraform formats it', () => {
    expect(terraform(MODULE, 'fmt', '-check', '-recursive')).toMatchObject({ status: 0, out: '' });
  });

  it('uploads the template and each asset by its key below the prefix, and makes the stack with what the manifest says', () => {
    const directory = release('one');
    const terraformed = workspace();
    expect(apply(terraformed, { directory, prefix: 'orders/', parameters: { Own: '1' } })).toMatchObject({ status: 0 });
    const { template, assets: [asset] } = readJson(directory, 'manifest.json');
    expect(resources(terraformed)).toEqual({
      'files["template.json"]': { bucket: 'assets', key: `orders/${template.objectKey}`, source: `${directory}/template.json`, source_hash: template.sha256 },
      [`files["${asset.path}"]`]: { bucket: 'assets', key: `orders/${asset.objectKey}`, source: `${directory}/${asset.path}`, source_hash: asset.sha256 },
      'stack': {
        name: 'orders-prod',
        template_url: `https://assets.s3.eu-west-1.amazonaws.com/orders/${template.objectKey}`,
        capabilities: ['CAPABILITY_IAM'],
        parameters: { Own: '1', AssetsBucket: 'assets', AssetsPrefix: 'orders/' },
      },
    });
  });

  it('gives no place of assets to a template without assets, and another name to the stack where it is told', () => {
    const directory = portable({ build: (stack) => new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic' }) });
    const terraformed = workspace();
    expect(apply(terraformed, { directory, stack_name: 'other' })).toMatchObject({ status: 0 });
    expect(resources(terraformed).stack).toMatchObject({ name: 'other', parameters: {}, capabilities: [] });
  });

  it('changes nothing where nothing has changed, and updates the stack before it deletes what the stack no longer needs', () => {
    const terraformed = workspace();
    const first = release('one');
    apply(terraformed, { directory: first });
    expect(apply(terraformed, { directory: first }).text).toContain('0 added, 0 changed, 0 destroyed');
    const { out } = apply(terraformed, { directory: release('two') });
    const order = [...out.matchAll(/^terraform_data\.(files|stack)\S*: (Creat|Modify|Destroy)ing\.\.\./gm)].map(([, what, how]) => `${what} ${how}`);
    expect(order.indexOf('files Creat')).toBeLessThan(order.indexOf('stack Modify'));
    expect(order.indexOf('stack Modify')).toBeLessThan(order.indexOf('files Destroy'));
    expect(order.indexOf('files Creat')).toBeGreaterThanOrEqual(0);
  });

  it('uploads nothing of a directory in which a file is not the manifest\'s', () => {
    const directory = directoryWith();
    cpSync(release('one'), directory, { recursive: true });
    const { assets: [asset] } = readJson(directory, 'manifest.json');
    writeFileSync(path.join(directory, asset.path), 'other code');
    expect(sha256('other code')).not.toBe(asset.sha256);
    const terraformed = workspace();
    const { status, text } = apply(terraformed, { directory });
    expect(status).toBe(1);
    expect(text).toContain(`${asset.path} is not the file that the manifest was written for`);
    expect(resources(terraformed)).toEqual({});
  });

  it.each<[string, () => Variables, string]>([
    ['a directory without manifest', () => ({ directory: directoryWith() }), 'The directory must be a portable one, with a manifest.json of format version 1'],
    ['a manifest of another format', () => ({ directory: directoryWith({ 'manifest.json': '{"formatVersion":2}' }) }), 'The directory must be a portable one'],
    ['a prefix without its slash', () => ({ directory: release('one'), prefix: 'orders' }), 'The prefix must be empty, or a path of letters'],
    ['a prefix that begins with a slash', () => ({ directory: release('one'), prefix: '/orders/' }), 'The prefix must be empty, or a path of letters'],
  ])('refuses %s', (_, variables, message) => {
    const { status, text } = apply(workspace(), variables());
    expect(status).toBe(1);
    expect(text).toContain(message);
  });

  it('uploads nothing of a directory in which a file is missing', () => {
    const directory = directoryWith();
    cpSync(release('one'), directory, { recursive: true });
    rmSync(path.join(directory, 'template.json'));
    const terraformed = workspace();
    const { status, text } = apply(terraformed, { directory });
    expect({ status, resources: resources(terraformed) }).toEqual({ status: 1, resources: {} });
    expect(text).toContain('Call to function "filesha256" failed');
  });
});
