import { CfnOutput, Duration } from 'aws-cdk-lib';
import { inlineFunction } from './fixtures';
import { type Bank, BANKS, gather, MODEST_LATENCY, scene, stubs } from './scene';
import { ScriptedFaults } from '../../simulator/src';
import { GatherCompletion, ReplyAggregation, RequestMapping, Responder, ScatterGather, ScatterGatherMode } from '../../src';
import { simulate } from '../simulate';

const EXPRESS = { mode: ScatterGatherMode.EXPRESS };
const quote = (rate: number): Bank => async (_, { sleep }) => {
  await sleep(rate * 100);
  return { rate };
};
const RATES = { BigBank: quote(3), GoldBank: quote(1), OldBank: quote(2) };

describe('an EXPRESS gathering has the same result contract', () => {
  it('when all reply', async () => {
    const { status, output } = await gather(scene({ props: EXPRESS, banks: RATES }));
    expect(status).toBe('SUCCEEDED');
    expect(output).toEqual({
      correlationId: 'c-1',
      status: 'COMPLETE',
      completedBy: 'ALL',
      replies: [3, 1, 2].map((rate, index) => ({
        responder: BANKS[index], receivedAt: expect.stringMatching(/^2026-01-01T00:00:0\d\.\d{3}Z$/), latencyMs: expect.any(Number), payload: { rate },
      })),
      failures: [],
      missing: [],
      result: [{ rate: 3 }, { rate: 1 }, { rate: 2 }],
    });
  });

  it('when one throws and one is too slow', async () => {
    const { output } = await gather(scene({
      props: EXPRESS,
      banks: { ...RATES, GoldBank: () => { throw Object.assign(new Error('who?'), { name: 'NoSuchCustomer' }); }, OldBank: (_, { sleep }) => sleep(60_000) },
    }));
    expect(output).toMatchObject({
      status: 'PARTIAL', completedBy: 'TIMEOUT', missing: ['OldBank'], failures: [{ responder: 'GoldBank', error: 'NoSuchCustomer', cause: 'who?' }], result: [{ rate: 3 }],
    });
  });

  it('when nobody is asked', async () => {
    const { output } = await gather(scene({ props: EXPRESS }), { correlationId: 'c-1', request: {}, recipients: [] });
    expect(output).toMatchObject({ status: 'EMPTY', completedBy: 'ALL', replies: [], failures: [], missing: [], result: [] });
  });

  it('when only those are asked whose condition holds and whom the caller named', async () => {
    const simulation = scene({
      props: EXPRESS,
      banks: RATES,
      more: (gathering, stack) => gathering.addResponder('RichBank', Responder.function(inlineFunction(stack, 'RichBank'), { when: '{% $request.amount > 1000 %}' })),
    });
    const { output } = await gather(simulation, { request: { amount: 5 }, recipients: ['BigBank', 'RichBank'] });
    expect(output).toMatchObject({ status: 'COMPLETE', replies: [{ responder: 'BigBank' }] });
  });

  it.each([
    ['minimumBy', ReplyAggregation.minimumBy('rate'), { rate: 1 }],
    ['maximumBy', ReplyAggregation.maximumBy('rate'), { rate: 3 }],
    ['minimumBy nothing', ReplyAggregation.minimumBy('price'), null],
    ['jsonata', ReplyAggregation.jsonata('{% $sum($replies.payload.rate) + $request.fee %}'), 7],
  ])('with the aggregation %s', async (_, aggregation, result) => {
    const { output } = await gather(scene({ props: { ...EXPRESS, aggregation }, banks: RATES }), { request: { fee: 1 } });
    expect(output.result).toEqual(result);
  });

  it('with an aggregating function', async () => {
    const simulation = simulate((stack) => {
      const gathering = new ScatterGather(stack, 'Quotes', {
        ...EXPRESS, timeout: Duration.seconds(10), aggregation: ReplyAggregation.function(inlineFunction(stack, 'Best')),
      });
      gathering.addResponder('BigBank', Responder.function(inlineFunction(stack, 'BigBank')));
    }, { latency: MODEST_LATENCY, functionOverrides: { ...stubs(['BigBank']), Best: ({ replies }: any) => replies.length } });
    expect((await gather(simulation)).output).toMatchObject({ result: 1, status: 'COMPLETE' });
  });

  it.each([
    ['a count that is reached', GatherCompletion.atLeast(2), 'COMPLETE', 'COUNT'],
    ['a count that is not', GatherCompletion.atLeast(3), 'PARTIAL', 'TIMEOUT'],
    ['a condition that holds', GatherCompletion.when('{% $min($replies.payload.rate) < $request.limit %}'), 'COMPLETE', 'CONDITION'],
    ['a condition that does not', GatherCompletion.when('{% $min($replies.payload.rate) > $request.limit %}'), 'PARTIAL', 'TIMEOUT'],
  ])('with %s', async (_, completion, status, completedBy) => {
    const simulation = scene({ props: { ...EXPRESS, completion }, banks: { ...RATES, OldBank: (__, { sleep }) => sleep(60_000) } });
    expect((await gather(simulation, { request: { limit: 2 } })).output).toMatchObject({ status, completedBy, missing: ['OldBank'] });
  });

  it('with one reply that is itself a list', async () => {
    const { output } = await gather(scene({ props: EXPRESS, banks: { BigBank: () => [1, 2] } }), { request: {}, recipients: ['BigBank'] });
    expect(output.replies[0].payload).toEqual([1, 2]);
    expect(output.result).toEqual([[1, 2]]);
  });
});

describe('an EXPRESS gathering', () => {
  it('refuses an input without a request, and unknown recipients, with one clear sentence', async () => {
    expect(await gather(scene({ props: EXPRESS }), {})).toMatchObject({
      status: 'FAILED', error: 'InvalidRequest', cause: 'the input has no request; it must be { correlationId?, request, recipients? }',
    });
    expect(await gather(scene({ props: EXPRESS }), { request: {}, recipients: ['Nobody'] })).toMatchObject({
      status: 'FAILED', error: 'InvalidRequest', cause: 'recipients names Nobody, which is no responder; responders are BigBank, GoldBank, OldBank',
    });
  });

  it('tells a responder what it tells it in STANDARD mode, and how long its answer took', async () => {
    const seen: any[] = [];
    const simulation = simulate((stack) => {
      const gathering = new ScatterGather(stack, 'Quotes', { ...EXPRESS, timeout: Duration.seconds(10) });
      gathering.addResponder('BigBank', Responder.function(inlineFunction(stack, 'BigBank')));
      new CfnOutput(stack, 'Name', { value: gathering.gatheringName });
    }, {
      latency: MODEST_LATENCY,
      functionOverrides: {
        BigBank: async (event: any, _context: any, { sleep }: any) => {
          seen.push(event);
          await sleep(700);
        },
      },
    });
    const { output } = await gather(simulation, { correlationId: 'c-1', request: { amount: 1 } });
    expect(seen).toEqual([{
      gathering: simulation.outputs.Test.Name, correlationId: 'c-1', responder: 'BigBank', request: { amount: 1 }, deadline: expect.stringMatching(/^2026-01-01T00:00:10\.0/),
    }]);
    expect(output.replies[0].latencyMs).toBeGreaterThanOrEqual(700);
  });

  it('asks again whom Lambda throttled, and nobody who has run', async () => {
    const throttle = new ScriptedFaults([{ service: 'lambda', operation: 'Invoke', nth: 1, fault: { kind: 'throttle' } }]);
    let runs = 0;
    const failing: Bank = () => { runs++; throw new Error('no'); };
    const { output } = await gather(scene({ props: EXPRESS, banks: { ...RATES, OldBank: failing }, options: { faults: throttle } }));
    expect(throttle.hits).toEqual([1]);
    expect(output.replies.map(({ responder }) => responder)).toEqual(['BigBank', 'GoldBank']);
    expect({ failures: output.failures.length, runs }).toEqual({ failures: 1, runs: 1 });
  });

  it('asks whom the mapping names', async () => {
    const requestMapping = RequestMapping.fields({ recipients: '{% $input.to %}' });
    const { output } = await gather(scene({ props: { ...EXPRESS, requestMapping }, banks: RATES }), { to: ['GoldBank'] });
    expect(output).toMatchObject({ status: 'COMPLETE', replies: [{ responder: 'GoldBank' }] });
  });

  it('takes its parts from where the mapping says', async () => {
    const requestMapping = RequestMapping.fields({ correlationId: '{% $input.id %}' });
    const { output } = await gather(scene({ props: { ...EXPRESS, requestMapping }, banks: { BigBank: (request) => request.id, GoldBank: quote(1), OldBank: quote(1) } }), { id: 'c-9' });
    expect(output).toMatchObject({ correlationId: 'c-9', status: 'COMPLETE' });
    expect(output.replies[0].payload).toBe('c-9');
  });

  it('ends within its deadline though more branches than run at once are slow', async () => {
    const slow = Array.from({ length: 60 }, (_, index) => `Bank${index}`);
    const simulation = simulate((stack) => {
      const gathering = new ScatterGather(stack, 'Quotes', { ...EXPRESS, timeout: Duration.seconds(10) });
      const handler = inlineFunction(stack, 'Slow', { timeout: Duration.seconds(60) });
      for (const name of slow) gathering.addResponder(name, Responder.function(handler));
    }, { latency: MODEST_LATENCY, functionOverrides: { Slow: (_event: any, _context: any, { sleep }: any) => sleep(8_000) } });
    const { output } = await gather(simulation);
    expect(output.status).toBe('PARTIAL');
    expect(output.replies.length + output.missing.length).toBe(60);
    expect(simulation.report().virtualMs).toBeLessThan(70_000);
  });

  it('uses no permission but to invoke its responders', async () => {
    const simulation = scene({ props: EXPRESS, banks: RATES });
    await gather(simulation);
    const { denials, unusedGrants } = simulation.report();
    expect(denials).toEqual([]);
    expect(unusedGrants.filter(({ name }) => name.includes('Quotes'))).toEqual([]);
  });
});
