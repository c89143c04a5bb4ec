import { jsonata, machine, outputOf, run, START } from './harness';
import type { Json } from '../../../src/services/stepfunctions/asl/json';
import { toPlainJson } from '../../../src/services/stepfunctions/asl/jsonata/expression';

async function failureOf(expression: string, input: Json = {}): Promise<string | undefined> {
  const { outcome } = await run(machine({ Type: 'Pass', Output: { a: `{% ${expression} %}` } }, { QueryLanguage: 'JSONata' }), input);
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  return outcome!.cause;
}

describe('a JSONata expression', () => {
  it.each<[string, Json, Json]>([
    ['$states.input', { a: [1] }, { a: [1] }],
    ['$states.input.items.n', { items: [{ n: 1 }, { n: 2 }] }, [1, 2]],
    ['$states.input.items[n > 1].n', { items: [{ n: 1 }, { n: 2 }] }, 2],
    ['$states.input.items[n > 1].n[]', { items: [{ n: 1 }, { n: 2 }] }, [2]],
    ['$lookup($states.input, "a")', { a: null }, null],
    ['[]', {}, []],
    ['$sum([1, 2]) & ""', {}, '3'],
    ['$partition([1, 2, 3], 2)', {}, [[1, 2], [3]]],
    ['$partition([1], 4)', {}, [[1]]],
    ['$range(0, 9, 3)', {}, [0, 3, 6, 9]],
    ['$range(1, 9, 9)', {}, 1],
    ['$hash("input data", "MD5")', {}, '812f45842bc6d66ee14572ce20db8e86'],
    ['$parse("[1, null]")', {}, [1, null]],
    ['$parse("null")', {}, null],
    ['$uuid()', {}, '00000000-0000-4000-8000-000000000001'],
    ['$random()', {}, 0.5],
    ['$random(7) = $random(7)', {}, true],
    ['$millis()', {}, START],
    ['$now()', {}, '2026-01-01T00:00:00.000Z'],
    ['$now("[Y]/[M]", "+0100")', {}, '2026/1'],
    ['$shuffle([1, 2, 3])', {}, [1, 3, 2]],
    ['$fromMillis(0)', {}, '1970-01-01T00:00:00.000Z'],
    ['($x := 2; $x * 3)', {}, 6],
    ['$map([1, 2], function($v) { $v * 2 })', {}, [2, 4]],
  ])('%s evaluates as on AWS', async (expression, input, expected) => {
    expect(await jsonata(expression, input)).toEqual(expected);
  });

  it('is one only if nothing stands before or after its marks', async () => {
    expect(await outputOf(machine({ Type: 'Pass', Output: [' {% 1 %}', '{% 1 %} ', '{%1%}', '$states.input'] }, { QueryLanguage: 'JSONata' })))
      .toEqual([' {% 1 %}', '{% 1 %} ', 1, '$states.input']);
  });

  it('fails the state when it returns nothing, throws, or returns what JSON has no form for', async () => {
    expect(await failureOf('$states.input.no')).toBe("An error occurred while executing the state 'S' (entered at the event id #2). " +
      "The JSONata expression '$states.input.no' specified for the field 'Output/a' returned nothing (undefined).");
    expect(await failureOf('1 + "a"')).toContain("specified for the field 'Output/a' threw an error during evaluation. T2002: ");
    expect(await failureOf('function($x) { $x }')).toContain('a function, which is not a JSON value');
    expect(await failureOf('$eval("1+1")')).toContain('T1006');
    expect(await failureOf('$parse("{")')).toContain('not JSON');
    expect(await failureOf('$partition([1], 0)')).toContain('partition');
    expect(await failureOf('$range(1, 2, 0)')).toContain('range');
    expect(await failureOf('$hash("a", "CRC")')).toContain('CRC');
    expect(await failureOf(Array(200).fill('1').join('+'))).toContain('D1011');
  });

  it('that fails can be caught in a state that has a Catch', async () => {
    const { outcome } = await run({
      QueryLanguage: 'JSONata',
      StartAt: 'T',
      States: {
        T: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke',
          Arguments: '{% $no %}',
          End: true,
          Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'C', Output: '{% $states.errorOutput.Error %}' }],
        },
        C: { Type: 'Succeed' },
      },
    });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: 'States.QueryEvaluationError' });
  });

  it('does not see the variables that another evaluation of the same text has bound', async () => {
    const definition = machine({ Type: 'Pass', Output: ['{% $exists($y) %}', '{% ($y := 1; $y) %}', '{% $exists($y) %}'] }, { QueryLanguage: 'JSONata' });
    expect(await outputOf(definition)).toEqual([false, 1, false]);
  });

  it('has the result in Output and Assign, and variables as they were before', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'T',
      States: {
        T: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke',
          Arguments: { n: '{% $states.input.n %}' },
          Assign: { n: '{% $states.result.n %}' },
          Output: { seen: '{% $exists($n) %}', r: '{% $states.result %}' },
          Next: 'P',
        },
        P: { Type: 'Pass', Output: { n: '{% $n %}', i: '{% $states.input %}' }, End: true },
      },
    };
    expect(await outputOf(definition, { n: 3 }, { task: (call) => call.parameters })).toEqual({ n: 3, i: { seen: false, r: { n: 3 } } });
  });

  it('leaves no mark of a sequence on what it returns', async () => {
    const output = (await jsonata('$states.input.items.n', { items: [{ n: 1 }, { n: 2 }] })) as Json[];
    expect(Object.keys(output)).toEqual(['0', '1']);
    expect('sequence' in output).toBe(false);
  });
});

describe('the plain JSON of a result', () => {
  it('is the very value when there is nothing to change', () => {
    const value = { a: [1, { b: null }] };
    expect(toPlainJson(value)).toBe(value);
  });

  it('has no undefined members, marks or numbers without a form', () => {
    expect(toPlainJson({ a: undefined, b: [undefined, 1] })).toEqual({ b: [1] });
    expect(toPlainJson(Object.assign([1], { sequence: true }))).toEqual([1]);
    expect(() => toPlainJson({ a: Infinity })).toThrow('the number Infinity');
    expect(() => toPlainJson([() => 1])).toThrow('a function');
  });
});
