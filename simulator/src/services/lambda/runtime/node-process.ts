import type { EventEmitter } from 'events';
import type { HandlerClock } from './clock';
import type { Random } from '../../../kernel/random';

const LISTENER_METHODS = ['on', 'once', 'off', 'addListener', 'removeListener', 'removeAllListeners', 'prependListener'];

export interface NodeProcessOptions {
  readonly clock: HandlerClock;
  readonly env: Record<string, string>;
  readonly taskRoot: string;
  readonly random: Random;
  readonly write: (text: string) => void;
  readonly exit: (code?: number) => void;
  /** Its listeners, e.g. for SIGTERM. Lambda's runtime handles signals itself: without this, listeners are accepted and never called. */
  readonly events?: EventEmitter;
}

/** `process` as a handler sees it: the function's environment variables, the virtual clock, output to the log. */
export function nodeProcess({ clock, env, taskRoot, random, write, exit, events }: NodeProcessOptions): any {
  const started = clock.precise();
  const nanoseconds = () => BigInt(Math.round((clock.precise() - started) * 1e6)) + 1_000_000_000n;
  const hrtime = Object.assign(
    (since?: [number, number]): [number, number] => {
      const elapsed = nanoseconds() - (since ? BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]) : 0n);
      return [Number(elapsed / 1_000_000_000n), Number(elapsed % 1_000_000_000n)];
    },
    { bigint: nanoseconds },
  );
  const self: any = {
    argv: ['/var/lang/bin/node', '/var/runtime/index.mjs'],
    arch: 'arm64',
    platform: 'linux',
    version: process.version,
    versions: { ...process.versions },
    release: { name: 'node' },
    pid: random.integer(2, 30_000),
    title: 'node',
    execArgv: [],
    features: {},
    exitCode: undefined,
    env,
    stdout: outputStream(write),
    stderr: outputStream(write),
    cwd: () => taskRoot,
    hrtime,
    uptime: () => (clock.precise() - started) / 1000,
    memoryUsage: Object.assign(() => ({ rss: 9e7, heapTotal: 3e7, heapUsed: 2e7, external: 2e6, arrayBuffers: 1e5 }), { rss: () => 9e7 }),
    cpuUsage: () => ({ user: 0, system: 0 }),
    nextTick: process.nextTick.bind(process),
    exit,
    abort: () => exit(134),
    emitWarning: (warning: unknown) => write(`(node) ${typeof warning === 'string' ? warning : (warning as any)?.message}\n`),
    ...Object.fromEntries(LISTENER_METHODS.map((name) => [name, (...args: any[]) => {
      (events as any)?.[name](...args);
      return self;
    }])),
    emit: (name: string, ...args: any[]) => events?.emit(name, ...args) ?? false,
    listeners: (name: string) => events?.listeners(name) ?? [],
    listenerCount: (name: string) => events?.listenerCount(name) ?? 0,
  };
  return self;
}

/** As much of a writable stream as `console.Console` and loggers need. */
function outputStream(write: (text: string) => void): any {
  const stream: any = {
    isTTY: false,
    writable: true,
    write: (chunk: any, encoding?: any, callback?: any) => {
      write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const done = typeof encoding === 'function' ? encoding : callback;
      // Streams call back with null when all went well; console.Console tells it from undefined.
      if (done) process.nextTick(done, null);
      return true;
    },
    end: () => stream,
    on: () => stream,
    once: () => stream,
    off: () => stream,
    emit: () => false,
    removeListener: () => stream,
    listenerCount: () => 0,
  };
  return stream;
}
