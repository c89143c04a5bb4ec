import { fails, LAMBDA, machine, outputOf, run } from './harness';
import { Json, runExecution, StateMachine } from '../../../src/services/stepfunctions/asl';

const item = (states: object = { I: { Type: 'Pass', End: true } }, config?: object) => ({
  StartAt: Object.keys(states)[0], States: states, ...(config ? { ProcessorConfig: config } : {}),
});
const DISTRIBUTED = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };
const WORK = { I: { Type: 'Task', Resource: LAMBDA, End: true } };

describe('a Parallel state', () => {
  it('runs its branches side by side and gives their results in their order', async () => {
    const branch = (name: string, seconds: number) => ({
      StartAt: name, States: { [name]: { Type: 'Wait', Seconds: seconds, Next: `${name}2` }, [`${name}2`]: { Type: 'Pass', Result: name, End: true } },
    });
    const { outcome, elapsed } = await run(machine({ Type: 'Parallel', Branches: [branch('A', 5), branch('B', 1)] }));
    expect(outcome!.output).toEqual(['A', 'B']);
    expect(elapsed).toBe(5000);
  });

  it('gives each branch what its Parameters or Arguments make of the input', async () => {
    const branches = [item({ A: { Type: 'Pass', End: true } }), item({ B: { Type: 'Pass', End: true } })];
    expect(await outputOf(machine({ Type: 'Parallel', Parameters: { 'x.$': '$.a' }, Branches: branches }), { a: 1 })).toEqual([{ x: 1 }, { x: 1 }]);
    expect(await outputOf(machine({ Type: 'Parallel', QueryLanguage: 'JSONata', Arguments: { x: '{% $states.input.a %}' }, Branches: branches }), { a: 1 }))
      .toEqual([{ x: 1 }, { x: 1 }]);
  });

  it('fails with the first failure and calls the other branches off', async () => {
    const { outcome, elapsed, calls } = await run(machine({
      Type: 'Parallel',
      Branches: [
        item({ W: { Type: 'Wait', Seconds: 2, Next: 'F' }, F: { Type: 'Fail', Error: 'E', Cause: 'why' } }),
        item({ T: { Type: 'Task', Resource: LAMBDA, End: true } }),
      ],
    }), {}, { task: () => new Promise<Json>(() => undefined) });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'E', cause: 'why' });
    expect(elapsed).toBe(2000);
    expect(calls[0].signal.cancelled).toBe(true);
  });
});

describe('an inline Map', () => {
  it('gives the results in the order of the items, however long each takes', async () => {
    const { outcome, elapsed } = await run(machine({
      Type: 'Map', ItemProcessor: item({ W: { Type: 'Wait', SecondsPath: '$', End: true } }),
    }), [3, 1, 2]);
    expect(outcome!.output).toEqual([3, 1, 2]);
    expect(elapsed).toBe(3000);
  });

  it.each<[object, Json, number]>([
    [{ MaxConcurrency: 1 }, { l: [3, 1, 2] }, 6000],
    [{ MaxConcurrency: 2 }, { l: [3, 1, 2] }, 3000],
    [{ MaxConcurrencyPath: '$.n' }, { l: [3, 1, 2], n: 1 }, 6000],
    [{ MaxConcurrencyPath: '$.n' }, { l: [3, 1, 2], n: '1' }, 6000],
    [{}, { l: Array(80).fill(1) as Json[] }, 2000],
  ])('of %j runs no more at a time, and never more than 40', async (fields, input, milliseconds) => {
    const { elapsed } = await run(machine({
      Type: 'Map', ItemsPath: '$.l', ...fields, ItemProcessor: item({ W: { Type: 'Wait', SecondsPath: '$', End: true } }),
    }), input);
    expect(elapsed).toBe(milliseconds);
  });

  it('shapes each item by its ItemSelector, which sees the input and the item', async () => {
    const expected = [{ n: 0, v: 'a', all: 2, k: 1 }, { n: 1, v: 'b', all: 2, k: 1 }];
    expect(await outputOf(machine({
      Type: 'Map',
      ItemsPath: '$.l',
      ItemSelector: { 'n.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value', 'all.$': 'States.ArrayLength($.l)', 'k': 1 },
      ItemProcessor: item(),
    }), { l: ['a', 'b'] })).toEqual(expected);
    expect(await outputOf(machine({
      Type: 'Map',
      QueryLanguage: 'JSONata',
      Items: '{% $states.input.l %}',
      ItemSelector: { n: '{% $states.context.Map.Item.Index %}', v: '{% $states.context.Map.Item.Value %}', all: '{% $count($states.input.l) %}', k: 1 },
      ItemProcessor: item(),
    }), { l: ['a', 'b'] })).toEqual(expected);
  });

  it('shows its item in the context object of its iterations', async () => {
    expect(await outputOf(machine({
      Type: 'Map', ItemProcessor: item({ P: { Type: 'Pass', Parameters: { 'i.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value' }, End: true } }),
    }), ['x'])).toEqual([{ i: 0, v: 'x' }]);
  });

  it('fails with the first failure, which its Catch can take', async () => {
    const states = {
      M: { Type: 'Map', MaxConcurrency: 1, ItemProcessor: item(WORK), Catch: [{ ErrorEquals: ['E'], Next: 'C' }], End: true }, C: { Type: 'Succeed' },
    };
    const { outcome, calls } = await run({ StartAt: 'M', States: states }, [1, 2, 3], { task: (call) => (call.parameters === 2 ? fails('E')() : 1) });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'E', Cause: '' } });
    expect(calls).toHaveLength(2);
  });

  it.each<[object, Json, string, string]>([
    [{ ItemsPath: '$.l' }, { l: 1 }, 'States.Runtime', 'Reference path "$.l" must point to array.'],
    [{}, { l: 1 }, 'States.Runtime', 'Reference path "$" must point to array.'],
    [{ MaxConcurrencyPath: '$.n', ItemsPath: '$.l' }, { l: [], n: 'x' }, 'States.Runtime', 'The MaxConcurrencyPath field refers to value "x" which is not a valid integer: $.n'],
    [{ MaxConcurrencyPath: '$.n', ItemsPath: '$.l' }, { l: [], n: -1 }, 'States.Runtime', 'negative'],
    [{ ToleratedFailureCountPath: '$.n', ItemsPath: '$.l' }, { l: [], n: {} }, 'States.Runtime', 'The ToleratedFailureCountPath field refers to value "{}"'],
    [{ ToleratedFailurePercentagePath: '$.n', ItemsPath: '$.l' }, { l: [], n: 101 }, 'States.Runtime', 'must be between 0 and 100'],
    [{ QueryLanguage: 'JSONata', Items: '{% {} %}' }, {}, 'States.QueryEvaluationError', "Expected 'array', but was 'object' for value: {}"],
    [{ QueryLanguage: 'JSONata' }, 'x', 'States.QueryEvaluationError', 'Map state input must be an array but was: "x"'],
    [{ QueryLanguage: 'JSONata', Items: [], MaxConcurrency: '{% -1 %}' }, {}, 'States.QueryEvaluationError', 'negative'],
  ])('of %j with %j fails as on AWS', async (fields, input, error, cause) => {
    const { outcome } = await run(machine({ Type: 'Map', ...fields, ItemProcessor: item() }), input);
    expect(outcome).toMatchObject({ status: 'FAILED', error });
    expect(outcome!.cause).toContain(cause);
  });
});

describe('a distributed Map', () => {
  it('runs each item as an execution of its own, whose events are not in its history', async () => {
    const { outcome, events, calls } = await run(machine({ Type: 'Map', ItemProcessor: item(WORK, DISTRIBUTED), Label: 'Jobs' }), [1, 2], {
      task: (call) => call.parameters,
      environment: { onHistoryEvent: undefined },
    });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: [1, 2], transitions: 3 });
    expect(calls).toHaveLength(2);
    expect(events).toEqual([]);
    const arns = new Map<string, string[]>();
    await run(machine({ Type: 'Map', ItemProcessor: item(WORK, DISTRIBUTED), Label: 'Jobs' }), [1], {
      task: (call) => call.parameters,
      environment: { onHistoryEvent: ({ type }, arn) => arns.set(arn, [...(arns.get(arn) ?? []), type]) },
    });
    expect([...arns.keys()]).toEqual([
      'arn:aws:states:us-east-1:111111111111:execution:machine:run',
      'arn:aws:states:us-east-1:111111111111:execution:machine/Jobs:00000000-0000-4000-8000-000000000002',
    ]);
    expect([...arns.values()][0]).toEqual([
      'ExecutionStarted', 'MapStateEntered', 'MapStateStarted', 'MapRunStarted', 'MapRunSucceeded', 'MapStateSucceeded', 'MapStateExited', 'ExecutionSucceeded',
    ]);
  });

  it.each<[object, Json, number[], boolean]>([
    [{}, { l: [1, 2] }, [], true],
    [{}, { l: [1, 2] }, [2], false],
    [{ ToleratedFailureCount: 1 }, { l: [1, 2, 3] }, [2], true],
    [{ ToleratedFailureCount: 1 }, { l: [1, 2, 3] }, [2, 3], false],
    [{ ToleratedFailureCountPath: '$.t' }, { l: [1, 2, 3], t: 2 }, [2, 3], true],
    [{ ToleratedFailurePercentage: 50 }, { l: [1, 2] }, [2], true],
    [{ ToleratedFailurePercentage: 49.9 }, { l: [1, 2] }, [2], false],
    [{ ToleratedFailurePercentagePath: '$.t' }, { l: [1, 2], t: 100 }, [1, 2], true],
    [{ ToleratedFailureCount: 5, ToleratedFailurePercentage: 10 }, { l: [1, 2] }, [2], false],
  ])('of %j with %j, where %j fail, holds out: %s', async (fields, input, failing, holdsOut) => {
    const { outcome } = await run(machine({ Type: 'Map', ItemsPath: '$.l', ...fields, ItemProcessor: item(WORK, DISTRIBUTED) }), input, {
      task: (call) => (failing.includes(call.parameters as number) ? fails('E')() : call.parameters),
    });
    if (holdsOut) {
      expect(outcome!.output).toEqual((input as { l: number[] }).l.filter((value) => !failing.includes(value)));
    } else {
      expect(outcome).toMatchObject({
        status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold', cause: 'The specified tolerated failure threshold was exceeded',
      });
    }
  });

  it('batches items by number and by size, with what is common to the batches', async () => {
    const batched = async (ItemBatcher: object, input: Json) => outputOf(machine({ Type: 'Map', ItemsPath: '$.l', ItemBatcher, ItemProcessor: item(undefined, DISTRIBUTED) }), input);
    expect(await batched({ MaxItemsPerBatch: 2, BatchInput: { 'b.$': '$.b' } }, { l: [1, 2, 3], b: 9 }))
      .toEqual([{ BatchInput: { b: 9 }, Items: [1, 2] }, { BatchInput: { b: 9 }, Items: [3] }]);
    expect(await batched({ MaxItemsPerBatchPath: '$.n' }, { l: [1, 2], n: 1 })).toEqual([{ Items: [1] }, { Items: [2] }]);
    // {"Items":["aaaa","bbbb"]} has 25 bytes.
    expect(await batched({ MaxInputBytesPerBatch: 25 }, { l: ['aaaa', 'bbbb', 'cccc'] })).toEqual([{ Items: ['aaaa', 'bbbb'] }, { Items: ['cccc'] }]);
    expect(await batched({ MaxInputBytesPerBatch: 24 }, { l: ['aaaa', 'bbbb'] })).toEqual([{ Items: ['aaaa'] }, { Items: ['bbbb'] }]);
  });

  it('takes the members of an object for items', async () => {
    expect(await outputOf(machine({ Type: 'Map', QueryLanguage: 'JSONata', Items: '{% $states.input %}', ItemProcessor: item(undefined, DISTRIBUTED) }), { a: 1, b: 2 }))
      .toEqual([{ Key: 'a', Value: 1 }, { Key: 'b', Value: 2 }]);
  });

  it('exports its results where the environment can write them, and says so where it cannot', async () => {
    const state = {
      Type: 'Map',
      Label: 'Jobs',
      ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { 'Bucket.$': '$[0]', 'Prefix': 'out/' } },
      ItemProcessor: item(undefined, DISTRIBUTED),
    };
    const written: unknown[] = [];
    expect(await outputOf(machine(state), ['bucket'], { environment: { writeMapResults: async (results) => { written.push(results); } } })).toEqual({
      MapRunArn: 'arn:aws:states:us-east-1:111111111111:mapRun:machine/Jobs:00000000-0000-4000-8000-000000000001',
      ResultWriterDetails: { Bucket: 'bucket', Key: 'out/00000000-0000-4000-8000-000000000001/manifest.json' },
    });
    expect(written).toMatchObject([{ results: [{ status: 'SUCCEEDED', output: 'bucket' }] }]);
    const { outcome } = await run(machine(state), ['bucket']);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(outcome!.cause).toContain('ResultWriter');
  });

  it('flattens the results of its children into one array when its writer says so', async () => {
    expect(await outputOf(machine({
      Type: 'Map', ResultWriter: { WriterConfig: { Transformation: 'FLATTEN' } }, ItemProcessor: item(undefined, DISTRIBUTED),
    }), [[1, 2], [3], 4])).toEqual([1, 2, 3, 4]);
  });

  it('of express children gives each five minutes', async () => {
    const { outcome, elapsed } = await run(machine({
      Type: 'Map', ToleratedFailureCount: 1, ItemProcessor: item({ W: { Type: 'Wait', SecondsPath: '$', End: true } }, { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' }),
    }), [1, 301]);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: [1] });
    expect(elapsed).toBe(300_000);
  });

  it('is called off with its execution', async () => {
    const { outcome, calls } = await run(machine({ Type: 'Map', ItemProcessor: item(WORK, DISTRIBUTED) }, { TimeoutSeconds: 1 }), [1, 2], {
      task: () => new Promise<Json>(() => undefined),
    });
    expect(outcome!.status).toBe('TIMED_OUT');
    expect(calls.map((call) => call.signal.cancelled)).toEqual([true, true]);
  });
});

describe('ten thousand executions', () => {
  it('share one parsed definition and are all the same', async () => {
    const parsed = StateMachine.parse(machine({ Type: 'Pass', Output: { n: '{% $states.input.n * 2 %}' } }, { QueryLanguage: 'JSONata' }));
    const environment = {
      identity: { executionArn: 'a', executionName: 'n', roleArn: 'r', stateMachineArn: 's', stateMachineName: 'm' },
      now: () => 0,
      random: () => 0,
      uuid: () => 'u',
      taskToken: () => 't',
      sleep: () => new Promise<void>(() => undefined),
      runTask: async () => null,
    };
    const outcomes = await Promise.all(Array.from({ length: 10_000 }, (_, n) => runExecution(parsed, { n }, environment)));
    expect(outcomes.every(({ output }, n) => (output as { n: number }).n === n * 2)).toBe(true);
  });
});
