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
      const found = refused(error);
      return { kind: found.state === 'DONE' ? 'DONE' : 'DUPLICATE' };
    }
  }

  /** Still at it. Answers whether the claim is still this worker's. */
  async renew(task: string, fence: number): Promise<boolean> {
    return this.ifStillMine(task, fence, 'SET #until = :until', { '#until': 'until' }, { ':until': this.until(this.props.now()) });
  }

  /** This attempt has failed: the next one may begin from any message. */
  async release(task: string, fence: number): Promise<boolean> {
    return this.ifStillMine(task, fence, 'SET #until = :zero, #state = :released', { '#until': 'until' }, { ':zero': 0, ':released': 'RELEASED' });
  }

  /** The task is done. Answers false to a worker that somebody has taken it from; true to one that has said it before. */
  async done(task: string, fence: number): Promise<boolean> {
    const expiresAt = this.expiresAt(this.props.now());
    return this.ifStillMine(task, fence, 'SET #state = :done, #expiresAt = :expiresAt', { '#expiresAt': 'expiresAt' }, { ':done': 'DONE', ':expiresAt': expiresAt });
  }

  private async ifStillMine(task: string, fence: number, UpdateExpression: string, names: object, values: object): Promise<boolean> {
    try {
      await this.update(task, {
        UpdateExpression,
        ConditionExpression: '#fence = :fence AND #state = :running',
        ExpressionAttributeNames: { '#fence': 'fence', '#state': 'state', ...names },
        ExpressionAttributeValues: { ':fence': fence, ':running': 'RUNNING', ...values },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      return true;
    } catch (error) {
      const found = refused(error);
      return found.state === 'DONE' && found.fence === fence;
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
  return {
    Update: {
      TableName: tableName,
      Key: itemKey.task(task.id),
      UpdateExpression: 'SET #state = :done, #expiresAt = :expiresAt',
      ConditionExpression: '#fence = :fence AND #state = :running',
      ExpressionAttributeNames: { '#fence': 'fence', '#state': 'state', '#expiresAt': 'expiresAt' },
      ExpressionAttributeValues: { ':fence': fence, ':running': 'RUNNING', ':done': 'DONE', ':expiresAt': expiresAt },
    },
  };
}

/** What the item of a refused condition was. Any other error goes to the caller. */
function refused(error: unknown): Partial<TaskItem> {
  // By name: the error may come from another copy of the SDK.
  const { name, Item = {} } = error as { name?: string; Item?: Record<string, unknown> };
  if (name !== 'ConditionalCheckFailedException') throw error;
  return plain(Item) as Partial<TaskItem>;
}

/** The SDK's document client leaves the item of an exception as DynamoDB types it. */
function plain(item: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => {
    if (typeof value !== 'object' || value === null) return [name, value];
    const { S, N } = value as { S?: string; N?: string };
    return [name, S ?? (N === undefined ? value : Number(N))];
  }));
}
