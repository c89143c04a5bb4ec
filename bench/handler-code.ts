import * as path from 'path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

/** Below the repository, so that bundles find the SDK as Lambda has it. */
const BUNDLES = path.join(__dirname, '..', '.cache', 'bench');

/** A handler of a bench, bundled. */
export function handlerCode(pattern: string, name: string): lambda.Code {
  const directory = path.join(BUNDLES, pattern, name);
  buildSync({
    entryPoints: [path.join(__dirname, pattern, 'handlers', `${name}.ts`)],
    outfile: path.join(directory, 'index.js'),
    bundle: true,
    external: ['@aws-sdk/*'],
    platform: 'node',
    target: 'node22',
    format: 'cjs',
  });
  return lambda.Code.fromAsset(directory);
}
