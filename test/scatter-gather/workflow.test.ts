import validate from 'asl-validator';
import jsonata from 'jsonata';
import { definitionOf, inlineFunction, newStack, twoBanks } from './fixtures';
import { GatherCompletion, ReplyAggregation, RequestMapping, ScatterGatherMode } from '../../src';
import { Definition, READABLE_CAUSE } from '../../src/shared/asl';

const completions = {
  'all': GatherCompletion.all(),
  'atLeast(1)': GatherCompletion.atLeast(1),
  'when': GatherCompletion.when('{% $count($replies[payload.rate < 5]) > 0 %}'),
};

describe.each([ScatterGatherMode.STANDARD, ScatterGatherMode.EXPRESS])('the workflow in %s mode', (mode) => {
  it.each(Object.entries(completions))('is valid Amazon States Language with completion %s', (_, completion) => {
    const stack = newStack();
    twoBanks(stack, { mode, completion });
    expectValid(definitionOf(stack));
  });

  it('is valid Amazon States Language with each aggregation', () => {
    for (const aggregation of ['collect', 'minimumBy', 'jsonata', 'function']) {
      const stack = newStack();
      twoBanks(stack, {
        mode,
        aggregation: {
          collect: () => ReplyAggregation.collect(),
          minimumBy: () => ReplyAggregation.minimumBy('rate'),
          jsonata: () => ReplyAggregation.jsonata('{% $sum($replies.payload.rate) %}'),
          function: () => ReplyAggregation.function(inlineFunction(stack, 'Best')),
        }[aggregation]!(),
      });
      expectValid(definitionOf(stack));
    }
  });

  it('takes the parts of a gathering from where the mapping says', () => {
    const stack = newStack();
    twoBanks(stack, { mode, requestMapping: RequestMapping.fields({ correlationId: '{% $input.CorrelationId %}' }) });
    expect(JSON.stringify(definitionOf(stack))).toContain('$id := ($input.CorrelationId)');
  });
});

describe('the Standard workflow', () => {
  it('runs at most three states for a result, however many responders there are', () => {
    const stack = newStack();
    twoBanks(stack, { aggregation: ReplyAggregation.function(inlineFunction(stack, 'Best')) });
    expect(longestPath(definitionOf(stack), 'Scatter')).toBe(3);
  });

  it('keeps the deadline inside: the timeout of the scatter state leads to gathering what there is', () => {
    const stack = newStack();
    twoBanks(stack);
    const definition = definitionOf(stack);
    expect(definition.TimeoutSeconds).toBeUndefined();
    expect(definition.States.Scatter.TimeoutSeconds).toBe(10);
    expect(definition.States.Scatter.Catch[0]).toMatchObject({ ErrorEquals: expect.arrayContaining(['States.Timeout']), Next: 'Gather' });
  });

  it('ends with what went wrong, also when the gathering of a failed scatter step cannot be closed', () => {
    const stack = newStack();
    twoBanks(stack);
    const { Abandon, Failed } = definitionOf(stack).States;
    expect(Abandon.Catch).toEqual([{ ErrorEquals: ['States.ALL'], Next: 'Failed' }]);
    expect(Abandon.Retry).toContainEqual(expect.objectContaining({ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 5 }));
    expect(Failed).toEqual({ Type: 'Fail', Error: '{% $error %}', Cause: '{% $cause %}' });
  });

  it('retries an aggregating function', () => {
    const stack = newStack();
    twoBanks(stack, { aggregation: ReplyAggregation.function(inlineFunction(stack, 'Best')) });
    expect(definitionOf(stack).States.Aggregate.Retry).toEqual([expect.objectContaining({ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 3 })]);
  });

  it('never retries a duplicate correlation id', () => {
    const stack = newStack();
    twoBanks(stack);
    expect(definitionOf(stack).States.Scatter.Retry[0]).toEqual({
      ErrorEquals: ['DuplicateCorrelationId', 'InvalidRequest', 'GatheringClosed'], MaxAttempts: 0,
    });
  });
});

describe('the cause of a failure', () => {
  it.each([
    ['is the message of a function\'s error', '{"errorMessage":"who?","errorType":"NoSuchCustomer","trace":[]}', 'who?'],
    ['is the text where it is no JSON', 'The bus is down', 'The bus is down'],
    ['is the text where Step Functions has cut it', '{"errorMessage":"who', '{"errorMessage":"who'],
    ['is the text where it has no message', '{"code":7}', '{"code":7}'],
    ['is empty where there is none', undefined, ''],
  ])('%s', async (_, Cause, readable) => {
    const expression = jsonata(READABLE_CAUSE);
    // Step Functions' own function.
    expression.registerFunction('parse', (text: string) => JSON.parse(text) as unknown);
    expect(await expression.evaluate({}, { states: { errorOutput: { Cause } } })).toBe(readable);
  });
});

function expectValid(definition: Definition) {
  const { isValid, errorsText } = validate(definition as any);
  expect({ isValid, errors: isValid ? '' : errorsText('\n') }).toEqual({ isValid: true, errors: '' });
}

/** States on the longest way of success, catches left out. */
function longestPath(definition: Definition, name: string | undefined): number {
  return name ? 1 + longestPath(definition, definition.States[name].Next) : 0;
}
