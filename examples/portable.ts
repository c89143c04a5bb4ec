import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { type Example, synthesize } from './example';

/** What the story of an example calls its resources, `cdk synth` writes into templates too. */
const CONTEXT = { 'aws:cdk:enable-path-metadata': 'true' };

/**
 * Synthesizes an example's stacks to be deployed without the CDK.
 * @param directory gets a directory per stack; one that an earlier synthesis wrote is replaced
 * @returns the stacks' directories
 */
export function synthesizePortable(example: Example, directory: string, context: Readonly<Record<string, string>> = {}): string[] {
  const assembly = mkdtempSync(path.join(tmpdir(), `${example.pattern}-`));
  try {
    synthesize(example, { ...CONTEXT, ...context }, assembly, [path.join(__dirname, 'portable-apps.ts')]);
    const stacks = readdirSync(assembly).filter((name) => name.endsWith('.portable')).map((name) => ({
      from: path.join(assembly, name),
      to: path.join(directory, path.basename(name, '.portable')),
    }));
    for (const { to } of stacks) requireReplaceable(to);
    for (const { from, to } of stacks) {
      rmSync(to, { recursive: true, force: true });
      cpSync(from, to, { recursive: true });
    }
    return stacks.map(({ to }) => to);
  } finally {
    rmSync(assembly, { recursive: true });
  }
}

/** The files of a portable directory, in the order in which a person reads them. */
export function filesOf(directory: string): string[] {
  return ['manifest.json', 'template.json', ...readdirSync(path.join(directory, 'assets')).map((name) => path.join('assets', name))]
    .map((name) => path.join(directory, name));
}

/** The commands that deploy it. */
export function deployCommands(directory: string): string[] {
  const { stack, parameters, capabilities } = JSON.parse(readFileSync(path.join(directory, 'manifest.json'), 'utf8'));
  const options = [
    `--template-file "${directory}/template.json"`,
    `--stack-name ${stack.name}`,
    '--s3-bucket "$BUCKET"',
    ...(capabilities.length > 0 ? [`--capabilities ${capabilities.join(' ')}`] : []),
    ...(parameters.bucket ? [`--parameter-overrides ${parameters.bucket}="$BUCKET"`] : []),
  ];
  return [
    ...(parameters.bucket ? [`aws s3 cp --recursive "${directory}/assets" "s3://$BUCKET/"`] : []),
    `aws cloudformation deploy ${options.join(' ')}`,
  ];
}

/** Nothing is deleted that is somebody else's. */
function requireReplaceable(directory: string) {
  if (!existsSync(directory) || readdirSync(directory).length === 0) return;
  const manifest = path.join(directory, 'manifest.json');
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).formatVersion !== undefined) return;
  throw new Error(`${directory} is there and is no portable directory; give another, or delete it`);
}
