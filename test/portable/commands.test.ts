import { spawnSync } from 'child_process';
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync } from 'fs';
import * as path from 'path';
import { directoryWith, functionOf, portable, readJson } from './scene';
import { deployCommands, filesOf } from '../../examples/portable';
import { parseSynthArguments } from '../../examples/synth-arguments';

describe('npm run synth', () => {
  it.each<[string[], object]>([
    [[], {}],
    [['scatter-gather'], { pattern: 'scatter-gather' }],
    [['--portable', 'out'], { portable: 'out' }],
    [['--portable', 'out', 'scatter-gather'], { pattern: 'scatter-gather', portable: 'out' }],
    [['scatter-gather', '--portable', 'out'], { pattern: 'scatter-gather', portable: 'out' }],
  ])('takes %j', (args, expected) => {
    expect(parseSynthArguments(args)).toEqual({ pattern: undefined, portable: undefined, ...expected });
  });

  it.each<[string[], string]>([
    [['--portable'], '--portable needs a directory, received none'],
    [['--portable', '--verbose'], '--portable needs a directory, received --verbose'],
    [['--verbose'], 'synth takes a pattern, and --portable DIR once, received --verbose'],
    [['--portable', 'a', '--portable', 'b'], 'synth takes a pattern, and --portable DIR once, received --portable'],
    [['--portable', 'out', 'a', 'b'], 'synth takes one pattern, received 2: a b; patterns: orchestrated-saga, scatter-gather,'],
  ])('refuses %j with a sentence', (args, message) => {
    expect(() => parseSynthArguments(args)).toThrow(message);
  });
});

describe('the commands that deploy a portable directory', () => {
  const directory = portable({ build: (stack) => functionOf(stack, 'Function'), stack: { stackName: 'orders-prod' } });

  it('upload its assets, then deploy its template with what the manifest says', () => {
    expect(deployCommands(directory)).toEqual([
      `aws s3 cp --recursive "${directory}/assets" "s3://$BUCKET/"`,
      `aws cloudformation deploy --template-file "${directory}/template.json" --stack-name orders-prod --s3-bucket "$BUCKET"`
        + ' --capabilities CAPABILITY_IAM --parameter-overrides AssetsBucket="$BUCKET"',
    ]);
  });

  it('upload nothing and give no parameters where there are no assets', () => {
    const empty = portable({ build: () => undefined });
    expect(deployCommands(empty)).toEqual([`aws cloudformation deploy --template-file "${empty}/template.json" --stack-name Orders --s3-bucket "$BUCKET"`]);
  });

  it('come after a line for each file', () => {
    const { assets } = readJson(directory, 'manifest.json');
    expect(filesOf(directory)).toEqual(['manifest.json', 'template.json', assets[0].path].map((name) => path.join(directory, name)));
  });
});

describe('the command that verifies a portable directory, as the documentation has it', () => {
  const [command] = /^jq .* sha256sum --check$/m.exec(readFileSync(path.join(__dirname, '../../docs/portable-templates.md'), 'utf8'))!;
  const present = ['jq --version', 'sha256sum --version'].every((tool) => spawnSync('sh', ['-c', tool]).status === 0);
  // eslint-disable-next-line no-console
  if (!present) console.warn('SKIPPED, since jq or sha256sum is not on the PATH: the documented check of sums is not tried');

  function verify(change: (directory: string) => void = () => undefined) {
    const directory = directoryWith();
    cpSync(portable({ build: (stack) => functionOf(stack, 'Function') }), directory, { recursive: true });
    change(directory);
    const { status, stdout } = spawnSync('sh', ['-c', command], { cwd: directory, encoding: 'utf8' });
    return { status, lines: stdout.trim().split('\n') };
  }

  (present ? it : it.skip)('checks the template and each asset', () => {
    expect(verify()).toEqual({ status: 0, lines: ['template.json: OK', expect.stringMatching(/^assets\/[0-9a-f]{64}\.zip: OK$/)] });
    expect(verify((directory) => appendFileSync(path.join(directory, 'template.json'), ' '))).toMatchObject({ status: 1, lines: ['template.json: FAILED', expect.anything()] });
    expect(verify((directory) => rmSync(path.join(directory, 'assets'), { recursive: true }))).toMatchObject({ status: 1 });
  });
});

describe('the CDK CLI', () => {
  const output = directoryWith();

  function cdk(...args: string[]) {
    const app = `${process.execPath} --import tsx --import ./examples/portable-apps.ts examples/scatter-gather/typescript/app.ts`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['node_modules/aws-cdk/bin/cdk', '--app', app, '--output', output, '--no-notices', ...args], {
      cwd: path.join(__dirname, '../..'),
      encoding: 'utf8',
      env: { ...process.env, TSX_TSCONFIG_PATH: 'examples/tsconfig.json', CDK_DISABLE_CLI_TELEMETRY: 'true' },
    });
    return { status, stdout: stdout.trim(), stderr };
  }

  it('lists the stack, packs nothing for that, synthesizes it, and tells how it differs from a template', () => {
    expect(cdk('ls')).toMatchObject({ status: 0, stdout: 'LoanBroker' });
    expect(existsSync(path.join(output, 'LoanBroker.portable'))).toBe(false);
    expect(cdk('synth', '--quiet')).toMatchObject({ status: 0 });
    expect(filesOf(path.join(output, 'LoanBroker.portable'))).toHaveLength(6);
    const { status, stdout, stderr } = cdk('diff', '--fail', '--template', path.join(output, 'LoanBroker.portable/template.json'));
    // Where CI is set the CLI tells it on the other stream.
    expect({ status, told: stdout + stderr }).toEqual({ status: 0, told: expect.stringContaining('There were no differences') });
  });
});
