import { Duration } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { inlineFunction } from './fixtures';
import { type Bank, BANKS, gather, gatheringItem, MODEST_LATENCY, reply, scene, stubs } from './scene';
import { type ScriptedFault, ScriptedFaults } from '../../simulator/src';
import { GatherCompletion, ReplyAggregation, Responder, ScatterGather } from '../../src';
import type { GatheringResult } from '../../src/scatter-gather/contract';
import { alarmsRinging, duplicating, itemsOf, logLinesOf, messagesOf, simulate } from '../simulate';

const responders = (list: readonly { responder: string }[]) => list.map(({ responder }) => responder).sort();

describe('a gathering', () => {
  it('answers with every reply as soon as the last one is there', async () => {
    const simulation = scene();
    const { status, output } = await gather(simulation);
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({ correlationId: 'c-1', status: 'COMPLETE', completedBy: 'ALL', failures: [], missing: [] });
    expect(responders(output.replies)).toEqual(BANKS);
    expect(output.result).toEqual(output.replies.map(({ payload }) => payload));
    expect(simulation.report().virtualMs).toBeLessThan(5_000);
  });

  it('takes the execution\'s name where there is no correlation id', async () => {
    const simulation = scene();
    const run = simulation.start('Quotes', { request: {} });
    await simulation.run();
    expect((run.outcome!.output as GatheringResult).correlationId).toBe(run.executionArn!.split(':').pop());
  });

  it('answers with what arrived when the deadline passes', async () => {
    const simulation = scene({ banks: { OldBank: (_, { sleep }) => sleep(60_000) } });
    const { output } = await gather(simulation);
    expect(output).toMatchObject({ status: 'PARTIAL', completedBy: 'TIMEOUT', missing: ['OldBank'] });
    expect(responders(output.replies)).toEqual(['BigBank', 'GoldBank']);
    expect(gatheringItem(simulation)).toMatchObject({ status: 'CLOSED', closedBy: 'DEADLINE' });
  });

  it('is EMPTY when nobody answers', async () => {
    const sleep: Bank = (_, tools) => tools.sleep(60_000);
    const { output } = await gather(scene({ banks: { BigBank: sleep, GoldBank: sleep, OldBank: sleep } }));
    expect(output).toMatchObject({ status: 'EMPTY', completedBy: 'TIMEOUT', replies: [], missing: BANKS, result: [] });
  });

  it('is EMPTY at once when no recipient is selected', async () => {
    const simulation = scene();
    const { output } = await gather(simulation, { correlationId: 'c-1', request: {}, recipients: [] });
    expect(output).toMatchObject({ status: 'EMPTY', completedBy: 'ALL', replies: [], missing: [] });
    expect(simulation.report().virtualMs).toBeLessThan(5_000);
  });

  it('does not wait for those that are not needed for the count', async () => {
    const completion = GatherCompletion.atLeast(2);
    const { output } = await gather(scene({ props: { completion }, banks: { OldBank: (_, { sleep }) => sleep(60_000) } }));
    expect(output).toMatchObject({ status: 'COMPLETE', completedBy: 'COUNT', missing: ['OldBank'] });
  });

  it('ends when the condition holds over the replies and the request', async () => {
    const completion = GatherCompletion.when('{% $count($replies[payload.rate <= $request.limit]) > 0 %}');
    const quote = (rate: number, afterMs: number): Bank => async (_, { sleep }) => {
      await sleep(afterMs);
      return { rate };
    };
    const banks = { BigBank: quote(9, 100), GoldBank: quote(3, 1_000), OldBank: quote(1, 8_000) };
    const { output } = await gather(scene({ props: { completion }, banks }), {
      correlationId: 'c-1', request: { limit: 4 },
    });
    expect(output).toMatchObject({ status: 'COMPLETE', completedBy: 'CONDITION', missing: ['OldBank'] });
    expect(responders(output.replies)).toEqual(['BigBank', 'GoldBank']);
  });

  it('asks exactly those whose condition holds', async () => {
    const simulation = scene({
      more: (gathering, stack) => gathering.addResponder('RichBank', Responder.function(inlineFunction(stack, 'RichBank'), { when: '{% $request.amount > 1000 %}' })),
    });
    const { output } = await gather(simulation);
    expect(responders(output.replies)).toEqual(BANKS);
    expect(gatheringItem(simulation)!.expected).toEqual(BANKS);
  });

  it('tells responders whom, what and until when', async () => {
    const seen: any[] = [];
    const simulation = scene();
    simulation.world.service<any>('lambda').override('BigBank', (event: unknown) => seen.push(event));
    await gather(simulation);
    expect(seen).toEqual([{
      gathering: simulation.outputs.Test.Name,
      correlationId: 'c-1',
      responder: 'BigBank',
      route: 'BigBank',
      request: { amount: 500 },
      deadline: expect.stringMatching(/^2026-01-01T00:00:10\.[0-4]/),
    }]);
  });

  it('counts itself, its failed replies, and the time to its result', async () => {
    const simulation = scene({ banks: { OldBank: () => { throw new Error('no'); } } });
    await gather(simulation);
    const { metrics } = simulation.world.service<any>('cloudwatch');
    const sum = (name: string) => metrics.total({
      namespace: 'CdkIntegrationPatterns/ScatterGather', name, dimensions: { service: simulation.outputs.Test.Name },
    });
    expect(['Gatherings', 'TimedOutGatherings', 'FailedReplies'].map(sum)).toEqual([1, 0, 1]);
    expect(sum('TimeToResult')).toBeGreaterThan(100);
    expect(sum('TimeToResult')).toBeLessThan(5_000);
  });

  it('shares a bus with others: each asks its own responders and gets its own replies', async () => {
    const simulation = simulate((stack) => {
      const bus = new EventBus(stack, 'Bus');
      for (const id of ['Quotes', 'Offers']) {
        const gathering = new ScatterGather(stack, id, { timeout: Duration.seconds(10), bus });
        for (const name of BANKS) gathering.addResponder(name, Responder.function(inlineFunction(stack, id + name)));
      }
    }, {
      latency: MODEST_LATENCY,
      functionOverrides: Object.fromEntries(['Quotes', 'Offers'].flatMap((id) => BANKS.map((name) => [id + name, async () => id + name]))),
    });
    const outcome = await simulation.complete('Offers', { correlationId: 'c-1', request: {} });
    const { output } = await gather(simulation);
    await simulation.run();
    expect([...(outcome.output as GatheringResult).result as string[]].sort()).toEqual(BANKS.map((name) => `Offers${name}`));
    expect([...output.result as string[]].sort()).toEqual(BANKS.map((name) => `Quotes${name}`));
    expect(simulation.report().deadLetters).toEqual({});
    for (const id of ['Quotes', 'Offers']) expect(itemsOf(simulation, `${id}/Gatherings`)).toHaveLength(4);
  });

  it('does not ask whom a condition says nothing about', async () => {
    const simulation = scene({
      more: (gathering, stack) => gathering.addResponder('VipBank', Responder.function(inlineFunction(stack, 'VipBank'), { when: '{% $request.vip %}' })),
    });
    const { status, output } = await gather(simulation);
    expect(status).toBe('SUCCEEDED');
    expect(gatheringItem(simulation)!.expected).toEqual(BANKS);
    expect(output.missing).toEqual([]);
  });

  it('hands the result to an aggregating function', async () => {
    const simulation = simulate((stack) => {
      const aggregation = ReplyAggregation.function(inlineFunction(stack, 'Best'));
      const gathering = new ScatterGather(stack, 'Quotes', { timeout: Duration.seconds(10), aggregation });
      for (const name of BANKS) gathering.addResponder(name, Responder.function(inlineFunction(stack, name)));
    }, { latency: MODEST_LATENCY, functionOverrides: { ...stubs(BANKS), Best: ({ replies }: any) => ({ count: replies.length }) } });
    const { output } = await gather(simulation);
    expect(output.result).toEqual({ count: 3 });
    expect(output.replies).toHaveLength(3);
  });

  it('fails with the expression when the aggregation cannot work, and keeps the replies', async () => {
    const simulation = scene({ props: { aggregation: ReplyAggregation.jsonata('{% $sum($replies.payload.bank) %}') } });
    const { status, error, cause } = await gather(simulation);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'AggregationFailed' });
    expect(cause).toMatch(/^JSONata expression '\$sum\(\$replies.payload.bank\)' failed: /);
    expect(itemsOf(simulation, 'Quotes/Gatherings').filter((item) => item.item.startsWith('REPLY#'))).toHaveLength(3);
  });
});

describe('a gathering survives', () => {
  it('the last reply racing the deadline: whichever wins, status and reply agree', async () => {
    const ends = new Set<string>();
    for (let thinkMs = 8_900; thinkMs <= 9_900; thinkMs += 50) {
      const simulation = scene({ banks: { OldBank: async (_, { sleep }) => { await sleep(thinkMs); return 'late?'; } } });
      const { output } = await gather(simulation);
      await simulation.run();
      const won = output.replies.some(({ responder }) => responder === 'OldBank');
      expect(output).toMatchObject(won ? { status: 'COMPLETE', completedBy: 'ALL', missing: [] } : { status: 'PARTIAL', completedBy: 'TIMEOUT', missing: ['OldBank'] });
      expect(await messagesOf(simulation, 'Late')).toHaveLength(won ? 0 : 1);
      ends.add(output.completedBy);
    }
    expect([...ends].sort()).toEqual(['ALL', 'TIMEOUT']);
  });

  it('a collector that is slow across the close: what it brings changes nothing, and is late', async () => {
    const faults = new ScriptedFaults([{ operation: 'PutItem', caller: 'Quotes/Collect', nth: 3, fault: { kind: 'slow', ms: 3_500 } }]);
    const simulation = scene({ banks: { OldBank: async (_, { sleep }) => { await sleep(7_500); return 'late'; } }, options: { faults, latency: MODEST_LATENCY } });
    const { output } = await gather(simulation);
    await simulation.run();
    expect(faults.hits).toEqual([1]);
    expect(output).toMatchObject({ status: 'PARTIAL', completedBy: 'TIMEOUT', missing: ['OldBank'] });
    expect([...gatheringItem(simulation)!.replied].sort()).toEqual(['BigBank', 'GoldBank']);
    expect((await messagesOf(simulation, 'Late')).map((text) => JSON.parse(text).detail.reason)).toEqual(['LATE']);
  });

  it('a table whose eventually consistent reads are behind: what decides is read consistently', async () => {
    const faults = { ...duplicating('message', 'Replies'), onEventuallyConsistentRead: () => true };
    for (const completion of [GatherCompletion.all(), GatherCompletion.when('{% $count($replies) = 3 %}')]) {
      const simulation = scene({ props: { completion }, options: { faults, latency: MODEST_LATENCY } });
      const { output } = await gather(simulation);
      await simulation.run();
      expect(output).toMatchObject({ status: 'COMPLETE', missing: [] });
      expect(output.replies).toHaveLength(3);
      expect(await messagesOf(simulation, 'Late')).toEqual([]);
    }
  });

  it('a duplicate reply: the first one stands, the second becomes an event', async () => {
    const simulation = scene({
      banks: { OldBank: (_, { sleep }) => sleep(60_000) },
      options: { faults: duplicating('async-invoke', 'GoldBank'), latency: MODEST_LATENCY },
    });
    let quotes = 0;
    simulation.world.service<any>('lambda').override('GoldBank', () => ({ quote: ++quotes }));
    const { output } = await gather(simulation);
    await simulation.run();
    expect(output.replies.filter(({ responder }) => responder === 'GoldBank')).toHaveLength(1);
    const late = (await messagesOf(simulation, 'Late')).map((text) => JSON.parse(text).detail);
    expect(late).toContainEqual(expect.objectContaining({ responder: 'GoldBank', reason: 'DUPLICATE' }));
    expect(output.replies.find(({ responder }) => responder === 'GoldBank')!.payload).not.toEqual(late.find(({ reason }) => reason === 'DUPLICATE').payload);
  });

  it('replies that come before the scatter step has returned', async () => {
    const slowScatter = new ScriptedFaults([{ service: 'events', operation: 'PutEvents', caller: 'Quotes/Scatter', fault: { kind: 'slow', ms: 6_000 } }]);
    const { output } = await gather(scene({ options: { faults: slowScatter, latency: MODEST_LATENCY } }));
    expect(output).toMatchObject({ status: 'COMPLETE', completedBy: 'ALL' });
    expect(slowScatter.hits).toEqual([1]);
  });

  it('a reply of an unknown correlation id, and one of a stranger', async () => {
    const simulation = scene({ banks: { OldBank: async (_, { sleep }) => { await sleep(3_000); return 'ok'; } } });
    const run = simulation.start('Quotes', { correlationId: 'c-1', request: {} });
    await simulation.run({ until: () => gatheringItem(simulation) !== undefined });
    reply(simulation, { correlationId: 'c-none', responder: 'BigBank', payload: 1 });
    reply(simulation, { correlationId: 'c-1', responder: 'Nobody', payload: 1 });
    await simulation.run();
    expect(run.outcome!.output).toMatchObject({ status: 'COMPLETE', replies: expect.not.arrayContaining([expect.objectContaining({ responder: 'Nobody' })]) });
    const reasons = (await messagesOf(simulation, 'Late')).map((text) => JSON.parse(text).detail.reason).sort();
    expect(reasons).toEqual(['UNKNOWN_CORRELATION_ID', 'UNKNOWN_RESPONDER']);
  });

  it('a malformed reply: it goes to the dead-letter queue, its alarm rings, and the others proceed', async () => {
    const simulation = scene({ banks: { OldBank: async (_, { sleep }) => { await sleep(2_000); return 'ok'; } } });
    reply(simulation, { correlationId: 'c-1', payload: 'secret' });
    const { output } = await gather(simulation);
    expect(output.status).toBe('COMPLETE');
    await simulation.run({ deadline: simulation.world.kernel.now + 15 * 60_000 });
    expect(alarmsRinging(simulation)).toEqual([expect.stringContaining('DeadLetters')]);
    expect(await messagesOf(simulation, 'Quotes/DeadLetters')).toEqual([expect.stringContaining('"secret"')]);
  });

  it('a collector that cannot reach its table for a while: the answers come again within seconds', async () => {
    // More than the attempts of one SDK call for each of the three replies.
    const faults = new ScriptedFaults([{ service: 'dynamodb', caller: 'Quotes/Collect', nth: 1, times: 18, fault: { kind: 'error-before' } }]);
    const simulation = scene({ props: { timeout: Duration.minutes(2) }, options: { faults, latency: MODEST_LATENCY } });
    const { output } = await gather(simulation);
    expect(faults.hits).toEqual([18]);
    expect(output).toMatchObject({ status: 'COMPLETE', completedBy: 'ALL' });
    expect(simulation.report().virtualMs).toBeLessThan(20_000);
  });

  it('a reply that fails again and again: it is given more time before each attempt', async () => {
    const simulation = scene();
    reply(simulation, { correlationId: 'c-1' });
    await simulation.run({ deadline: simulation.world.kernel.now + 25_000 });
    expect(simulation.report().deadLetters).toEqual({});
    await simulation.run({ deadline: simulation.world.kernel.now + 120_000 });
    expect(Object.values(simulation.report().deadLetters)).toEqual([1]);
  });

  it('a queue that does not take failed replies back sooner: they come after its visibility timeout, and the collector has not failed', async () => {
    const faults = new ScriptedFaults([{ service: 'sqs', operation: 'ChangeMessageVisibilityBatch', fault: { kind: 'error-before' } }]);
    const simulation = scene({ options: { faults, latency: MODEST_LATENCY } });
    reply(simulation, { correlationId: 'c-1' });
    expect((await gather(simulation)).output.status).toBe('COMPLETE');
    await simulation.run({ deadline: simulation.world.kernel.now + 15 * 60_000 });
    expect(faults.hits[0]).toBeGreaterThan(0);
    expect(alarmsRinging(simulation)).toEqual([expect.stringContaining('DeadLetters')]);
  });

  describe.each(['crash-before', 'crash-after'] as const)('the collector dying (%s)', (kind) => {
    it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('at SDK call %i', async (nth) => {
      const faults = new ScriptedFaults([{ caller: 'Quotes/Collect', nth, fault: { kind } }]);
      const simulation = scene({ props: { timeout: Duration.minutes(2) }, options: { faults, latency: MODEST_LATENCY } });
      const { output } = await gather(simulation);
      expect(faults.hits).toEqual([1]);
      expect(output).toMatchObject({ status: 'COMPLETE', completedBy: 'ALL' });
      await simulation.run();
      expect(simulation.report().deadLetters).toEqual({});
    });
  });

  describe.each(['Scatter', 'Gather'])('%s dying', (handler) => {
    it.each([1, 2])('at SDK call %i', async (nth) => {
      for (const kind of ['crash-before', 'crash-after'] as const) {
        const faults = new ScriptedFaults([{ caller: `Quotes/${handler}`, nth, fault: { kind } }]);
        const { output } = await gather(scene({ options: { faults, latency: MODEST_LATENCY } }));
        expect(output).toMatchObject({ status: 'COMPLETE', completedBy: 'ALL' });
      }
    });
  });

  it('a task token that was used already: a redelivery after the workflow went on changes nothing', async () => {
    const faults = new ScriptedFaults([{ service: 'states', operation: 'SendTaskSuccess', nth: 1, fault: { kind: 'crash-after' } }]);
    const simulation = scene({ options: { faults, latency: MODEST_LATENCY } });
    const { output } = await gather(simulation);
    await simulation.run();
    expect(output.status).toBe('COMPLETE');
    expect(simulation.report().deadLetters).toEqual({});
    expect(await messagesOf(simulation, 'Late')).toEqual([]);
  });

  it('a responder that throws: it is a failure at once, and the others are there', async () => {
    const { output } = await gather(scene({ banks: { OldBank: () => { throw Object.assign(new Error('who are you?'), { name: 'NoSuchCustomer' }); } } }));
    expect(output).toMatchObject({
      status: 'PARTIAL', completedBy: 'ALL', missing: [], failures: [{ responder: 'OldBank', error: 'NoSuchCustomer', cause: 'who are you?' }],
    });
  });

  it('a responder that runs into its own timeout', async () => {
    const { output } = await gather(scene({
      more: (gathering, stack) => gathering.addResponder('Stuck', Responder.function(inlineFunction(stack, 'Stuck', { timeout: Duration.seconds(3) }))),
      options: {
        latency: MODEST_LATENCY,
        functionOverrides: { ...stubs(BANKS), Stuck: (_event: any, _context: any, { sleep }: any) => sleep(60_000) },
      },
    }));
    expect(output).toMatchObject({ status: 'PARTIAL', completedBy: 'ALL', failures: [{ responder: 'Stuck', cause: expect.stringContaining('timed out after 3') }] });
  });

  it('two starts with one correlation id: the second is refused with the first one\'s name', async () => {
    const simulation = scene();
    const first = simulation.start('Quotes', { correlationId: 'c-1', request: {} });
    await simulation.run();
    const second = await gather(simulation, { correlationId: 'c-1', request: {} });
    expect(first.outcome!.status).toBe('SUCCEEDED');
    expect(second).toMatchObject({ status: 'FAILED', error: 'DuplicateCorrelationId' });
    expect(second.cause).toContain(`correlation id 'c-1' is taken by execution ${first.executionArn}`);
  });

  it('entries that PutEvents refuses: every recipient is asked all the same', async () => {
    const faults = new ScriptedFaults([{ service: 'events', operation: 'PutEvents', caller: 'Quotes/Scatter', nth: 1, times: 2, fault: { kind: 'partial', share: 0.7 } }]);
    const { output } = await gather(scene({ options: { faults, latency: MODEST_LATENCY } }));
    expect(faults.hits[0]).toBeGreaterThan(0);
    expect(output).toMatchObject({ status: 'COMPLETE', completedBy: 'ALL' });
  });

  it('a throttled table', async () => {
    const throttled: ScriptedFault = { service: 'dynamodb', nth: 1, times: 20, fault: { kind: 'throttle' } };
    const options = { faults: new ScriptedFaults([throttled]), latency: MODEST_LATENCY };
    const { output } = await gather(scene({ props: { timeout: Duration.minutes(2) }, options }));
    expect(output).toMatchObject({ status: 'COMPLETE', completedBy: 'ALL' });
  });

  it('a bus that is down: the execution fails with the reason, and its gathering is closed', async () => {
    const down: ScriptedFault = { service: 'events', operation: 'PutEvents', caller: 'Quotes/Scatter', fault: { kind: 'error-before' } };
    const simulation = scene({ options: { faults: new ScriptedFaults([down]), latency: MODEST_LATENCY } });
    const { status } = await gather(simulation);
    expect(status).toBe('FAILED');
    expect(gatheringItem(simulation)).toMatchObject({ status: 'CLOSED', closedBy: 'FAILURE' });
    await simulation.run({ deadline: simulation.world.kernel.now + 15 * 60_000 });
    expect(alarmsRinging(simulation)).toContainEqual(expect.stringContaining('ExecutionsFailed'));
  });

  it('300 responders', async () => {
    const simulation = simulate((stack) => {
      const gathering = new ScatterGather(stack, 'Quotes', { timeout: Duration.seconds(60) });
      const functions = BANKS.map((name) => inlineFunction(stack, name));
      for (let index = 0; index < 300; index++) gathering.addResponder(`Shard${index}`, Responder.function(functions[index % functions.length]));
    }, { latency: MODEST_LATENCY, functionOverrides: stubs(BANKS) });
    const { output, error, cause } = await gather(simulation);
    expect({ error, cause }).toEqual({});
    expect(output).toMatchObject({ status: 'COMPLETE', completedBy: 'ALL' });
    expect(output.replies).toHaveLength(300);
    expect(simulation.report().billable['states.transitions']).toBeLessThanOrEqual(5);
  });

  it('replies that sum to over 256 KiB: they stay in the table, the result says where', async () => {
    const large: Bank = () => ({ text: 'x'.repeat(100_000) });
    const simulation = scene({ banks: { BigBank: large, GoldBank: large, OldBank: large }, props: { aggregation: ReplyAggregation.jsonata('{% $count($replies) %}') } });
    const { status, output } = await gather(simulation);
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({ status: 'COMPLETE', result: 3, resultsRef: { correlationId: 'c-1' } });
    expect(output.replies.map(({ payload }) => payload)).toEqual([undefined, undefined, undefined]);
    const stored = itemsOf(simulation, 'Quotes/Gatherings').filter(({ item }) => item.startsWith('REPLY#'));
    expect(stored.map(({ payload }) => JSON.parse(payload).text.length)).toEqual([100_000, 100_000, 100_000]);
  });

  it('a customer\'s key on everything', async () => {
    const simulation = simulate((stack) => {
      const gathering = new ScatterGather(stack, 'Quotes', { timeout: Duration.seconds(10), encryptionKey: new Key(stack, 'Key') });
      for (const name of BANKS) gathering.addResponder(name, Responder.function(inlineFunction(stack, name)));
    }, { latency: MODEST_LATENCY, functionOverrides: stubs(BANKS) });
    const { output } = await gather(simulation);
    expect(simulation.report().denials).toEqual([]);
    expect(output).toMatchObject({ status: 'COMPLETE', completedBy: 'ALL' });
  });
});

describe('bad input is refused with one clear sentence', () => {
  it.each([
    ['no request', { correlationId: 'c-1' }, 'the input has no request; it must be { correlationId?, request, recipients? }'],
    ['an empty correlation id', { correlationId: '', request: {} }, 'correlationId must be a string of 1 to 256 characters, received ""'],
    ['unknown recipients', { request: {}, recipients: ['Nobody'] }, 'recipients names "Nobody", which is no responder; responders are BigBank, GoldBank, OldBank'],
  ])('%s', async (_, input, sentence) => {
    const simulation = scene();
    const { status, error, cause } = await gather(simulation, input);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'InvalidRequest' });
    expect(cause).toContain(sentence);
    expect(simulation.report().billable['states.transitions']).toBeLessThanOrEqual(3);
  });
});

describe('an incident', () => {
  it('of late replies and timed-out gatherings rings their alarms', async () => {
    const simulation = scene({ banks: { OldBank: async (_, { sleep }) => { await sleep(30_000); return 'late'; } }, props: { alarms: { lateReplies: 2 } } });
    for (let index = 0; index < 4; index++) simulation.start('Quotes', { correlationId: `c-${index}`, request: {} });
    await simulation.run({ deadline: simulation.world.kernel.now + 15 * 60_000, until: () => alarmsRinging(simulation).length >= 2 });
    expect(alarmsRinging(simulation).map((name) => name.replace(/^.*Alarms/, '')).sort()).toEqual([
      expect.stringContaining('LateReplies'), expect.stringContaining('TimedOutShare'),
    ]);
  });

  it('rings no alarm where there is none', async () => {
    const simulation = scene();
    await gather(simulation);
    await simulation.run({ deadline: simulation.world.kernel.now + 15 * 60_000 });
    expect(alarmsRinging(simulation)).toEqual([]);
  });
});

it('no handler logs a payload', async () => {
  const simulation = scene({ banks: { OldBank: () => ({ text: 'very-secret' }) } });
  reply(simulation, { correlationId: 'c-1', payload: 'very-secret' });
  await gather(simulation, { correlationId: 'c-1', request: { text: 'very-secret' } });
  await simulation.run();
  const lines = logLinesOf(simulation);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => line.includes('very-secret'))).toEqual([]);
});
