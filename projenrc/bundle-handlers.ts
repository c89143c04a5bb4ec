/**
 * Bundles every handler for the package: `lambda-src/<pattern>/<name>.lambda.ts` → `assets/<pattern>/<name>/index.js`.
 * The AWS SDK stays external, because the Lambda runtime has it; everything else is inside. A warning fails the build.
 */
import * as path from 'path';
import { rmSync } from 'fs';
import { build, formatMessagesSync } from 'esbuild';
import { HANDLER_RUNTIME, lambdaEntries } from './lambda-sources';

const root = path.join(__dirname, '..');

async function main() {
  process.chdir(root);
  rmSync('assets', { recursive: true, force: true });
  const entries = lambdaEntries('lambda-src');
  let warnings = 0;
  for (const entry of entries) {
    const result = await build({
      entryPoints: [entry.file],
      outfile: `assets/${entry.pattern}/${entry.name}/index.js`,
      bundle: true,
      platform: 'node',
      target: HANDLER_RUNTIME.esbuildTarget,
      format: 'cjs',
      minify: true,
      keepNames: true,
      charset: 'utf8',
      mainFields: ['module', 'main'],
      external: ['@aws-sdk/*', '@smithy/*'],
      tsconfig: 'lambda-src/tsconfig.json',
      legalComments: 'none',
      logLevel: 'silent',
    });
    warnings += result.warnings.length;
    for (const line of formatMessagesSync(result.warnings, { kind: 'warning' })) console.error(line);
  }
  if (warnings > 0) throw new Error(`esbuild reported ${warnings} warning(s); a bundle with a warning does not ship`);
  console.log(`bundled ${entries.length} handler(s) into assets/`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
