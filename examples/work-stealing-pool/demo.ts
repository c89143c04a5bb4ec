import { Duration } from 'aws-cdk-lib';
import type { Stage, Story } from '../stage';
import { playDeath } from './death';
import { drawn, lanes, makespan, mostAtOnce } from './gantt';
import { clock, picture } from './picture';
import { expectPromises, STEPS, stolen } from './promises';
import type { Job } from './typescript/functions/frame';
import { GROUPS, Play } from './watch';

const LONGEST = Duration.minutes(20);
const CHART_SPAN_MS = 5_000;
/** With stealing the film takes this share of the time at most. */
const GOAL = 0.6;

export const play: Story = async (stage) => {
  const alone = await playFilm(stage, 'A film is submitted to a farm whose groups do not help each other', { stealing: 'disabled' });
  stage.expect('nothing was stolen', stolen(alone.begun).length === 0);
  stage.close();

  const together = await playFilm(stage, 'The same film, and idle groups steal');
  const frames = stolen(together.begun);
  const thieves = [...new Set(frames.map(({ group }) => group))].sort();
  stage.expect(
    `${thieves.join(' and ')} stole ${frames.length} frames, and nobody stole what needs a GPU`,
    thieves.join() === 'CpuB,Gpu' && frames.every(({ home }) => home !== 'Gpu'),
  );
  stage.close();

  draw(stage, alone, together);
  const [longer, shorter] = [makespan(alone.bars), makespan(together.bars)];
  stage.expect(`with stealing the farm is done after ${Math.round(100 * shorter / longer)} % of the time`, shorter <= GOAL * longer);

  await playDeath(stage);
  stage.result({
    status: stage.failed ? 'FAILED' : 'SUCCEEDED',
    output: { frames: together.frames, withoutStealing: told(alone), withStealing: told(together) },
  });
};

/** Three tenants submit at once, and the film keeps one group busy for minutes. */
async function playFilm(stage: Stage, chapter: string, context: Readonly<Record<string, string>> = {}): Promise<Play> {
  stage.chapter(chapter);
  stage.deploy({ context, tell: STEPS });
  const jobs: Job[] = ['film', 'advert', 'trailer'].map((job) => stage.read(`typescript/${job}.json`));
  const playing = new Play(stage, jobs);
  await playing.untilDone(LONGEST);
  stage.tell('the last frame is rendered');
  await stage.settle();
  stage.say();
  expectPromises(stage, playing);
  const most = GROUPS.map((group) => mostAtOnce(playing.bars, group));
  stage.expect(`no group had more frames under way than places: ${most.join(', ')}`, GROUPS.every(({ places }, index) => most[index] <= places));
  stage.expect('no frame was begun twice, and nothing is in a dead-letter queue', playing.begun.length === playing.frames && playing.givenUp === 0);
  return playing;
}

function draw(stage: Stage, alone: Play, together: Play) {
  stage.chapter('Which place rendered what when');
  const panels = [
    { title: 'Without stealing', lanes: lanes(alone.bars, GROUPS) },
    { title: 'With stealing', lanes: lanes(together.bars, GROUPS) },
  ];
  const axis = { spanMs: CHART_SPAN_MS, lengthMs: makespan(alone.bars) };
  for (const panel of panels) {
    stage.say(panel.title);
    for (const line of drawn(panel.lanes, GROUPS, axis)) stage.say(line);
    stage.say();
  }
  stage.say(`${GROUPS.map(({ name, sign }) => `${sign} routed to ${name}`).join(', ')}; small letters: stolen by another group`);
  const file = stage.write('cdk.out/film.svg', picture('Three jobs for three groups, one of them a film of 240 frames', panels, GROUPS));
  stage.say(`the same as a picture: ${file}\n`);
}

function told({ bars }: Play) {
  return { doneAfter: clock(makespan(bars)), stolen: stolen(bars).length, scenesLoaded: bars.filter(({ loadMs }) => loadMs > 0).length };
}
