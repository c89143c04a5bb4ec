import { Duration } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type AssemblyOptions, assemble } from './assembly';
import { MINUTE, onlyFor, Scene, SECOND, tasks } from './scene';
import { duplicating } from '../simulate';

/** A runner takes no more tasks when it has less time left than its function may take: here it hands over after 40 s. */
const SHORT_SHIFTS = { maxConcurrency: 2, timeout: Duration.minutes(14) };
const GROUPS = { A: SHORT_SHIFTS, B: SHORT_SHIFTS, Fleet: { external: true } } as const;

/** What no scenario can use, each with the reason why it stays. */
const JUSTIFIED: readonly (readonly [RegExp, string])[] = [
  [/RouteRole sqs:(GetQueueUrl|ChangeMessageVisibility) /, 'SqsEventSource grants them with queue.grantConsumeMessages'],
];
/** What services ask of a customer's key, and the simulator does not, because it has no ciphertext. */
const USED_BY_AWS: readonly (readonly [RegExp, string])[] = [
  [/Role kms:/, 'https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html: whoever uses a table needs all of them'],
];

describe.each<[string, AssemblyOptions['propsOf']]>([
  ['with default props', undefined],
  ['with a customer\'s key', (stack) => ({ encryptionKey: new Key(stack, 'Key') })],
])('every permission of a pool %s', (_, propsOf) => {
  it('is used when tasks are done, stolen, given up, and a runner hands over, and none is missing', async () => {
    const scene = new Scene(assemble({ groups: GROUPS, propsOf }), { faults: duplicating('message', '/Queue') });
    await everything(scene);
    const { denials, unusedGrants } = scene.simulation.report();
    expect(denials).toEqual([]);
    const unused = unusedGrants.map(({ name, action, resource }) => `${name} ${action} ${resource}`);
    expect(unused.filter((grant) => ![...JUSTIFIED, ...USED_BY_AWS].some(([pattern]) => pattern.test(grant)))).toEqual([]);
  });
});

/** What happens to a pool in its life: each message of a group's queue comes twice, and whoever was first is refused. */
async function everything(scene: Scene): Promise<void> {
  const workers = ['one', 'two'].map((name) => scene.worker('Fleet', { name, capacity: 2 }));
  await scene.pass(SECOND);
  for (const group of Object.keys(GROUPS)) {
    scene.submit(onlyFor(group, [...tasks(40, { seconds: 11, commits: true }, `${group}-task`), ...tasks(2, { failures: 1, seconds: 5 }, `${group}-failing`)]));
    await scene.pass(2 * MINUTE);
  }
  scene.send('Render/Submit', ['no task']);
  scene.submit(onlyFor('Fleet', tasks(1, { seconds: 5, commits: true }, 'alone')));
  await scene.pass(MINUTE);
  for (const worker of workers) worker.stop();
  await scene.pass(MINUTE);
}
