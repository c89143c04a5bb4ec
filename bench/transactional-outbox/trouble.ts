import type { Design } from './design';
import type { Outcome } from './outcome';
import { Scene } from './scene';
import { type FaultRates, Random, RandomFaults } from '../../simulator/src';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const OUTAGE_HOURS = 30;
const BEFORE_AND_AFTER_HOURS = 1;
const OUTAGE_TRAFFIC = { orders: 40, everyMs: MINUTE };

/** What is out of order for 30 hours. */
export type Outage = 'relay stopped' | 'destination down';

/** What happened to the events of a design in trouble. */
export interface Trouble {
  readonly design: Design;
  /** Whether what was lost has been published again. */
  readonly replayed: boolean;
  readonly outcome: Outcome;
}

/** Orders change all the time: before the outage, in it and after it. `replayed`: the relay is stopped, what was committed since is published again, and it is started. */
export function measureOutage(design: Design, outage: Outage, replayed: boolean): Promise<Trouble> {
  return Scene.open(design, async (scene) => {
    const write = (hours: number) => scene.write({ ...OUTAGE_TRAFFIC, changes: (hours * HOUR) / OUTAGE_TRAFFIC.everyMs });
    await write(BEFORE_AND_AFTER_HOURS);
    const since = scene.now - HOUR;
    await (outage === 'relay stopped' ? design.stop(scene) : breakDestination(scene));
    await write(OUTAGE_HOURS);
    // Before the destination is back: what the relay kept would overtake what is published again.
    if (replayed && outage !== 'relay stopped') await design.stop(scene);
    scene.weather.mends('destination');
    if (replayed) await design.replay!(scene, since);
    if (replayed || outage === 'relay stopped') await design.start(scene);
    await write(BEFORE_AND_AFTER_HOURS);
    await scene.settle();
    return { design, replayed, outcome: scene.outcome() };
  });
}

function breakDestination({ weather }: Scene) {
  weather.breaks('destination', ({ operation }) => (/^(PutEvents|SendMessage|SendMessageBatch)$/.test(operation) ? { kind: 'error-before' } : undefined));
}

/** Chances of each call and delivery. Nothing in it is exotic: AWS promises at least once, and says that calls may fail. */
export const STORM: FaultRates = {
  throttle: 0.01, errorBefore: 0.005, errorAfter: 0.005, partial: 0.02, crashBefore: 0.002, crashAfter: 0.01, duplicate: 0.02, delay: 0.01,
};
export const STORM_TRAFFIC = { changes: 2_000, orders: 20, everyMs: 50 };

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
