import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Assignment, commitTask } from 'cdk-integration-patterns/runtime/work-stealing-pool';
import type { Frame } from './frame';
import { Renderer } from './renderer';

const client = DynamoDBDocumentClient.from(new DynamoDBClient());
const TableName = process.env.FRAMES_TABLE;
const renderer = new Renderer(Number(process.env.SPEED));

/**
 * Renders one frame. Where the picture is, and that the frame was rendered once more, is written in one transaction with the word that the task is done: a
 * frame may be begun twice, but counts once.
 */
export async function handler(assignment: Assignment): Promise<void> {
  const { task, group, home, attempt, fence } = assignment;
  const frame = task.payload as Frame;
  const about = { frame: task.id, tenant: frame.tenantId, group, home, attempt, fence };
  console.log({ begins: about });
  const loadMs = await renderer.load(frame);
  const picture = await renderer.render(frame);
  await commitTask({ client }, assignment, [{
    Update: {
      TableName,
      Key: { id: task.id },
      UpdateExpression: 'SET picture = :picture, renderedBy = :group ADD renderings :one',
      ExpressionAttributeValues: { ':picture': picture, ':group': group, ':one': 1 },
    },
  }]);
  console.log({ rendered: { ...about, loadMs } });
}
