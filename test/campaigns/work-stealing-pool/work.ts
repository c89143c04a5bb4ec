import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { EFFECT, type Group, type Note, noteLine, type UserEnv, type Work } from './environment';
import { type Assignment, commitTask, type CommitOptions } from '../../../runtime-src/work-stealing-pool';

const { EFFECTS_TABLE, WORKER } = process.env as UserEnv & NodeJS.ProcessEnv;

/** What user code does with a task, in a function as in a container. */
export async function doWork(options: CommitOptions & { readonly client: DynamoDBDocumentClient }, assignment: Assignment): Promise<void> {
  const { task: { id, payload }, attempt } = assignment;
  const { ms, kind, failures = 0 } = payload as Work;
  note('BEGUN', assignment);
  await new Promise((resolve) => setTimeout(resolve, ms));
  try {
    if (kind === 'poison') throw new Error(`${id} is poison`);
    if (attempt <= failures) throw new Error(`attempt ${attempt} of ${id} was to fail`);
    if (kind !== 'returns') await commitTask(options, assignment, [effect(assignment)]);
    if (kind === 'fails after its commit') throw new Error(`${id} fails after its commit`);
    note('DONE', assignment);
  } catch (error) {
    note((error as Error).name === 'StaleTask' ? 'STALE' : 'FAILED', assignment);
    throw error;
  }
}

/** Counted rather than noted, so that an effect that happens twice shows. */
function effect({ task, fence }: Assignment): object {
  return {
    Update: {
      TableName: EFFECTS_TABLE,
      Key: { [EFFECT.TASK]: task.id },
      UpdateExpression: 'ADD #times :once SET #fence = :fence',
      ExpressionAttributeNames: { '#times': EFFECT.TIMES, '#fence': EFFECT.FENCE },
      ExpressionAttributeValues: { ':once': 1, ':fence': fence },
    },
  };
}

function note(what: Note['what'], { task: { id }, group, home, attempt, fence }: Assignment): void {
  const worker = WORKER === undefined ? {} : { worker: WORKER };
  console.log(noteLine({ what, task: id, group: group as Group, home: home as Group, attempt, fence, ...worker }));
}
