import { Duration } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { type Assembly, assemble, executionsOf, first, named, parked, registered, run, runToTheEnd, scene, type SagaOutcome, stage, type Stage } from './scene';
import { SagaRecovery, SagaWorkflow } from '../../src/orchestrated-saga/modes';
import { SagaIsolation } from '../../src/orchestrated-saga/saga-isolation';
import { SagaRetry } from '../../src/orchestrated-saga/saga-retry';
import { SagaStep } from '../../src/orchestrated-saga/saga-step';
import { UnknownOutcome } from '../../src/orchestrated-saga/unknown-outcome';
import { itemsOf, messagesOf, operate } from '../simulate';

const ALL = ['ReserveHotel', 'ReserveFlight', 'ReserveCar', 'Charge', 'SendTicket'];
const fails = (name: string) => () => { throw named(name); };
const transitions = ({ simulation }: Stage) => simulation.world.meter.get('states.transitions');

/** A saga of k steps in a row. */
function chain(k: number, more: object = {}) {
  return assemble({
    steps: (functionNamed) => Array.from({ length: k }, (_, index) => SagaStep.function(`S${index + 1}`, {
      action: functionNamed(`S${index + 1}`), compensation: functionNamed(`UndoS${index + 1}`), abortOn: ['No'],
    })),
    ...more,
  });
}

let fortySteps: Assembly | undefined;
const forty = () => fortySteps ??= chain(40);

describe('forward', () => {
  test('a trip completes, and says so in the registry, by an event and as its output', async () => {
    const { simulation, services } = scene();
    const outcome = await runToTheEnd({ simulation });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: { sagaId: 's-1', status: 'COMPLETED', compensations: [] } });
    expect(outcome.output).not.toHaveProperty('failure');
    expect(outcome.output.results).toEqual(Object.fromEntries(ALL.map((step) => [step, { reservation: `s-1#${step}` }])));
    expect(services.done('s-1')).toEqual(ALL);
    expect(itemsOf(simulation, 'Trip/Sagas')).toMatchObject([{ sagaId: 's-1', status: 'COMPLETED' }]);
    expect(await executionsOf({ simulation }, 'Recovery')).toEqual([]);
  });

  test.each([1, 2, 5])('%d steps in a row take as many transitions, and three', async (k) => {
    const made = stage(chain(k));
    expect((await run(made)).output.status).toBe('COMPLETED');
    expect(transitions(made)).toBe(k + 3);
  });

  test('a group takes a transition for itself, one for each of its steps, and one for its outcome', async () => {
    const made = scene();
    await run(made);
    // Begin, hotel, group + 2 + outcome, charge, ticket, Complete, Tell.
    expect(transitions(made)).toBe(10);
  });

  test('rolling back takes one transition for each undo, one for the decision and two for the end', async () => {
    const made = stage(chain(3), { S3: (request, _, services) => services.decline(request, 'No') });
    expect((await run(made)).output.status).toBe('COMPENSATED');
    // Begin, 3 steps, 2 undos, Undone?, Compensated, Tell.
    expect(transitions(made)).toBe(9);
  });

  test('each action gets the input, its key and the results before it', async () => {
    const seen: any[] = [];
    const made = stage(chain(2), { S2: (request, _, services) => { seen.push(request); return services.do(request); } });
    await run(made, { sagaId: 's-1', n: [1, { deep: null }] });
    expect(seen).toEqual([{ sagaId: 's-1', step: 'S2', idempotencyKey: 's-1#S2#DO', input: { sagaId: 's-1', n: [1, { deep: null }] }, results: { S1: { reservation: 's-1#S1' } } }]);
  });

  test.each([[null], [[]], [[1]], [[[1]]], [[[]]], [[{ a: [] }]], [''], ['"'], [false], [0], [{}], [{ a: [{ b: [1] }] }], [{ results: null }]])('a result %j arrives as it was, also out of a group', async (result) => {
    const made = scene({ behaviours: { ReserveHotel: () => result, ReserveCar: () => result } });
    const { output } = await run(made);
    expect(output.results).toMatchObject({ ReserveHotel: result, ReserveCar: result });
  });

  test('forty steps go forward, and forty go back', async () => {
    const assembly = forty();
    const forward = stage(assembly);
    expect((await run(forward)).output).toMatchObject({ status: 'COMPLETED' });
    expect(transitions(forward)).toBe(43);
    const back = stage(assembly, { S40: (request, _, services) => services.decline(request, 'No') });
    const { output } = await run(back);
    expect(output.compensations.map(({ step }) => step)).toEqual(Array.from({ length: 39 }, (_, index) => `S${39 - index}`));
    expect(back.services.done('s-1')).toEqual([]);
  });
});

describe('back', () => {
  test('a declared failure undoes what was done before it, in reverse order, and not the step itself', async () => {
    const { simulation, services } = scene({ behaviours: { Charge: (request, _, own) => own.decline(request, 'CardDeclined') } });
    const outcome = await run({ simulation });
    expect(outcome.output).toMatchObject({
      status: 'COMPENSATED',
      failure: { step: 'Charge', error: 'CardDeclined', cause: 'declined' },
      compensations: [{ step: 'ReserveFlight', status: 'DONE' }, { step: 'ReserveCar', status: 'DONE' }, { step: 'ReserveHotel', status: 'DONE' }],
    });
    expect(services.done('s-1')).toEqual([]);
    expect(services.called('UNDO')).not.toContain('Charge');
    expect(services.calls.filter((key) => key === 's-1#Charge#DO')).toHaveLength(1);
  });

  test('an action that succeeded and whose answer was lost is undone when it stays lost', async () => {
    const made = scene({ behaviours: { ReserveHotel: (request, _, services) => { services.do(request); throw named('Runtime.ExitError'); } } });
    expect((await run(made)).output).toMatchObject({ status: 'COMPENSATED', failure: { step: 'ReserveHotel', error: 'Runtime.ExitError' } });
    expect(made.services.done('s-1')).toEqual([]);
    expect(made.services.called('UNDO')).toEqual(['ReserveHotel']);
  });

  test('an action that succeeded and whose answer was lost once is asked again with its key, and takes effect once', async () => {
    const made = scene({ behaviours: first(1, 'ReserveHotel', (request, _, services) => { services.do(request); throw named('Runtime.ExitError'); }) });
    expect((await run(made)).output.status).toBe('COMPLETED');
    expect(made.services.calls.filter((key) => key === 's-1#ReserveHotel#DO')).toHaveLength(2);
    expect(made.services.made.get('s-1#ReserveHotel')).toBe(1);
  });

  test('a compensation gets the result of its action, or null when nobody knows it', async () => {
    const seen: any[] = [];
    const look = (request: any, _: unknown, services: any) => { seen.push(request); return services.undo(request); };
    const made = stage(chain(2), { UndoS1: look, UndoS2: look, S2: (request, _, services) => { services.do(request); throw named('Oops'); } });
    await run(made, { sagaId: 's-1', n: 1 });
    const input = { sagaId: 's-1', n: 1 };
    expect(seen).toEqual([
      { sagaId: 's-1', step: 'S2', idempotencyKey: 's-1#S2#UNDO', input, results: { S1: { reservation: 's-1#S1' } }, result: null },
      { sagaId: 's-1', step: 'S1', idempotencyKey: 's-1#S1#UNDO', input, results: {}, result: { reservation: 's-1#S1' } },
    ]);
  });

  test('a group that one branch leaves undoes the others, and not the one that has declined', async () => {
    const made = scene({ behaviours: { ReserveCar: (request, _, services) => services.decline(request, 'NoSeats') } });
    const { output } = await run(made);
    expect(output).toMatchObject({ status: 'COMPENSATED', failure: { step: 'ReserveCar', error: 'NoSeats' } });
    expect(output.compensations).toEqual([{ step: 'ReserveFlight', status: 'DONE' }, { step: 'ReserveHotel', status: 'DONE' }]);
    expect(made.services.called('UNDO')).not.toContain('ReserveCar');
  });

  test('when both branches of a group fail it is one failure, the first by order, and both are undone that may have taken effect', async () => {
    const made = scene({
      behaviours: {
        ReserveFlight: async (request, tools, services) => { await tools.sleep(5_000); services.do(request); throw named('FlightLost'); },
        ReserveCar: (request, _, services) => { services.do(request); throw named('CarLost'); },
      },
    });
    const { output } = await run(made);
    expect(output).toMatchObject({ status: 'COMPENSATED', failure: { step: 'ReserveFlight', error: 'FlightLost' } });
    expect(output.compensations.map(({ step }) => step)).toEqual(['ReserveFlight', 'ReserveCar', 'ReserveHotel']);
    expect(made.services.done('s-1')).toEqual([]);
  });

  test('when both branches decline none of them is undone', async () => {
    const decline = (request: any, _: unknown, services: any) => services.decline(request, 'NoSeats');
    const made = scene({ behaviours: { ReserveFlight: decline, ReserveCar: decline } });
    expect((await run(made)).output).toMatchObject({ status: 'COMPENSATED', compensations: [{ step: 'ReserveHotel', status: 'DONE' }] });
  });

  test('a compensation that fails five times and then succeeds ends COMPENSATED', async () => {
    const made = scene({ behaviours: { ...first(5, 'UndoReserveHotel', fails('Oops')), Charge: fails('CardDeclined') } });
    expect((await run(made)).output).toMatchObject({ status: 'COMPENSATED' });
    expect(made.services.calls.filter((key) => key === 's-1#ReserveHotel#UNDO')).toHaveLength(6);
    expect(made.services.done('s-1')).toEqual([]);
  });

  test('a first step that declines leaves nothing to undo', async () => {
    const made = scene({ behaviours: { ReserveHotel: (request, _, services) => services.decline(request, 'NoSeats') } });
    expect((await run(made)).output).toMatchObject({ status: 'COMPENSATED', compensations: [] });
    expect(made.services.called('UNDO')).toEqual([]);
  });
});

describe('unknown outcomes', () => {
  const CALLS_AFTER_TIMEOUT = 's-1#Charge#DO';
  const late = (ms: number) => async (request: any, tools: any, services: any) => { await tools.sleep(ms); return services.do(request); };

  test('a timeout is not tried again, because another attempt would not make it known', async () => {
    const made = scene({ behaviours: { Charge: late(40_000) } });
    await runToTheEnd(made);
    expect(made.services.calls.filter((key) => key === CALLS_AFTER_TIMEOUT)).toHaveLength(1);
  });

  test('DONE goes on, with the result that the query knows', async () => {
    const made = scene({ behaviours: { Charge: async (request, tools, services) => { services.do(request); await tools.sleep(40_000); } } });
    const { output } = await run(made);
    expect(output).toMatchObject({ status: 'COMPLETED', results: { Charge: { reservation: 's-1#Charge' } } });
    expect(output).not.toHaveProperty('failure');
  });

  test('NOT_DONE goes back, and undoes the step nevertheless, because its action may be under way still', async () => {
    const made = scene({ behaviours: { Charge: late(40_000) } });
    expect(await runToTheEnd(made)).toMatchObject({ output: { status: 'COMPENSATED', failure: { step: 'Charge', error: 'States.Timeout' } } });
    expect(made.services.done('s-1')).toEqual([]);
    expect(made.services.called('UNDO')[0]).toBe('Charge');
  });

  test.each([
    ['UNKNOWN', () => ({ outcome: 'UNKNOWN' })], ['nothing', () => null], ['what it must not', () => ({ outcome: 'PERHAPS' })], ['an error for ever', fails('Oops')],
  ])('a query that answers %s undoes the step, too', async (_, query) => {
    const made = scene({ behaviours: { Charge: (request, __, services) => { services.do(request); throw named('Oops'); }, Query: query } });
    expect((await run(made)).output).toMatchObject({ status: 'COMPENSATED', failure: { step: 'Charge', error: 'Oops' } });
    expect(made.services.called('UNDO')[0]).toBe('Charge');
    expect(made.services.done('s-1')).toEqual([]);
  });

  test('a step of a group is asked about inside its branch', async () => {
    const steps = (functionNamed: any) => [SagaStep.parallel('Both', ['A', 'B'].map((id) => SagaStep.function(id, {
      action: functionNamed(id), compensation: functionNamed(`Undo${id}`), onUnknown: UnknownOutcome.query(functionNamed('Query')), retry: SagaRetry.none(),
    })))];
    const assembly = assemble({ steps });
    const lost = (request: any, _: unknown, services: any) => { services.do(request); throw named('Oops'); };
    const done = stage(assembly, { A: lost, B: lost });
    expect((await run(done)).output).toMatchObject({ status: 'COMPLETED', results: { A: { reservation: 's-1#A' }, B: { reservation: 's-1#B' } } });
    const notDone = stage(assembly, { A: lost, B: fails('Oops') });
    expect((await run(notDone)).output).toMatchObject({ status: 'COMPENSATED' });
    expect(notDone.services.called('UNDO').sort()).toEqual(['A', 'B']);
  });

  test('an action that comes after its own undo is refused', async () => {
    const made = scene({ behaviours: { ReserveHotel: late(32_000) } });
    expect(await runToTheEnd(made)).toMatchObject({ output: { status: 'COMPENSATED' } });
    expect(made.services.calls).toEqual(['s-1#ReserveHotel#DO', 's-1#ReserveHotel#UNDO']);
    expect(made.services.done('s-1')).toEqual([]);
  });
});

describe('the deadline', () => {
  const deadline = Duration.seconds(60);
  const slow = async (request: any, tools: any, services: any) => { await tools.sleep(25_000); return services.do(request); };

  test('no step begins behind it, and one that did not begin is not undone', async () => {
    let began = 0;
    const until = (ms: number) => async (request: any, tools: any, services: any) => {
      await tools.sleep(Math.max(0, began + ms - tools.now()));
      return services.do(request);
    };
    // Whoever begins just before the deadline gets a second.
    const made = stage(chain(4, { props: { deadline: Duration.seconds(30) } }), { S2: until(29_100), S3: until(30_100) }, {
      trace: { listener: ({ event, at }) => { if (event === 'states.enter') began ||= at; } },
    });
    expect((await run(made)).output).toMatchObject({
      status: 'COMPENSATED',
      failure: { step: 'S4', cause: expect.stringContaining('deadline has passed') },
      compensations: [{ step: 'S3' }, { step: 'S2' }, { step: 'S1' }],
    });
    expect(made.services.called('DO')).toEqual(['S1', 'S2', 'S3']);
    expect(made.services.done('s-1')).toEqual([]);
  });

  test('an attempt ends by it', async () => {
    const made = stage(chain(2, { props: { deadline: Duration.seconds(40) } }), { S1: slow, S2: slow });
    const started = made.simulation.world.kernel.now;
    const { output } = await run(made);
    expect(output).toMatchObject({ status: 'COMPENSATED', failure: { step: 'S2', error: 'States.Timeout' } });
    expect(made.simulation.world.kernel.now - started).toBeLessThan(43_000);
    await made.simulation.run();
    expect(made.services.done('s-1')).toEqual([]);
  });

  test('steps behind the pivot are not bound by it', async () => {
    const made = scene({ props: { deadline }, behaviours: first(4, 'SendTicket', async (_, tools) => { await tools.sleep(25_000); throw named('PrinterOnFire'); }) });
    expect((await run(made)).output).toMatchObject({ status: 'COMPLETED' });
  });
});

describe('a saga\'s id', () => {
  test('is taken while its saga runs and when it has ended, for 90 days', async () => {
    const made = scene();
    const { simulation } = made;
    const running = simulation.start('Trip/StateMachine', { sagaId: 's-1' });
    await simulation.run({ until: () => registered(made) !== undefined });
    expect(await run(made)).toMatchObject({ status: 'FAILED', error: 'DuplicateSagaId', cause: expect.stringContaining("there is a saga 's-1' already") });
    await simulation.run();
    expect(running.outcome).toMatchObject({ output: { status: 'COMPLETED' } });
    expect(await runToTheEnd(made)).toMatchObject({ status: 'FAILED', error: 'DuplicateSagaId' });
    expect(made.services.made.get('s-1#Charge')).toBe(1);
    expect(Number(registered(made)!.expiresAt) - simulation.world.kernel.now / 1000).toBeGreaterThan(89 * 86_400);
    // A duplicate has died, and its recovery finds nothing to do.
    expect((await executionsOf(made, 'Recovery')).map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  });

  test('belongs to one of two that start at the same moment', async () => {
    const made = scene();
    const both = [1, 2].map((n) => made.simulation.start('Trip/StateMachine', { sagaId: 's-1', n }));
    await made.simulation.run();
    expect(both.map(({ outcome }) => outcome?.error ?? (outcome as SagaOutcome).output.status).sort()).toEqual(['COMPLETED', 'DuplicateSagaId']);
    for (const [key, times] of made.services.made) expect([key, times]).toEqual([key, 1]);
  });

  test('is that of the execution when the input has none', async () => {
    const made = scene();
    const { output } = await run(made, {});
    const [execution] = await executionsOf(made, 'StateMachine');
    expect(output.sagaId).toBe(execution!.name);
  });

  test.each([[{ sagaId: '' }, '""|received $'], [{ sagaId: 5 }, '5'], [{ sagaId: 'x'.repeat(201) }, 'xxx'], [{ sagaId: null }, 'null']])('is refused unless it is a text of 1 to 200 characters: %j', async (input, received) => {
    const made = scene();
    const outcome = await run(made, input);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'InvalidSagaInput', cause: expect.stringContaining('must be a text of 1 to 200 characters') });
    expect(outcome.cause).toMatch(new RegExp(received));
    expect(itemsOf(made.simulation, 'Trip/Sagas')).toEqual([]);
  });

  test('is entered once although the answer to the entry was lost', async () => {
    const { faults, hits } = lostAnswer('PutItem');
    const made = scene({ options: { faults } });
    expect((await run(made)).output.status).toBe('COMPLETED');
    expect(hits()).toBe(1);
  });
});

describe('payloads', () => {
  test('an input that leaves no room for results is refused before anything begins', async () => {
    const made = scene();
    const outcome = await run(made, { sagaId: 's-1', big: 'x'.repeat(100_001) });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'InvalidSagaInput', cause: expect.stringContaining('at most 100000 bytes, received 1000') });
    expect(made.services.calls).toEqual([]);
  });

  test('a result that is too long is left out, and said to be, and its compensation does without it', async () => {
    const seen: any[] = [];
    const made = stage(chain(2), {
      S1: () => ({ big: 'x'.repeat(70_000) }),
      S2: fails('No'),
      UndoS1: ({ result }) => { seen.push(result); },
    });
    const { output } = await run(made);
    expect(output).toMatchObject({ status: 'COMPENSATED', results: { S1: { omitted: true, bytes: 70_010 } } });
    expect(seen).toEqual([{ omitted: true, bytes: 70_010 }]);
  });

  test('a result of more than 256 KiB is no answer at all: the step is undone', async () => {
    const made = stage(chain(2), { S1: (request, _, services) => { services.do(request); return 'x'.repeat(300_000); } });
    expect((await runToTheEnd(made)).output).toMatchObject({ status: 'COMPENSATED', failure: { step: 'S1', error: 'States.DataLimitExceeded' } });
    expect(made.services.done('s-1')).toEqual([]);
    expect(made.services.calls).toEqual(['s-1#S1#DO', 's-1#S1#UNDO']);
  });

  test.each([['x', 1], ['é', 2], ['語', 3], ['😀', 4]])('forty steps with the longest results of %s, and the longest input, fit forward and back', async (character, bytes) => {
    const assembly = forty();
    const longest = character.repeat(Math.floor(3_748 / (bytes === 1 ? 1 : 4)));
    const long = (request: any, _: unknown, services: any) => {
      services.do(request);
      return longest;
    };
    const behaviours = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`S${index + 1}`, long]));
    const input = { sagaId: 's-1', big: 'x'.repeat(99_900) };
    const forward = await run(stage(assembly, behaviours), input);
    expect(forward.output.status).toBe('COMPLETED');
    expect(JSON.stringify(forward.output.results)).not.toContain('omitted');
    const back = stage(assembly, { ...behaviours, S40: fails('No') });
    expect((await run(back, input)).output.status).toBe('COMPENSATED');
    expect(back.services.done('s-1')).toEqual([]);
  });
});

describe('a pivot', () => {
  const steps = (onUnknown?: UnknownOutcome) => (functionNamed: any) => [
    SagaStep.function('A', { action: functionNamed('A'), compensation: functionNamed('UndoA') }),
    SagaStep.function('Final', { action: functionNamed('Final'), noCompensation: 'it is final', pivot: true, retry: SagaRetry.none(), abortOn: ['No'], onUnknown }),
    SagaStep.parallel('After', ['X', 'Y'].map((id) => SagaStep.function(id, { action: functionNamed(id), retriable: true }))),
  ];
  const lost = (request: any, _: unknown, services: any) => { services.do(request); throw named('Oops'); };

  test('that cannot be undone and of which nobody knows is parked, not forgotten', async () => {
    const made = scene({ steps: steps(), behaviours: { Final: lost } });
    expect((await runToTheEnd(made)).output).toMatchObject({ status: 'PARKED', failure: { step: 'Final', error: 'Oops' } });
    expect(made.services.done('s-1').sort()).toEqual(['A', 'Final']);
    expect(await parked(made)).toMatchObject([{ parked: { reason: 'UNKNOWN', step: 'Final' } }]);
  });

  test.each([
    ['DONE', 'COMPLETED', ['A', 'Final', 'X', 'Y']], ['NOT_DONE', 'COMPENSATED', []], ['UNKNOWN', 'PARKED', ['A']],
  ])('that cannot be undone and whose query answers %s ends %s', async (outcome, status, done) => {
    const assembly = assemble({ steps: (functionNamed) => steps(UnknownOutcome.query(functionNamed('Query')))(functionNamed) });
    const made = stage(assembly, { Final: outcome === 'DONE' ? lost : fails('Oops'), Query: () => ({ outcome, result: 1 }) });
    expect((await runToTheEnd(made)).output.status).toBe(status);
    expect(made.services.done('s-1').sort()).toEqual(done);
  });

  test('that declines goes back, once done there is only forward', async () => {
    const assembly = assemble({ steps: steps() });
    expect((await run(stage(assembly, { Final: fails('No') }))).output.status).toBe('COMPENSATED');
    const forward = stage(assembly, { ...first(3, 'X', fails('Oops')), ...first(2, 'Y', fails('Oops')) });
    expect((await run(forward)).output).toMatchObject({ status: 'COMPLETED', compensations: [] });
    const stuck = stage(assembly, { X: fails('Oops') });
    expect((await runToTheEnd(stuck)).output).toMatchObject({ status: 'PARKED', failure: { step: 'X', error: 'Oops' } });
    expect(stuck.services.called('UNDO')).toEqual([]);
    expect(await parked(stuck)).toMatchObject([{ parked: { reason: 'STEP', step: 'After' } }]);
  });
});

describe('a person\'s approval', () => {
  const assembly = () => assemble({
    steps: (functionNamed) => [
      SagaStep.function('A', { action: functionNamed('A'), compensation: functionNamed('UndoA') }),
      SagaStep.humanApproval('Approve', { timeout: Duration.minutes(5), message: '{% "pay " & $input.amount & " for " & $results.A.reservation & "?" %}' }),
      SagaStep.function('B', { action: functionNamed('B'), compensation: functionNamed('UndoB') }),
    ],
    more: (saga, stack) => {
      const questions = new sqs.Queue(stack, 'Questions');
      saga.onApprovalRequested('Ask', { bind: () => ({ id: '', arn: questions.queueArn }) });
      questions.grantSendMessages({ grantPrincipal: new ServicePrincipal('events.amazonaws.com') });
    },
  });

  async function asked(made: Stage) {
    const started = made.simulation.start('Trip/StateMachine', { sagaId: 's-1', amount: 5 });
    await made.simulation.run({ deadline: made.simulation.world.kernel.now + 20_000 });
    const [question] = (await messagesOf(made.simulation, 'Questions')).map((body) => JSON.parse(body));
    return { started, question };
  }

  test('lets the saga go on, and the answer is the step\'s result', async () => {
    const made = stage(assembly());
    const { started, question } = await asked(made);
    expect(question.detail).toMatchObject({ sagaId: 's-1', step: 'Approve', message: 'pay 5 for s-1#A?' });
    await operate(made.simulation, 'states', 'SendTaskSuccess', { taskToken: question.detail.taskToken, output: '{"by":"Ann"}' });
    await made.simulation.run();
    expect(started.outcome).toMatchObject({ output: { status: 'COMPLETED', results: { Approve: { by: 'Ann' } } } });
  });

  test('refused, takes the saga back', async () => {
    const made = stage(assembly());
    const { started, question } = await asked(made);
    await operate(made.simulation, 'states', 'SendTaskFailure', { taskToken: question.detail.taskToken, error: 'Rejected', cause: 'too much' });
    await made.simulation.run();
    expect(started.outcome).toMatchObject({ output: { status: 'COMPENSATED', failure: { step: 'Approve', error: 'Rejected', cause: 'too much' } } });
    expect(made.services.done('s-1')).toEqual([]);
  });

  test('that does not come in time is none', async () => {
    const made = stage(assembly());
    const { started } = await asked(made);
    await made.simulation.run();
    expect(started.outcome).toMatchObject({ output: { status: 'COMPENSATED', failure: { step: 'Approve', error: 'States.Timeout' } } });
    expect(made.services.called('DO')).toEqual(['A']);
  });
});

describe('a step of another service', () => {
  test('goes forward and back by tasks of Step Functions, with the saga\'s variables', async () => {
    const assembly = assemble({
      steps: (functionNamed, stack) => {
        const queue = new sqs.Queue(stack, 'Ledger');
        const send = (id: string, text: string) => tasks.SqsSendMessage.jsonata(stack, id, {
          queue, messageBody: sfn.TaskInput.fromText(`{% "${text} " & $sagaId & " " & $input.amount & " " & $results.A.reservation %}`),
        });
        return [
          SagaStep.function('A', { action: functionNamed('A'), compensation: functionNamed('UndoA') }),
          SagaStep.task('Note', { action: send('Write', 'owes'), compensation: send('Unwrite', 'owes not') }),
          SagaStep.function('B', { action: functionNamed('B'), noCompensation: 'reads', abortOn: ['No'] }),
        ];
      },
    });
    const forward = stage(assembly);
    const { output } = await run(forward, { sagaId: 's-1', amount: 5 });
    expect(output).toMatchObject({ status: 'COMPLETED', results: { Note: { MessageId: expect.any(String) } } });
    const back = stage(assembly, { B: fails('No') });
    expect((await run(back, { sagaId: 's-1', amount: 5 })).output).toMatchObject({ status: 'COMPENSATED', compensations: [{ step: 'Note' }, { step: 'A' }] });
    expect((await messagesOf(back.simulation, 'Ledger')).sort()).toEqual(['owes not s-1 5 s-1#A', 'owes s-1 5 s-1#A']);
  });

  test('whose expression fails was never called', async () => {
    const assembly = assemble({
      steps: (functionNamed, stack) => [
        SagaStep.function('A', { action: functionNamed('A'), compensation: functionNamed('UndoA') }),
        SagaStep.task('Note', {
          action: tasks.SqsSendMessage.jsonata(stack, 'W', { queue: new sqs.Queue(stack, 'Ledger'), messageBody: sfn.TaskInput.fromText('{% $input.missing.text %}') }),
          noCompensation: 'a note',
        }),
      ],
    });
    const made = stage(assembly);
    expect((await run(made)).output).toMatchObject({ status: 'COMPENSATED', failure: { step: 'Note', error: 'States.QueryEvaluationError' }, compensations: [{ step: 'A', status: 'DONE' }] });
  });
});

describe('a semantic lock', () => {
  function locking() {
    let table: Table | undefined;
    return assemble({
      steps: (functionNamed, stack) => {
        table = new Table(stack, 'Orders', { partitionKey: { name: 'orderId', type: AttributeType.STRING } });
        return [SagaStep.function('A', { action: functionNamed('A'), compensation: functionNamed('UndoA'), retry: SagaRetry.none(), onUnknown: UnknownOutcome.park(), abortOn: ['No'] })];
      },
      props: { get isolation() { return SagaIsolation.semanticLock(table!, { partitionKey: 'orderId', partitionValue: '{% $input.orderId %}' }); } },
    });
  }
  const slow = async (request: any, tools: any, services: any) => { await tools.sleep(request.sagaId === 's-1' ? 25_000 : 0); return services.do(request); };

  test('is held while the saga runs, released as it ends, and another saga waits for it', async () => {
    const made = stage(locking(), { A: async (request, tools, services) => { await tools.sleep(request.sagaId === 's-1' ? 2_000 : 0); return services.do(request); } });
    const one = made.simulation.start('Trip/StateMachine', { sagaId: 's-1', orderId: 'o-1' });
    await made.simulation.run({ until: () => itemsOf(made.simulation, 'Orders').length > 0 });
    expect(itemsOf(made.simulation, 'Orders')).toEqual([{ orderId: 'o-1', sagaLock: 's-1' }]);
    const other = made.simulation.start('Trip/StateMachine', { sagaId: 's-2', orderId: 'o-1' });
    await made.simulation.run();
    expect([one.outcome, other.outcome]).toMatchObject([{ output: { status: 'COMPLETED' } }, { output: { status: 'COMPLETED' } }]);
    expect(itemsOf(made.simulation, 'Orders')).toEqual([{ orderId: 'o-1' }]);
  });

  test('that another saga keeps for too long fails the start, which has begun nothing', async () => {
    const made = stage(locking(), { A: async (request, tools, services) => { await tools.sleep(100_000); return services.do(request); } });
    made.simulation.start('Trip/StateMachine', { sagaId: 's-1', orderId: 'o-1' });
    await made.simulation.run({ until: () => itemsOf(made.simulation, 'Orders').length > 0 });
    // The first one is parked, and keeps it.
    const other = made.simulation.start('Trip/StateMachine', { sagaId: 's-2', orderId: 'o-1' });
    await made.simulation.run({ until: () => other.outcome !== undefined });
    await made.simulation.run();
    const outcomes = [other.outcome!.error, registered(made)!.status, registered(made, 's-2')];
    expect(outcomes).toEqual(['SagaLocked', 'PARKED', undefined]);
    expect(itemsOf(made.simulation, 'Orders')).toEqual([{ orderId: 'o-1', sagaLock: 's-1' }]);
  });

  test('tells a saga with the same id from one with the same item', async () => {
    const made = stage(locking(), { A: slow });
    made.simulation.start('Trip/StateMachine', { sagaId: 's-1', orderId: 'o-1' });
    await made.simulation.run({ until: () => itemsOf(made.simulation, 'Orders').length > 0 });
    const same = made.simulation.start('Trip/StateMachine', { sagaId: 's-1', orderId: 'o-2' });
    await made.simulation.run();
    expect(same.outcome).toMatchObject({ status: 'FAILED', error: 'DuplicateSagaId' });
    expect(itemsOf(made.simulation, 'Orders')).toEqual([{ orderId: 'o-1' }]);
  });

  test('that somebody broke and another saga took does not keep the first one from its end', async () => {
    const made = stage(locking(), { A: slow });
    const started = made.simulation.start('Trip/StateMachine', { sagaId: 's-1', orderId: 'o-1' });
    await made.simulation.run({ until: () => itemsOf(made.simulation, 'Orders').length > 0 });
    const TableName = made.simulation.find('Orders', ['AWS::DynamoDB::Table']).provisioned.ref;
    await operate(made.simulation, 'dynamodb', 'PutItem', { TableName, Item: { orderId: { S: 'o-1' }, sagaLock: { S: 's-9' } } });
    await made.simulation.run();
    expect(started.outcome).toMatchObject({ output: { status: 'COMPLETED' } });
    expect(itemsOf(made.simulation, 'Orders')).toEqual([{ orderId: 'o-1', sagaLock: 's-9' }]);
    expect(await executionsOf(made, 'Recovery')).toEqual([]);
  });
});

describe('EXPRESS', () => {
  const express = () => assemble({ props: { workflow: SagaWorkflow.EXPRESS, recovery: SagaRecovery.NONE, deadline: Duration.minutes(3) } });

  test('is the same saga, forward and back', async () => {
    const assembly = express();
    expect((await run(stage(assembly))).output).toMatchObject({ status: 'COMPLETED' });
    const back = stage(assembly, { Charge: fails('CardDeclined') });
    expect((await run(back)).output).toMatchObject({ status: 'COMPENSATED' });
    expect(back.services.done('s-1')).toEqual([]);
  });
});

test('poison input, which an action can never take, goes back after its attempts', async () => {
  const made = scene({ behaviours: { ReserveCar: fails('TypeError') } });
  expect((await run(made)).output).toMatchObject({ status: 'COMPENSATED', failure: { step: 'ReserveCar', error: 'TypeError' } });
  expect(made.services.calls.filter((key) => key === 's-1#ReserveCar#DO')).toHaveLength(4);
  expect(made.services.done('s-1')).toEqual([]);
});

test('what ends are told is free of payloads', async () => {
  const made = scene({ behaviours: { UndoReserveHotel: fails('Oops'), Charge: fails('CardDeclined') } });
  await runToTheEnd(made, { sagaId: 's-1', secret: 'hunter2' });
  const messages = await messagesOf(made.simulation, 'Trip/ParkedSagas');
  expect(messages).toHaveLength(1);
  expect(messages[0]).not.toContain('hunter2');
  expect(messages[0]).not.toContain('reservation');
});

test('the services of AWS may fail for minutes', async () => {
  const { faults } = lostAnswer('UpdateItem', 5);
  const made = scene({ options: { faults } });
  expect((await run(made)).output.status).toBe('COMPLETED');
});

/** A service that does the work, and whose answer is lost. */
function lostAnswer(operation: string, times: number = 1) {
  let hits = 0;
  return {
    hits: () => hits,
    faults: {
      onDelivery: () => undefined,
      onEventuallyConsistentRead: () => false,
      onCall: (call: { operation: string }) => (call.operation === operation && hits < times ? (hits++, { kind: 'error-after' as const }) : undefined),
    },
  };
}
