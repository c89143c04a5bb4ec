import { refusedItem } from './refused-item';
import { type Assignment, itemKey, type TaskItem } from '../../src/work-stealing-pool/contract';
import type { Client } from '../shared/client';
import { documentSdk } from '../shared/document-sdk';

/** A claim lives longer than the visibility of its message, so that the message itself comes before a duplicate may begin. */
const LONGER_THAN_THE_LEASE_MS = 5_000;

/** What a worker finds when it wants to begin a task. */
export type Claiming =
  | { readonly kind: 'CLAIMED'; readonly fence: number }
  /** It is done. */
  | { readonly kind: 'DONE' }
  /** Another message has the same task, and somebody is at it. */
  | { readonly kind: 'DUPLICATE' };

/** What a task is, as far as a worker that has begun it is concerned. TAKEN: somebody else has begun or done it since. */
export type TaskState = TaskItem['state'] | 'TAKEN';

export interface TaskClaimsProps {
  readonly client: Client;
  readonly tableName: string;
  readonly worker: string;
  readonly leaseSeconds: number;
  readonly retentionSeconds: number;
  readonly now: () => number;
}

/**
 * Who does a task, and that it is done. Each beginning has a higher fence, and whatever says that a task is done names its fence: a worker that was
 * believed dead and comes back is refused.
 * @see https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html fencing tokens
 */
export class TaskClaims {
  constructor(private readonly props: TaskClaimsProps) {}

  /**
   * Begins a task, unless it is done or begun from another message. The same message comes again only after its worker let go of it, and then a claim that is
   * left counts nothing.
   */
  async begin(task: string, message: string): Promise<Claiming> {
    const now = this.props.now();
    try {
      const { Attributes } = await this.update(task, {
        UpdateExpression: 'SET #fence = if_not_exists(#fence, :zero) + :one, #state = :running, #message = :message, #worker = :worker, #until = :until, #expiresAt = :expiresAt',
        ConditionExpression: 'attribute_not_exists(#id) OR (#state <> :done AND (#message = :message OR #until < :now))',
        ExpressionAttributeNames: {
          '#id': 'id', '#fence': 'fence', '#state': 'state', '#message': 'message', '#worker': 'worker', '#until': 'until', '#expiresAt': 'expiresAt',
        },
        ExpressionAttributeValues: {
          ':zero': 0, ':one': 1, ':running': 'RUNNING', ':done': 'DONE', ':message': message, ':worker': this.props.worker,
          ':until': this.until(now), ':now': now, ':expiresAt': this.expiresAt(now),
        },
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      return { kind: 'CLAIMED', fence: (Attributes as TaskItem).fence };
    } catch (error) {
      return { kind: refusedItem<TaskItem>(error).state === 'DONE' ? 'DONE' : 'DUPLICATE' };
    }
  }

  /** Still at it. */
  async renew(task: string, fence: number): Promise<TaskState> {
    return this.whileMine(task, fence, { until: this.until(this.props.now()) });
  }

  /** This attempt has failed: the next one may begin from any message. DONE when it has committed itself before. */
  async release(task: string, fence: number): Promise<TaskState> {
    return this.whileMine(task, fence, { state: 'RELEASED', until: 0 });
  }

  /** The task is done, and perhaps has said so itself. */
  async done(task: string, fence: number): Promise<TaskState> {
    return this.whileMine(task, fence, { state: 'DONE', expiresAt: this.expiresAt(this.props.now()) }, OR_DONE);
  }

  /** Answers what the task is afterwards: whoever has not heard the answer to an earlier try finds its own work. */
  private async whileMine(task: string, fence: number, attributes: Partial<TaskItem>, or?: object): Promise<TaskState> {
    try {
      const returned = { ReturnValues: 'ALL_NEW', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
      const { Attributes } = await this.update(task, { ...whileRunning(fence, attributes), ...or, ...returned });
      return (Attributes as TaskItem).state;
    } catch (error) {
      const { fence: found, state = 'TAKEN' } = refusedItem<TaskItem>(error);
      return found === fence ? state : 'TAKEN';
    }
  }

  private update(task: string, input: object): Promise<{ Attributes?: unknown }> {
    const { client, tableName } = this.props;
    return client.send(new (documentSdk().UpdateCommand)({ TableName: tableName, Key: itemKey.task(task), ...input }));
  }

  private until(now: number): number {
    return now + this.props.leaseSeconds * 1000 + LONGER_THAN_THE_LEASE_MS;
  }

  private expiresAt(now: number): number {
    return Math.ceil(now / 1000) + this.props.retentionSeconds;
  }
}

/** An entry of `TransactItems` that says that the task is done, on condition that the assignment is still valid. */
export function doneEntry(tableName: string, { task, fence }: Pick<Assignment, 'task' | 'fence'>, expiresAt: number): object {
  return { Update: { TableName: tableName, Key: itemKey.task(task.id), ...whileRunning(fence, { state: 'DONE', expiresAt }) } };
}

/** To say it twice is no failure: the work may have committed its effects together with it. */
const OR_DONE = { ConditionExpression: '#fence = :fence AND (#state = :running OR #state = :state)' };

/** Sets attributes of a task, on condition that nobody else has begun or done it since. */
function whileRunning(fence: number, attributes: Partial<TaskItem>): object {
  const entries = Object.entries(attributes);
  return {
    UpdateExpression: `SET ${entries.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    ConditionExpression: '#fence = :fence AND #state = :running',
    ExpressionAttributeNames: { '#fence': 'fence', '#state': 'state', ...Object.fromEntries(entries.map(([name]) => [`#${name}`, name])) },
    ExpressionAttributeValues: { ':fence': fence, ':running': 'RUNNING', ...Object.fromEntries(entries.map(([name, value]) => [`:${name}`, value])) },
  };
}
