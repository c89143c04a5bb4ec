import { first, named, parked, registered, resume, run, runToTheEnd, scene, type Stage, stopOwner, usual } from './scene';
import { SagaStep, UnknownOutcome } from '../../src';
import { alarmsRinging, messagesOf, Outage } from '../simulate';

/** What the runbook in `src/orchestrated-saga/README.md` says, done. */
describe('a parked saga', () => {
  const out = () => { throw named('OutOfPaper'); };

  it('STEP: goes on with the parked step when it is retried, and does not go back', async () => {
    const stage = scene({ behaviours: first(7, 'SendTicket', out) });
    await runToTheEnd(stage);
    expect(await parked(stage)).toEqual([expect.objectContaining({ sagaId: 's-1', parked: { reason: 'STEP', step: 'SendTicket' }, failure: expect.objectContaining({ error: 'OutOfPaper' }) })]);
    const refused = await resume(stage, 'COMPENSATE');
    expect(refused).toMatchObject({ status: 'FAILED', error: 'InvalidRecoveryRequest', cause: expect.stringContaining('resume it with decision RETRY') });
    expect(registered(stage)).toMatchObject({ status: 'PARKED' });
    expect((await resume(stage, 'RETRY')).output).toMatchObject({ status: 'COMPLETED' });
    expect(stage.services.done('s-1')).toHaveLength(5);
  });

  it.each([['RETRY', 'COMPLETED', 2], ['COMPENSATE', 'COMPENSATED', 0]] as const)('UNKNOWN: %s ends it %s', async (decision, status, effects) => {
    const stage = scene({
      steps: (functionNamed) => [
        SagaStep.function('ReserveHotel', { action: functionNamed('ReserveHotel'), compensation: functionNamed('UndoReserveHotel') }),
        SagaStep.function('Charge', { action: functionNamed('Charge'), compensation: functionNamed('UndoCharge'), onUnknown: UnknownOutcome.park() }),
      ],
      behaviours: first(1, 'Charge', async (request, { sleep }, services) => {
        usual(services, 'Charge', request);
        return sleep(60_000);
      }),
    });
    await runToTheEnd(stage);
    expect(await parked(stage)).toEqual([expect.objectContaining({ parked: { reason: 'UNKNOWN', step: 'Charge' } })]);
    expect((await resume(stage, decision)).output).toMatchObject({ status });
    expect(stage.services.done('s-1')).toHaveLength(effects);
  });

  it.each(['RETRY', 'COMPENSATE'])('COMPENSATION: %s undoes all again, what was undone stays so', async (decision) => {
    const stage = scene({ behaviours: { Charge: (request, _, services) => services.decline(request, 'CardDeclined'), ...first(7, 'UndoReserveCar', out) } });
    await runToTheEnd(stage);
    const [message] = await parked(stage);
    expect(message).toMatchObject({ parked: { reason: 'COMPENSATION' }, compensations: expect.arrayContaining([{ step: 'ReserveCar', status: 'FAILED', error: 'OutOfPaper' }]) });
    expect(stage.services.done('s-1')).toEqual(['ReserveCar']);
    expect((await resume(stage, decision)).output).toMatchObject({ status: 'COMPENSATED' });
    expect(stage.services.done('s-1')).toEqual([]);
  });

  it('without a decision is retried, and one that is not parked is refused, with an alarm', async () => {
    const stage = scene({ behaviours: first(7, 'SendTicket', out) });
    await runToTheEnd(stage);
    expect((await resume(stage)).output).toMatchObject({ status: 'COMPLETED' });
    expect(await resume(stage)).toMatchObject({ status: 'FAILED', cause: "saga 's-1' is COMPLETED; only a saga that is PARKED can be resumed" });
    await stage.simulation.run({ deadline: stage.simulation.world.kernel.now + 6 * 60_000 });
    expect(alarmsRinging(stage.simulation).join()).toContain('RecoveryFailed');
  });
});

describe('a recovery that could not be', () => {
  it('for Recover could not read the history: is made up for by its own ARN, from the message', async () => {
    const stage = dying(new Outage({ service: 'states', operation: 'GetExecutionHistory' }));
    await runToTheEnd(stage);
    const [message] = await parked(stage);
    expect(message).toMatchObject({ parked: { reason: 'RECOVERY' }, failure: { step: 'Recover' } });
    stage.outage.down = false;
    await recoverBy(stage, message.executionArn);
  });

  it('for EventBridge could not start it: is made up for by the ARN in the undelivered event', async () => {
    const stage = dying(new Outage({ service: 'states', operation: 'StartExecution' }));
    await run(stage);
    await stage.simulation.run();
    const [event] = await messagesOf(stage.simulation, 'Trip/Undelivered');
    stage.outage.down = false;
    await recoverBy(stage, JSON.parse(event!).detail.executionArn);
  });
});

/** A saga whose execution is stopped as its pivot is called, and something that fails from then on. */
function dying(outage: Outage): Stage & { outage: Outage } {
  const stage: Stage = scene({
    behaviours: {
      Charge: async (_, { sleep }) => {
        outage.down = true;
        stopOwner(stage);
        await sleep(1_000);
        throw named('CardDeclined');
      },
    },
    options: { faults: outage },
  });
  return { ...stage, outage };
}

async function recoverBy(stage: Stage, executionArn: string): Promise<void> {
  expect(registered(stage)).toMatchObject({ status: 'RUNNING' });
  const started = stage.simulation.start('Trip/Recovery', { executionArn });
  await stage.simulation.run();
  expect(started.outcome).toMatchObject({ status: 'SUCCEEDED', output: { status: 'COMPENSATED' } });
  expect(registered(stage)).toMatchObject({ status: 'COMPENSATED' });
  expect(stage.services.done('s-1')).toEqual([]);
}
