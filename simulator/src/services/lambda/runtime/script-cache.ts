import { readFileSync, statSync } from 'fs';
import { Script } from 'vm';

/** Names that a module sees beside Node.js's own five: they belong to one execution environment, not to the context. */
export const ENVIRONMENT_NAMES = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'console',
  'process',
] as const;

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname', ...ENVIRONMENT_NAMES].join(', ');

const COMPILED = new Map<string, { readonly version: string; readonly script: Script }>();

/** The compiled module of a file; compiled once per process, however many worlds run it. */
export function compiledFile(file: string, filename: string): Script {
  const { mtimeMs, size } = statSync(file);
  const version = `${mtimeMs}/${size}`;
  const cached = COMPILED.get(file);
  if (cached?.version === version) return cached.script;
  const script = compile(readFileSync(file, 'utf8'), filename);
  COMPILED.set(file, { version, script });
  return script;
}

/** Wraps a CommonJS module into a function, as Node.js does, on the first line so that line numbers stay true. */
export function compile(source: string, filename: string): Script {
  return new Script(`(function (${PARAMETERS}) {${source}\n})`, { filename });
}
