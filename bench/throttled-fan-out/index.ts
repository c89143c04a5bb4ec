import { BACKLOG, measureBacklog } from './backlog';
import { maximumConcurrency, reservedConcurrency } from './concurrency-stacks';
import { runDay } from './day';
import { type Design, LIMIT, USUAL_TARGET_MS } from './design';
import { BACKLOG_FIGURES, FLOOD_FIGURES, OUTAGE_FIGURES, STEADY_FIGURES } from './figures';
import { FLOOD, measureFlood, WATCHED_MS } from './flood';
import { missedInBacklog, missedInFlood, missedInOutage } from './goals';
import { throttledFanOut as ours } from './ours-stack';
import { measureOutage, OUTAGE } from './outage';
import { MINUTE } from './scene';
import { measureSteady, STEADY } from './steady';
import { visibilityLimiter } from './visibility-limiter-stack';
import type { Bench } from '../bench';
import { figureTable, section } from '../section';

const DESIGNS: readonly Design[] = [ours, reservedConcurrency, maximumConcurrency, visibilityLimiter];
const titleOf = ({ design }: { readonly design: Design }) => design.name;

export const throttledFanOut: Bench = {
  pattern: 'throttled-fan-out',
  studies: { '--day': runDay },

  async run(progress) {
    const each = async <Result>(what: string, measure: (design: Design) => Promise<Result>): Promise<Result[]> => {
      const results: Result[] = [];
      for (const design of DESIGNS) {
        progress(`throttled-fan-out: ${what}, ${design.name}`);
        results.push(await measure(design));
      }
      return results;
    };
    const backlogs = await each('a backlog', measureBacklog);
    const floods = await each('a flood', measureFlood);
    const outages = await each('an outage', measureOutage);
    const steady = await each('nothing goes wrong', measureSteady);

    const messages = Object.values(BACKLOG).reduce((sum, count) => sum + count, 0);
    section('ThrottledFanOut', [
      `A target that may get ${LIMIT.perSecond} messages a second and ${LIMIT.burst} at once, and ${messages} messages that wait for it. It takes ${USUAL_TARGET_MS} ms for one, which is`,
      'what the concurrency of the others is made for, then half as long, then twice as long.',
    ], figureTable(backlogs, titleOf, BACKLOG_FIGURES));
    section(`A flood of ${FLOOD.timesTheRate} times the rate`, [
      `${FLOOD.criticalPerSecond} critical messages a second, watched for ${WATCHED_MS / MINUTE} minutes, alone and with ${FLOOD.seconds} seconds of bulk. Only ThrottledFanOut has priorities.`,
    ], figureTable(floods, titleOf, FLOOD_FIGURES));
    section(`The target is down for ${OUTAGE.minutes} minutes`, [
      `${OUTAGE.perSecond} messages a second go on coming. Each design tries a message five times.`,
    ], figureTable(outages, titleOf, OUTAGE_FIGURES));
    section('What messages cost', [
      `${Object.values(STEADY).reduce((sum, perSecond) => sum + perSecond, 0)} messages a second, published one by one: none has to wait. Queues: each message is sent, received and deleted, in batches where there are any.`,
    ], figureTable(steady, titleOf, STEADY_FIGURES));

    return [
      ...missedInBacklog(backlogs[0]), ...missedInFlood(floods[0]), ...missedInOutage(outages[0]),
    ];
  },
};
