/**
 * Loads a package in a process of its own, compiled into the project where it is installed. The only argument is the request, the only output the answer.
 */
export interface LoadRequest {
  /** Files that are loaded between the peers and the library, in this order. */
  readonly before: readonly string[];
  readonly library: string;
}

/** Times in milliseconds. */
export interface Load {
  readonly peersMs: number;
  readonly beforeMs: number;
  readonly libraryMs: number;
  /** What the library has loaded, in this order. */
  readonly files: readonly string[];
}

function timed(names: readonly string[]): number {
  const start = performance.now();
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- this is what is measured
  for (const name of names) require(name);
  return performance.now() - start;
}

const { before, library }: LoadRequest = JSON.parse(process.argv[2]);
const peersMs = timed(['constructs', 'aws-cdk-lib']);
const beforeMs = timed(before);
const loaded = new Set(Object.keys(require.cache));
const libraryMs = timed([library]);
const files = Object.keys(require.cache).filter((file) => !loaded.has(file));
process.stdout.write(JSON.stringify({ peersMs, beforeMs, libraryMs, files } satisfies Load));
