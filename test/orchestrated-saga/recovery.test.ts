import { assemble, type Assembly, executionsOf, first, historyOf, named, parked, registered, resume, run, runToTheEnd, scene, type Scene, stage, type Stage, stopOwner, tripAssembly } from './scene';
import { readSagaLog } from '../../lambda-src/orchestrated-saga/step-log';
import { NO_FAULTS } from '../../simulator/src';
import type { RecoveryStep } from '../../src/orchestrated-saga/contract';
import { SagaRecovery } from '../../src/orchestrated-saga/modes';
import { SagaRetry } from '../../src/orchestrated-saga/saga-retry';
import { SagaStep } from '../../src/orchestrated-saga/saga-step';
import { UnknownOutcome } from '../../src/orchestrated-saga/unknown-outcome';
import { duplicating, messagesOf, operate, Outage } from '../simulate';

const ALL = ['ReserveHotel', 'ReserveFlight', 'ReserveCar', 'Charge', 'SendTicket'];
const fails = (name: string) => () => { throw named(name); };
const declined: NonNullable<Scene['behaviours']> = { Charge: (request, _, services) => services.decline(request, 'CardDeclined') };

/** Stops whoever owns the saga when a state is entered: the first so many times, or whenever it is. */
function stoppingAt(state: string, behaviours: Scene['behaviours'] = {}, options: { times?: number; assembly?: Assembly } = {}): Stage {
  let left = options.times ?? 1;
  const made: Stage = stage(options.assembly ?? tripAssembly(), behaviours, {
    trace: { listener: ({ event, detail }) => { if (event === 'states.enter' && detail?.state === state && left-- > 0) stopOwner(made); } },
  });
  return made;
}

/** Stops the saga while an action is under way, which comes to its effect long after. */
function stoppedBefore(id: string): Stage {
  const made: Stage = scene({
    behaviours: {
      [id]: async (request, tools, services) => {
        stopOwner(made);
        await tools.sleep(20_000);
        return services.do(request);
      },
    },
  });
  return made;
}

/** Stops the saga while an action is under way, which takes effect nevertheless. */
function stoppedIn(id: string, assembly: Assembly = tripAssembly()): Stage {
  const made: Stage = stage(assembly, first(1, id, async (request, tools, services) => {
    const result = services.do(request);
    stopOwner(made);
    await tools.sleep(1_000);
    return result;
  }));
  return made;
}

const machineEnds = async (made: Stage) => (await executionsOf(made, 'Recovery')).map(({ status }) => status);
const original = async (made: Stage): Promise<string> => (await executionsOf(made, 'StateMachine'))[0]!.executionArn;
const redrive = async (made: Stage, executionArn: string) => {
  await operate(made.simulation, 'states', 'RedriveExecution', { executionArn });
  await made.simulation.run();
};

describe('StopExecution at', () => {
  test.each([
    ['ReserveHotel', 'COMPENSATED'], ['Transport', 'COMPENSATED'], ['ReserveFlight', 'COMPENSATED'], ['ReserveCar', 'COMPENSATED'],
    ['Transport settled?', 'COMPENSATED'], ['SendTicket', 'COMPLETED'], ['Complete', 'COMPLETED'], ['Tell', 'COMPLETED'],
  ])('%s, on the way forward: the saga ends %s', async (state, status) => {
    const made = stoppingAt(state);
    expect((await runToTheEnd(made)).status).toBe('ABORTED');
    expect(registered(made)!.status).toBe(status);
    expect(made.services.done('s-1')).toEqual(status === 'COMPLETED' ? ALL : []);
    expect(await machineEnds(made)).toEqual(['SUCCEEDED']);
    expect(await messagesOf(made.simulation, 'Trip/Undelivered')).toEqual([]);
  });

  test('Charge: the query of the pivot decides, wherever its action is', async () => {
    const made = stoppingAt('Charge');
    await runToTheEnd(made);
    expect(['COMPLETED', 'COMPENSATED']).toContain(registered(made)!.status);
    expect(made.services.done('s-1')).toEqual(registered(made)!.status === 'COMPLETED' ? ALL : []);
  });

  test.each([
    'Undo Transport', 'Undo ReserveFlight', 'Undo ReserveCar', 'Undo ReserveHotel', 'Undone?', 'Compensated', 'Tell',
  ])('%s, on the way back: the saga ends COMPENSATED', async (state) => {
    const made = stoppingAt(state, declined);
    await runToTheEnd(made);
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED' });
    expect(made.services.done('s-1')).toEqual([]);
    expect(made.services.called('UNDO')).not.toContain('Charge');
  });

  test.each(['Query Charge', 'Charge settled?', 'Undo Charge'])('%s, when nobody knows of the charge: no effect is left', async (state) => {
    const made = stoppingAt(state, { Charge: (request, _, services) => { services.do(request); throw named('Oops'); }, Query: () => ({ outcome: 'UNKNOWN' }) });
    await runToTheEnd(made);
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED' });
    expect(made.services.done('s-1')).toEqual([]);
  });

  test.each(['Park', 'Send parked', 'Tell'])('%s: the saga is parked, with a message', async (state) => {
    const made = stoppingAt(state, { ...declined, UndoReserveHotel: fails('Oops') });
    await runToTheEnd(made);
    expect(registered(made)).toMatchObject({ status: 'PARKED' });
    const [message] = await parked(made);
    expect(message).toMatchObject({ sagaId: 's-1', parked: { reason: 'COMPENSATION' } });
    expect(JSON.parse(registered(made)!.parked)).toMatchObject({ reason: 'COMPENSATION', compensations: expect.arrayContaining([expect.objectContaining({ step: 'ReserveHotel', status: 'FAILED' })]) });
  });

  test('Begin, while its write is on its way: it arrives when the saga has ended, and changes nothing', async () => {
    const made = stage(tripAssembly(), {}, {
      faults: { ...NO_FAULTS, onCall: ({ operation }) => (operation === 'PutItem' ? { kind: 'slow', ms: 60_000 } : undefined) },
    });
    const started = made.simulation.start('Trip/StateMachine', { sagaId: 's-1' });
    await made.simulation.run({ deadline: made.simulation.world.kernel.now + 5_000 });
    await operate(made.simulation, 'states', 'StopExecution', { executionArn: started.executionArn });
    await made.simulation.run();
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED', startedBy: await original(made) });
    expect([made.services.calls, await machineEnds(made)]).toEqual([[], ['SUCCEEDED']]);
  });

  test('Begin: what has not begun stays so', async () => {
    const made = scene();
    const started = made.simulation.start('Trip/StateMachine', { sagaId: 's-1' });
    await made.simulation.run({ until: () => started.executionArn !== undefined });
    await operate(made.simulation, 'states', 'StopExecution', { executionArn: started.executionArn });
    await made.simulation.run();
    expect([registered(made)?.status, made.services.calls]).toEqual([undefined, []]);
    expect(await machineEnds(made)).toEqual(['SUCCEEDED']);
  });
});

describe('an undo that arrives before its action', () => {
  test('is what a stopped execution leads to, and the action has no effect', async () => {
    const made = stoppedBefore('ReserveCar');
    await runToTheEnd(made);
    expect(made.services.calls.indexOf('s-1#ReserveCar#UNDO')).toBeGreaterThan(-1);
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED' });
    expect(made.services.done('s-1')).toEqual([]);
  });

  test('of the pivot: NOT_DONE is followed by an undo, or a charge under way would come after the end', async () => {
    const made = stoppedBefore('Charge');
    await runToTheEnd(made);
    expect(made.services.called('UNDO')[0]).toBe('Charge');
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED' });
    expect(made.services.done('s-1')).toEqual([]);
  });
});

describe('what a recovery knows', () => {
  test('results of steps that are done reach the steps and compensations that it calls', async () => {
    const seen: any[] = [];
    const look = (request: any, _: unknown, services: any) => { seen.push(request); return services.do(request); };
    const made = stoppingAt('SendTicket', { SendTicket: look });
    await runToTheEnd(made, { sagaId: 's-1', passenger: 'Ann' });
    expect(seen.at(-1)).toMatchObject({ input: { passenger: 'Ann' }, results: { ReserveHotel: { reservation: 's-1#ReserveHotel' }, Charge: { reservation: 's-1#Charge' } } });
    const [recovery] = await executionsOf(made, 'Recovery');
    const output = JSON.parse(recovery!.output);
    expect(output).toMatchObject({ status: 'COMPLETED' });
    expect(Object.keys(output.results).sort()).toEqual([...ALL].sort());
    expect(output).not.toHaveProperty('failure');
  });

  test('why the saga went back is what its execution knew, or why it died', async () => {
    const known = stoppingAt('Undo ReserveHotel', declined);
    await runToTheEnd(known);
    expect(JSON.parse((await executionsOf(known, 'Recovery'))[0]!.output).failure).toEqual({ step: 'Charge', error: 'CardDeclined', cause: 'declined' });
    const stopped = stoppingAt('ReserveFlight');
    await runToTheEnd(stopped);
    expect(JSON.parse((await executionsOf(stopped, 'Recovery'))[0]!.output).failure).toMatchObject({ step: 'Execution', error: 'ABORTED' });
  });

  test('the history says for each step what the services say', async () => {
    const steps: RecoveryStep[] = ALL.map((id) => ({ id, kind: 'FUNCTION', compensated: true, abortOn: ['CardDeclined'], onUnknown: 'COMPENSATE', pivot: id === 'Charge' }));
    const made = scene({ behaviours: { ...declined, ReserveCar: (request, _, services) => services.do(request) } });
    await run(made);
    const log = readSagaLog([await historyOf(made, await original(made))], steps, 60_000);
    expect(Object.fromEntries([...log.steps].map(([id, { outcome }]) => [id, outcome]))).toEqual({
      ReserveHotel: 'DONE', ReserveFlight: 'DONE', ReserveCar: 'DONE', Charge: 'ABORTED', SendTicket: 'NEVER',
    });
    expect(log).toMatchObject({ goesBack: true, failure: { step: 'Charge', error: 'CardDeclined' } });
    expect(log.compensations.map(({ step }) => step).sort()).toEqual(['ReserveCar', 'ReserveFlight', 'ReserveHotel']);
  });
});

describe('recoveries that die', () => {
  test('are recovered themselves', async () => {
    const made = stoppingAt('Undo ReserveHotel', declined, { times: 4 });
    await runToTheEnd(made);
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED', recoveries: '4' });
    expect(await machineEnds(made)).toEqual(['ABORTED', 'ABORTED', 'ABORTED', 'SUCCEEDED']);
    expect(made.services.done('s-1')).toEqual([]);
  });

  test('more than five times are parked, with an alarm\'s message, and can be resumed', async () => {
    const made = stoppingAt('Undo ReserveHotel', declined, { times: 6 });
    await runToTheEnd(made);
    expect(registered(made)).toMatchObject({ status: 'PARKED' });
    expect(await parked(made)).toMatchObject([{ sagaId: 's-1', parked: { reason: 'RECOVERY' }, failure: { error: 'CardDeclined' } }]);
    expect((await resume(made)).output).toMatchObject({ status: 'COMPENSATED' });
    expect(made.services.done('s-1')).toEqual([]);
  });

  test('do not turn a saga round: a query that changes its mind is not asked again', async () => {
    let asked = 0;
    const made = stoppingAt('Undo ReserveHotel', {
      Charge: async (request, tools, services) => { if (asked === 0) stopOwner(made); await tools.sleep(3_000); return services.do(request); },
      Query: () => (++asked === 1 ? { outcome: 'NOT_DONE' } : { outcome: 'DONE' }),
      UndoCharge: fails('Oops'),
    });
    await runToTheEnd(made);
    expect(registered(made)).toMatchObject({ status: 'PARKED' });
    expect(made.services.called('DO')).not.toContain('SendTicket');
    expect(made.services.done('s-1')).toEqual(['Charge']);
  });

  test('in their own Recover state lose nothing', async () => {
    const made = stage(tripAssembly(), {}, {
      trace: { listener: ({ event, detail, subject }) => { if (event === 'states.enter' && (detail?.state === 'SendTicket' && !subject.includes('Recovery'))) stopOwner(made); } },
      faults: { ...NO_FAULTS, onCall: (() => { let crashes = 0; return ({ caller, operation, canCrash }) => (canCrash && caller.includes('Recover') && operation === 'UpdateItem' && crashes++ < 2 ? { kind: 'crash-after' } : undefined); })() },
    });
    await runToTheEnd(made);
    expect(registered(made)).toMatchObject({ status: 'COMPLETED', recoveries: '1' });
    expect(made.services.done('s-1')).toEqual(ALL);
  });
});

describe('events of deaths', () => {
  test('that are delivered twice are recovered once', async () => {
    const made: Stage = stage(tripAssembly(), {}, {
      trace: { listener: ({ event, detail }) => { if (event === 'states.enter' && detail?.state === 'ReserveCar') stopOwner(made); } },
      faults: duplicating('event', ''),
    });
    await runToTheEnd(made);
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED', recoveries: '1' });
    expect(made.services.calls.filter((key) => key === 's-1#ReserveHotel#UNDO')).toHaveLength(1);
    expect(await parked(made)).toEqual([]);
  });

  test('that come at the same moment find one owner', async () => {
    const made = stoppingAt('ReserveCar', { UndoReserveHotel: async (request, tools, services) => { await tools.sleep(20_000); return services.undo(request as never); } });
    const started = made.simulation.start('Trip/StateMachine', { sagaId: 's-1' });
    await made.simulation.run({ until: () => started.outcome !== undefined });
    const again = [1, 2, 3].map(() => made.simulation.start('Trip/Recovery', { executionArn: started.executionArn }));
    await made.simulation.run();
    expect(again.map(({ outcome }) => outcome?.status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED', recoveries: '1' });
    expect(made.services.calls.filter((key) => key === 's-1#ReserveHotel#UNDO')).toHaveLength(1);
    expect(await parked(made)).toEqual([]);
  });

  test('of executions without a saga are nothing to do', async () => {
    const made = scene();
    await runToTheEnd(made, { sagaId: '' });
    expect(await machineEnds(made)).toEqual(['SUCCEEDED']);
  });

  test('of a recovery that was refused do not start recoveries for ever', async () => {
    const made = scene();
    const started = made.simulation.start('Trip/Recovery', { resume: 's-1' });
    await made.simulation.run();
    expect(started.outcome).toMatchObject({ status: 'FAILED', error: 'InvalidRecoveryRequest', cause: expect.stringContaining('received the field "resume"') });
    expect(await machineEnds(made)).toEqual(['FAILED', 'SUCCEEDED']);
  });
});

describe('a redriven execution', () => {
  test.each(['ReserveHotel', 'Transport', 'ReserveCar', 'Charge', 'Undo ReserveHotel', 'Compensated'])('that had ended in %s changes nothing about a saga that its recovery has taken back', async (state) => {
    const made = stoppingAt(state, state.startsWith('Undo') || state === 'Compensated' ? declined : { Charge: async (request, tools, services) => { await tools.sleep(5_000); return services.do(request); } });
    await runToTheEnd(made);
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED' });
    const calls = made.services.called('DO');
    await redrive(made, await original(made));
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED' });
    expect(made.services.called('DO')).toEqual(calls);
    expect(made.services.done('s-1')).toEqual([]);
    expect((await executionsOf(made, 'StateMachine'))[0]).toMatchObject({ status: 'FAILED', error: 'SagaOvertaken' });
  });

  test.each(['Charge', 'SendTicket', 'Complete'])('that had ended in %s changes nothing about a saga that its recovery has completed', async (state) => {
    const made = stoppingAt(state);
    if (state === 'Charge') {
      // The charge is done before anybody asks.
      const done = stoppedIn('Charge');
      await runToTheEnd(done);
      expect(registered(done)).toMatchObject({ status: 'COMPLETED' });
      await redrive(done, await original(done));
      expect([registered(done)!.status, done.services.done('s-1')]).toEqual(['COMPLETED', ALL]);
      expect(done.services.called('UNDO')).toEqual([]);
      return;
    }
    await runToTheEnd(made);
    expect(registered(made)).toMatchObject({ status: 'COMPLETED' });
    await redrive(made, await original(made));
    expect([registered(made)!.status, made.services.done('s-1')]).toEqual(['COMPLETED', ALL]);
    for (const [key, times] of made.services.made) expect([key, times]).toEqual([key, 1]);
  });

  test('that does behind the pivot what a parked saga waits for completes it', async () => {
    let broken = true;
    const made = stoppingAt('SendTicket', { SendTicket: (request, _, services) => { if (broken) throw named('PrinterOnFire'); return services.do(request); } });
    await runToTheEnd(made);
    expect(registered(made)).toMatchObject({ status: 'PARKED' });
    broken = false;
    await redrive(made, await original(made));
    expect(registered(made)).toMatchObject({ status: 'COMPLETED' });
    expect(made.services.done('s-1')).toEqual(ALL);
  });

  test('that had ended between two steps does not undo the second one, which was never called', async () => {
    const outage = new Outage({ service: 'states', operation: 'GetExecutionHistory' });
    outage.down = true;
    let stopped = false;
    const made: Stage = stage(tripAssembly(), {}, {
      faults: outage,
      trace: {
        listener: ({ event, subject }) => {
          if (event !== 'lambda.Invoke' || !subject.endsWith('Trip/StateMachine') || stopped) return;
          stopped = true;
          made.simulation.world.kernel.schedule(8, () => stopOwner(made));
        },
      },
    });
    await run(made);
    const before = await historyOf(made, await original(made));
    expect(before.slice(-2).map(({ type, stateExitedEventDetails }) => [type, stateExitedEventDetails?.name])).toEqual([
      ['TaskStateExited', 'ReserveHotel'], ['ExecutionAborted', undefined],
    ]);
    await operate(made.simulation, 'states', 'RedriveExecution', { executionArn: await original(made) });
    await made.simulation.run({ deadline: made.simulation.world.kernel.now + 5_000 });
    outage.down = false;
    await made.simulation.run();
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED' });
    expect(made.services.called('UNDO')).toEqual(['ReserveHotel']);
  });

  describe('without recovery', () => {
    const assembly = (() => { let made: Assembly | undefined; return () => made ??= assemble({ props: { recovery: SagaRecovery.NONE } }); })();

    test.each(['ReserveHotel', 'ReserveCar', 'Charge', 'Undo ReserveHotel'])('that had ended in %s takes its saga back', async (state) => {
      const made = stoppingAt(state, state.startsWith('Undo') ? declined : {}, { assembly: assembly() });
      await runToTheEnd(made);
      expect(registered(made)).toMatchObject({ status: 'RUNNING' });
      await redrive(made, await original(made));
      expect(registered(made)).toMatchObject({ status: 'COMPENSATED' });
      expect(made.services.done('s-1')).toEqual([]);
    });

    test('does so also when the deadline is over: a step may have been called before', async () => {
      const made = stoppedIn('ReserveHotel', assembly());
      await runToTheEnd(made);
      await made.simulation.run({ deadline: made.simulation.world.kernel.now + 3_600_000 });
      await redrive(made, await original(made));
      expect(registered(made)).toMatchObject({ status: 'COMPENSATED' });
      expect(made.services.done('s-1')).toEqual([]);
    });

    test('that had ended behind the pivot goes on', async () => {
      const made = stoppingAt('SendTicket', {}, { assembly: assembly() });
      await runToTheEnd(made);
      await redrive(made, await original(made));
      expect([registered(made)!.status, made.services.done('s-1')]).toEqual(['COMPLETED', ALL]);
    });
  });
});

describe('steps of which nobody knows', () => {
  const steps = (onUnknown: UnknownOutcome) => (functionNamed: any) => [
    SagaStep.function('A', { action: functionNamed('A'), compensation: functionNamed('UndoA'), onUnknown, retry: SagaRetry.none() }),
    SagaStep.function('B', { action: functionNamed('B'), compensation: functionNamed('UndoB'), onUnknown, retry: SagaRetry.none() }),
  ];

  test('and that are to be parked are parked also when the execution dies', async () => {
    const made = stoppedIn('B', assemble({ steps: steps(UnknownOutcome.park()) }));
    await runToTheEnd(made);
    expect(registered(made)).toMatchObject({ status: 'PARKED' });
    expect(await parked(made)).toMatchObject([{ parked: { reason: 'UNKNOWN', step: 'B' }, failure: { step: 'Execution', error: 'ABORTED' } }]);
    expect((await resume(made)).output).toMatchObject({ status: 'COMPLETED' });
    expect(made.services.done('s-1').sort()).toEqual(['A', 'B']);
  });

  test('are undone otherwise', async () => {
    const made = stoppedIn('B', assemble({ steps: steps(UnknownOutcome.compensate()) }));
    await runToTheEnd(made);
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED' });
    expect(made.services.called('UNDO')).toEqual(['B', 'A']);
  });
});

describe('when a recovery cannot begin', () => {
  test('for half an hour a person is told, and the same request works afterwards', async () => {
    const outage = new Outage({ service: 'states', operation: 'GetExecutionHistory' });
    const made: Stage = stage(tripAssembly(), {}, {
      faults: outage,
      trace: { listener: ({ event, detail, subject }) => { if (event === 'states.enter' && detail?.state === 'ReserveCar' && !subject.includes('Recovery')) { stopOwner(made); outage.down = true; } } },
    });
    await runToTheEnd(made);
    const [message, ...others] = await parked(made);
    expect(others).toEqual([]);
    expect(message).toMatchObject({ parked: { reason: 'RECOVERY' }, failure: { step: 'Recover' } });
    outage.down = false;
    made.simulation.start('Trip/Recovery', { executionArn: message.executionArn });
    await made.simulation.run();
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED' });
    expect(made.services.done('s-1')).toEqual([]);
  });
});
