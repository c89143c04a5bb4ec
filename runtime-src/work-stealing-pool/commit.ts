import { doneEntry } from './task-claims';
import { type Assignment, COMMIT_ENV, itemKey, type TaskItem } from '../../src/work-stealing-pool/contract';
import type { Client } from '../shared/client';
import { commit, type Pause } from '../shared/commit';
import { documentSdk } from '../shared/document-sdk';
import { positiveInteger, setting } from '../shared/environment';

/** The task was taken from this worker, which was too slow or believed dead: nothing was written, and somebody else does it. */
export class StaleTask extends Error {
  override readonly name = 'StaleTask';
}

/** Options of a commit; `PoolGroup.addCommitter` gives the table and the retention by the environment. */
export interface CommitOptions {
  /** A `DynamoDBDocumentClient`. */
  readonly client: Client;
  /** `WORK_STEALING_POOL_TABLE_NAME` unless given. */
  readonly tableName?: string | undefined;
  /** How long it is remembered that the task is done; `WORK_STEALING_POOL_RETENTION_SECONDS`, or 15 days, unless given. */
  readonly retentionSeconds?: number | undefined;
}

const DEFAULT_RETENTION_SECONDS = 15 * 24 * 60 * 60;

/**
 * Writes what a task brings about, and that it is done, in one transaction: its effects happen once, however often it is begun.
 *
 * @param assignment what the function got as its payload, or the worker's code as its argument
 * @param writes at most 99 entries of `TransactItems` of lib-dynamodb's `TransactWriteCommand`
 * @throws StaleTask when somebody else has begun or done it since
 * @throws TransactionCanceledException DynamoDB's, when a condition of the writes does not hold
 *
 * @example
 * import { type Assignment, commitTask } from 'cdk-integration-patterns/runtime/work-stealing-pool';
 *
 * export const handler = async (assignment: Assignment) => {
 *   const frame = await render(assignment.task.payload);
 *   await commitTask({ client }, assignment, [{ Put: { TableName: 'frames', Item: { id: assignment.task.id, frame } } }]);
 * };
 */
export async function commitTask(options: CommitOptions, assignment: Assignment, writes: readonly object[]): Promise<void> {
  return commitThatPauses(options, assignment, writes, (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)));
}

/** The same with another way of waiting. */
export async function commitThatPauses(options: CommitOptions, assignment: Assignment, writes: readonly object[], pause: Pause): Promise<void> {
  const { client } = options;
  const tableName = setting(options.tableName, COMMIT_ENV.TABLE_NAME, 'PoolGroup.addCommitter');
  const retention = positiveInteger('retentionSeconds', options.retentionSeconds, COMMIT_ENV.RETENTION_SECONDS, DEFAULT_RETENTION_SECONDS);
  const made = await commit(client, [doneEntry(tableName, assignment, Math.ceil(Date.now() / 1000) + retention)], writes, pause);
  if (made.outcome === 'REFUSED') throw made.error;
  if (made.outcome === 'COMMITTED') return;
  // The answer to an earlier try of this very transaction may have been lost.
  const { id } = assignment.task;
  const { Item } = await client.send(new (documentSdk().GetCommand)({ TableName: tableName, Key: itemKey.task(id), ConsistentRead: true }));
  const { state, fence } = (Item ?? {}) as Partial<TaskItem>;
  if (state !== 'DONE' || fence !== assignment.fence) {
    const now = `the task ${fence ?? 'none'}${state === 'DONE' ? ' and is done' : ''}`;
    throw new StaleTask(`task '${id}' is not this worker's any more: it has fence ${assignment.fence}, ${now}`);
  }
}
