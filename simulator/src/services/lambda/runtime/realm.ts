import { types } from 'util';
import { type Context, createContext, runInContext } from 'vm';
import { HandlerClock } from './clock';
import { PRELUDE } from './prelude';
import { seededWebCrypto } from './randomness';
import type { Kernel } from '../../../kernel/kernel';
import type { Random } from '../../../kernel/random';

/** Globals of Node.js that a fresh vm context lacks, or must share with the SDK (typed arrays), taken from the host as they are. */
const HOST_GLOBALS = [
  'AbortController', 'ArrayBuffer', 'BigInt64Array', 'BigUint64Array', 'Blob', 'BroadcastChannel', 'Buffer', 'ByteLengthQueuingStrategy',
  'CompressionStream', 'CountQueuingStrategy', 'DOMException', 'DataView', 'DecompressionStream', 'Event', 'EventTarget', 'Float32Array',
  'Float64Array', 'FormData', 'Headers', 'Int16Array', 'Int32Array', 'Int8Array', 'MessageChannel', 'ReadableStream', 'Request', 'Response',
  'SharedArrayBuffer', 'TextDecoder', 'TextDecoderStream', 'TextEncoder', 'TextEncoderStream', 'TransformStream', 'URL', 'URLSearchParams',
  'Uint16Array', 'Uint32Array', 'Uint8Array', 'Uint8ClampedArray', 'WritableStream', 'atob', 'btoa', 'queueMicrotask', 'structuredClone',
];

/** One function's vm context: what all its execution environments share. */
export interface Realm {
  readonly context: Context;
  readonly clock: HandlerClock;
  readonly webCrypto: any;
  readonly performance: any;
  readonly promisePrototype: object;
  /** `JSON.parse` of the context: events are objects of the handler's own realm. */
  readonly parse: (text: string) => any;
}

export interface RealmOptions {
  readonly kernel: Kernel;
  readonly random: Random;
  /** The function's readable name, for error messages. */
  readonly owner: string;
  /** Globals that belong to the environment that has started last, for code that reads them off `globalThis`. */
  readonly current: () => Record<string, any>;
  readonly currentNames: readonly string[];
  /** How far the clock of that environment is ahead, in milliseconds. */
  readonly clockSkewMs: () => number;
}

export function createRealm({ kernel, random, owner, current, currentNames, clockSkewMs }: RealmOptions): Realm {
  const clock = new HandlerClock(kernel, owner, clockSkewMs);
  const webCrypto = seededWebCrypto(random.fork('crypto'));
  const started = kernel.now;
  const performance = {
    get timeOrigin() {
      return started + clockSkewMs();
    },
    now: () => clock.precise() - started,
    mark: () => undefined,
    measure: () => undefined,
    toJSON: () => ({ timeOrigin: performance.timeOrigin }),
  };
  const globals: Record<string, any> = {
    crypto: webCrypto,
    performance,
    AbortSignal: virtualAbortSignal(kernel),
    fetch: () => {
      throw new Error(`${owner} calls fetch(): the simulated world has no network, only AWS services through @aws-sdk clients`);
    },
  };
  for (const name of HOST_GLOBALS) {
    if (name in globalThis) globals[name] = (globalThis as any)[name];
  }
  for (const name of currentNames) {
    Object.defineProperty(globals, name, { get: () => current()[name], set: () => {}, configurable: true, enumerable: true });
  }
  const context = createContext(globals, { name: owner });
  globals.global = runInContext('globalThis', context);
  const mathRandom = random.fork('math');
  runInContext(PRELUDE, context)({
    now: () => clock.now(),
    random: () => mathRandom.next(),
    isPromise: types.isPromise,
    isMap: types.isMap,
    isSet: types.isSet,
    isRegExp: types.isRegExp,
    isDate: types.isDate,
    isError: types.isNativeError,
  });
  return { context, clock, webCrypto, performance, promisePrototype: runInContext('Promise.prototype', context), parse: runInContext('JSON.parse', context) };
}

/** `AbortSignal.timeout` in virtual time; a signal nobody waits for must not keep the world busy, so the timer is a background event. */
function virtualAbortSignal(kernel: Kernel): any {
  const timeout = (ms: number) => {
    const controller = new AbortController();
    const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    kernel.schedule(ms, () => controller.abort(error), { background: true });
    return controller.signal;
  };
  return new Proxy(AbortSignal, { get: (target, name) => (name === 'timeout' ? timeout : Reflect.get(target, name)) });
}
