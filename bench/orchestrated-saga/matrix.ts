import type { Design } from './design';
import { type End, inconsistency } from './judge';
import { type SagaShape, TRIP } from './saga-shape';
import { Scene } from './scene';
import { isExecutionTimeout, type Trouble, troublesOf } from './trouble';

/** How a saga ended that met one trouble. */
export interface Verdict {
  readonly trouble: Trouble;
  readonly told: readonly End[];
  /** What is wrong, if anything. */
  readonly wrong: string | undefined;
}

export interface Matrix {
  readonly design: Design;
  readonly verdicts: readonly Verdict[];
}

/** A trip for each trouble that one of its steps can meet. */
export async function measureMatrix(design: Design): Promise<Matrix> {
  const troubles = troublesOf(TRIP);
  const verdicts = [
    ...await meet(design, TRIP, troubles.filter(({ fault }) => !isExecutionTimeout(fault)), false),
    ...await meet(design, TRIP, troubles.filter(({ fault }) => isExecutionTimeout(fault)), true),
  ];
  return { design, verdicts };
}

function meet(design: Design, shape: SagaShape, troubles: readonly Trouble[], limited: boolean): Promise<Verdict[]> {
  return Scene.open(design, shape, async (scene) => {
    const verdicts: Verdict[] = [];
    for (const trouble of troubles) {
      const run = await scene.run(`saga-${verdicts.length}`, [...wayTo(design, trouble), trouble]);
      if (limited && run.outcomes[0].status !== 'TIMED_OUT') throw new Error(`${design.name}: an execution was to time out, and ${run.outcomes[0].status}`);
      const told = await design.ends(scene, run);
      verdicts.push({ trouble, told, wrong: inconsistency(told, scene.books.left(run.sagaId, scene.stepIds), scene.stepIds) });
    }
    return verdicts;
  }, { limited });
}

/** What lets a saga come to the call that is to go wrong: nothing, or what makes it go back. */
function wayTo(design: Design, { step, direction }: Trouble): Trouble[] {
  if (direction === 'DO') return [];
  return step === 'Charge' ? [design.undoesPivot] : [{ step: 'Charge', direction: 'DO', fault: 'business error' }];
}
