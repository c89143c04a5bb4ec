import { StatesWorld, task } from './world';
import { NO_FAULTS, type FaultPlan } from '../../src/kernel/faults';

const PASS = { StartAt: 'Only', States: { Only: { Type: 'Pass', Result: { done: true }, End: true } } };
const LONG = { StartAt: 'Pause', States: { Pause: { Type: 'Wait', Seconds: 600, End: true } } };
const INVOKE = task('arn:aws:states:::lambda:invoke', { Arguments: { FunctionName: 'f' } });
const functions = () => ({ lambda: { Invoke: () => ({ StatusCode: 200, Payload: '1' }) } });

describe('an Express workflow', () => {
  it('answers the outcome to a synchronous start', async () => {
    const world = new StatesWorld();
    const machine = world.create(PASS, { type: 'EXPRESS' });
    const answer = await world.call('StartSyncExecution', { stateMachineArn: machine, name: 'one', input: '{"a":1}' });
    expect(answer).toMatchObject({
      executionArn: expect.stringMatching(/:express:Quotes:one:[0-9a-f-]{36}$/),
      stateMachineArn: machine,
      name: 'one',
      status: 'SUCCEEDED',
      input: '{"a":1}',
      output: '{"done":true}',
      billingDetails: { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: 100 },
    });
    expect(answer.error).toBeUndefined();
  });

  it('answers a failure as an outcome, not as an error', async () => {
    const world = new StatesWorld();
    const machine = world.create({ StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Broke', Cause: 'it did' } } }, { type: 'EXPRESS' });
    expect(await world.call('StartSyncExecution', { stateMachineArn: machine })).toMatchObject({ status: 'FAILED', error: 'Broke', cause: 'it did' });
  });

  it('ends after five minutes', async () => {
    const world = new StatesWorld();
    const answer = await world.call('StartSyncExecution', { stateMachineArn: world.create(LONG, { type: 'EXPRESS' }) });
    expect(answer).toMatchObject({ status: 'TIMED_OUT' });
    expect(Math.round((answer.stopDate - answer.startDate) / 1000)).toBe(300);
  });

  it('is not limited to five minutes when it is Standard', async () => {
    const world = new StatesWorld();
    expect((await world.execute(world.create(LONG))).status).toBe('SUCCEEDED');
  });

  it('runs again for the same name: its starts are not idempotent', async () => {
    const world = new StatesWorld(functions());
    const machine = world.create(INVOKE, { type: 'EXPRESS' });
    const arns = [await world.start(machine, {}, 'one'), await world.start(machine, {}, 'one')];
    await world.run();
    expect(arns[0]).not.toBe(arns[1]);
    expect(world.calls.lambda).toHaveLength(2);
  });

  it('may run twice when it is started asynchronously, and ends once', async () => {
    const faults: FaultPlan = { ...NO_FAULTS, onDelivery: () => ({ duplicatesAfterMs: [50] }) };
    const world = new StatesWorld(functions(), { faults });
    const ended: string[] = [];
    world.states.onExecutionEnd(({ name }) => ended.push(name));
    await world.start(world.create(INVOKE, { type: 'EXPRESS' }), {}, 'one');
    await world.run();
    expect(world.calls.lambda).toHaveLength(2);
    expect(ended).toEqual(['one']);
  });

  it('never runs twice when it is started synchronously, nor when it is Standard', async () => {
    const faults: FaultPlan = { ...NO_FAULTS, onDelivery: () => ({ duplicatesAfterMs: [50] }) };
    const world = new StatesWorld(functions(), { faults });
    await world.call('StartSyncExecution', { stateMachineArn: world.create(INVOKE, { type: 'EXPRESS' }) });
    await world.run();
    expect(world.calls.lambda).toHaveLength(1);
    await world.execute(world.create(INVOKE, { name: 'Standard' }));
    expect(world.calls.lambda).toHaveLength(2);
  });

  it('cannot wait for tokens or jobs', () => {
    const world = new StatesWorld({ sqs: { SendMessage: () => ({}) } });
    expect(() => world.create(task('arn:aws:states:::sqs:sendMessage.waitForTaskToken'), { type: 'EXPRESS' }))
      .toThrow("state 'Ask': Express workflows do not support '.waitForTaskToken'");
    expect(() => world.create(task('arn:aws:states:::states:startExecution.sync:2'), { type: 'EXPRESS' }))
      .toThrow("state 'Ask': Express workflows do not support '.sync:2'");
  });

  it('is not described, listed or stopped, as on AWS', async () => {
    const world = new StatesWorld();
    const stateMachineArn = world.create(PASS, { type: 'EXPRESS' });
    const executionArn = await world.start(stateMachineArn);
    for (const operation of ['DescribeExecution', 'StopExecution', 'GetExecutionHistory']) {
      await expect(world.call(operation, { executionArn })).rejects.toMatchObject({ name: 'InvalidArn' });
    }
    await expect(world.call('ListExecutions', { stateMachineArn })).rejects.toMatchObject({ name: 'StateMachineTypeNotSupported' });
  });

  it('is the only type that starts synchronously', async () => {
    const world = new StatesWorld();
    await expect(world.call('StartSyncExecution', { stateMachineArn: world.create(PASS) })).rejects.toMatchObject({ name: 'StateMachineTypeNotSupported' });
  });

  it('is billed per request, and per 64 MB and 100 ms', async () => {
    const world = new StatesWorld({}, { latency: { 'states.transition': { median: 0, p99: 0 } } });
    const wait = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1, End: true } } };
    await world.call('StartSyncExecution', { stateMachineArn: world.create(wait, { type: 'EXPRESS' }) });
    expect(world.world.meter.get('states.express.requests')).toBe(1);
    expect(world.world.meter.get('states.express.gbSeconds')).toBeCloseTo(64 / 1024, 10);
    expect(world.world.meter.get('states.transitions')).toBe(0);
  });

  it('uses more memory with more data and more iterations', async () => {
    const world = new StatesWorld();
    const map = {
      QueryLanguage: 'JSONata',
      StartAt: 'Each',
      States: {
        Each: {
          Type: 'Map',
          Items: '{% [1..300] %}',
          End: true,
          Output: '{% $states.input %}',
          ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'P', States: { P: { Type: 'Pass', Output: 1, End: true } } },
        },
      },
    };
    const answer = await world.call('StartSyncExecution', {
      stateMachineArn: world.create(map, { type: 'EXPRESS' }), input: JSON.stringify('x'.repeat(100_000)),
    });
    // 50 MB + 300 × 0.095 MB = 78.6 MB
    expect(answer).toMatchObject({ status: 'SUCCEEDED', billingDetails: { billedMemoryUsedInMB: 128 } });
  });
});
