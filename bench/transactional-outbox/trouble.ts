import type { Design } from './design';
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

/**
 * Orders change all the time: before the outage, in it and after it. `replayed`: the relay is stopped, what was committed since is published
 * again, and the relay is started.
 */
export function measureOutage(design: Design, outage: Outage, replayed: boolean): Promise<Trouble> {
  return Scene.open(design, async (scene) => {
    await writeSlowly(scene, BEFORE_AND_AFTER_HOURS);
    const since = scene.now - BEFORE_AND_AFTER_HOURS * HOUR;
    await (outage === 'relay stopped' ? design.stop(scene) : breakDestination(scene));
    await writeSlowly(scene, OUTAGE_HOURS);
    // Before the destination is back: what the relay kept would overtake what is published again.
    if (replayed && outage !== 'relay stopped') await design.stop(scene);
    scene.weather.mends('destination');
    if (replayed) await design.replay!(scene, since);
    if (replayed || outage === 'relay stopped') await design.start(scene);
    await writeSlowly(scene, BEFORE_AND_AFTER_HOURS);
    await scene.settle();
    return { design, replayed, outcome: scene.outcome() };
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
