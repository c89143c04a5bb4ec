import { dollarsOf, used } from './bill';
import type { Design } from './design';
import { HOUR, MINUTE, Scene } from './scene';
import { IDLE_MAPPING_REQUESTS_PER_MINUTE } from '../../simulator/src';
import { costOf } from '../prices';

export const IDLE_GROUPS = 3;
const PLACES_EACH = 4;
const HOURS_A_MONTH = 730;
const UNTIL_QUIET_MS = 5 * MINUTE;
/** A month of the empty polls of an event source with a maximum concurrency: the simulator polls no empty queue. */
export const IDLE_POLLS = costOf({ 'sqs.requests': IDLE_MAPPING_REQUESTS_PER_MINUTE.usual * 60 * HOURS_A_MONTH });

/** Dollars a month while nothing is submitted. */
export interface Idle {
  readonly design: Design;
  /** What each group adds. */
  readonly group: number;
  /** What does not depend on the number of groups. */
  readonly pool: number;
}

export async function measureIdle(design: Design): Promise<Idle> {
  const { eventSources: { pool, group } } = design;
  const [fewer, all] = [await idleMonth(design, IDLE_GROUPS - 1), await idleMonth(design, IDLE_GROUPS)];
  const added = all - fewer;
  return { design, group: added + group * IDLE_POLLS, pool: all - IDLE_GROUPS * added + pool * IDLE_POLLS };
}

/** An hour of so many groups of which one has done a task before, as often as a month has hours. */
function idleMonth(design: Design, groups: number): Promise<number> {
  return Scene.open(design, { shape: { groups, placesEach: PLACES_EACH } }, async (scene) => {
    scene.submit([{ id: 'before', payload: { tenant: 'tenant', seconds: 1 } }]);
    await scene.pass(UNTIL_QUIET_MS);
    const before = scene.used();
    await scene.pass(HOUR);
    return dollarsOf(used(scene.used(), before)) * HOURS_A_MONTH;
  });
}
