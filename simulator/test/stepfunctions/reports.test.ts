import { StatesWorld, task } from './world';
import { ServiceError } from '../../src/service';

const PASS = { StartAt: 'Only', States: { Only: { Type: 'Pass', Result: { done: true }, End: true } } };
const branch = (name: string) => ({ StartAt: name, States: { [name]: { Type: 'Pass', End: true } } });
const FAIL = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Broke', Cause: 'it did' } } };
const LIMITED = { StartAt: 'W', TimeoutSeconds: 5, States: { W: { Type: 'Wait', Seconds: 60, End: true } } };

/** A world that has fakes of EventBridge and CloudWatch. */
const observed = () => new StatesWorld({ events: {}, cloudwatch: {} });

describe('status changes on the default bus', () => {
  it('tell the start and the end of a Standard execution', async () => {
    const world = observed();
    const { executionArn, startDate, stopDate, stateMachineArn } = await world.execute(world.create(PASS), { a: 1 }, 'one');
    expect(world.told.events).toEqual([
      expect.objectContaining({ detail: expect.objectContaining({ status: 'RUNNING', output: null, outputDetails: null, stopDate: null }) }),
      {
        source: 'aws.states',
        detailType: 'Step Functions Execution Status Change',
        resources: [executionArn],
        detail: expect.objectContaining({
          executionArn,
          stateMachineArn,
          name: 'one',
          status: 'SUCCEEDED',
          startDate: startDate.getTime(),
          stopDate: stopDate.getTime(),
          input: '{"a":1}',
          inputDetails: { included: true },
          output: '{"done":true}',
          outputDetails: { included: true },
        }),
      },
    ]);
  });

  it('tell failures, timeouts and stops', async () => {
    const world = observed();
    await world.execute(world.create(FAIL, { name: 'Failing' }));
    await world.execute(world.create(LIMITED, { name: 'Limited' }));
    const executionArn = await world.start(world.create({ ...LIMITED, TimeoutSeconds: 50 }, { name: 'Stopped' }));
    await world.call('StopExecution', { executionArn, error: 'Enough' });
    expect(world.told.events.map(({ detail }) => [detail.status, detail.error])).toEqual([
      ['RUNNING', null], ['FAILED', 'Broke'], ['RUNNING', null], ['TIMED_OUT', null], ['RUNNING', null], ['ABORTED', 'Enough'],
    ]);
  });

  it('leave out what makes them larger than 248 KB', async () => {
    const world = observed();
    const echo = { StartAt: 'E', States: { E: { Type: 'Pass', End: true } } };
    await world.execute(world.create(echo), 'x'.repeat(150_000));
    const { detail } = world.told.events[1];
    expect(detail).toMatchObject({ input: null, inputDetails: { included: false }, outputDetails: { included: true } });
    expect(detail.output).toHaveLength(150_002);
  });

  it('are not published for Express workflows', async () => {
    const world = observed();
    await world.call('StartSyncExecution', { stateMachineArn: world.create(PASS, { type: 'EXPRESS' }) });
    expect(world.told.events).toEqual([]);
  });
});

describe('metrics', () => {
  it('count starts and ends, and the time between', async () => {
    const world = observed();
    const { startDate, stopDate, stateMachineArn } = await world.execute(world.create(LIMITED));
    const dimensions = { StateMachineArn: stateMachineArn };
    expect(world.told.metrics).toEqual([
      { namespace: 'AWS/States', name: 'ExecutionsStarted', dimensions, value: 1, unit: 'Count' },
      { namespace: 'AWS/States', name: 'ExecutionsTimedOut', dimensions, value: 1, unit: 'Count' },
      { namespace: 'AWS/States', name: 'ExecutionTime', dimensions, value: stopDate - startDate, unit: 'Milliseconds' },
    ]);
  });
});

describe('the bill of a Standard workflow', () => {
  it('has a transition for each state entered', async () => {
    const world = new StatesWorld();
    await world.execute(world.create({
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Next: 'B' },
        B: { Type: 'Parallel', Branches: [branch('B1'), branch('B2')], Next: 'C' },
        C: { Type: 'Succeed' },
      },
    }));
    expect(world.world.meter.totals()).toEqual({ 'states.transitions': 5 });
  });

  it('has a transition for each retry', async () => {
    const world = new StatesWorld({ lambda: { Invoke: () => { throw new ServiceError('TooManyRequestsException', 'no'); } } });
    await world.execute(world.create(task('arn:aws:states:::lambda:invoke', {
      Arguments: { FunctionName: 'f' }, Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }],
    })));
    expect(world.world.meter.get('states.transitions')).toBe(3);
  });

  it('counts the states of an execution that has not ended', async () => {
    const world = new StatesWorld();
    await world.start(world.create({ ...LIMITED, TimeoutSeconds: 50 }));
    await world.run(10);
    expect(world.world.meter.get('states.transitions')).toBe(1);
  });
});

describe('the trace', () => {
  it('tells the start, each state and the end, under the readable name', async () => {
    const world = new StatesWorld({}, { trace: { keep: true } });
    world.states.createStateMachine({ name: 'M-1', label: 'LoanQuotes/Gather', definition: JSON.stringify(FAIL), roleArn: 'arn:aws:iam::123456789012:role/R' });
    await world.execute(world.states.stateMachines()[0].arn, {}, 'one');
    expect(world.world.trace.entries.filter(({ subject }) => subject === 'LoanQuotes/Gather').map(({ event, detail }) => [event, detail])).toEqual([
      ['states.start', { execution: 'one' }],
      ['states.enter', { execution: 'one', state: 'F' }],
      ['states.end', { execution: 'one', status: 'FAILED', error: 'Broke' }],
    ]);
  });

  it('is the same for the same seed, and another for another', async () => {
    const hash = async (seed: number) => {
      const world = new StatesWorld({ lambda: { Invoke: () => ({ StatusCode: 200, Payload: '1' }) } }, { seed });
      await world.execute(world.create(task('arn:aws:states:::lambda:invoke', { Arguments: { FunctionName: 'f' } })));
      return world.world.trace.hash();
    };
    expect(await hash(1)).toBe(await hash(1));
    expect(await hash(1)).not.toBe(await hash(2));
  });
});
