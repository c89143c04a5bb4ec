import { type BenchTask, type Design, groupNames, type PoolShape } from './design';
import { type Beginning, type Death, MINUTE, Scene, SECOND } from './scene';
import { rendezvous } from '../../lambda-src/work-stealing-pool/routing/rendezvous';

const SHAPE: PoolShape = { groups: 2, placesEach: 8 };
/** Fewer than there are places: nothing else has them wait. Longer than a lease. */
export const UNDER_WAY = { tasks: 6, seconds: 60 };
/** How long after the tasks were submitted the runner dies: at all moments between two heartbeats. */
const LIVES_MS = [8, 11.3, 14.6, 17.9, 21.2, 24.5, 27.8, 31.1, 34.4, 37.7].map((seconds) => seconds * SECOND);
const WATCHED_MS = 4 * MINUTE;

/** A group's runner dies while its tasks are under way. */
export interface Recovery {
  readonly deaths: number;
  /** Of each task that was under way: from the death until it was begun anew. Endless if it never was. */
  readonly seconds: readonly number[];
}

export function measureRecovery(design: Design, livesMs: readonly number[] = LIVES_MS): Promise<Recovery> {
  return Scene.open(design, { shape: SHAPE }, async (scene) => {
    const [group] = groupNames(SHAPE);
    const tenant = tenantOf(group);
    for (const [round, lifeMs] of livesMs.entries()) {
      scene.submit(Array.from({ length: UNDER_WAY.tasks }, (_, index): BenchTask => (
        { id: `round-${round}-${index}`, payload: { tenant, seconds: UNDER_WAY.seconds } }
      )));
      await scene.pass(lifeMs);
      scene.killRunner(group);
      await scene.pass(WATCHED_MS);
    }
    return { deaths: scene.deaths.length, seconds: scene.deaths.flatMap((death) => begunAnew(death, scene.beginnings)) };
  });
}

export function begunAnew({ at, underWay }: Death, beginnings: readonly Beginning[]): number[] {
  return underWay.map((task) => {
    const again = beginnings.find((beginning) => beginning.id === task && beginning.at > at);
    return again ? (again.at - at) / SECOND : Infinity;
  });
}

/** One whose tasks are this group's. */
function tenantOf(group: string): string {
  const groups = groupNames(SHAPE).map((name) => ({ name, weight: 1 }));
  for (let number = 1; ; number++) if (rendezvous(`tenant-${number}`, groups)!.name === group) return `tenant-${number}`;
}
