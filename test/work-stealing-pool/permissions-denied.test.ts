import { cpSync, mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { Duration } from 'aws-cdk-lib';
import { assemble } from './assembly';
import { MINUTE, onlyFor, Scene, SECOND, tasks } from './scene';
import { removeAction } from '../simulate';

let complete: string;
beforeAll(() => {
  // A runner takes no more tasks when it has less time left than its function may take: here it hands over after 40 s.
  complete = assemble({ groups: { A: { maxConcurrency: 2, timeout: Duration.minutes(14) }, Fleet: { external: true } } });
});

/** What a runner needs as well as a worker outside. */
const WORKING = [
  'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem',
];

/** By the role that has the action. */
const GRANTS: readonly (readonly [construct: string, action: string, whose: string])[] = [
  ...['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:SendMessage', 'dynamodb:BatchGetItem', 'lambda:InvokeFunction']
    .map((action) => ['RenderRoute', action, 'Render/RouteRole'] as const),
  ...['sqs:GetQueueAttributes', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'lambda:InvokeFunction']
    .map((action) => ['RenderCoordinate', action, 'Render/CoordinateRole'] as const),
  ...[...WORKING, 'dynamodb:Query', 'lambda:InvokeFunction'].map((action) => ['RenderARun', action, 'Render/A/RunRole'] as const),
  ...WORKING.map((action) => ['FleetRole', action, 'FleetRole'] as const),
  ['OnA', 'dynamodb:UpdateItem', 'OnA/ServiceRole'],
];

it.each(GRANTS)('without its grant %s is denied %s', async (construct, action, whose) => {
  const assembly = mkdtempSync(path.join(tmpdir(), 'denied-'));
  cpSync(complete, assembly, { recursive: true });
  removeAction(assembly, construct, action);
  expect((await denialsIn(assembly)).map(({ name, action: denied }) => `${name} ${denied}`)).toContain(`${whose} ${action}`);
});

it('with all of them nobody is denied anything', async () => {
  expect(await denialsIn(complete)).toEqual([]);
});

/** Tasks of which one fails and some are stolen, by a worker that is stopped afterwards. */
async function denialsIn(assembly: string) {
  const scene = new Scene(assembly);
  const worker = scene.worker('Fleet', { capacity: 2 });
  await scene.pass(SECOND);
  scene.submit(onlyFor('A', [...tasks(1, { failures: 1 }, 'failing'), ...tasks(40, { seconds: 4.5, commits: true })]));
  scene.at(40 * SECOND, () => worker.stop());
  await scene.pass(MINUTE);
  return scene.simulation.report().denials;
}
