import { type Attempt, GROUPS, type Play } from './watch';
import type { Stage, Vocabulary } from '../stage';

/** What is told as it happens. */
export const STEPS: Vocabulary = {
  'cloudwatch.alarm': ({ detail }) => (detail?.to === 'ALARM' ? 'ALARM' : undefined),
  'sqs.dead-letter': ({ detail }) => `gives up a frame after ${detail?.receives} attempts`,
  'lambda.Invoke': ({ detail }) => (detail?.fault ? 'dies: it has claimed a frame, and not called its function yet' : undefined),
};

/** What holds in every play, whatever goes wrong. */
export function expectPromises(stage: Stage, play: Play) {
  const items = stage.items('Frames');
  const wanted = play.frames - play.givenUp;
  stage.expect(`${wanted} frames are rendered, and each counts once`, items.length === wanted && items.every(({ renderings }) => renderings === 1));
  const homes = new Map(play.begun.map(({ tenant, home }) => [`${tenant} ${home}`, tenant]));
  stage.expect('all frames of a tenant were routed to the same group', homes.size === new Set(homes.values()).size);
  const senders = new Set(['SendMessage', 'SendMessageBatch'].flatMap((operation) => stage.happened(`sqs.${operation}`)).map(({ subject }) => subject));
  stage.expect('nobody has sent a message but who submits and the router', [...senders].sort().join() === 'Farm/Route,SubmitJob');
  const empty = GROUPS.every(({ name }) => stage.depth(`Farm/${name}/Queue`) === 0);
  stage.expect('a frame was in the queue of its own group until it was done, by whomever, and no longer', play.missing === 0 && empty);
}

export function stolen<Of extends Pick<Attempt, 'group' | 'home'>>(all: readonly Of[]): Of[] {
  return all.filter(({ group, home }) => group !== home);
}
