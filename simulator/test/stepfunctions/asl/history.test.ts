import { fails, LAMBDA, machine, run } from './harness';

async function types(definition: object, options: Parameters<typeof run>[2] = {}): Promise<string[]> {
  return (await run(definition, {}, options)).events.map(({ type }) => type);
}

describe('the history of an execution', () => {
  it('tells what a service integration went through', async () => {
    const { events } = await run(machine({ Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Parameters: { a: 1 }, TimeoutSeconds: 9 }), {}, {
      task: (call) => {
        call.submitted({ MessageId: 'm' });
        return { done: true };
      },
    });
    expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 1, 'TaskStateEntered'],
      [3, 2, 'TaskScheduled'],
      [4, 3, 'TaskStarted'],
      [5, 4, 'TaskSubmitted'],
      [6, 5, 'TaskSucceeded'],
      [7, 6, 'TaskStateExited'],
      [8, 7, 'ExecutionSucceeded'],
    ]);
    expect(events[2].details).toMatchObject({ resource: 'sendMessage.waitForTaskToken', resourceType: 'sqs', parameters: { a: 1 }, timeoutInSeconds: 9 });
    expect(events[5].details).toMatchObject({ output: { done: true } });
  });

  it('tells of failed attempts and of what was caught', async () => {
    expect(await types({
      StartAt: 'T',
      States: {
        T: { Type: 'Task', Resource: LAMBDA, Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }], Catch: [{ ErrorEquals: ['E'], Next: 'S' }], End: true },
        S: { Type: 'Succeed' },
      },
    }, { task: fails('E') })).toEqual([
      'ExecutionStarted', 'TaskStateEntered', 'LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionFailed',
      'LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionFailed', 'TaskStateExited', 'SucceedStateEntered', 'SucceedStateExited', 'ExecutionSucceeded',
    ]);
  });

  it('gives each branch its own succession of events', async () => {
    const branch = (name: string) => ({ StartAt: name, States: { [name]: { Type: 'Pass', End: true } } });
    const { events } = await run(machine({ Type: 'Parallel', Branches: [branch('A'), branch('B')] }));
    expect(events.map(({ previousEventId, type, details }) => [previousEventId, type, details.name])).toEqual([
      [0, 'ExecutionStarted', undefined],
      [1, 'ParallelStateEntered', 'S'],
      [2, 'ParallelStateStarted', undefined],
      [3, 'PassStateEntered', 'A'],
      [3, 'PassStateEntered', 'B'],
      [4, 'PassStateExited', 'A'],
      [5, 'PassStateExited', 'B'],
      [3, 'ParallelStateSucceeded', undefined],
      [8, 'ParallelStateExited', 'S'],
      [9, 'ExecutionSucceeded', undefined],
    ]);
  });

  it('tells of an evaluation that failed, and where', async () => {
    const { events } = await run(machine({ Type: 'Pass', Output: '{% $no %}' }, { QueryLanguage: 'JSONata' }));
    expect(events[2]).toMatchObject({ type: 'EvaluationFailed', details: { error: 'States.QueryEvaluationError', location: 'Output', state: 'S' } });
  });

  it('is the same event for event when the execution runs again', async () => {
    const definition = machine({
      Type: 'Map',
      Items: [1, 2, 3],
      ItemProcessor: { StartAt: 'T', States: { T: { Type: 'Task', Resource: LAMBDA, Arguments: '{% $random() & $uuid() & $now() %}', End: true } } },
    }, { QueryLanguage: 'JSONata' });
    const once = await run(definition, {}, { task: (call) => call.parameters });
    const again = await run(definition, {}, { task: (call) => call.parameters });
    expect(again.events).toEqual(once.events);
  });
});
