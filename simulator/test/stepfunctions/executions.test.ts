import { StatesWorld, task } from './world';
import { NO_FAULTS } from '../../src/kernel/faults';

const PASS = { StartAt: 'Only', States: { Only: { Type: 'Pass', Result: { done: true }, End: true } } };
const WAIT = { StartAt: 'Pause', States: { Pause: { Type: 'Wait', Seconds: 60, End: true } } };
const DAY = 24 * 60 * 60;

describe('StartExecution', () => {
  it('answers at once with the ARN and runs the execution afterwards', async () => {
    const world = new StatesWorld();
    const machine = world.create(PASS);
    const answer = await world.call('StartExecution', { stateMachineArn: machine, name: 'first', input: '{"a":1}' });
    expect(answer.executionArn).toBe('arn:aws:states:us-east-1:123456789012:execution:Quotes:first');
    expect((await world.call('DescribeExecution', { executionArn: answer.executionArn })).status).toBe('RUNNING');
    await world.run();
    expect(await world.call('DescribeExecution', { executionArn: answer.executionArn })).toMatchObject({
      status: 'SUCCEEDED', input: '{"a":1}', output: '{"done":true}', name: 'first', stateMachineArn: machine, redriveStatus: 'NOT_REDRIVABLE',
    });
  });

  it('takes the measured time to start', async () => {
    const world = new StatesWorld({}, { latency: { 'states.start': { median: 500, p99: 500 }, 'states.transition': { median: 20, p99: 20 } } });
    const { startDate, stopDate } = await world.execute(world.create(PASS));
    expect(stopDate - startDate).toBe(520);
  });

  it('returns the same execution for the same name and input while it runs', async () => {
    const world = new StatesWorld();
    const machine = world.create(WAIT);
    const first = await world.call('StartExecution', { stateMachineArn: machine, name: 'one', input: '{"a":1}' });
    const second = await world.call('StartExecution', { stateMachineArn: machine, name: 'one', input: '{"a":1}' });
    expect(second).toEqual(first);
    expect((await world.call('ListExecutions', { stateMachineArn: machine })).executions).toHaveLength(1);
  });

  it('refuses a name in use with another input', async () => {
    const world = new StatesWorld();
    const machine = world.create(WAIT);
    await world.start(machine, { a: 1 }, 'one');
    await expect(world.start(machine, { a: 2 }, 'one')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  it('refuses the name of an ended execution for 90 days', async () => {
    const world = new StatesWorld();
    const machine = world.create(PASS);
    await world.start(machine, {}, 'one');
    await world.run(89 * DAY);
    await expect(world.start(machine, {}, 'one')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await world.run(2 * DAY);
    expect(await world.execute(machine, {}, 'one')).toMatchObject({ status: 'SUCCEEDED' });
  });

  it.each(['', 'with space', 'a/b', 'a:b', 'x'.repeat(81), 'tab\t', 'a"b', '\ud800'])('refuses the name %j', async (name) => {
    const world = new StatesWorld();
    await expect(world.start(world.create(PASS), {}, name)).rejects.toMatchObject({ name: 'InvalidName' });
  });

  it('refuses an input that is no JSON', async () => {
    const world = new StatesWorld();
    const input = { stateMachineArn: world.create(PASS), input: '{oops' };
    await expect(world.call('StartExecution', input)).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
  });

  it('takes an input of 262,144 bytes and not one more', async () => {
    const world = new StatesWorld();
    const stateMachineArn = world.create(PASS);
    const json = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));
    await world.call('StartExecution', { stateMachineArn, input: json(262_144) });
    await expect(world.call('StartExecution', { stateMachineArn, input: json(262_145) })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('refuses a state machine that does not exist', async () => {
    await expect(new StatesWorld().start('arn:aws:states:us-east-1:123456789012:stateMachine:None')).rejects.toMatchObject({
      name: 'StateMachineDoesNotExist',
    });
  });
});

describe('StopExecution', () => {
  it('ends a running execution as ABORTED at once', async () => {
    const world = new StatesWorld();
    const executionArn = await world.start(world.create(WAIT));
    await world.run(10);
    const before = world.now;
    await world.call('StopExecution', { executionArn, error: 'Enough', cause: 'we waited' });
    const described = await world.call('DescribeExecution', { executionArn });
    expect(described).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'we waited' });
    expect(described.stopDate - before).toBeLessThan(1000);
    expect(await world.run()).toBe('quiet');
    expect(world.now - before).toBeLessThan(1000);
  });

  it('stops an execution that has not taken its first step', async () => {
    const world = new StatesWorld({ lambda: { Invoke: () => ({ StatusCode: 200, Payload: '1' }) } }, { latency: { 'states.start': { median: 5000, p99: 5000 } } });
    const executionArn = await world.start(world.create(task('arn:aws:lambda:us-east-1:123456789012:function:f')));
    await world.call('StopExecution', { executionArn });
    await world.run();
    expect((await world.call('DescribeExecution', { executionArn })).status).toBe('ABORTED');
    expect(world.calls.lambda).toEqual([]);
  });

  it('abandons the call of a task: the function runs on, its result is ignored', async () => {
    const finished: string[] = [];
    const world = new StatesWorld({
      lambda: { Invoke: async (_, __, { kernel }) => { await kernel.sleep(30_000); finished.push('f'); return { StatusCode: 200, Payload: '"late"' }; } },
    });
    const executionArn = await world.start(world.create(task('arn:aws:lambda:us-east-1:123456789012:function:f')));
    await world.run(10);
    await world.call('StopExecution', { executionArn });
    await world.run();
    expect(finished).toEqual(['f']);
    expect(await world.call('DescribeExecution', { executionArn })).toMatchObject({ status: 'ABORTED' });
  });

  it('changes nothing about an execution that has ended', async () => {
    const world = new StatesWorld();
    const { executionArn, stopDate } = await world.execute(world.create(PASS));
    await world.run(100);
    expect(await world.call('StopExecution', { executionArn })).toEqual({ stopDate });
    expect((await world.call('DescribeExecution', { executionArn })).status).toBe('SUCCEEDED');
  });
});

describe('what is known of executions', () => {
  it('lists executions, newest first, by status and in pages', async () => {
    const world = new StatesWorld();
    const machine = world.create(PASS);
    for (const name of ['a', 'b', 'c']) await world.execute(machine, {}, name);
    const executionArn = await world.start(world.create(WAIT, { name: 'Other' }), {}, 'other');
    expect(executionArn).toContain('Other');
    const first = await world.call('ListExecutions', { stateMachineArn: machine, maxResults: 2 });
    expect(first.executions.map((execution: any) => execution.name)).toEqual(['c', 'b']);
    const rest = await world.call('ListExecutions', { stateMachineArn: machine, maxResults: 2, nextToken: first.nextToken });
    expect(rest.executions.map((execution: any) => execution.name)).toEqual(['a']);
    expect(rest.nextToken).toBeUndefined();
    expect((await world.call('ListExecutions', { stateMachineArn: machine, statusFilter: 'RUNNING' })).executions).toEqual([]);
  });

  it('refuses a malformed ARN and one of no execution', async () => {
    const world = new StatesWorld();
    await expect(world.call('DescribeExecution', { executionArn: 'nonsense' })).rejects.toMatchObject({ name: 'InvalidArn' });
    await expect(world.call('DescribeExecution', { executionArn: 'arn:aws:states:us-east-1:123456789012:execution:Quotes:none' }))
      .rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
  });

  it('tells whoever waits how an execution ended, at the virtual time it did', async () => {
    const world = new StatesWorld();
    const executionArn = await world.start(world.create(WAIT));
    const heard: string[] = [];
    world.states.onExecutionEnd(({ status }) => heard.push(status));
    let endedAt = 0;
    const ended = world.states.waitFor(executionArn).then((result) => { endedAt = world.now; return result; });
    await world.run();
    expect(await ended).toMatchObject({ status: 'SUCCEEDED', output: '{}', executionArn });
    expect((await ended).stopDate).toBe(Math.floor(endedAt));
    expect(heard).toEqual(['SUCCEEDED']);
    expect(await world.states.waitFor(executionArn)).toEqual(await ended);
  });

  it('may describe an execution that has just ended as running', async () => {
    let stale = true;
    const world = new StatesWorld({}, { faults: { ...NO_FAULTS, onEventuallyConsistentRead: () => stale } });
    const described = await world.execute(world.create(PASS));
    expect(described).toMatchObject({ status: 'RUNNING' });
    expect(described.output).toBeUndefined();
    stale = false;
    expect(await world.call('DescribeExecution', { executionArn: described.executionArn })).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('describes a state machine', async () => {
    const world = new StatesWorld();
    const stateMachineArn = world.create(PASS);
    expect(await world.call('DescribeStateMachine', { stateMachineArn })).toMatchObject({
      name: 'Quotes', status: 'ACTIVE', type: 'STANDARD', definition: JSON.stringify(PASS),
    });
  });

  it('surfaces a call to something that is not simulated instead of failing the workflow', async () => {
    const world = new StatesWorld({ lambda: { Invoke: () => { throw new Error('operation is broken'); } } });
    const machine = world.create(task('arn:aws:states:::lambda:invoke', {
      Arguments: { FunctionName: 'f' }, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Ask' }],
    }));
    await world.start(machine);
    await expect(world.run()).rejects.toThrow('operation is broken');
  });
});

describe('the history of an execution', () => {
  it('has AWS\'s events, numbered and linked', async () => {
    const world = new StatesWorld({ lambda: { Invoke: () => ({ StatusCode: 200, ExecutedVersion: '$LATEST', Payload: '{"rate":5}' }) } });
    const machine = world.create(task('arn:aws:states:::lambda:invoke', { Arguments: { FunctionName: 'f' }, Output: '{% $states.result.Payload %}' }));
    const { executionArn } = await world.execute(machine, { amount: 1 });
    const events = await world.history(executionArn);
    expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, expect.any(Number), 'TaskStateEntered'],
      [3, 2, 'TaskScheduled'],
      [4, 3, 'TaskStarted'],
      [5, 4, 'TaskSucceeded'],
      [6, 5, 'TaskStateExited'],
      [7, 6, 'ExecutionSucceeded'],
    ]);
    expect(events[0].executionStartedEventDetails).toMatchObject({ input: '{"amount":1}', roleArn: expect.stringContaining(':role/') });
    expect(events[1].stateEnteredEventDetails).toMatchObject({ name: 'Ask', input: '{"amount":1}', inputDetails: { truncated: false } });
    expect(events[2].taskScheduledEventDetails).toMatchObject({ resource: 'invoke', resourceType: 'lambda', region: 'us-east-1', parameters: '{"FunctionName":"f"}' });
    expect(events[5].stateExitedEventDetails).toMatchObject({ name: 'Ask', output: '{"rate":5}' });
    expect(events[6].executionSucceededEventDetails).toMatchObject({ output: '{"rate":5}' });
    const reversed = await world.call('GetExecutionHistory', { executionArn, reverseOrder: true, maxResults: 1, includeExecutionData: false });
    expect(reversed.events[0]).toMatchObject({ id: 7, executionSucceededEventDetails: { outputDetails: { truncated: false } } });
    expect(reversed.events[0].executionSucceededEventDetails.output).toBeUndefined();
  });

  it('tells what a state has assigned, each value as JSON text, unless data are not asked for', async () => {
    const world = new StatesWorld();
    const assigns = { QueryLanguage: 'JSONata', StartAt: 'A', States: { A: { Type: 'Pass', Assign: { n: 1, who: { name: 'x' }, none: null }, End: true } } };
    const { executionArn } = await world.execute(world.create(assigns));
    // https://docs.aws.amazon.com/step-functions/latest/apireference/API_StateExitedEventDetails.html
    expect((await world.history(executionArn))[2].stateExitedEventDetails).toMatchObject({
      assignedVariables: { n: '1', who: '{"name":"x"}', none: 'null' }, assignedVariablesDetails: { truncated: false },
    });
    const { events } = await world.call('GetExecutionHistory', { executionArn, includeExecutionData: false });
    expect(events[2].stateExitedEventDetails).toEqual({ name: 'A', outputDetails: { truncated: false }, assignedVariablesDetails: { truncated: false } });
  });

  it('names the Lambda function events of a task whose resource is a function', async () => {
    const world = new StatesWorld({ lambda: { Invoke: () => ({ StatusCode: 200, Payload: '5' }) } });
    const { executionArn } = await world.execute(world.create(task('arn:aws:lambda:us-east-1:123456789012:function:f')), { a: 1 });
    const events = await world.history(executionArn);
    expect(events.find(({ type }) => type === 'LambdaFunctionScheduled').lambdaFunctionScheduledEventDetails).toMatchObject({
      resource: 'arn:aws:lambda:us-east-1:123456789012:function:f', input: '{"a":1}',
    });
    expect(events.find(({ type }) => type === 'LambdaFunctionSucceeded').lambdaFunctionSucceededEventDetails.output).toBe('5');
  });

  it('keeps no more events than it is told, dropping the oldest execution first', async () => {
    const world = new StatesWorld({}, { keepHistory: 8 });
    const machine = world.create(PASS);
    const first = await world.execute(machine);
    const second = await world.execute(machine);
    const third = await world.execute(machine);
    await expect(world.history(first.executionArn)).rejects.toThrow(/not kept.*8 events/);
    expect(await world.history(second.executionArn)).toHaveLength(4);
    expect(await world.history(third.executionArn)).toHaveLength(4);
  });

  it('never answers a history that begins in its middle', async () => {
    const world = new StatesWorld({}, { keepHistory: 4 });
    const executionArn = await world.start(world.create(WAIT));
    await world.run(10);
    await world.execute(world.create(PASS, { name: 'Other' }));
    expect((await world.call('DescribeExecution', { executionArn })).status).toBe('SUCCEEDED');
    await expect(world.history(executionArn)).rejects.toThrow(/not kept/);
  });

  it('ends the execution as FAILED when it has 25,000 events', async () => {
    const world = new StatesWorld({}, { latency: { 'states.transition': { median: 1, p99: 1 } } });
    const { status, error, cause, executionArn } = await world.execute(world.create({
      StartAt: 'Again', States: { Again: { Type: 'Pass', Next: 'Again' } },
    }));
    expect({ status, error, cause }).toEqual({
      status: 'FAILED', error: 'States.Runtime', cause: 'The execution reached the maximum number of history events (25000).',
    });
    const last = await world.call('GetExecutionHistory', { executionArn, reverseOrder: true, maxResults: 1 });
    expect(last.events[0]).toMatchObject({ id: 25_000, type: 'ExecutionFailed' });
  });
});
