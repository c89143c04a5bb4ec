import { Duration } from 'aws-cdk-lib';
import { expectPromises, STEPS, stolen } from './promises';
import { type Attempt, Play } from './watch';
import { ScriptedFaults } from '../../simulator/src';
import { itemKey } from '../../src/work-stealing-pool/contract';
import type { Stage } from '../stage';
import { frameId, type Job } from './typescript/functions/frame';

/** As the app has them by default. */
const LEASE = Duration.seconds(30);
const ATTEMPTS = 5;
/** What the pool promises: whatever a dead worker had begun comes again so long after its lease, at the latest. */
const AFTER_LEASE = Duration.seconds(10);

/** The group whose runner dies when it is about to call its function for the third time. */
const DYING = 'CpuB';
const CALL = 3;
/** Longer than the lease: functions that go on after their runner's death come too late. */
const SECONDS = [45, 60] as const;
const FRAMES = 11;
const BROKEN = [3, 6, 9];
const LONGEST = Duration.minutes(20);

/** Frames that a runner had begun when it died. */
interface Orphans {
  readonly diedAt: number;
  readonly frames: readonly Pick<Attempt, 'frame' | 'fence'>[];
}

/** A worker dies with stolen frames under way, and some frames are poison. */
export async function playDeath(stage: Stage) {
  stage.chapter('Frames that take longer than the lease, three of them broken, and a runner that dies with stolen ones under way');
  const faults = new ScriptedFaults([{ caller: `Farm/${DYING}/Run`, service: 'lambda', operation: 'Invoke', nth: CALL, fault: { kind: 'crash-before' } }]);
  stage.deploy({ tell: STEPS, faults });
  const film: Job = { ...stage.read('typescript/film.json'), frames: FRAMES, seconds: SECONDS, broken: BROKEN };
  const play = new Play(stage, [film]);
  let orphans: Orphans | undefined;
  await play.untilDone(LONGEST, () => { orphans ??= orphansOf(stage, play); });
  // Alarms look at five minutes.
  await stage.pass(Duration.minutes(6));
  if (!orphans) throw new Error('the story needs a runner that dies, and none has');

  tellFates(stage, play, orphans);
  expectPromises(stage, play);
  expectAgain(stage, play, orphans);
  expectGivenUp(stage, play, BROKEN.map((frame) => frameId({ ...film, frame })));
  // The invocation of the runner that died.
  stage.close({ lost: 1 });
}

/** Within a second of its death: its group has no other runner yet. */
function orphansOf(stage: Stage, { beganAt }: Play): Orphans | undefined {
  const end = stage.happened('lambda.end', `Farm/${DYING}/Run`).find(({ detail }) => detail?.status !== undefined);
  if (!end) return undefined;
  const items = stage.items('Farm/Table');
  const { id, entry } = itemKey.runner(DYING);
  const runner = items.find((item) => item.id === id && item.entry === entry)!;
  const tasks = items.filter(({ state, worker }) => state === 'RUNNING' && worker === runner.worker);
  return { diedAt: end.at - beganAt, frames: tasks.map((task) => ({ frame: task.id.replace(itemKey.task('').id, ''), fence: task.fence })) };
}

function tellFates(stage: Stage, play: Play, { diedAt, frames }: Orphans) {
  const after = (attempt: Attempt | undefined) => attempt && `${((attempt.at - diedAt) / 1000).toFixed(1).padStart(6)}, by ${attempt.group}`;
  stage.show('What became of the frames that the dead runner had begun, in seconds after its death', frames.map(({ frame, fence }) => {
    const begun = play.begun.filter((attempt) => attempt.frame === frame);
    return {
      frame,
      begun: after(begun.find((attempt) => attempt.fence === fence)) ?? 'never',
      again: after(begun.find((attempt) => attempt.fence > fence)) ?? 'no need',
      rendered: after(play.rendered.find((attempt) => attempt.frame === frame)) ?? 'never',
    };
  }));
}

/** Functions that it had called go on. What is not done by the time it comes again is begun anew, and they are refused. */
function expectAgain(stage: Stage, play: Play, { diedAt, frames }: Orphans) {
  const latest = diedAt + LEASE.toMilliseconds() + AFTER_LEASE.toMilliseconds();
  const isDone = ({ frame, fence }: Orphans['frames'][number]) => play.rendered.some((attempt) => attempt.frame === frame && attempt.fence === fence);
  const isAgain = ({ frame, fence }: Orphans['frames'][number]) => (
    play.begun.some((attempt) => attempt.frame === frame && attempt.fence > fence && attempt.at <= latest)
  );
  const again = frames.filter(isAgain).length;
  stage.expect(
    `of the ${frames.length} frames that it had begun ${again} began again within lease + 10 s, the others were rendered by the functions that it had called`,
    again > 0 && frames.every((frame) => isAgain(frame) || isDone(frame)),
  );
  const refused = stage.happened('dynamodb.TransactWriteItems', `Render${DYING}`).filter(({ detail }) => detail?.error !== undefined).length;
  stage.expect(`${refused} of those functions came back too late, and were refused`, refused > 0);
}

function expectGivenUp(stage: Stage, play: Play, broken: readonly string[]) {
  const thieves = [...new Set(stolen(play.begun.filter(({ frame }) => broken.includes(frame))).map(({ group }) => group))];
  const given = stage.happened('sqs.dead-letter');
  const fromHome = given.filter(({ subject, detail }) => subject === 'Farm/CpuA/Queue' && detail?.receives === ATTEMPTS).length;
  stage.expect(
    `the ${broken.length} broken frames, also those that ${thieves.join(' and ')} stole, are in the dead-letter queue of their own group after ${ATTEMPTS} attempts`,
    thieves.length > 0 && fromHome === broken.length && given.length === fromHome && stage.depth('Farm/CpuA/DeadLetters') === fromHome,
  );
  stage.expect('an alarm says so', stage.alarm('Farm/CpuA/Alarms/DeadLetters') === 'ALARM');
}
