import type { Design } from './design';
import { inconsistency } from './judge';
import { chainOf } from './saga-shape';
import { type SagaRun, Scene } from './scene';
import type { Fault, Trouble } from './trouble';
import { difference, type Units } from '../units';

export const RUNS = 100;
/** A saga that dies takes several times as long to simulate. */
export const STOPPED_RUNS = 25;
/** Sagas before those that count: the first find no warm function. */
const WARM_UP = 5;

/** How a saga of steps in a row goes. The last step goes well, declines, or is under way when somebody stops the execution. */
export type Course = 'happy' | 'rolled back' | 'stopped';

const LAST_STEP: Record<Course, readonly Fault[]> = { 'happy': [], 'rolled back': ['business error'], 'stopped': ['stop during, before the effect'] };
const ENDS_IN: Record<Course, string> = { 'happy': 'COMPLETED', 'rolled back': 'COMPENSATED', 'stopped': 'COMPENSATED' };

export interface MeasuredSaga {
  /** All time but that in which its participants worked. */
  readonly overheadMs: number;
  /** From each participant's answer to the next participant. */
  readonly gapsMs: readonly number[];
  /** From when it was stopped until the last of its effects was undone. */
  readonly recoveryMs: number | undefined;
}

/** What a design did with steps in a row. */
export interface Chain {
  readonly design: Design;
  readonly steps: number;
  readonly course: Course;
  readonly sagas: readonly MeasuredSaga[];
  /** Billable units of all sagas. */
  readonly units: Units;
  /** Those of the units that the participants' own invocations are billed. */
  readonly participantUnits: Units;
}

export function measureChain(design: Design, steps: number, course: Course): Promise<Chain> {
  const troubles = LAST_STEP[course].map((fault): Trouble => ({ step: `Step${steps}`, direction: 'DO', fault }));
  return Scene.open(design, chainOf(steps), async (scene) => {
    const { meter } = scene.simulation.world;
    for (let index = 0; index < WARM_UP; index++) await scene.run(`warm-${index}`, troubles);
    const before = meter.totals();
    const participantsBefore = scene.participantUse.units();
    const sagas: MeasuredSaga[] = [];
    for (let index = 0; index < (course === 'stopped' ? STOPPED_RUNS : RUNS); index++) {
      const run = await scene.run(`saga-${index}`, troubles);
      await requireEnd(scene, run, ENDS_IN[course]);
      sagas.push(measured(run));
    }
    return {
      design, steps, course, sagas,
      units: difference(meter.totals(), before),
      participantUnits: difference(scene.participantUse.units(), participantsBefore),
    };
  });
}

/** What ends otherwise than it should has no price. */
async function requireEnd(scene: Scene, run: SagaRun, expected: string) {
  const told = await scene.design.ends(scene, run);
  const wrong = inconsistency(told, scene.books.left(run.sagaId, scene.stepIds), scene.stepIds);
  if (wrong ?? told[0] !== expected) throw new Error(`${scene.design.name}: ${run.sagaId} was to end ${expected} and is ${wrong ?? told[0]}`);
}

export function measured({ startedAt, stoppedAt, endedAt, calls }: Pick<SagaRun, 'startedAt' | 'stoppedAt' | 'endedAt' | 'calls'>): MeasuredSaga {
  const undone = calls.flatMap(({ direction, to }) => (direction === 'UNDO' ? [to] : []));
  return {
    overheadMs: endedAt - startedAt - calls.reduce((sum, { from, to }) => sum + to - from, 0),
    gapsMs: calls.slice(1).map(({ from }, index) => from - calls[index].to),
    recoveryMs: stoppedAt === undefined ? undefined : Math.max(...undone) - stoppedAt,
  };
}
