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

/** The group whose runner dies, when it is stealing. */
const DYING = 'CpuB';
const INVOCATION = 24;
const BROKEN_FRAME = 5;
const LONGEST = Duration.minutes(20);

/** Frames that a runner had begun when it died. */
interface Orphans {
  readonly diedAt: number;
  readonly frames: readonly Pick<Attempt, 'frame' | 'fence'>[];
}

/** A worker dies with stolen frames under way, and one frame is poison. */
export async function playDeath(stage: Stage) {
  stage.chapter('A frame that nobody can render, and a runner that dies while it has stolen frames under way');
  const faults = new ScriptedFaults([{ caller: `Farm/${DYING}/Run`, service: 'lambda', operation: 'Invoke', nth: INVOCATION, fault: { kind: 'crash-before' } }]);
  stage.deploy({ tell: STEPS, faults });
  const film: Job = { ...stage.read('typescript/film.json'), frames: 120, broken: [BROKEN_FRAME] };
  const play = new Play(stage, [film, { ...stage.read('typescript/advert.json'), frames: 8 }]);
  let orphans: Orphans | undefined;
  await play.untilDone(LONGEST, () => { orphans ??= orphansOf(stage, play); });
  // Alarms look at five minutes.
  await stage.pass(Duration.minutes(6));
  if (!orphans) throw new Error('the story needs a runner that dies, and none has');


  stage.show('What became of the frames that the dead runner had begun, in seconds after its death', orphans.frames.map((orphan) => fate(play, orphans!, orphan)));
  expectPromises(stage, play);
  expectAgain(stage, play, orphans);
  expectGivenUp(stage, play, frameId({ ...film, frame: BROKEN_FRAME }));
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

/** Functions that it had called go on, and commit what they have rendered; a frame that comes again is done by then, or done anew. */
function fate(play: Play, { diedAt }: Orphans, orphan: Orphans['frames'][number]) {
  const after = (attempt: Attempt | undefined) => attempt && `${((attempt.at - diedAt) / 1000).toFixed(1).padStart(5)}, by ${attempt.group}`;
  const isIt = ({ frame }: Attempt) => frame === orphan.frame;
  return {
    frame: orphan.frame,
    begun: after(play.begun.find((attempt) => isIt(attempt) && attempt.fence === orphan.fence)) ?? 'never',
    again: after(play.begun.find((attempt) => isIt(attempt) && attempt.fence > orphan.fence)) ?? 'no need',
    rendered: after(play.rendered.find(isIt)) ?? 'never',
  };
}

function expectAgain(stage: Stage, play: Play, { diedAt, frames }: Orphans) {
  const latest = diedAt + LEASE.toMilliseconds() + AFTER_LEASE.toMilliseconds();
  const lives = ({ frame, fence }: Orphans['frames'][number]) => (
    play.rendered.some((attempt) => attempt.frame === frame && attempt.fence === fence)
    || play.begun.some((attempt) => attempt.frame === frame && attempt.fence > fence && attempt.at <= latest)
  );
  const again = frames.filter(({ frame, fence }) => play.begun.some((attempt) => attempt.frame === frame && attempt.fence > fence));
  stage.expect(
    `of the frames that it had begun ${frames.length - again.length} were rendered by functions that it had called; ${again.length} began again within lease + 10 s`,
    again.length > 0 && frames.every(lives),
  );
}

function expectGivenUp(stage: Stage, play: Play, broken: string) {
  const attempts = play.begun.filter(({ frame }) => frame === broken);
  const thieves = [...new Set(stolen(attempts).map(({ group }) => group))];
  const inPlace = stage.depth('Farm/CpuA/DeadLetters') === 1 && play.givenUp === 1;
  stage.expect(
    `the broken frame, stolen by ${thieves.join(' and ')}, is in the dead-letter queue of its own group after ${attempts.length} attempts by all`,
    thieves.length > 0 && attempts.length === ATTEMPTS && inPlace,
  );
  stage.expect('an alarm says so', stage.alarm('Farm/CpuA/Alarms/DeadLetters') === 'ALARM');
}
