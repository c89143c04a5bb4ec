import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import * as path from 'path';
import { build, formatMessagesSync, type Plugin } from 'esbuild';
import { HANDLER_RUNTIME, lambdaEntries } from './lambda-sources';

export interface HandlerBundlesOptions {
  /** Directory with `<pattern>/<name>.lambda.ts`. */
  readonly sourceDir: string;
  /** Directory that gets `<pattern>/<name>/index.js`; whatever else is in it is removed. */
  readonly assetDir: string;
  /** What stands between the sources and the bundler: a mutation, for one. */
  readonly plugins?: Plugin[];
}

/** Licenses of third parties that ask for no notice in copies. */
const NO_NOTICE_NEEDED = new Set(['MIT-0', '0BSD', 'CC0-1.0', 'Unlicense']);

/**
 * Bundles every handler and answers how many there are. The AWS SDK stays external, because the Lambda runtime has it;
 * everything else is inside, with the notices of its licenses beside it.
 *
 * Only files whose content changed are written, so that a test that reads them while another command bundles sees whole files.
 * @throws with esbuild's own text when it reports a warning: what it warns of (an unresolved require, a dynamic import) fails in Lambda
 */
export async function bundleHandlers({ sourceDir, assetDir, plugins }: HandlerBundlesOptions): Promise<number> {
  const files = new Map<string, string | Uint8Array>();
  const packages = new Set<string>();
  const warnings: string[] = [];
  const entries = lambdaEntries(sourceDir);
  for (const entry of entries) {
    const outfile = path.resolve(assetDir, entry.pattern, entry.name, 'index.js');
    const result = await build({
      entryPoints: [entry.file],
      outfile,
      write: false,
      metafile: true,
      bundle: true,
      platform: 'node',
      target: HANDLER_RUNTIME.esbuildTarget,
      format: 'cjs',
      minify: true,
      keepNames: true,
      charset: 'utf8',
      mainFields: ['module', 'main'],
      external: ['@aws-sdk/*', '@smithy/*'],
      tsconfig: path.join(sourceDir, 'tsconfig.json'),
      legalComments: 'none',
      logLevel: 'silent',
      plugins,
    });
    warnings.push(...formatMessagesSync(result.warnings, { kind: 'warning' }));
    files.set(outfile, result.outputFiles[0].contents);
    for (const input of Object.keys(result.metafile.inputs)) {
      const inside = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
      if (inside) packages.add(path.resolve(inside[0]));
    }
  }
  if (warnings.length > 0) {
    throw new Error(`${warnings.join('')}esbuild reported ${warnings.length} warning(s); a bundle with a warning does not ship`);
  }
  if (packages.size > 0) files.set(path.resolve(assetDir, 'THIRD-PARTY-LICENSES.txt'), notices([...packages].sort()));
  replaceContent(assetDir, files);
  return entries.length;
}

/** The license of each package whose code is inside the bundles. */
function notices(packageDirs: readonly string[]): string {
  const parts = packageDirs.map((directory) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
    const licenseFile = readdirSync(directory).find((file) => /^licen[cs]e/i.test(file));
    if (!licenseFile && !NO_NOTICE_NEEDED.has(license)) {
      throw new Error(`package '${name}' of license '${license}' would be bundled, but it has no license file to reproduce`);
    }
    const text = licenseFile ? readFileSync(path.join(directory, licenseFile), 'utf8').trim() : '';
    return `${name} ${version} (${license})\n\n${text}`.trim();
  });
  return `The handlers in this directory contain code of these packages.\n\n${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

function replaceContent(directory: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  for (const [file, content] of files) {
    if (existsSync(file) && readFileSync(file).equals(Buffer.from(content))) continue;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => path.resolve(directory, name))) {
    const kept = [...files.keys()].some((wanted) => wanted === file || wanted.startsWith(file + path.sep));
    if (!kept) rmSync(file, { recursive: true, force: true });
  }
}
