import type { Design } from './design';
import { isOrdered } from './goals';
import { newOrder } from './orders';
import type { Outcome } from './outcome';
import { Scene } from './scene';
import { type FaultRates, Random, RandomFaults } from '../../simulator/src';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const OUTAGE_HOURS = 30;
const BEFORE_AND_AFTER_HOURS = 1;
/** An order changes so often while days pass. */
export const SLOW_TRAFFIC = { orders: 200, everyMs: 2 * MINUTE };

/** What is out of order for 30 hours. */
export type Outage = 'relay stopped' | 'destination down';

/** What happened to the events of a design in trouble. */
export interface Trouble {
  readonly design: Design;
  /** Whether what was lost has been published again. */
  readonly replayed: boolean;
  readonly outcome: Outcome;
}

/** When what was lost is published again. Consumers that count on order need it before the relay goes on, as the runbook says. */
type Replay = 'never' | 'before the relay goes on' | 'in the end';

/** Without replay, and with it where the design can. */
export async function measureOutage(design: Design, outage: Outage): Promise<Trouble[]> {
  if (!design.replay) return outageOf(design, outage, 'never');
  if (!isOrdered(design)) return outageOf(design, outage, 'in the end');
  return [...await outageOf(design, outage, 'never'), ...await outageOf(design, outage, 'before the relay goes on')];
}

/** Orders change all the time: before the outage, in it and after it. */
function outageOf(design: Design, outage: Outage, replay: Replay): Promise<Trouble[]> {
  return Scene.open(design, async (scene) => {
    await writeSlowly(scene, BEFORE_AND_AFTER_HOURS);
    const since = scene.now - BEFORE_AND_AFTER_HOURS * HOUR;
    await (outage === 'relay stopped' ? design.stop(scene) : breakDestination(scene));
    await writeSlowly(scene, OUTAGE_HOURS);
    const early = replay === 'before the relay goes on';
    // Before the destination is back: what the relay kept would overtake what is published again.
    if (early && outage !== 'relay stopped') await design.stop(scene);
    scene.weather.mends('destination');
    if (early) await design.replay!(scene, since);
    if (early || outage === 'relay stopped') await design.start(scene);
    await writeSlowly(scene, BEFORE_AND_AFTER_HOURS);
    await scene.settle();
    const troubles = [{ design, replayed: early, outcome: scene.outcome() }];
    if (replay === 'in the end') {
      await design.replay!(scene, since);
      await scene.settle();
      troubles.push({ design, replayed: true, outcome: scene.outcome() });
    }
    return troubles;
  });
}

function writeSlowly(scene: Scene, hours: number) {
  return scene.write({ ...SLOW_TRAFFIC, changes: (hours * HOUR) / SLOW_TRAFFIC.everyMs });
}

function breakDestination({ weather }: Scene) {
  weather.breaks('destination', ({ operation }) => (/^(PutEvents|SendMessage|SendMessageBatch)$/.test(operation) ? { kind: 'error-before' } : undefined));
}

/** SQS does not take a group with a space. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const POISON = newOrder('order 13', 1);

/** One event that the destination refuses, and longer than a stream keeps it changes of other orders. */
export function measurePoison(design: Design): Promise<Trouble> {
  return Scene.open(design, async (scene) => {
    await writeSlowly(scene, BEFORE_AND_AFTER_HOURS);
    void scene.commit(POISON);
    await writeSlowly(scene, OUTAGE_HOURS);
    await scene.settle();
    return { design, replayed: false, outcome: scene.outcome() };
  });
}

/** Chances of each call and delivery. Nothing in it is exotic: AWS promises at least once, and says that calls may fail. */
export const STORM: FaultRates = {
  throttle: 0.01, errorBefore: 0.005, errorAfter: 0.005, partial: 0.02, crashBefore: 0.002, crashAfter: 0.01, duplicate: 0.02, delay: 0.01,
};
export const STORM_TRAFFIC = { changes: 3_000, orders: 20, everyMs: 2 };

/** Faults of every kind while orders change. */
export function measureStorm(design: Design): Promise<Trouble> {
  return Scene.open(design, async (scene) => {
    scene.weather.turns(new RandomFaults(STORM, new Random('bench/transactional-outbox/storm')));
    await scene.write(STORM_TRAFFIC);
    await scene.pass(HOUR);
    scene.weather.turns();
    await scene.settle();
    return { design, replayed: false, outcome: scene.outcome() };
  });
}
