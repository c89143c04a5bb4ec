import { type Handler, StatesWorld } from './world';

const DAY = 24 * 3600;
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:step';
const step = (name: string, more: object = {}) => ({
  Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: FUNCTION, Payload: { step: name } }, Output: '{% $states.result.Payload %}', ...more,
});
const machine = (States: Record<string, object>, more: object = {}) => ({ QueryLanguage: 'JSONata', StartAt: Object.keys(States)[0], States, ...more });

/** A world whose function refuses the steps in `failing`, and answers how often it has been called for a step. */
function world(...failing: string[]) {
  const broken = new Set(failing);
  const made: string[] = [];
  const Invoke: Handler = ({ Payload }) => {
    const { step: name } = JSON.parse(Payload);
    made.push(name);
    if (broken.has(name)) return { StatusCode: 200, FunctionError: 'Unhandled', Payload: '{"errorType":"Broken","errorMessage":"no"}' };
    return { StatusCode: 200, Payload: JSON.stringify({ did: name, times: made.filter((each) => each === name).length }) };
  };
  const states = new StatesWorld({ lambda: { Invoke }, events: {}, cloudwatch: {} });
  const describe = (executionArn: string) => states.call('DescribeExecution', { executionArn });
  return {
    states,
    made,
    mend: (...names: string[]) => names.forEach((name) => broken.delete(name)),
    describe,
    fail: async (definition: object, input: unknown = {}) => {
      const { executionArn, status } = await states.execute(states.create(definition), input);
      expect(status).not.toBe('SUCCEEDED');
      return executionArn as string;
    },
    redrive: async (executionArn: string, more: object = {}) => {
      const answer = await states.call('RedriveExecution', { executionArn, ...more });
      await states.run();
      return { ...answer, ...await describe(executionArn) };
    },
  };
}

describe('RedriveExecution', () => {
  it('goes on from the state that failed, with its input and the variables, and does nothing again that was done', async () => {
    const { fail, redrive, mend, made } = world('B');
    const executionArn = await fail(machine({
      A: step('A', { Assign: { from: '{% $states.result.Payload.did %}' }, Next: 'B' }),
      B: step('B', { Next: 'C' }),
      C: { Type: 'Pass', Output: { input: '{% $states.input %}', from: '{% $from %}' }, End: true },
    }));
    mend('B');
    const { status, output } = await redrive(executionArn);
    expect({ status, output: JSON.parse(output) }).toEqual({ status: 'SUCCEEDED', output: { input: { did: 'B', times: 2 }, from: 'A' } });
    expect(made).toEqual(['A', 'B', 'B']);
  });

  it('counts, and appends to the history', async () => {
    const { fail, redrive, states } = world('A');
    const executionArn = await fail(machine({ A: step('A', { End: true }) }));
    const before = await states.history(executionArn);
    const first = await redrive(executionArn);
    expect(first).toMatchObject({ status: 'FAILED', redriveCount: 1, redriveStatus: 'REDRIVABLE', redriveDate: expect.any(Date) });
    expect((await redrive(executionArn)).redriveCount).toBe(2);
    const events = await states.history(executionArn);
    expect(events.slice(0, before.length)).toEqual(before);
    const again = ['ExecutionRedriven', 'TaskScheduled', 'TaskStarted', 'TaskFailed', 'ExecutionFailed'];
    expect(events.map(({ type }) => type)).toEqual(['ExecutionStarted', 'TaskStateEntered', ...again.slice(1), ...again, ...again]);
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
    expect(events[before.length]).toMatchObject({ previousEventId: before.length, executionRedrivenEventDetails: { redriveCount: 1 } });
  });

  it('shows itself in the context object, with the start of the first attempt', async () => {
    const { fail, redrive, mend } = world('A');
    const executionArn = await fail(machine({
      A: step('A', { Next: 'B' }), B: { Type: 'Pass', Output: '{% $states.context.Execution %}', End: true },
    }));
    mend('A');
    const { output, startDate, redriveDate } = await redrive(executionArn);
    expect(JSON.parse(output)).toMatchObject({ RedriveCount: 1, RedriveTime: redriveDate.toISOString(), StartTime: startDate.toISOString() });
  });

  it('is billed as one transition, and told as a status change and a metric', async () => {
    const { fail, redrive, mend, states } = world('B');
    const executionArn = await fail(machine({ A: step('A', { Next: 'B' }), B: step('B', { End: true }) }));
    mend('B');
    const before = states.world.meter.get('states.transitions');
    await redrive(executionArn);
    expect(states.world.meter.get('states.transitions') - before).toBe(1);
    const statuses = states.told.events.map(({ detail }) => [detail.status, detail.redriveCount, detail.redriveStatus]);
    expect(statuses).toEqual([
      ['RUNNING', 0, 'NOT_REDRIVABLE'], ['FAILED', 0, 'REDRIVABLE'], ['RUNNING', 1, 'NOT_REDRIVABLE'], ['SUCCEEDED', 1, 'NOT_REDRIVABLE'],
    ]);
    const [, failed, , succeeded] = states.told.events.map(({ detail }) => detail);
    expect(failed).toMatchObject({ redriveDate: null, redriveStatusReason: null });
    expect(succeeded).toMatchObject({ redriveDate: expect.any(Number), redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' });
    const names = states.told.metrics.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['ExecutionsRedriven', 'RedrivenExecutionsSucceeded']));
  });

  it('gives a state all its retries again', async () => {
    const { fail, redrive, made } = world('A');
    const Retry = [{ ErrorEquals: ['Broken'], MaxAttempts: 2, IntervalSeconds: 1 }];
    const executionArn = await fail(machine({ A: step('A', { Retry, End: true }) }));
    await redrive(executionArn);
    expect(made).toHaveLength(6);
  });

  it('enters Fail again, and evaluates Choice again', async () => {
    const { fail, redrive, states } = world();
    const failing = await fail(machine({ F: { Type: 'Fail', Error: 'Mine', Cause: 'why' } }));
    expect(await redrive(failing)).toMatchObject({ status: 'FAILED', error: 'Mine', cause: 'why' });
    expect((await states.history(failing)).map(({ type }) => type)).toEqual([
      'ExecutionStarted', 'FailStateEntered', 'ExecutionFailed', 'ExecutionRedriven', 'FailStateEntered', 'ExecutionFailed',
    ]);
    const other = new StatesWorld();
    const arn = other.create(machine({
      C: { Type: 'Choice', Choices: [{ Condition: '{% $states.context.Execution.RedriveCount > 0 %}', Next: 'S' }] }, S: { Type: 'Succeed' },
    }));
    const { executionArn, error } = await other.execute(arn);
    expect(error).toBe('States.NoChoiceMatched');
    await other.call('RedriveExecution', { executionArn });
    await other.run();
    expect((await other.call('DescribeExecution', { executionArn })).status).toBe('SUCCEEDED');
  });

  it('reaches what was stopped or has timed out, with the whole timeout again', async () => {
    const { states, redrive, describe } = world();
    const slow = machine({ W: { Type: 'Wait', Seconds: 80, Next: 'A' }, A: step('A', { Next: 'W2' }), W2: { Type: 'Wait', Seconds: 80, End: true } }, { TimeoutSeconds: 100 });
    const { executionArn, status } = await states.execute(states.create(slow));
    expect(status).toBe('TIMED_OUT');
    expect(await redrive(executionArn)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
    const arn = states.create(machine({ A: step('A', { Next: 'W' }), W: { Type: 'Wait', Timestamp: '2026-01-01T00:10:00Z', Next: 'B' }, B: step('B', { End: true }) }), { name: 'Other' });
    const other = await states.start(arn);
    await states.run(10);
    await states.call('StopExecution', { executionArn: other });
    await states.run(3600);
    expect(await describe(other)).toMatchObject({ status: 'ABORTED' });
    const before = states.now;
    expect(await redrive(other)).toMatchObject({ status: 'SUCCEEDED' });
    expect(states.now - before).toBeLessThan(10_000);
  });

  it('runs an execution that was stopped before its first step from the start', async () => {
    const { states, redrive, made } = world();
    const executionArn = await states.start(states.create(machine({ A: step('A', { End: true }) })));
    await states.call('StopExecution', { executionArn });
    expect(await redrive(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(made).toEqual(['A']);
  });

  describe('of Parallel and Map', () => {
    const branch = (...names: string[]) => machine(Object.fromEntries(names.map((name, index) => [
      name, step(name, index === names.length - 1 ? { End: true } : { Next: names[index + 1] }),
    ])));

    it('reruns only the branches that failed or were aborted, each from its own step', async () => {
      const { fail, redrive, mend, made } = world('B2');
      const slow = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 60, Next: 'C1' }, C1: step('C1', { End: true }) } };
      const executionArn = await fail(machine({
        A: step('A', { Assign: { seen: '{% $states.result.Payload.did %}' }, Next: 'P' }),
        P: { Type: 'Parallel', Branches: [branch('A1'), branch('B1', 'B2', 'B3'), slow], Next: 'End' },
        End: { Type: 'Pass', Output: { results: '{% $states.input.did %}', seen: '{% $seen %}' }, End: true },
      }));
      expect(made.sort()).toEqual(['A', 'A1', 'B1', 'B2']);
      made.splice(0);
      mend('B2');
      const { status, output } = await redrive(executionArn);
      expect({ status, output: JSON.parse(output) }).toEqual({ status: 'SUCCEEDED', output: { results: ['A1', 'B3', 'C1'], seen: 'A' } });
      expect(made.sort()).toEqual(['B2', 'B3', 'C1']);
    });

    it('keeps the variables of a branch', async () => {
      const { fail, redrive, mend } = world('B');
      const inner = machine({
        A: step('A', { Assign: { mine: '{% $states.result.Payload.times %}' }, Next: 'B' }), B: step('B', { Output: '{% $mine %}', End: true }),
      });
      const executionArn = await fail(machine({ P: { Type: 'Parallel', Branches: [inner], End: true } }));
      mend('B');
      expect(JSON.parse((await redrive(executionArn)).output)).toEqual([1]);
    });

    it('reruns only the iterations that failed or were aborted, with the items of the first attempt', async () => {
      const { fail, redrive, mend, made, states } = world('2');
      const executionArn = await fail(machine({
        M: {
          Type: 'Map', Items: [1, 2, 3], MaxConcurrency: 1, End: true,
          ItemSelector: { n: '{% $states.context.Map.Item.Value %}', id: '{% $uuid() %}', redrives: '{% $states.context.Execution.RedriveCount %}' },
          ItemProcessor: machine({
            I: step('I', {
              Arguments: { FunctionName: FUNCTION, Payload: '{% $merge([$states.input, { "step": $string($states.input.n) }]) %}' },
              End: true,
            }),
          }),
        },
      }));
      expect(made).toEqual(['1', '2']);
      mend('2');
      const { output } = await redrive(executionArn);
      expect(JSON.parse(output).map(({ did }: any) => did)).toEqual(['1', '2', '3']);
      expect(made).toEqual(['1', '2', '2', '3']);
      const selected = states.calls.lambda.map(({ input }) => JSON.parse(input.Payload));
      expect(selected[2]).toEqual(selected[1]);
      expect(selected.map(({ redrives }) => redrives)).toEqual([0, 0, 0, 0]);
    });

    it('reruns all branches when their result was too large', async () => {
      const { states, redrive } = world();
      const big = (name: string) => machine({ [name]: { Type: 'Pass', Output: '{% $pad("", 140000, "x") %}', End: true } });
      const { executionArn, error } = await states.execute(states.create(machine({ P: { Type: 'Parallel', Branches: [big('X'), big('Y')], End: true } })));
      expect(error).toBe('States.DataLimitExceeded');
      const count = async () => (await states.history(executionArn)).filter(({ type }) => type === 'PassStateEntered').length;
      expect(await count()).toBe(2);
      await redrive(executionArn);
      expect(await count()).toBe(4);
    });

    it('begins anew when Parallel is retried or comes again later', async () => {
      const { fail, redrive, made } = world('B');
      const slow = machine({ W: { Type: 'Wait', Seconds: 5, Next: 'B' }, B: step('B', { End: true }) });
      const Retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1, IntervalSeconds: 1 }];
      const executionArn = await fail(machine({ P: { Type: 'Parallel', Branches: [branch('A'), slow], Retry, End: true } }));
      expect(made.splice(0).sort()).toEqual(['A', 'A', 'B', 'B']);
      // The first attempt goes on from B, the retry is a retry of all.
      await redrive(executionArn);
      expect(made.sort()).toEqual(['A', 'B', 'B']);
    });

    it('says that a distributed Map cannot be redriven here', async () => {
      const { fail, states } = world('I');
      const executionArn = await fail(machine({
        M: { Type: 'Map', Items: [1], End: true, ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...machine({ I: step('I', { End: true }) }) } },
      }));
      await states.call('RedriveExecution', { executionArn });
      await expect(states.run()).rejects.toThrow("state 'M': the redrive of a distributed Map is not simulated");
    });
  });

  describe('is refused', () => {
    const refused = (reason: string) => ({ name: 'ExecutionNotRedrivable', message: expect.stringContaining(reason) });

    it('while the execution runs, and when it has succeeded', async () => {
      const { states } = world();
      const executionArn = await states.start(states.create(machine({ W: { Type: 'Wait', Seconds: 60, End: true } })));
      await states.run(10);
      await expect(states.call('RedriveExecution', { executionArn })).rejects.toMatchObject(refused('Execution is RUNNING and cannot be redriven'));
      await states.run();
      await expect(states.call('RedriveExecution', { executionArn })).rejects.toMatchObject(refused('Execution is SUCCEEDED and cannot be redriven'));
      expect(await states.call('DescribeExecution', { executionArn })).toMatchObject({
        redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven', redriveCount: 0,
      });
    });

    it('14 days after the end', async () => {
      const { fail, redrive, states, describe } = world('A');
      const executionArn = await fail(machine({ A: step('A', { End: true }) }));
      await states.run(14 * DAY - 60);
      expect(await redrive(executionArn)).toMatchObject({ redriveCount: 1 });
      await states.run(14 * DAY + 60);
      await expect(redrive(executionArn)).rejects.toMatchObject(refused('Execution redrivable period exceeded'));
      expect(await describe(executionArn)).toMatchObject({ redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: 'Execution redrivable period exceeded' });
    });

    it('with a full history', async () => {
      const { fail, redrive } = world();
      const loop = machine({ A: { Type: 'Pass', Next: 'W' }, W: { Type: 'Wait', Seconds: 1, Next: 'A' } });
      await expect(redrive(await fail(loop))).rejects.toMatchObject(refused('Execution history event limit exceeded'));
    });

    it('for executions that do not exist, and Express ones', async () => {
      const { redrive } = world();
      const arn = 'arn:aws:states:us-east-1:123456789012:execution:Quotes:none';
      await expect(redrive(arn)).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
      await expect(redrive(arn.replace('execution:Q', 'express:Q'))).rejects.toMatchObject({ name: 'InvalidArn' });
    });

    it('without the permission on the execution', async () => {
      const { fail, states } = world('A');
      const executionArn = await fail(machine({ A: step('A', { End: true }) }));
      states.iam.denied.add('states:RedriveExecution');
      const caller = { principal: { kind: 'role', arn: 'arn:aws:iam::123456789012:role/X' }, name: 'x' } as const;
      const call = states.world.call({ service: 'states', operation: 'RedriveExecution', input: { executionArn }, caller });
      const denied = expect(call).rejects.toMatchObject({ name: 'AccessDeniedException', message: expect.stringContaining(executionArn) });
      await states.run();
      await denied;
    });
  });

  it('does nothing twice for the same token within 15 minutes', async () => {
    const { fail, redrive, states, describe } = world('A');
    const executionArn = await fail(machine({ A: step('A', { End: true }) }));
    const first = await redrive(executionArn, { clientToken: 't' });
    const again = await states.call('RedriveExecution', { executionArn, clientToken: 't' });
    expect(again.redriveDate).toEqual(first.redriveDate);
    expect((await describe(executionArn)).redriveCount).toBe(1);
    await states.run(15 * 60);
    expect((await redrive(executionArn, { clientToken: 't' })).redriveCount).toBe(2);
  });

  it('is a task of another workflow, with errors to catch', async () => {
    const { fail, states, mend, describe } = world('A');
    const executionArn = await fail(machine({ A: step('A', { End: true }) }));
    mend('A');
    const operator = states.create(machine({
      R: {
        Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:sfn:redriveExecution', Arguments: { ExecutionArn: executionArn }, End: true,
        Catch: [{ ErrorEquals: ['Sfn.ExecutionNotRedrivableException'], Output: 'not redrivable', Next: 'Done' }],
      },
      Done: { Type: 'Succeed' },
    }), { name: 'Operator' });
    expect(JSON.parse((await states.execute(operator)).output)).toEqual({ RedriveDate: expect.any(String) });
    expect(await describe(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    expect((await states.execute(operator)).output).toBe('"not redrivable"');
  });

  it('throws nothing away when it is stopped at once', async () => {
    const { fail, states, redrive, mend, made } = world('B');
    const executionArn = await fail(machine({ A: step('A', { Next: 'B' }), B: step('B', { End: true }) }));
    await states.call('RedriveExecution', { executionArn });
    await states.call('StopExecution', { executionArn });
    mend('B');
    expect(await redrive(executionArn)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 2 });
    expect(made).toEqual(['A', 'B', 'B']);
  });
});
