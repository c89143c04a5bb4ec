import { EventEmitter } from 'events';
import type { Random } from '../kernel/random';
import type { World } from '../service';
import type { ProcessLog } from './process-log';
import type { FunctionCode } from '../services/lambda/code';
import { errorPayload, type ErrorPayload } from '../services/lambda/runtime/errors';
import { findHandler } from '../services/lambda/runtime/handler';
import { nodeProcess } from '../services/lambda/runtime/node-process';
import type { Realm } from '../services/lambda/runtime/realm';
import { VirtualProcess } from '../services/lambda/runtime/virtual-process';

/** How a process ended, with the codes that Node.js and container runtimes have. */
export interface ProcessEnd {
  /** 0 when all went well, 1 after an exception, 13 when it waited for nothing, 137 when it was killed, 143 when it did not listen to SIGTERM. */
  readonly exitCode: number;
  /** What its function returned, as JSON has it. */
  readonly value?: unknown;
  /** What it threw. */
  readonly error?: ErrorPayload;
}

/** https://nodejs.org/docs/latest/api/process.html#exit-codes; 128 and the signal's number for those that died of one. */
const EXIT = { OK: 0, EXCEPTION: 1, NEVER_SETTLED: 13, SIGKILL: 137, SIGTERM: 143 } as const;

/** No callback beside the arguments, as in Lambda's newest runtime. */
const NODE_VERSION = 24;

export interface OutsideProcessOptions {
  readonly world: World;
  readonly name: string;
  readonly role: string;
  readonly variables: Record<string, string>;
  readonly random: Random;
  readonly clockSkewMs: number;
  readonly realm: Realm;
  readonly code: FunctionCode;
  /** `file.function`. */
  readonly handler: string;
  readonly log: ProcessLog;
  readonly ended: (end: ProcessEnd) => void;
}

/** A Node.js process on a machine of its own: no invocations, no timeout, never frozen. It runs one function, and ends with it. */
export class OutsideProcess extends VirtualProcess {
  private readonly events = new EventEmitter();
  private readonly process: any;
  private running = false;

  constructor(private readonly options: OutsideProcessOptions) {
    super({ ...options, onEnter: () => {} });
    const { realm, variables, code, random, log } = options;
    this.process = nodeProcess({
      clock: realm.clock,
      env: variables,
      taskRoot: code.directory!,
      random,
      write: (text) => log.raw(text),
      exit: (exitCode) => this.end({ exitCode: exitCode ?? this.exitCode() }),
      events: this.events,
    });
  }

  start() {
    const { name, realm, code, handler, log } = this.options;
    this.running = true;
    this.updateHost();
    try {
      const loader = this.modules({ owner: `process ${name}`, realm, code, process: this.process, log, requestId: () => '' });
      const result = findHandler(loader, { handler, nodeVersion: NODE_VERSION })();
      if (typeof result?.then !== 'function') return this.returned(result);
      result.then((value: unknown) => this.returned(value), (error: unknown) => this.uncaught(error));
    } catch (error) {
      this.uncaught(error);
    }
  }

  /** SIGTERM: its listeners are called; without any the process dies of it. https://nodejs.org/docs/latest/api/process.html#signal-events */
  terminate() {
    if (this.dead) return;
    if (this.events.listenerCount('SIGTERM') === 0) return this.end({ exitCode: EXIT.SIGTERM });
    try {
      this.events.emit('SIGTERM', 'SIGTERM', 15);
    } catch (error) {
      this.uncaught(error);
    }
  }

  /** SIGKILL, or the machine is gone. */
  crash() {
    this.end({ exitCode: EXIT.SIGKILL });
  }

  unhandledRejection(reason: unknown) {
    this.uncaught(reason);
  }

  protected get busy(): boolean {
    return this.running;
  }

  protected uncaught(error: unknown) {
    const payload = errorPayload(error);
    this.options.log.raw([`Uncaught ${payload.errorType}: ${payload.errorMessage}`, ...payload.trace?.slice(1) ?? []].join('\n'));
    this.end({ exitCode: EXIT.EXCEPTION, error: payload });
  }

  protected nothingPending() {
    this.end({ exitCode: EXIT.NEVER_SETTLED });
  }

  private returned(value: unknown) {
    this.end({ exitCode: this.exitCode(), ...(value === undefined ? {} : { value: JSON.parse(JSON.stringify(value)) }) });
  }

  private exitCode(): number {
    return Number(this.process.exitCode ?? EXIT.OK);
  }

  private end(end: ProcessEnd) {
    if (this.dead) return;
    this.running = false;
    this.kill();
    this.options.ended(end);
  }
}
