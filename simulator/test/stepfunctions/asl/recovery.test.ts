import { fails, LAMBDA, run } from './harness';

const CAUGHT = { Type: 'Pass', End: true };

function guarded(fields: object, rest: object = {}) {
  return { StartAt: 'T', States: { T: { Type: 'Task', Resource: LAMBDA, End: true, ...fields }, ...rest } };
}

/** When each attempt of the task began, in milliseconds of virtual time. */
async function attempts(retry: object[], errors: (string | undefined)[], random?: () => number): Promise<number[]> {
  const times: number[] = [];
  const { events } = await run(guarded({ Retry: retry }), {}, {
    random,
    task: (call) => (call.retryCount < errors.length ? fails(errors[call.retryCount])() : 'done'),
  });
  for (const event of events) if (event.type === 'LambdaFunctionScheduled') times.push(event.timestamp - events[0].timestamp);
  return times;
}

describe('Retry', () => {
  it('tries three more times after 1, 2 and 4 seconds by default', async () => {
    expect(await attempts([{ ErrorEquals: ['E'] }], ['E', 'E', 'E', 'E'])).toEqual([0, 1000, 3000, 7000]);
  });

  it('keeps to its interval, rate, longest delay and attempts', async () => {
    expect(await attempts([{ ErrorEquals: ['E'], IntervalSeconds: 3, BackoffRate: 2, MaxDelaySeconds: 5, MaxAttempts: 4 }], ['E', 'E', 'E', 'E']))
      .toEqual([0, 3000, 8000, 13_000, 18_000]);
    expect(await attempts([{ ErrorEquals: ['E'], MaxAttempts: 0 }], ['E'])).toEqual([0]);
    expect(await attempts([{ ErrorEquals: ['E'], IntervalSeconds: 2, BackoffRate: 1 }], ['E', 'E'])).toEqual([0, 2000, 4000]);
  });

  it('waits a random part of its delay with full jitter', async () => {
    expect(await attempts([{ ErrorEquals: ['E'], IntervalSeconds: 8, JitterStrategy: 'FULL' }], ['E', 'E'], () => 0.25)).toEqual([0, 2000, 6000]);
  });

  it('counts for each retrier on its own, and the first that matches decides', async () => {
    const retry = [{ ErrorEquals: ['A'], MaxAttempts: 1, IntervalSeconds: 1 }, { ErrorEquals: ['States.ALL'], MaxAttempts: 2, IntervalSeconds: 10, BackoffRate: 1 }];
    expect(await attempts(retry, ['A', 'B', 'B'])).toEqual([0, 1000, 11_000, 21_000]);
    expect(await attempts(retry, ['A', 'A', 'B'])).toEqual([0, 1000]);
  });

  it('bills each retry as a transition and shows its number in the context object', async () => {
    const { outcome, calls } = await run(guarded({ Parameters: { 'n.$': '$$.State.RetryCount' }, Retry: [{ ErrorEquals: ['States.ALL'] }] }), {}, {
      task: (call) => (call.retryCount < 2 ? fails('E')() : 'done'),
    });
    expect(calls.map((call) => call.parameters)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', transitions: 3 });
  });

  it('starts a whole Map or Parallel again', async () => {
    let left = 2;
    const branch = { StartAt: 'B', States: { B: { Type: 'Task', Resource: LAMBDA, End: true } } };
    const { outcome } = await run({
      StartAt: 'P', States: { P: { Type: 'Parallel', Branches: [branch], Retry: [{ ErrorEquals: ['E'] }], End: true } },
    }, {}, { task: () => (left-- > 0 ? fails('E')() : 'done') });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: ['done'], transitions: 6 });
  });
});

describe('Catch', () => {
  it('hands error and cause on, both empty text when they are absent', async () => {
    const catcher = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C', ResultPath: '$.failure' }] };
    const failed = await run(guarded(catcher, { C: CAUGHT }), { a: 1 }, { task: fails('E', 'why') });
    expect(failed.outcome!.output).toEqual({ a: 1, failure: { Error: 'E', Cause: 'why' } });
    const nameless = await run(guarded(catcher, { C: CAUGHT }), { a: 1 }, { task: fails(undefined) });
    expect(nameless.outcome!.output).toEqual({ a: 1, failure: { Error: '', Cause: '' } });
  });

  it('is asked only when no retrier grants another attempt', async () => {
    const { calls, outcome } = await run(guarded({
      Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }], Catch: [{ ErrorEquals: ['E'], Next: 'C' }],
    }, { C: CAUGHT }), {}, { task: fails('E') });
    expect(calls).toHaveLength(2);
    expect(outcome!.output).toEqual({ Error: 'E', Cause: '' });
  });

  it('assigns and outputs from the error in JSONata', async () => {
    const { outcome } = await run({
      QueryLanguage: 'JSONata',
      ...guarded({ Catch: [{ ErrorEquals: ['E'], Next: 'C', Assign: { e: '{% $states.errorOutput.Error %}' }, Output: { in: '{% $states.input.a %}' } }] },
        { C: { Type: 'Pass', Output: { e: '{% $e %}', i: '{% $states.input %}' }, End: true } }),
    }, { a: 1 }, { task: fails('E') });
    expect(outcome!.output).toEqual({ e: 'E', i: { in: 1 } });
  });

  it.each<[string, string, boolean]>([
    ['States.ALL', 'E', true],
    ['States.ALL', 'States.Timeout', true],
    ['States.ALL', 'States.DataLimitExceeded', true],
    ['States.TaskFailed', 'E', true],
    ['States.TaskFailed', 'States.Timeout', false],
    ['States.Timeout', 'States.Timeout', true],
    ['States.Timeout', 'E', false],
    ['E', 'EE', false],
    ['State.ALL', 'E', false],
  ])('of %s on a task that fails with %s: %s', async (name, error, caught) => {
    const { outcome } = await run(guarded({ Catch: [{ ErrorEquals: [name], Next: 'C' }] }, { C: CAUGHT }), {}, { task: fails(error) });
    expect(outcome!.status).toBe(caught ? 'SUCCEEDED' : 'FAILED');
  });

  it('never catches States.Runtime, by whatever name', async () => {
    for (const name of ['States.ALL', 'States.TaskFailed', 'States.Runtime']) {
      const { outcome } = await run(guarded({
        Parameters: { 'a.$': '$.no' }, Catch: [{ ErrorEquals: [name], Next: 'C' }], Retry: [{ ErrorEquals: [name] }],
      }, { C: CAUGHT }), {}, { task: () => 1 });
      expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    }
  });

  it('does not take a defect of the environment for a failure of the task', async () => {
    await expect(run(guarded({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }] }, { C: CAUGHT }), {}, {
      task: () => { throw new TypeError('a bug'); },
    })).rejects.toThrow('a bug');
  });
});
