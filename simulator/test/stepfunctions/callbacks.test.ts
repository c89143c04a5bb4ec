import { StatesWorld, task } from './world';

const QUEUE = 'https://sqs.us-east-1.amazonaws.com/123456789012/Work';
const SEND_AND_WAIT = {
  Arguments: { QueueUrl: QUEUE, MessageBody: { token: '{% $states.context.Task.Token %}' } },
};

/** A world whose queue remembers the tokens it was sent. */
function waiting(fields: object = {}, options: { sendMessage?: (world: StatesWorld) => unknown } = {}) {
  const tokens: string[] = [];
  const world: StatesWorld = new StatesWorld({
    sqs: {
      SendMessage: (input) => {
        tokens.push(JSON.parse(input.MessageBody).token);
        return options.sendMessage?.(world) ?? { MessageId: 'm', MD5OfMessageBody: 'x' };
      },
    },
  });
  const machine = world.create(task('arn:aws:states:::sqs:sendMessage.waitForTaskToken', { ...SEND_AND_WAIT, ...fields }));
  return { world, machine, tokens };
}

describe('a task that waits for its token', () => {
  it('goes on with the output that comes back, hours later', async () => {
    const { world, machine, tokens } = waiting();
    const executionArn = await world.start(machine);
    await world.run(7200);
    expect(world.states.openTasks()).toBe(1);
    await world.call('SendTaskSuccess', { taskToken: tokens[0], output: '{"rate":4}' });
    await world.run();
    expect(await world.call('DescribeExecution', { executionArn })).toMatchObject({ status: 'SUCCEEDED', output: '{"rate":4}' });
    expect(world.states.openTasks()).toBe(0);
    const types = (await world.history(executionArn)).map(({ type }) => type);
    expect(types).toEqual([
      'ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded',
    ]);
  });

  it('fails with the error and cause that come back', async () => {
    const { world, machine, tokens } = waiting();
    const executionArn = await world.start(machine);
    await world.run();
    await world.call('SendTaskFailure', { taskToken: tokens[0], error: 'Rejected', cause: 'too risky' });
    await world.run();
    expect(await world.call('DescribeExecution', { executionArn })).toMatchObject({ status: 'FAILED', error: 'Rejected', cause: 'too risky' });
  });

  it('can be caught by the error that comes back, and by States.TaskFailed', async () => {
    for (const name of ['Rejected', 'States.TaskFailed']) {
      const { world, tokens } = waiting();
      const caught = world.create({
        QueryLanguage: 'JSONata',
        StartAt: 'Ask',
        States: {
          Ask: {
            Type: 'Task',
            Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
            ...SEND_AND_WAIT,
            End: true,
            Catch: [{ ErrorEquals: [name], Next: 'Caught' }],
          },
          Caught: { Type: 'Pass', End: true },
        },
      }, { name: 'Catching' });
      const executionArn = await world.start(caught);
      await world.run();
      await world.call('SendTaskFailure', { taskToken: tokens[0], error: 'Rejected', cause: 'too risky' });
      await world.run();
      expect(await world.call('DescribeExecution', { executionArn })).toMatchObject({ status: 'SUCCEEDED', output: '{"Error":"Rejected","Cause":"too risky"}' });
    }
  });

  it('takes a callback that comes before its call has returned', async () => {
    const { world, machine, tokens } = waiting({}, {
      sendMessage: (own) => {
        void own.world.call({
          service: 'states',
          operation: 'SendTaskSuccess',
          input: { taskToken: tokens[0], output: '"at once"' },
          caller: { principal: { kind: 'operator' }, name: 'consumer' },
        });
        return own.world.kernel.sleep(5000);
      },
    });
    const { status, output, startDate, stopDate } = await world.execute(machine);
    expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: '"at once"' });
    expect(stopDate - startDate).toBeLessThan(5000);
  });

  it('refuses a token that was used as TaskTimedOut, and keeps the first answer', async () => {
    const { world, machine, tokens } = waiting();
    const executionArn = await world.start(machine);
    await world.run();
    await world.call('SendTaskSuccess', { taskToken: tokens[0], output: '1' });
    await expect(world.call('SendTaskSuccess', { taskToken: tokens[0], output: '2' })).rejects.toMatchObject({ name: 'TaskTimedOut' });
    await expect(world.call('SendTaskFailure', { taskToken: tokens[0] })).rejects.toMatchObject({ name: 'TaskTimedOut' });
    await world.run();
    expect((await world.call('DescribeExecution', { executionArn })).output).toBe('1');
  });

  it('times out at TimeoutSeconds, and a callback after that is TaskTimedOut', async () => {
    const { world, machine, tokens } = waiting({ TimeoutSeconds: 10 });
    const { status, error, startDate, stopDate } = await world.execute(machine);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.Timeout' });
    expect(stopDate - startDate).toBeGreaterThanOrEqual(10_000);
    expect(stopDate - startDate).toBeLessThan(12_000);
    await expect(world.call('SendTaskSuccess', { taskToken: tokens[0], output: '1' })).rejects.toMatchObject({ name: 'TaskTimedOut' });
    expect(world.states.openTasks()).toBe(0);
  });

  it('refuses a callback after the execution was stopped', async () => {
    const { world, machine, tokens } = waiting();
    const executionArn = await world.start(machine);
    await world.run();
    await world.call('StopExecution', { executionArn });
    await expect(world.call('SendTaskSuccess', { taskToken: tokens[0], output: '1' })).rejects.toMatchObject({ name: 'TaskTimedOut' });
    expect((await world.call('DescribeExecution', { executionArn })).status).toBe('ABORTED');
    expect(world.states.openTasks()).toBe(0);
  });

  it('times out without heartbeats, and lives on with them', async () => {
    const { world, machine, tokens } = waiting({ HeartbeatSeconds: 10 });
    const executionArn = await world.start(machine);
    for (let i = 0; i < 3; i++) {
      await world.run(8);
      await world.call('SendTaskHeartbeat', { taskToken: tokens[0] });
    }
    const lastHeartbeat = world.now;
    await world.run();
    const { status, error, stopDate } = await world.call('DescribeExecution', { executionArn });
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.Timeout' });
    expect(stopDate - lastHeartbeat).toBeGreaterThan(9_000);
    expect(stopDate - lastHeartbeat).toBeLessThan(11_000);
    await expect(world.call('SendTaskHeartbeat', { taskToken: tokens[0] })).rejects.toMatchObject({ name: 'TaskTimedOut' });
  });

  it('gives each attempt a token of its own', async () => {
    const { world, machine, tokens } = waiting({ Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1 }] });
    const executionArn = await world.start(machine);
    await world.run();
    await world.call('SendTaskFailure', { taskToken: tokens[0], error: 'Again' });
    await world.run();
    expect(tokens).toHaveLength(2);
    expect(tokens[1]).not.toBe(tokens[0]);
    await expect(world.call('SendTaskSuccess', { taskToken: tokens[0], output: '1' })).rejects.toMatchObject({ name: 'TaskTimedOut' });
    await world.call('SendTaskSuccess', { taskToken: tokens[1], output: '2' });
    await world.run();
    expect(await world.call('DescribeExecution', { executionArn })).toMatchObject({ status: 'SUCCEEDED', output: '2' });
  });

  it('fails when the call that carries the token fails, and closes the token', async () => {
    const { world, machine, tokens } = waiting({}, {
      sendMessage: () => { throw Object.assign(new Error('no'), { name: 'QueueDoesNotExist', $fault: 'client' }); },
    });
    expect(await world.execute(machine)).toMatchObject({ status: 'FAILED', error: 'SQS.QueueDoesNotExistException' });
    await expect(world.call('SendTaskSuccess', { taskToken: tokens[0], output: '1' })).rejects.toMatchObject({ name: 'TaskTimedOut' });
  });

  it('may be a function that is handed the token: its own failure fails the task, its result does not end it', async () => {
    const tokens: string[] = [];
    let failing = true;
    const world = new StatesWorld({
      lambda: {
        Invoke: (input) => {
          tokens.push(JSON.parse(input.Payload).token);
          return failing ? { StatusCode: 200, FunctionError: 'Unhandled', Payload: '{"errorType":"Oops"}' } : { StatusCode: 200, Payload: '"ignored"' };
        },
      },
    });
    const machine = world.create(task('arn:aws:states:::lambda:invoke.waitForTaskToken', {
      Arguments: { FunctionName: 'f', Payload: { token: '{% $states.context.Task.Token %}' } },
    }));
    expect(await world.execute(machine)).toMatchObject({ status: 'FAILED', error: 'Oops' });
    failing = false;
    const executionArn = await world.start(machine);
    await world.run();
    expect(await world.call('DescribeExecution', { executionArn })).toMatchObject({ status: 'RUNNING' });
    await world.call('SendTaskSuccess', { taskToken: tokens[1], output: '"from elsewhere"' });
    await world.run();
    expect(await world.call('DescribeExecution', { executionArn })).toMatchObject({ status: 'SUCCEEDED', output: '"from elsewhere"' });
  });

  it('refuses an answer of more than 262,144 bytes and goes on waiting', async () => {
    const { world, machine, tokens } = waiting();
    await world.start(machine);
    await world.run();
    const output = JSON.stringify('x'.repeat(262_143));
    await expect(world.call('SendTaskSuccess', { taskToken: tokens[0], output })).rejects.toMatchObject({ name: 'ValidationException' });
    expect(world.states.openTasks()).toBe(1);
  });
});

describe('a callback', () => {
  it('with a text that is no token is InvalidToken, also when a good token was mangled', async () => {
    const { world, machine, tokens } = waiting();
    await world.start(machine);
    await world.run();
    const mangled = `${tokens[0].slice(0, 40)}${tokens[0][40] === 'x' ? 'y' : 'x'}${tokens[0].slice(41)}`;
    for (const taskToken of ['nonsense', '', mangled]) {
      await expect(world.call('SendTaskSuccess', { taskToken, output: '1' })).rejects.toMatchObject({ name: 'InvalidToken' });
    }
  });

  it('with the token of an execution that this account never had is TaskDoesNotExist', async () => {
    const { world: other, machine, tokens } = waiting();
    await other.start(machine);
    await other.run();
    await expect(new StatesWorld().call('SendTaskSuccess', { taskToken: tokens[0], output: '1' })).rejects.toMatchObject({ name: 'TaskDoesNotExist' });
  });

  it('with an output that is no JSON is InvalidOutput and leaves the task waiting', async () => {
    const { world, machine, tokens } = waiting();
    await world.start(machine);
    await world.run();
    await expect(world.call('SendTaskSuccess', { taskToken: tokens[0], output: 'oops' })).rejects.toMatchObject({ name: 'InvalidOutput' });
    expect(world.states.openTasks()).toBe(1);
  });

  it('with a text that is no token needs no permission to be refused as such', async () => {
    const world = new StatesWorld();
    world.iam.denied.add('states:SendTaskSuccess');
    const answer = world.world.call({
      service: 'states',
      operation: 'SendTaskSuccess',
      input: { taskToken: 'nonsense', output: '1' },
      caller: { principal: { kind: 'role', arn: 'arn:aws:iam::123456789012:role/Collector' }, name: 'Collector' },
    });
    const refused = expect(answer).rejects.toMatchObject({ name: 'InvalidToken' });
    await world.run();
    await refused;
  });

  it('needs the permission on the state machine that the token belongs to', async () => {
    const { world, machine, tokens } = waiting();
    await world.start(machine);
    await world.run();
    await world.call('SendTaskSuccess', { taskToken: tokens[0], output: '1' });
    expect(world.iam.asked.map(({ request }) => request)).toContainEqual({ action: 'states:SendTaskSuccess', resource: machine });
  });
});
