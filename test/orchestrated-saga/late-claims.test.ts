import { type Behaviour, executionsOf, named, parked, registered, resume, run, runToTheEnd, stage, type Stage, tripAssembly } from './scene';
import { ScriptedFaults } from '../../simulator/src';
import { operate } from '../simulate';

/** Recover waits for `seconds` in the nth time that it reads a history, and claims what it looks up before only then. */
function slowToRead(reads: Readonly<Record<number, number>>) {
  const scripts = Object.entries(reads).map(([nth, seconds]) => ({
    operation: 'GetExecutionHistory', caller: 'Trip/Recover', nth: Number(nth), fault: { kind: 'slow' as const, ms: seconds * 1_000 },
  }));
  return new ScriptedFaults(scripts);
}

const stop = async ({ simulation }: Stage, executionArn: string | undefined) => {
  await operate(simulation, 'states', 'StopExecution', { executionArn });
};
const after = async ({ simulation }: Stage, seconds: number) => {
  await simulation.run({ deadline: simulation.world.kernel.now + seconds * 1_000 });
};
const newestRecovery = async (made: Stage) => (await executionsOf(made, 'Recovery')).at(-1)!.executionArn as string;

describe('StopExecution does not stop Recover, which', () => {
  test('does not claim a parked saga for a resumption that has ended', async () => {
    let broken = true;
    const printing: Behaviour = (request, _, services) => { if (broken) throw named('PrinterOnFire'); return services.do(request); };
    const made = stage(tripAssembly(), { SendTicket: printing }, { faults: slowToRead({ 1: 20 }) });
    await run(made);
    expect(registered(made)).toMatchObject({ status: 'PARKED' });
    broken = false;
    const resumption = made.simulation.start('Trip/Recovery', { resumeParked: { sagaId: 's-1' } });
    await after(made, 2);
    await stop(made, resumption.executionArn);
    await made.simulation.run();
    expect(registered(made)).toMatchObject({ status: 'PARKED' });
    expect((await resume(made)).output).toMatchObject({ status: 'COMPLETED' });
  });

  test('does not take a saga from the recovery of its recovery', async () => {
    const made = stage(tripAssembly(), {
      ReserveHotel: async (request, tools, services) => { await tools.sleep(5_000); return services.do(request); },
      UndoReserveHotel: async (request, tools, services) => { await tools.sleep(5_000); return services.undo(request as never); },
      // Each recovery reads what it is to recover, then the log. The second one stays at that, the third even longer.
    }, { faults: slowToRead({ 4: 10, 6: 20 }) });
    const started = made.simulation.start('Trip/StateMachine', { sagaId: 's-1' });
    await after(made, 2);
    await stop(made, started.executionArn);
    await after(made, 3);
    expect(registered(made)).toMatchObject({ status: 'RECOVERING' });
    await stop(made, await newestRecovery(made));
    await after(made, 3);
    await stop(made, await newestRecovery(made));
    await made.simulation.run();
    expect((await executionsOf(made, 'Recovery')).map(({ status }) => status)).toEqual(['ABORTED', 'ABORTED', 'SUCCEEDED']);
    expect(registered(made)).toMatchObject({ status: 'COMPENSATED', executionArn: await newestRecovery(made) });
    expect(made.services.done('s-1')).toEqual([]);
  });
});

test('a resumption that was redriven after somebody has looked for its saga is refused', async () => {
  const made = stage(tripAssembly(), { SendTicket: () => { throw named('PrinterOnFire'); } }, { faults: slowToRead({ 1: 20 }) });
  await runToTheEnd(made);
  const resumption = made.simulation.start('Trip/Recovery', { resumeParked: { sagaId: 's-1' } });
  await after(made, 2);
  await stop(made, resumption.executionArn);
  await after(made, 5);
  await operate(made.simulation, 'states', 'RedriveExecution', { executionArn: resumption.executionArn! });
  await made.simulation.run();
  const [redriven] = await executionsOf(made, 'Recovery');
  expect(redriven).toMatchObject({ status: 'FAILED', error: 'InvalidRecoveryRequest', cause: expect.stringContaining('start another one') });
  expect(registered(made)).toMatchObject({ status: 'PARKED' });
  expect(await parked(made)).toHaveLength(1);
});
