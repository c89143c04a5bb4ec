import { Agenda } from './agenda';
import { BOOKKEEPING, RECEIVE } from './latencies';
import type { Outcome } from './outcome';
import type { Scene } from './scene';

/** One queue for all places: whoever is free takes the next task, and it is at home there only by chance. */
export function runSharedQueue({ tasks, groups, coldPenalty, random }: Scene): Outcome {
  const agenda = new Agenda();
  const home = random.fork('home');
  const outcome = { makespan: 0, tasks: tasks.length, stolen: 0, warm: 0, meanWait: 0 };
  let free = groups.reduce((sum, { places }) => sum + places, 0);
  let next = 0;
  let arrived = 0;
  const takeNext = () => {
    while (free > 0 && next < arrived) {
      const { at, seconds } = tasks[next++];
      const warm = home.chance(1 / groups.length);
      free--;
      if (warm) outcome.warm++;
      outcome.meanWait += (agenda.now + RECEIVE - at) / tasks.length;
      agenda.after(RECEIVE + seconds * (warm ? 1 : 1 + coldPenalty) + BOOKKEEPING, () => {
        free++;
        outcome.makespan = agenda.now;
        takeNext();
      });
    }
  };
  for (const { at } of tasks) {
    agenda.after(at, () => {
      arrived++;
      takeNext();
    });
  }
  agenda.run(() => false);
  return outcome;
}
