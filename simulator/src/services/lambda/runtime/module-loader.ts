import { existsSync, readFileSync, statSync } from 'fs';
import { createRequire } from 'module';
import * as path from 'path';
import { isSdkModule } from '../../../sdk/module';
import type { FunctionCode } from '../code';
import type { Builtins } from './builtins';
import { InitError } from './errors';
import type { Realm } from './realm';
import { compile, compiledFile, ENVIRONMENT_NAMES } from './script-cache';

/** Where Lambda unpacks a function's code; stack traces name it, so that they are the same on every machine. */
export const TASK_ROOT = '/var/task';

export interface ModuleLoaderOptions {
  readonly realm: Realm;
  readonly code: FunctionCode;
  readonly builtins: Builtins;
  readonly sdk: (request: string) => any;
  /** Values for `ENVIRONMENT_NAMES`. */
  readonly globals: Readonly<Record<string, any>>;
}

/** `require` inside one execution environment: a fresh instance of each module of the bundle. */
export class ModuleLoader {
  private readonly modules = new Map<string, { exports: any }>();

  constructor(private readonly options: ModuleLoaderOptions) {}

  /** Loads the module that a `Handler` property names, e.g. `index` or `src/app`. */
  loadEntry(name: string): any {
    const { code } = this.options;
    if (code.inline !== undefined) {
      return this.evaluate(`${TASK_ROOT}/index.js`, TASK_ROOT, () => compile(code.inline!, `${TASK_ROOT}/index.js`));
    }
    const file = code.entryFile(name);
    if (!file) throw new InitError('Runtime.ImportModuleError', `Error: Cannot find module '${name}'`);
    return this.loadFile(file);
  }

  private loadFile(file: string): any {
    if (file.endsWith('.json')) return this.cached(file, () => JSON.parse(readFileSync(file, 'utf8')));
    const shown = `${TASK_ROOT}/${path.relative(this.options.code.directory!, file).split(path.sep).join('/')}`;
    return this.evaluate(file, path.dirname(file), () => compiledFile(file, shown));
  }

  private cached(file: string, load: () => any): any {
    const module = this.modules.get(file) ?? { exports: load() };
    this.modules.set(file, module);
    return module.exports;
  }

  private evaluate(file: string, directory: string, script: () => ReturnType<typeof compile>): any {
    const loaded = this.modules.get(file);
    if (loaded) return loaded.exports;
    const { realm, globals } = this.options;
    const module: any = { exports: {}, id: file, filename: file, loaded: false, children: [], paths: [] };
    this.modules.set(file, module);
    const require = Object.assign((request: string) => this.require(request, directory), {
      resolve: (request: string) => this.resolve(request, directory) ?? request,
      cache: {},
      main: module,
    });
    module.require = require;
    const run = script().runInContext(realm.context);
    run.call(module.exports, module.exports, require, module, file, directory, ...ENVIRONMENT_NAMES.map((name) => globals[name]));
    module.loaded = true;
    return module.exports;
  }

  private require(request: string, from: string): any {
    const { builtins, sdk } = this.options;
    if (builtins.has(request)) return builtins.load(request);
    // The SDK always comes from the host, even where the asset carries a copy: only that one is connected to the simulated world.
    if (isSdkModule(request)) return sdk(request);
    const file = this.resolve(request, from);
    if (file) return this.loadFile(file);
    throw Object.assign(new InitError('Runtime.ImportModuleError', `Error: Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' });
  }

  /** A file of the asset; undefined for what the asset does not have. */
  private resolve(request: string, from: string): string | undefined {
    const { directory } = this.options.code;
    if (directory === undefined) return undefined;
    if (/^\.{0,2}\//.test(request) || request === '.' || request === '..') return moduleFile(path.resolve(from, request));
    try {
      const file = createRequire(path.join(from, 'index.js')).resolve(request);
      return file.startsWith(directory + path.sep) ? file : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Node.js's order of extensions, CommonJS only. */
export function moduleFile(base: string): string | undefined {
  return [base, `${base}.js`, `${base}.cjs`, `${base}.json`, path.join(base, 'index.js')].find((file) => existsSync(file) && statSync(file).isFile());
}
