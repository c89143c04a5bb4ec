import { Books } from '../../bench/orchestrated-saga/books';
import { type Chain, measured } from '../../bench/orchestrated-saga/chain';
import { stepLogDollarsPerMillion } from '../../bench/orchestrated-saga/figures';
import { missedConsistency, missedFunctions, missedTransitions } from '../../bench/orchestrated-saga/goals';
import { handWrittenSaga, handWrittenSagaUndoingItself } from '../../bench/orchestrated-saga/hand-written-stack';
import { inconsistency } from '../../bench/orchestrated-saga/judge';
import { orchestratedSaga } from '../../bench/orchestrated-saga/ours-stack';
import { allSteps, chainOf, TRIP } from '../../bench/orchestrated-saga/saga-shape';
import { Scene } from '../../bench/orchestrated-saga/scene';
import { FAULTS, type Trouble, troublesOf } from '../../bench/orchestrated-saga/trouble';
import { FAULTS as TESTED_FAULTS } from '../orchestrated-saga/matrix-faults';

process.env.CDK_VALIDATION = 'false';

describe('the bench of the saga', () => {
  it('judges an end by the services\' books', () => {
    const steps = ['Hotel', 'Charge'];
    expect(inconsistency(['COMPLETED'], steps, steps)).toBeUndefined();
    expect(inconsistency(['COMPENSATED'], [], steps)).toBeUndefined();
    expect(inconsistency(['PARKED'], ['Hotel'], steps)).toBeUndefined();
    expect(inconsistency(['COMPLETED'], ['Hotel'], steps)).toBe('COMPLETED, with the effects of Hotel');
    expect(inconsistency(['COMPENSATED'], ['Charge'], steps)).toBe('COMPENSATED, with the effects of Charge');
    expect(inconsistency([], [], steps)).toBe('nobody says how it ended, with no effect');
    expect(inconsistency(['COMPENSATED', 'COMPLETED'], [], steps)).toBe('COMPLETED, with no effect');
  });

  it('has participants that do nothing twice, and refuse what was undone', () => {
    const books = new Books();
    expect([books.do('s', 'Hotel'), books.do('s', 'Hotel')]).toEqual([{ reservation: 's#Hotel' }, { reservation: 's#Hotel' }]);
    expect(books.left('s', ['Hotel', 'Charge'])).toEqual(['Hotel']);
    books.undo('s', 'Hotel');
    books.undo('s', 'Charge');
    expect(books.left('s', ['Hotel', 'Charge'])).toEqual([]);
    expect(() => books.do('s', 'Charge')).toThrow(expect.objectContaining({ name: 'SagaStepUndone' }));
  });

  it('lets each step of the trip meet each fault, there and back, where there is a way back', () => {
    const troubles = troublesOf(TRIP);
    expect(troubles).toHaveLength((5 + 4) * FAULTS.length);
    expect(new Set(troubles.map((trouble) => JSON.stringify(trouble))).size).toBe(troubles.length);
    expect(FAULTS).toEqual(expect.arrayContaining([...TESTED_FAULTS]));
    expect(troubles.some(({ step, direction }) => step === 'Ticket' && direction === 'UNDO')).toBe(false);
  });

  it('has steps in a row, and counts those of a group', () => {
    expect(chainOf(3).map(({ id }) => id)).toEqual(['Step1', 'Step2', 'Step3']);
    expect(allSteps(TRIP).map(({ id }) => id)).toEqual(['Hotel', 'Flight', 'Car', 'Charge', 'Ticket']);
  });

  it('takes the participants\' work out of the overhead, and a recovery from the stop to the last undoing', () => {
    const call = (direction: 'DO' | 'UNDO', from: number, to: number) => ({ direction, from, to });
    expect(measured({ startedAt: 1_000, endedAt: 1_500, stoppedAt: undefined, calls: [call('DO', 1_100, 1_200), call('DO', 1_230, 1_400)] }))
      .toEqual({ overheadMs: 230, gapsMs: [30], recoveryMs: undefined });
    // What was under way when the execution was stopped answers after its own undoing.
    expect(measured({ startedAt: 1_000, endedAt: 1_250, stoppedAt: 1_200, calls: [call('UNDO', 1_900, 2_000), call('DO', 1_100, 6_200)] }))
      .toMatchObject({ recoveryMs: 800 });
  });

  const chain: Chain = {
    design: orchestratedSaga, steps: 3, course: 'happy', sagas: [{ overheadMs: 1, gapsMs: [], recoveryMs: undefined }],
    units: { 'states.transitions': 6, 'lambda.requests': 3 }, participantUnits: { 'lambda.requests': 3 },
  };

  it('prices a log of steps by two transitions and two writes a call', () => {
    expect(stepLogDollarsPerMillion(chain)).toBeCloseTo(3 * 2 * (25 + 0.625));
  });

  it('names each goal that is missed, and no other', () => {
    expect([missedTransitions(chain), missedFunctions(chain)]).toEqual([[], []]);
    const dear = { ...chain, units: { 'states.transitions': 7, 'lambda.requests': 4 } };
    expect(missedTransitions(dear)).toEqual(['OrchestratedSaga takes 7 transitions for 3 steps, at most 6 are allowed']);
    expect(missedFunctions(dear)).toEqual(['OrchestratedSaga has invoked functions of its own 1 times in sagas of 3 steps that were happy, none are allowed']);
    expect([missedTransitions({ ...dear, course: 'rolled back' }), missedFunctions({ ...dear, course: 'stopped' })]).toEqual([[], []]);
    const trouble: Trouble = { step: 'Hotel', direction: 'UNDO', fault: 'stop before' };
    const verdicts = [{ trouble, told: [], wrong: undefined }, { trouble, told: [], wrong: 'nobody says how it ended, with no effect' }];
    expect(missedConsistency({ design: orchestratedSaga, verdicts }))
      .toEqual(['OrchestratedSaga, stop before at UNDO of Hotel: nobody says how it ended, with no effect']);
  });

  describe('runs a trip', () => {
    const end = (design: typeof orchestratedSaga, troubles: readonly Trouble[]) => Scene.open(design, TRIP, async (scene) => {
      const told = await design.ends(scene, await scene.run('saga-1', troubles));
      return { told, left: scene.books.left('saga-1', scene.stepIds) };
    });
    const at = (step: string, direction: Trouble['direction'], fault: Trouble['fault']): Trouble => ({ step, direction, fault });

    it('that goes well in all designs', async () => {
      for (const design of [orchestratedSaga, handWrittenSaga, handWrittenSagaUndoingItself]) {
        expect(await end(design, [])).toEqual({ told: ['COMPLETED'], left: ['Hotel', 'Flight', 'Car', 'Charge', 'Ticket'] });
      }
    });

    it('that only a recovery finishes', async () => {
      const stopped = [at('Charge', 'DO', 'stop during, before the effect')];
      expect(await end(orchestratedSaga, stopped)).toEqual({ told: ['COMPENSATED'], left: [] });
      expect(await end(handWrittenSaga, stopped)).toEqual({ told: ['COMPENSATED'], left: ['Hotel', 'Flight', 'Car', 'Charge'] });
    });

    it('whose step has taken effect and does not say so', async () => {
      const silent = [at('Hotel', 'DO', 'timeout with effect for ever')];
      expect(await end(handWrittenSaga, silent)).toEqual({ told: ['COMPENSATED'], left: ['Hotel'] });
      for (const design of [orchestratedSaga, handWrittenSagaUndoingItself]) expect(await end(design, silent)).toEqual({ told: ['COMPENSATED'], left: [] });
    });

    it('that needs a person', async () => {
      const stuck = [at('Charge', 'DO', 'business error'), at('Flight', 'UNDO', 'throttle for ever')];
      expect(await end(orchestratedSaga, stuck)).toEqual({ told: ['PARKED'], left: ['Flight'] });
      expect(await end(handWrittenSaga, stuck)).toEqual({ told: ['COMPENSATED'], left: ['Hotel', 'Flight'] });
    });

    it('and says when a trouble was not met', async () => {
      await expect(end(handWrittenSaga, [at('Hotel', 'UNDO', 'exception')])).rejects.toThrow("'exception' was to hit UNDO of Hotel, and did not");
    });
  });
});
