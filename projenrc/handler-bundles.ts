import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import * as path from 'path';
import { build, type BuildOptions, formatMessagesSync, type Plugin } from 'esbuild';
import { HANDLER_RUNTIME, lambdaEntries } from './lambda-sources';

export interface HandlerBundlesOptions {
  /** Directory with `<pattern>/<name>.lambda.ts`. */
  readonly sourceDir: string;
  /** Directory that gets `<pattern>/<name>/index.js`; whatever else is in it is removed. */
  readonly assetDir: string;
  /** What stands between the sources and the bundler: a mutation, for one. */
  readonly plugins?: Plugin[];
}

/** Stays outside, and a client that a handler does not use is not even loaded: each costs a cold start. */
const AWS_SDK_OF_THE_RUNTIME: Plugin = {
  name: 'aws-sdk-of-the-runtime',
  setup: ({ onResolve }) => onResolve({ filter: /^@(aws-sdk|smithy)\// }, ({ path: name }) => ({ path: name, external: true, sideEffects: false })),
};

/** Licenses of third parties that ask for no notice in copies. */
const NO_NOTICE_NEEDED = new Set(['MIT-0', '0BSD', 'CC0-1.0', 'Unlicense']);

/**
 * Bundles every handler and answers how many there are. The AWS SDK stays external, because the Lambda runtime has it;
 * everything else is inside, with the notices of its licenses beside it.
 *
 * Only files whose content changed are written, so that a test that reads them while another command bundles sees whole files.
 * @throws with esbuild's own text when it reports a warning: what it warns of (an unresolved require, a dynamic import) fails in Lambda
 */
export async function bundleHandlers({ sourceDir, assetDir, plugins = [] }: HandlerBundlesOptions): Promise<number> {
  const entries = lambdaEntries(sourceDir);
  const bundles = await bundleFiles(
    entries.map((entry) => ({ file: entry.file, outfile: path.resolve(assetDir, entry.pattern, entry.name, 'index.js') })),
    { target: HANDLER_RUNTIME.esbuildTarget, minify: true, keepNames: true, tsconfig: path.join(sourceDir, 'tsconfig.json'), plugins },
  );
  replaceContent(assetDir, withNotices(assetDir, bundles));
  return entries.length;
}

export interface Bundles {
  /** Content by path. */
  readonly files: Map<string, string | Uint8Array>;
  /** Directories of the packages whose code is inside. */
  readonly packages: readonly string[];
}

/** Bundles entry points into CommonJS, each by itself, in memory. */
export async function bundleFiles(entries: readonly { readonly file: string; readonly outfile: string }[], options: BuildOptions): Promise<Bundles> {
  const files = new Map<string, string | Uint8Array>();
  const packages = new Set<string>();
  const warnings: string[] = [];
  for (const { file, outfile } of entries) {
    const result = await build({
      bundle: true,
      platform: 'node',
      format: 'cjs',
      // Otherwise the bundles would keep `import()`, which loaders of CommonJS need not know.
      supported: { 'dynamic-import': false },
      charset: 'utf8',
      mainFields: ['module', 'main'],
      legalComments: 'none',
      logLevel: 'silent',
      ...options,
      plugins: [AWS_SDK_OF_THE_RUNTIME, ...options.plugins ?? []],
      entryPoints: [file],
      outfile,
      write: false,
      metafile: true,
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
  return { files, packages: [...packages].sort() };
}

/** The bundles, and beside them the licenses of what is inside. */
export function withNotices(directory: string, { files, packages }: Bundles): Map<string, string | Uint8Array> {
  if (packages.length === 0) return files;
  return new Map([...files, [path.resolve(directory, 'THIRD-PARTY-LICENSES.txt'), notices(packages)]]);
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
  return `What is in this directory contains code of these packages.\n\n${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** Makes a directory hold these files and no others. */
export function replaceContent(directory: string, files: ReadonlyMap<string, string | Uint8Array>): void {
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
