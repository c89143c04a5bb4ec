import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { bundleHandlers } from '../../projenrc/handler-bundles';

let directory: string;
beforeEach(() => { directory = mkdtempSync(path.join(tmpdir(), 'handlers-')); });
afterEach(() => rmSync(directory, { recursive: true }));

/** Bundles one handler with this source, answers where its bundle is. */
async function bundle(source: string): Promise<string> {
  const sourceDir = path.join(directory, 'lambda-src');
  mkdirSync(path.join(sourceDir, 'pattern'), { recursive: true });
  writeFileSync(path.join(sourceDir, 'tsconfig.json'), '{ "compilerOptions": { "target": "ES2022" } }');
  writeFileSync(path.join(sourceDir, 'pattern', 'collect.lambda.ts'), source);
  await bundleHandlers({ sourceDir, assetDir: path.join(directory, 'assets') });
  return path.join(directory, 'assets/pattern/collect/index.js');
}

it('bundles a handler into index.js, with the AWS SDK left to the Lambda runtime', async () => {
  const file = await bundle("import { SQSClient } from '@aws-sdk/client-sqs'; const client = new SQSClient(); export const handler = async () => client;");
  expect(readFileSync(file, 'utf8')).toContain('require("@aws-sdk/client-sqs")');
});

it('does not load an AWS client that a handler imports and never uses', async () => {
  const file = await bundle("import { SQSClient } from '@aws-sdk/client-sqs'; const unused = () => new SQSClient(); export const handler = async () => 1;");
  expect(readFileSync(file, 'utf8')).not.toContain('client-sqs');
});

it('fails with the text of a warning of esbuild, and writes nothing', async () => {
  await expect(bundle("export const handler = async () => ({ name: 'a', name: 'b' });"))
    .rejects.toThrow(/Duplicate key "name"[\s\S]*esbuild reported 1 warning\(s\); a bundle with a warning does not ship/);
  expect(existsSync(path.join(directory, 'assets'))).toBe(false);
});

it('fails on an import that cannot be resolved', async () => {
  await expect(bundle("import 'no-such-package'; export const handler = async () => 1;")).rejects.toThrow('Could not resolve "no-such-package"');
});

it('leaves a bundle that did not change as it is, and removes what no handler owns any more', async () => {
  const file = await bundle('export const handler = async () => 1;');
  const written = statSync(file).mtimeMs;
  const stale = path.join(directory, 'assets/pattern/removed/index.js');
  mkdirSync(path.dirname(stale));
  writeFileSync(stale, '');
  await bundle('export const handler = async () => 1;');
  expect(statSync(file).mtimeMs).toBe(written);
  expect(existsSync(path.dirname(stale))).toBe(false);
});

it('makes the same bytes of the same sources', async () => {
  const first = readFileSync(await bundle('export const handler = async () => 1;'));
  rmSync(path.join(directory, 'assets'), { recursive: true });
  expect(readFileSync(await bundle('export const handler = async () => 1;')).equals(first)).toBe(true);
});
