import { LAMBDA, machine, outputOf, run } from './harness';

describe('the JSONPath fields of a state', () => {
  it('select, shape, place and filter in their order', async () => {
    const { outcome, calls } = await run(machine({
      Type: 'Task',
      Resource: LAMBDA,
      InputPath: '$.order',
      Parameters: { 'id.$': '$.id', 'fixed': { 'deep.$': '$$.Execution.Name' }, 'list': [{ 'x.$': '$.id' }] },
      ResultSelector: { 'total.$': '$.sum' },
      ResultPath: '$.order.result',
      OutputPath: '$.order',
    }), { order: { id: 7 }, other: 1 }, { task: () => ({ sum: 3, noise: true }) });
    expect(calls[0].parameters).toEqual({ id: 7, fixed: { deep: 'run' }, list: [{ x: 7 }] });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: { id: 7, result: { total: 3 } } });
  });

  it('stand for an empty object or nothing kept where they are null', async () => {
    expect(await outputOf(machine({ Type: 'Pass', InputPath: null }), { a: 1 })).toEqual({});
    expect(await outputOf(machine({ Type: 'Pass', OutputPath: null }), { a: 1 })).toEqual({});
    expect(await outputOf(machine({ Type: 'Pass', Result: 5, ResultPath: null }), { a: 1 })).toEqual({ a: 1 });
    expect(await outputOf({ StartAt: 'S', States: { S: { Type: 'Succeed', InputPath: '$.a', OutputPath: '$.b' } } }, { a: { b: 2 } })).toBe(2);
  });

  it('put a result into the input as it was before InputPath', async () => {
    expect(await outputOf(machine({ Type: 'Pass', InputPath: '$.a', ResultPath: '$.b' }), { a: 1 })).toEqual({ a: 1, b: 1 });
  });

  it('fail with States.ResultPathMatchFailure where the result has no place', async () => {
    const { outcome } = await run(machine({ Type: 'Pass', Result: 1, ResultPath: '$.a.b' }), { a: 'text' });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.ResultPathMatchFailure' });
  });

  it('leave a Result as it is written', async () => {
    expect(await outputOf(machine({ Type: 'Pass', Result: { 'a.$': '$.x' } }))).toEqual({ 'a.$': '$.x' });
  });

  it('name the path and the input when a path leads nowhere', async () => {
    const { outcome } = await run(machine({ Type: 'Pass', Parameters: { 'a.$': '$.no' } }), { b: 1 });
    expect(outcome).toMatchObject({
      error: 'States.Runtime',
      cause: "An error occurred while executing the state 'S' (entered at the event id #2). " +
        "The JSONPath '$.no' specified for the field 'a.$' could not be found in the input '{\"b\":1}'",
    });
  });
});

describe('variables', () => {
  it('are all evaluated before any is assigned', async () => {
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { x: 1, y: 2 }, Next: 'B' },
        B: { Type: 'Pass', Assign: { 'x.$': '$y', 'y.$': '$x' }, Next: 'C' },
        C: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% [$x, $y] %}', End: true },
      },
    };
    expect(await outputOf(definition)).toEqual([2, 1]);
  });

  it('hold what is left of the result after ResultSelector', async () => {
    const definition = {
      StartAt: 'T',
      States: {
        T: { Type: 'Task', Resource: LAMBDA, ResultSelector: { 'n.$': '$.deep.n' }, ResultPath: null, Assign: { 'n.$': '$.n' }, Next: 'P' },
        P: { Type: 'Pass', Parameters: { 'n.$': '$n', 'input.$': '$' }, End: true },
      },
    };
    expect(await outputOf(definition, { a: 1 }, { task: () => ({ deep: { n: 4 } }) })).toEqual({ n: 4, input: { a: 1 } });
  });

  it('can be read from inside a Parallel or an inline Map, where assigning does not reach the outer ones', async () => {
    const inner = (name: string) => ({
      StartAt: name, States: { [name]: { Type: 'Pass', Assign: { own: 2, x: 9 }, Output: '{% $x %}', End: true } },
    });
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { x: 1 }, Next: 'P' },
        P: { Type: 'Parallel', Branches: [inner('I')], Next: 'M' },
        M: { Type: 'Map', Items: [1, 2], ItemProcessor: inner('J'), Next: 'Z' },
        Z: { Type: 'Pass', Output: { x: '{% $x %}', own: '{% $exists($own) %}', map: '{% $states.input %}' }, End: true },
      },
    };
    expect(await outputOf(definition)).toEqual({ x: 1, own: false, map: [1, 1] });
  });

  it('cannot be read by the child executions of a distributed Map', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { x: 1 }, Next: 'M' },
        M: {
          Type: 'Map',
          Items: [1],
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            StartAt: 'I',
            States: { I: { Type: 'Pass', Output: '{% $exists($x) %}', End: true } },
          },
          End: true,
        },
      },
    };
    expect(await outputOf(definition)).toEqual([false]);
  });

  it('stand where paths do: in InputPath, ItemsPath, a choice, a wait', async () => {
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { v: { list: [1, 2], wait: 3 } }, Next: 'C' },
        C: { Type: 'Choice', Choices: [{ Variable: '$v.wait', NumericEqualsPath: '$v.wait', Next: 'W' }], Default: 'F' },
        F: { Type: 'Fail' },
        W: { Type: 'Wait', SecondsPath: '$v.wait', Next: 'P' },
        P: { Type: 'Pass', InputPath: '$v', Next: 'M' },
        M: { Type: 'Map', ItemsPath: '$v.list', ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } }, End: true },
      },
    };
    const { outcome, elapsed } = await run(definition);
    expect(outcome!.output).toEqual([1, 2]);
    expect(elapsed).toBe(3000);
  });
});

describe('the context object', () => {
  it('shows the execution, the machine, the state and, in a task, its token and retries', async () => {
    const { calls } = await run(machine({
      Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Parameters: { 'all.$': '$$' },
    }), { in: 1 }, { task: () => null });
    expect(calls[0].parameters).toEqual({
      all: {
        Execution: {
          Id: 'arn:aws:states:us-east-1:111111111111:execution:machine:run',
          Input: { in: 1 },
          Name: 'run',
          RoleArn: 'arn:aws:iam::111111111111:role/machine',
          StartTime: '2026-01-01T00:00:00.000Z',
          RedriveCount: 0,
        },
        StateMachine: { Id: 'arn:aws:states:us-east-1:111111111111:stateMachine:machine', Name: 'machine' },
        State: { Name: 'S', EnteredTime: '2026-01-01T00:00:00.000Z', RetryCount: 0 },
        Task: { Token: 'token-1' },
      },
    });
    expect(calls[0].taskToken()).toBe('token-1');
  });

  it('is $states.context in JSONata', async () => {
    expect(await outputOf(machine({ Type: 'Pass', Output: '{% $states.context.Execution.Input.a & $states.context.State.Name %}' }, { QueryLanguage: 'JSONata' }), { a: 'x' }))
      .toBe('xS');
  });
});

describe('payloads over 262,144 bytes', () => {
  const large = 'ü'.repeat(131_072);

  it('fail the state that makes them, and States.ALL does not catch it', async () => {
    const { outcome } = await run({
      StartAt: 'P',
      States: {
        P: {
          Type: 'Parallel',
          Branches: [0, 1].map((n) => ({ StartAt: `B${n}`, States: { [`B${n}`]: { Type: 'Pass', End: true } } })),
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }],
          End: true,
        },
        C: { Type: 'Succeed' },
      },
    }, { text: large.slice(0, 100_000) });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  it('are caught as the failure of the task that returns them', async () => {
    const task = { Type: 'Task', Resource: LAMBDA, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }], End: true };
    const { outcome } = await run({ StartAt: 'T', States: { T: task, C: { Type: 'Succeed' } } }, {}, { task: () => large });
    expect(outcome).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        Error: 'States.DataLimitExceeded',
        Cause: `The state/task '${LAMBDA}' returned a result with a size exceeding the maximum number of bytes service limit.`,
      },
    });
  });

  it('pass when they are just within', async () => {
    expect(await outputOf(machine({ Type: 'Task', Resource: LAMBDA }), {}, { task: () => 'x'.repeat(262_142) })).toHaveLength(262_142);
  });
});
