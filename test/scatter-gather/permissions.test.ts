import { Duration } from 'aws-cdk-lib';
import { inlineFunction } from './fixtures';
import { BANKS, gather, MODEST_LATENCY, reply, scene, stubs } from './scene';
import { type FaultPlan, ScriptedFaults, Simulation } from '../../simulator/src';
import { GatherCompletion, Responder, ScatterGather } from '../../src';
import { removeAction, synthesize } from '../simulate';

/** Grants of L2 constructs that no scenario can use, each with the reason why it stays. */
const JUSTIFIED: Readonly<Record<string, string>> = {
  'sqs:GetQueueUrl': 'SqsEventSource grants it with queue.grantConsumeMessages; AWS lists it among what a consumer may need',
};

describe('every permission of ScatterGather', () => {
  it('is used by one of its scenarios, or stays for a stated reason', async () => {
    const crash = (caller: string, nth: number) => new ScriptedFaults([{ caller, nth, fault: { kind: 'crash-after' } }]);
    const down = new ScriptedFaults([{ service: 'events', operation: 'PutEvents', caller: 'Quotes/Scatter', fault: { kind: 'error-before' } }]);
    const replyDuringClose = new ScriptedFaults([{ operation: 'UpdateItem', caller: 'Quotes/Gather', fault: { kind: 'slow', ms: 3_000 } }]);
    const condition = GatherCompletion.when('{% $count($replies[payload.bank = $request.want]) > 0 %}');
    const unused = [
      await unusedAfter({}),
      await unusedAfter({ slow: true }),
      await unusedAfter({ faults: crash('Quotes/Scatter', 1) }),
      await unusedAfter({ faults: down }),
      await unusedAfter({ malformed: true }),
      await unusedAfter({ slow: true, twice: true }),
      await unusedAfter({ completion: condition }),
      await unusedAfter({ faults: replyDuringClose, oldBankMs: 9_800 }),
    ];
    const neverUsed = unused.reduce((left, right) => left.filter((grant) => right.includes(grant)));
    expect(neverUsed.filter((grant) => !(grant.split(' ')[1] in JUSTIFIED))).toEqual([]);
    for (const action of Object.keys(JUSTIFIED)) expect(neverUsed.map((grant) => grant.split(' ')[1])).toContain(action);
  });

  it('is enforced: without the grant the run fails with AccessDenied that names role, action and resource', async () => {
    for (const [action, resource] of [
      ['events:PutEvents', 'event-bus/'], ['dynamodb:UpdateItem', 'table/'], ['lambda:InvokeFunction', 'function:'],
    ]) {
      const simulation = Simulation.load(withoutAction(action), { latency: MODEST_LATENCY, functionOverrides: stubs(BANKS) });
      const { status, cause } = await gather(simulation);
      const { denials } = simulation.report();
      expect(status).toBe('FAILED');
      expect(cause).toContain(`not authorized to perform: ${action}`);
      expect(denials[0]).toMatchObject({ action, resource: expect.stringContaining(resource), role: expect.stringContaining(':role/') });
      expect(denials[0].name).toMatch(/^Quotes\//);
    }
  });
});

it('a collector that may not wake the workflow is noticed, and the deadline still brings the whole result', async () => {
  const simulation = Simulation.load(withoutAction('states:SendTaskSuccess'), { latency: MODEST_LATENCY, functionOverrides: stubs(BANKS) });
  const { output } = await gather(simulation);
  expect(output).toMatchObject({ status: 'COMPLETE', completedBy: 'ALL' });
  expect(simulation.report().denials[0]).toMatchObject({ name: 'Quotes/CollectRole', action: 'states:SendTaskSuccess' });
});

async function unusedAfter({ slow, oldBankMs = slow ? 30_000 : 100, faults, malformed, twice, completion }: {
  slow?: boolean; oldBankMs?: number; faults?: FaultPlan; malformed?: boolean; twice?: boolean; completion?: GatherCompletion;
}): Promise<string[]> {
  const simulation = scene({
    props: { completion },
    banks: { OldBank: async (_, { sleep }) => { await sleep(oldBankMs); return { bank: 'OldBank' }; } },
    options: { faults, latency: MODEST_LATENCY },
  });
  if (malformed) reply(simulation, { correlationId: 'c-1' });
  await gather(simulation, { correlationId: 'c-1', request: { want: 'OldBank' } });
  await simulation.run();
  if (twice) await gather(simulation, { correlationId: 'c-1', request: {} });
  expect(simulation.report().denials).toEqual([]);
  return simulation.report().unusedGrants.filter(({ name }) => name.startsWith('Quotes/')).map(({ name, action }) => `${name} ${action}`);
}

/** The assembly of a scatter-gather whose policies lack one action. */
function withoutAction(action: string): string {
  const assembly = synthesize((stack) => {
    const gathering = new ScatterGather(stack, 'Quotes', { timeout: Duration.seconds(10) });
    for (const name of BANKS) gathering.addResponder(name, Responder.function(inlineFunction(stack, name)));
  });
  removeAction(assembly, 'Quotes', action);
  return assembly;
}
