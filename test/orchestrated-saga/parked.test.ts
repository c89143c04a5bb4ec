import { assemble, executionsOf, first, named, parked, registered, resume, runToTheEnd, scene, stage, type Stage, stopOwner } from './scene';
import { SagaRetry } from '../../src/orchestrated-saga/saga-retry';
import { SagaStep } from '../../src/orchestrated-saga/saga-step';
import { UnknownOutcome } from '../../src/orchestrated-saga/unknown-outcome';
import { alarmsRinging, messagesOf } from '../simulate';

const ALL = ['ReserveHotel', 'ReserveFlight', 'ReserveCar', 'Charge', 'SendTicket'];
const fails = (name: string) => () => { throw named(name); };

describe('a compensation that fails for ever', () => {
  const broken = () => {
    const state = { broken: true };
    const made = scene({
      behaviours: {
        Charge: (request, _, services) => services.decline(request, 'CardDeclined'),
        UndoReserveCar: (request, _, services) => { if (state.broken) throw named('GarageClosed'); return services.undo(request as never); },
      },
    });
    return { made, state };
  };

  test('parks the saga, rings the alarm, and keeps none of the others from being undone', async () => {
    const { made } = broken();
    const { status, output } = await runToTheEnd(made);
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({
      status: 'PARKED',
      failure: { step: 'Charge', error: 'CardDeclined' },
      compensations: [{ step: 'ReserveFlight', status: 'DONE' }, { step: 'ReserveCar', status: 'FAILED', error: 'GarageClosed' }, { step: 'ReserveHotel', status: 'DONE' }],
    });
    expect(made.services.done('s-1')).toEqual(['ReserveCar']);
    expect(made.services.calls.filter((key) => key === 's-1#ReserveCar#UNDO')).toHaveLength(7);
    await made.simulation.run({ deadline: made.simulation.world.kernel.now + 15 * 60_000 });
    expect(alarmsRinging(made.simulation).join()).toMatch(/Parked/);
    expect(await parked(made)).toMatchObject([{ saga: expect.any(String), sagaId: 's-1', parked: { reason: 'COMPENSATION' }, compensations: output.compensations }]);
    expect(registered(made)!.expiresAt).toBeUndefined();
  });

  test('is tried again when a person says so, and the saga ends COMPENSATED', async () => {
    const { made, state } = broken();
    await runToTheEnd(made);
    state.broken = false;
    expect((await resume(made, 'RETRY')).output).toMatchObject({ status: 'COMPENSATED', failure: { step: 'Charge', error: 'CardDeclined' } });
    expect(made.services.done('s-1')).toEqual([]);
    expect(registered(made)!.parked).toBeUndefined();
  });

  test('is parked again when nothing was mended', async () => {
    const { made } = broken();
    await runToTheEnd(made);
    expect((await resume(made)).output).toMatchObject({ status: 'PARKED' });
    expect(await parked(made)).toHaveLength(2);
    expect((await resume(made)).output).toMatchObject({ status: 'PARKED' });
  });
});

describe('an unknown outcome that parks', () => {
  const steps = (functionNamed: any) => [
    SagaStep.function('A', { action: functionNamed('A'), compensation: functionNamed('UndoA') }),
    SagaStep.function('B', { action: functionNamed('B'), compensation: functionNamed('UndoB'), onUnknown: UnknownOutcome.park(), retry: SagaRetry.none(), abortOn: ['No'] }),
    SagaStep.function('C', { action: functionNamed('C'), compensation: functionNamed('UndoC'), abortOn: ['No'] }),
  ];
  const assembly = assemble({ steps });
  const lost = () => first(1, 'B', (request, _, services) => { services.do(request); throw named('Oops'); });

  test('waits for a person', async () => {
    const made = stage(assembly, lost());
    expect((await runToTheEnd(made)).output).toMatchObject({ status: 'PARKED', failure: { step: 'B', error: 'Oops' }, compensations: [] });
    expect(await parked(made)).toMatchObject([{ parked: { reason: 'UNKNOWN', step: 'B' } }]);
    expect(made.services.done('s-1').sort()).toEqual(['A', 'B']);
  });

  test('goes on by RETRY, with the step and its key', async () => {
    const made = stage(assembly, lost());
    await runToTheEnd(made);
    const { output } = await resume(made, 'RETRY');
    expect(output).toMatchObject({ status: 'COMPLETED' });
    expect(output).not.toHaveProperty('failure');
    expect(made.services.calls.filter((key) => key === 's-1#B#DO')).toHaveLength(2);
    expect(made.services.made.get('s-1#B')).toBe(1);
    expect(made.services.done('s-1').sort()).toEqual(['A', 'B', 'C']);
  });

  test('goes back by COMPENSATE, the step itself included', async () => {
    const made = stage(assembly, lost());
    await runToTheEnd(made);
    expect((await resume(made, 'COMPENSATE')).output).toMatchObject({ status: 'COMPENSATED', compensations: [{ step: 'B' }, { step: 'A' }] });
    expect(made.services.done('s-1')).toEqual([]);
  });

  test('and declines at the next attempt goes back from before it', async () => {
    const made = stage(assembly, { ...first(1, 'B', fails('Oops')), C: fails('No') });
    await runToTheEnd(made);
    expect((await resume(made)).output).toMatchObject({ status: 'COMPENSATED', compensations: [{ step: 'B' }, { step: 'A' }] });
  });

  test('keeps its direction when the resumed execution dies on its way back', async () => {
    let stopped = false;
    const made: Stage = stage(assembly, lost(), {
      trace: { listener: ({ event, detail }) => { if (event === 'states.enter' && detail?.state === 'Undo A' && !stopped) { stopped = true; stopOwner(made); } } },
    });
    await runToTheEnd(made);
    expect((await resume(made, 'COMPENSATE')).status).toBe('ABORTED');
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED' });
    expect(made.services.done('s-1')).toEqual([]);
  });

  test('keeps what the resumed execution has done when that one dies', async () => {
    let stopped = false;
    const made: Stage = stage(assembly, lost(), {
      trace: { listener: ({ event, detail }) => { if (event === 'states.enter' && detail?.state === 'Complete' && !stopped) { stopped = true; stopOwner(made); } } },
    });
    await runToTheEnd(made);
    expect((await resume(made, 'RETRY')).status).toBe('ABORTED');
    expect(registered(made)).toMatchObject({ status: 'COMPLETED' });
    expect(made.services.done('s-1').sort()).toEqual(['A', 'B', 'C']);
  });
});

describe('an unknown outcome in a group', () => {
  const assembly = assemble({
    steps: (functionNamed) => [SagaStep.parallel('Both', ['A', 'B'].map((id) => SagaStep.function(id, {
      action: functionNamed(id), compensation: functionNamed(`Undo${id}`), onUnknown: UnknownOutcome.park(), retry: SagaRetry.none(), abortOn: ['No'],
    })))],
  });

  test.each([['RETRY', 'COMPLETED', ['A', 'B']], ['COMPENSATE', 'COMPENSATED', []]])('parks the group, and %s ends it %s', async (decision, status, done) => {
    const made = stage(assembly, first(1, 'B', (request, _, services) => { services.do(request); throw named('Oops'); }));
    expect((await runToTheEnd(made)).output).toMatchObject({ status: 'PARKED', failure: { step: 'B' } });
    expect(await parked(made)).toMatchObject([{ parked: { reason: 'UNKNOWN', step: 'Both' } }]);
    expect((await resume(made, decision)).output.status).toBe(status);
    expect(made.services.done('s-1').sort()).toEqual(done);
  });

  test('that has declined otherwise goes back', async () => {
    const made = stage(assembly, { A: fails('No') });
    expect((await runToTheEnd(made)).output).toMatchObject({ status: 'COMPENSATED', compensations: [{ step: 'B' }] });
  });
});

describe('a step behind the pivot that keeps failing', () => {
  const stuck = () => {
    const state = { broken: true };
    return { state, made: scene({ behaviours: { SendTicket: (request, _, services) => { if (state.broken) throw named('PrinterOnFire'); return services.do(request); } } }) };
  };

  test('parks the saga, and undoes nothing', async () => {
    const { made } = stuck();
    expect((await runToTheEnd(made)).output).toMatchObject({ status: 'PARKED', failure: { step: 'SendTicket', error: 'PrinterOnFire' }, compensations: [] });
    expect(made.services.done('s-1')).toEqual(ALL.slice(0, 4));
    expect(await parked(made)).toMatchObject([{ parked: { reason: 'STEP', step: 'SendTicket' } }]);
  });

  test('goes on by RETRY', async () => {
    const { made, state } = stuck();
    await runToTheEnd(made);
    state.broken = false;
    expect((await resume(made)).output).toMatchObject({ status: 'COMPLETED' });
    expect(made.services.done('s-1')).toEqual(ALL);
    for (const [key, times] of made.services.made) expect([key, times]).toEqual([key, 1]);
  });

  test('cannot go back: COMPENSATE is refused, and leaves it parked', async () => {
    const { made } = stuck();
    await runToTheEnd(made);
    expect(await resume(made, 'COMPENSATE')).toMatchObject({ status: 'FAILED', error: 'InvalidRecoveryRequest', cause: expect.stringContaining('there is no way back behind it') });
    expect(registered(made)).toMatchObject({ status: 'PARKED' });
    expect(made.services.called('UNDO')).toEqual([]);
    // The refusal is the end of an execution, too.
    expect((await executionsOf(made, 'Recovery')).map(({ status }) => status)).toEqual(['FAILED', 'SUCCEEDED']);
  });
});

describe('a request to resume', () => {
  test.each([
    ['a saga that nobody knows', { resumeParked: { sagaId: 's-9' } }, "there is no saga 's-9'"],
    ['a saga that has ended', { resumeParked: { sagaId: 's-1' } }, "saga 's-1' is COMPLETED; only a saga that is PARKED can be resumed"],
    ['with another decision', { resumeParked: { sagaId: 's-1', decision: 'FORGET' } }, 'must be RETRY or COMPENSATE, received "FORGET"'],
    ['nothing', {}, 'a recovery takes either'],
  ])('%s is refused in a sentence', async (_, input, cause) => {
    const made = scene();
    await runToTheEnd(made);
    const started = made.simulation.start('Trip/Recovery', input);
    await made.simulation.run();
    expect(started.outcome).toMatchObject({ status: 'FAILED', error: 'InvalidRecoveryRequest', cause: expect.stringContaining(cause) });
    expect(await messagesOf(made.simulation, 'Trip/ParkedSagas')).toEqual([]);
  });

  test('that is made twice at once resumes once', async () => {
    const made = scene({ behaviours: { ...first(7, 'SendTicket', fails('PrinterOnFire')) } });
    await runToTheEnd(made);
    const both = [1, 2].map(() => made.simulation.start('Trip/Recovery', { resumeParked: { sagaId: 's-1' } }));
    await made.simulation.run();
    expect(both.map(({ outcome }) => (outcome?.output as any)?.status ?? outcome?.status).sort()).toContain('COMPLETED');
    expect(registered(made)).toMatchObject({ status: 'COMPLETED' });
    expect(made.services.calls.filter((key) => key === 's-1#SendTicket#DO')).toHaveLength(8);
  });
});
