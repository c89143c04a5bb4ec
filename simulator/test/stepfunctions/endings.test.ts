import { type Handler, StatesWorld } from './world';

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:slow';
const CATCH_ALL = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
const slow: Handler = (_, __, { kernel }) => kernel.sleep(100_000).then(() => ({ StatusCode: 200, Payload: '{}' }));
const machine = (States: Record<string, object>, more: object = {}) => ({ QueryLanguage: 'JSONata', StartAt: Object.keys(States)[0], States, ...more });
const call = (more: object = { End: true }) => ({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: FUNCTION, Payload: {} }, ...more });
/** Everything in it would catch everything. */
const guarded = (more: object = {}) => machine({
  P: {
    Type: 'Parallel', Catch: CATCH_ALL, Next: 'Caught',
    Branches: [machine({ A: call({ Catch: [{ ErrorEquals: ['States.Timeout', 'States.TaskFailed'], Next: 'Inner' }, { ErrorEquals: ['States.ALL'], Next: 'Inner' }], Next: 'Inner' }), Inner: { Type: 'Pass', End: true } })],
  },
  Caught: { Type: 'Pass', End: true },
}, more);

function world() {
  return new StatesWorld({ lambda: { Invoke: slow }, events: {}, cloudwatch: {} });
}

describe('an ending from outside', () => {
  it('runs no Catch when the execution is stopped', async () => {
    const states = world();
    const executionArn = await states.start(states.create(guarded()));
    await states.run(10);
    await states.call('StopExecution', { executionArn, error: 'Enough', cause: 'tired' });
    await states.run();
    expect(await states.call('DescribeExecution', { executionArn })).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'tired' });
    expect((await states.history(executionArn)).map(({ type, stateEnteredEventDetails: entered }) => entered?.name ?? type)).toEqual([
      'ExecutionStarted', 'P', 'ParallelStateStarted', 'A', 'TaskScheduled', 'TaskStarted', 'ExecutionAborted',
    ]);
  });

  it('runs no Catch when the state machine\'s TimeoutSeconds pass', async () => {
    const states = world();
    const { executionArn, status, error } = await states.execute(states.create(guarded({ TimeoutSeconds: 30 })));
    expect({ status, error }).toEqual({ status: 'TIMED_OUT', error: undefined });
    const history = await states.history(executionArn);
    expect(history.filter(({ stateEnteredEventDetails: entered }) => /Caught|Inner/.test(entered?.name))).toEqual([]);
    expect(history.pop()).toMatchObject({ type: 'ExecutionTimedOut' });
  });

  it('runs the Catch of a task\'s own timeout, by contrast', async () => {
    const states = world();
    const own = machine({ A: call({ TimeoutSeconds: 5, Catch: CATCH_ALL, End: true }), Caught: { Type: 'Pass', End: true } });
    expect(await states.execute(states.create(own))).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('comes from a task of another workflow as well', async () => {
    const states = world();
    const executionArn = await states.start(states.create(guarded()));
    await states.run(10);
    const stop = machine({ Stop: { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:sfn:stopExecution', Arguments: { ExecutionArn: executionArn, Cause: 'mine' }, End: true } });
    expect(await states.execute(states.create(stop, { name: 'Operator' }))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await states.call('DescribeExecution', { executionArn })).toMatchObject({ status: 'ABORTED', cause: 'mine' });
  });

  it('reaches the default bus with AWS\'s fields', async () => {
    const states = world();
    const { executionArn } = await states.execute(states.create(guarded({ TimeoutSeconds: 30 })), { n: 1 }, 'n1');
    // https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
    expect(states.told.events.pop()).toEqual({
      source: 'aws.states',
      detailType: 'Step Functions Execution Status Change',
      resources: [executionArn],
      detail: {
        executionArn,
        stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:Quotes',
        stateMachineVersionArn: null,
        stateMachineAliasArn: null,
        name: 'n1',
        status: 'TIMED_OUT',
        startDate: expect.any(Number),
        stopDate: expect.any(Number),
        input: '{"n":1}',
        inputDetails: { included: true },
        output: null,
        outputDetails: null,
        redriveCount: 0,
        redriveDate: null,
        redriveStatus: 'REDRIVABLE',
        redriveStatusReason: null,
        error: null,
        cause: null,
      },
    });
  });
});
