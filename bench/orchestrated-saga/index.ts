import { type Chain, type Course, measureChain, RUNS, STOPPED_RUNS } from './chain';
import type { Design } from './design';
import { CHAIN_FIGURES, MATRIX_FIGURES, RECOVERY_FIGURES } from './figures';
import { missedConsistency, missedFunctions, missedTransitions } from './goals';
import { handWrittenSaga, handWrittenSagaUndoingItself } from './hand-written-stack';
import { measureMatrix, type Matrix } from './matrix';
import { orchestratedSaga } from './ours-stack';
import type { Bench } from '../bench';
import { figureTable, section } from '../section';

const SIZES = [1, 3, 5, 10, 40];
const IN_A_ROW: readonly Design[] = [orchestratedSaga, handWrittenSaga];
const IN_TROUBLE: readonly Design[] = [orchestratedSaga, handWrittenSaga, handWrittenSagaUndoingItself];

export const orchestratedSagas: Bench = {
  pattern: 'orchestrated-saga',

  async run(progress) {
    const inRows = async (course: Course, designs: readonly Design[]): Promise<Chain[]> => {
      const chains: Chain[] = [];
      for (const design of designs) {
        for (const steps of SIZES) {
          progress(`orchestrated-saga: sagas of ${steps} steps, ${course}, ${design.name}`);
          chains.push(await measureChain(design, steps, course));
        }
      }
      return chains;
    };
    const happy = await inRows('happy', IN_A_ROW);
    const rolledBack = await inRows('rolled back', IN_A_ROW);
    const stopped = await inRows('stopped', [orchestratedSaga]);
    const matrices: Matrix[] = [];
    for (const design of IN_TROUBLE) {
      progress(`orchestrated-saga: a trip for each trouble, ${design.name}`);
      matrices.push(await measureMatrix(design));
    }

    section('OrchestratedSaga: all goes well', [
      `Simulated time and billable units of ${RUNS} sagas of 1 to 40 steps in a row. A participant works 20–200 ms, the same draws in each design; the overhead is`,
      'all time but that. Hand-written: a state for each step, Retry, and Catch to a chain of compensations, without registry and recovery. A log of steps',
      'is what neither has: a write and a transition before and behind each call, by the same prices.',
    ], figureTable(happy, titleOf, CHAIN_FIGURES));
    section('OrchestratedSaga: the last step declines', ['All others are undone.'], figureTable(rolledBack, titleOf, CHAIN_FIGURES));
    section('OrchestratedSaga: somebody stops the execution in its last step', [
      `${STOPPED_RUNS} sagas. A recovery reads the execution's history and undoes all that may have taken effect. A hand-written saga has nothing that does.`,
    ], figureTable(stopped, titleOf, RECOVERY_FIGURES));
    section('OrchestratedSaga: one trouble for each trip', [
      'Each step of the trip, there and back, meets each trouble, one in a saga. It ends consistent when what was told in the end is what the services have on',
      'record: all effects, or none; or somebody has been told to look after it. A hand-written saga\'s execution that does not succeed tells that none are left.',
      'The same participants for all, idempotent and with tombstones, as many attempts and the same judge.',
    ], figureTable(matrices, titleOf, MATRIX_FIGURES));

    const ours = <Measured extends { readonly design: Design }>(all: readonly Measured[]) => all.filter(({ design }) => design === orchestratedSaga);
    return [
      ...ours(happy).flatMap(missedTransitions),
      ...ours([...happy, ...rolledBack]).flatMap(missedFunctions),
      ...ours(matrices).flatMap(missedConsistency),
    ];
  },
};

function titleOf({ design, ...measured }: { readonly design: Design; readonly steps?: number }): string {
  return measured.steps === undefined ? design.name : `${design.name}, ${measured.steps}`;
}
