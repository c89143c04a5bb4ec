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

/**
 * Wraps a CommonJS module into a function, as Node.js does, on the first line so that line numbers stay true. A global of a vm context
 * takes ten times as long to read as a variable does, so the common ones are variables around the module.
 */
export function compile(source: string, filename: string): Script {
  const names = CONSTANTS.filter((name) => !mayReplace(source, name)).join(', ');
  return new Script(`((${names}) => function (${PARAMETERS}) {${source}\n})(${names})`, { filename });
}

/** Globals that every module reads and hardly any replaces. */
const CONSTANTS = [
  'Array', 'BigInt', 'Boolean', 'Buffer', 'Date', 'Error', 'Function', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError',
  'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'TypeError', 'Uint8Array', 'WeakMap', 'WeakSet',
  'decodeURIComponent', 'encodeURIComponent', 'isFinite', 'isNaN', 'parseFloat', 'parseInt',
];

/** Whether a module looks as if it assigned or defined this global; when in doubt it does. */
function mayReplace(source: string, name: string): boolean {
  return /defineProperty\(\s*global/.test(source) || new RegExp(`\\b${name}\\b["'\\]]*\\s*=(?!=)`).test(source);
}
