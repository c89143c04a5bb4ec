import { createRequire, isBuiltin } from 'module';
import { seededCrypto } from './randomness';
import type { Realm } from './realm';
import type { EnvironmentTimers } from './timers';
import type { Random } from '../../../kernel/random';

const hostRequire = createRequire(__filename);

/** Modules that would leave the simulated world. */
const REFUSED: Readonly<Record<string, string>> = {
  child_process: 'starts processes',
  cluster: 'starts processes',
  worker_threads: 'starts threads',
};

/** Functions that would open a connection, by module. */
const CONNECTING: Readonly<Record<string, readonly string[]>> = {
  http: ['request', 'get'],
  https: ['request', 'get'],
  http2: ['connect'],
  net: ['connect', 'createConnection'],
  tls: ['connect'],
  dgram: ['createSocket'],
};

export interface BuiltinOptions {
  readonly owner: string;
  readonly realm: Realm;
  readonly random: Random;
  readonly timers: EnvironmentTimers;
  readonly console: any;
  readonly process: any;
}

/** Node.js's own modules as a handler sees them: clock, timers and randomness are the kernel's, the network is not there. */
export class Builtins {
  private readonly wrapped = new Map<string, any>();

  constructor(private readonly options: BuiltinOptions) {}

  has(request: string): boolean {
    return isBuiltin(request);
  }

  load(request: string): any {
    const name = request.replace(/^node:/, '');
    let module = this.wrapped.get(name);
    if (module === undefined) {
      module = this.wrap(name);
      this.wrapped.set(name, module);
    }
    return module;
  }

  private wrap(name: string): any {
    const { owner, realm, random, timers, console, process } = this.options;
    if (REFUSED[name]) throw new Error(`${owner} requires '${name}', which ${REFUSED[name]}: not simulated`);
    switch (name) {
      case 'crypto': return seededCrypto(random, realm.webCrypto);
      case 'timers': return { ...timers.api, promises: timers.promises };
      case 'timers/promises': return timers.promises;
      case 'process': return process;
      case 'console': return console;
      case 'perf_hooks': return { ...hostRequire('perf_hooks'), performance: realm.performance };
    }
    const real = hostRequire(name);
    if (!CONNECTING[name]) return real;
    const refuse = () => {
      throw new Error(`${owner} opens a network connection: the simulated world has none. `
        + 'AWS services answer when @aws-sdk/* stays outside the bundle (esbuild: --external:@aws-sdk/*)');
    };
    return { ...real, ...Object.fromEntries(CONNECTING[name].map((method) => [method, refuse])) };
  }
}
