import { LAMBDA, machine, run } from './harness';
import type { Json, TaskCall } from '../../../src/services/stepfunctions/asl';

const never = () => new Promise<Json>(() => undefined);

describe('a Wait state', () => {
  it.each<[object, Json, number]>([
    [{ Seconds: 5 }, {}, 5000],
    [{ Seconds: 0 }, {}, 0],
    [{ SecondsPath: '$.s' }, { s: 7 }, 7000],
    [{ Timestamp: '2026-01-01T00:01:00Z' }, {}, 60_000],
    [{ Timestamp: '2026-01-01T01:01:00+01:00' }, {}, 60_000],
    [{ TimestampPath: '$.t' }, { t: '2026-01-01T00:00:00.250Z' }, 250],
    [{ Timestamp: '2020-01-01T00:00:00Z' }, {}, 0],
    [{ QueryLanguage: 'JSONata', Seconds: '{% $states.input.s + 1 %}' }, { s: 1 }, 2000],
    [{ QueryLanguage: 'JSONata', Timestamp: '{% $fromMillis($millis() + 1500) %}' }, {}, 1500],
  ])('%j lasts as long as it says', async (fields, input, milliseconds) => {
    const { outcome, elapsed } = await run(machine({ Type: 'Wait', ...fields }), input);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: input });
    expect(elapsed).toBe(milliseconds);
  });

  it.each<[object, Json, string, string]>([
    [{ SecondsPath: '$.s' }, { s: -1 }, 'States.Runtime', 'The SecondsPath parameter references a negative value: $.s == -1'],
    [{ SecondsPath: '$.s' }, { s: 1.5 }, 'States.Runtime', 'The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5'],
    [{ SecondsPath: '$.s' }, { s: 'x' }, 'States.Runtime', 'The SecondsPath parameter cannot be parsed as a long value: $.s == x'],
    [{ SecondsPath: '$.s' }, {}, 'States.Runtime', 'The SecondsPath parameter does not reference an input value: $.s'],
    [{ TimestampPath: '$.t' }, { t: '2026-01-01' }, 'States.Runtime', 'does not reference a valid ISO-8601 extended offset date-time format string: $.t == 2026-01-01'],
    [{ QueryLanguage: 'JSONata', Seconds: '{% -1 %}' }, {}, 'States.QueryEvaluationError', 'negative'],
    [{ QueryLanguage: 'JSONata', Seconds: "{% '1' %}" }, {}, 'States.QueryEvaluationError', "Expected 'number', but was 'string'"],
    [{ QueryLanguage: 'JSONata', Timestamp: "{% '2026-02-30T00:00:00Z' %}" }, {}, 'States.QueryEvaluationError', 'The Timestamp field cannot be parsed'],
  ])('%j with %j fails with the error that AWS gives', async (fields, input, error, cause) => {
    const { outcome } = await run(machine({ Type: 'Wait', ...fields }), input);
    expect(outcome).toMatchObject({ status: 'FAILED', error });
    expect(outcome!.cause).toContain(cause);
  });
});

describe('a task', () => {
  it('times out at the very moment, by a number, a path or an expression', async () => {
    for (const [fields, input] of [
      [{ TimeoutSeconds: 5 }, {}], [{ TimeoutSecondsPath: '$.t' }, { t: 5 }], [{ QueryLanguage: 'JSONata', TimeoutSeconds: '{% 2 + 3 %}' }, {}],
    ] as const) {
      const { outcome, elapsed, calls, events } = await run(machine({ Type: 'Task', Resource: LAMBDA, ...fields }), input, { task: never });
      expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: undefined });
      expect(elapsed).toBe(5000);
      expect(calls[0].signal.cancelled).toBe(true);
      expect(events.map(({ type }) => type)).toContain('LambdaFunctionTimedOut');
    }
  });

  it('leaves no timer behind when it is in time', async () => {
    const { outcome, elapsed } = await run(machine({ Type: 'Task', Resource: LAMBDA, TimeoutSeconds: 1000, HeartbeatSeconds: 500 }), {}, {
      task: async (_, kernel) => {
        await kernel.sleep(10);
        return 'ok';
      },
    });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED' });
    expect(elapsed).toBe(10);
  });

  it('times out when its heartbeat stays away, but not while it comes', async () => {
    const beat = async (call: TaskCall, kernel: { sleep(ms: number): Promise<void> }) => {
      for (let beats = 0; beats < 5; beats++) {
        await kernel.sleep(8000);
        call.heartbeat();
      }
      return never();
    };
    const state = { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', HeartbeatSeconds: 10 };
    const { outcome, elapsed } = await run(machine(state), {}, { task: beat });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(elapsed).toBe(50_000);
  });

  it.each([['States.HeartbeatTimeout', true], ['States.Timeout', true], ['States.TaskFailed', false], ['States.ALL', true]])(
    'that misses its heartbeat is caught by %s: %s', async (name, caught) => {
      const { outcome } = await run({
        StartAt: 'T',
        States: { T: { Type: 'Task', Resource: LAMBDA, HeartbeatSeconds: 1, Catch: [{ ErrorEquals: [name], Next: 'C' }], End: true }, C: { Type: 'Succeed' } },
      }, {}, { task: never });
      expect(outcome!.status).toBe(caught ? 'SUCCEEDED' : 'FAILED');
    });

  it('that ran out of time is not a missed heartbeat', async () => {
    const { outcome } = await run({
      StartAt: 'T',
      States: { T: { Type: 'Task', Resource: LAMBDA, TimeoutSeconds: 1, Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'C' }], End: true }, C: { Type: 'Succeed' } },
    }, {}, { task: never });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  it.each<[object, Json]>([
    [{ TimeoutSecondsPath: '$.t' }, { t: 0 }], [{ TimeoutSecondsPath: '$.t' }, { t: 'x' }], [{ TimeoutSecondsPath: '$.t' }, {}],
    [{ HeartbeatSecondsPath: '$.t' }, { t: 1.5 }],
  ])('%j with %j fails the execution', async (fields, input) => {
    const { outcome } = await run(machine({ Type: 'Task', Resource: LAMBDA, ...fields }), input, { task: () => 1 });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });
});

describe('an execution', () => {
  it('ends TIMED_OUT at its own TimeoutSeconds, with neither error nor cause, and the task under way is called off', async () => {
    const { outcome, elapsed, calls, events } = await run(machine({ Type: 'Task', Resource: LAMBDA }, { TimeoutSeconds: 3 }), {}, { task: never });
    expect(outcome).toEqual({ status: 'TIMED_OUT', transitions: 1 });
    expect(elapsed).toBe(3000);
    expect(calls[0].signal.cancelled).toBe(true);
    expect(events[events.length - 1]).toMatchObject({ type: 'ExecutionTimedOut', previousEventId: 0, details: { error: 'States.Timeout' } });
  });

  it('of an express machine lasts five minutes at most', async () => {
    const { outcome, elapsed } = await run(machine({ Type: 'Wait', Seconds: 1000 }), {}, { type: 'EXPRESS' });
    expect(outcome!.status).toBe('TIMED_OUT');
    expect(elapsed).toBe(300_000);
  });

  it('ends ABORTED at once when it is stopped, and not twice', async () => {
    const { outcome, elapsed } = await run(machine({ Type: 'Wait', Seconds: 1000 }), {}, {
      during: (running, kernel) => kernel.schedule(2000, () => {
        running.abort('Manual', 'probe');
        running.abort('Again');
      }),
    });
    expect(outcome).toMatchObject({ status: 'ABORTED', error: 'Manual', cause: 'probe' });
    expect(elapsed).toBe(2000);
  });

  it('is what it was when it is stopped after its end', async () => {
    const { outcome } = await run(machine({ Type: 'Wait', Seconds: 1 }), {}, {
      during: (running, kernel) => kernel.schedule(5000, () => running.abort('Manual')),
    });
    expect(outcome!.status).toBe('SUCCEEDED');
  });

  it('of a standard machine fails when its history is full: event 25,000 is its failure', async () => {
    const loop = { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'C' }, C: { Type: 'Choice', Choices: [{ Variable: '$.stop', IsPresent: true, Next: 'E' }], Default: 'A' }, E: { Type: 'Succeed' } } };
    const { outcome, events } = await run(loop);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime', cause: 'The execution reached the maximum number of history events (25000).' });
    expect(events[events.length - 1]).toMatchObject({ id: 25_000, type: 'ExecutionFailed' });
  });

  it('of an express machine that loops in no time is a defect that names the loop', async () => {
    await expect(run({ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Choice', Choices: [{ Variable: '$.x', IsPresent: true, Next: 'E' }], Default: 'A' }, E: { Type: 'Succeed' } } }, {}, { type: 'EXPRESS' }))
      .rejects.toThrow('loops through');
  });
});
