import type { Json } from './asl/json';
import { invalidToken, taskDoesNotExist, taskTimedOut } from './errors';
import { TaskFailed } from './integrations/service-errors';

/** A task that waits for its token. */
interface WaitingTask {
  readonly succeed: (output: Json) => void;
  readonly fail: (failure: TaskFailed) => void;
  readonly heartbeat: () => void;
}

export interface IssuedToken {
  readonly executionArn: string;
  readonly stateMachineArn: string;
}

const PREFIX = 'AQC4AAAAKgAAAAMAAAAA';

/**
 * The task tokens of all executions. A token says itself what it belongs to, so that only the tasks that wait are kept: a token
 * that is well-formed and waits for nothing has been used, or its task has timed out or was stopped.
 */
export class TaskTokens {
  private readonly waiting = new Map<string, WaitingTask>();
  private issued = 0;

  /** How many tasks wait for a callback now. */
  get open(): number {
    return this.waiting.size;
  }

  issue(token: IssuedToken): string {
    const content = `${token.executionArn}\n${token.stateMachineArn}\n${(++this.issued).toString(36)}`;
    return `${PREFIX}${Buffer.from(`${content}\n${checksum(content)}`, 'utf8').toString('base64')}`;
  }

  /** What a token belongs to, or `undefined` for a text that is no token. */
  read(token: unknown): IssuedToken | undefined {
    if (typeof token !== 'string' || !token.startsWith(PREFIX)) return undefined;
    const [executionArn, stateMachineArn, number, sum] = Buffer.from(token.slice(PREFIX.length), 'base64').toString('utf8').split('\n');
    if (!number || checksum(`${executionArn}\n${stateMachineArn}\n${number}`) !== sum) return undefined;
    return { executionArn, stateMachineArn };
  }

  /** Settles with the first callback that the token gets. */
  wait(token: string, heartbeat: () => void): Promise<Json> {
    return new Promise((resolve, reject) => this.waiting.set(token, { succeed: resolve, fail: reject, heartbeat }));
  }

  /** The task no longer waits. */
  close(token: string) {
    this.waiting.delete(token);
  }

  succeed(token: unknown, output: Json, executionExists: (arn: string) => boolean) {
    this.take(token, executionExists).succeed(output);
    this.close(token as string);
  }

  fail(token: unknown, failure: TaskFailed, executionExists: (arn: string) => boolean) {
    this.take(token, executionExists).fail(failure);
    this.close(token as string);
  }

  heartbeat(token: unknown, executionExists: (arn: string) => boolean) {
    this.take(token, executionExists).heartbeat();
  }

  private take(token: unknown, executionExists: (arn: string) => boolean): WaitingTask {
    const issued = this.read(token);
    if (!issued) throw invalidToken();
    if (!executionExists(issued.executionArn)) throw taskDoesNotExist();
    const task = this.waiting.get(token as string);
    if (!task) throw taskTimedOut();
    return task;
  }
}

/** FNV-1a: tells a mangled token from a good one. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193); // eslint-disable-line no-bitwise
  return (hash >>> 0).toString(36); // eslint-disable-line no-bitwise
}
