import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Assignment, commitTask } from '../../../runtime-src/work-stealing-pool';

/** What a task of a scene asks of whoever does it. */
export interface Work {
  /** How long it takes; a tenth of a second unless told otherwise. */
  readonly seconds?: number;
  /** Commits with an effect; else it just returns. */
  readonly commits?: boolean;
  /** So many attempts fail. */
  readonly failures?: number;
  /** Must never be in a log. */
  readonly secret?: string;
  readonly tenant?: string;
}

/** Where effects are kept, one a task and beginning: one that happened twice shows. */
export const EFFECTS_TABLE = 'EFFECTS_TABLE';

/** What user code does with a task, in a function as in a container. Its log is the scene's book. */
export async function doWork(client: DynamoDBDocumentClient, assignment: Assignment): Promise<void> {
  const { task: { id, payload }, group, home, attempt, fence } = assignment;
  const { seconds = 0.1, commits = false, failures = 0 } = payload as Work;
  const note = (what: string) => console.log(`TASK ${JSON.stringify({ what, task: id, group, home, attempt, fence })}`);
  note('BEGUN');
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  try {
    if (attempt <= failures) throw new Error(`attempt ${attempt} was to fail`);
    if (commits) {
      const Item = { task: id, fence, group, home };
      await commitTask({ client }, assignment, [{ Put: { TableName: process.env[EFFECTS_TABLE]!, Item } }]);
    }
    note('DONE');
  } catch (error) {
    note((error as Error).name === 'StaleTask' ? 'STALE' : 'FAILED');
    throw error;
  }
}
