import { machine, outputOf, payload, run } from './harness';
import type { Json } from '../../../src/services/stepfunctions/asl/json';

async function call(text: string, input: Json = {}): Promise<Json | undefined> {
  const result = (await payload({ 'result.$': text }, input)) as { result: Json };
  return result.result;
}

describe('an intrinsic function', () => {
  it.each<[string, Json, Json]>([
    ['States.Array()', {}, []],
    ["States.Array(1, 'a', null, true, $.x, States.Array(2))", { x: { y: 1 } }, [1, 'a', null, true, { y: 1 }, [2]]],
    ['States.ArrayPartition($.a, 2)', { a: [1, 2, 3] }, [[1, 2], [3]]],
    ['States.ArrayContains($.a, $.x)', { a: [{ k: [1] }], x: { k: [1] } }, true],
    ["States.ArrayContains($.a, '1')", { a: [1] }, false],
    ['States.ArrayRange(1, 9, 2)', {}, [1, 3, 5, 7, 9]],
    ['States.ArrayRange(5, 1, -2)', {}, [5, 3, 1]],
    ['States.ArrayRange(5, 1, 1)', {}, []],
    ['States.ArrayGetItem($.a, 1)', { a: [1, 2] }, 2],
    ['States.ArrayLength($.a)', { a: [1, 2] }, 2],
    ['States.ArrayUnique($.a)', { a: [1, '1', 1, { x: 1 }, { x: 1 }, null, null] }, [1, '1', { x: 1 }, null]],
    ["States.Base64Encode('Grüße')", {}, 'R3LDvMOfZQ=='],
    ["States.Base64Decode('R3LDvMOfZQ==')", {}, 'Grüße'],
    ["States.Hash('input data', 'SHA-1')", {}, 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
    ['States.JsonMerge($.a, $.b, false)', { a: { x: { p: 1 }, y: 1 }, b: { x: { q: 2 } } }, { x: { q: 2 }, y: 1 }],
    ['States.StringToJson($.t)', { t: '{"a":[1,null]}' }, { a: [1, null] }],
    ["States.StringToJson('')", {}, null],
    ['States.JsonToString($.o)', { o: { a: [1, null] } }, '{"a":[1,null]}'],
    ['States.MathAdd(2, -3)', {}, -1],
    ['States.MathAdd(0.5, -0.5)', {}, 1],
    ["States.StringSplit('a,b.,c', ',.')", {}, ['a', 'b', 'c']],
    ["States.StringSplit('', ',')", {}, []],
    ["States.Format('{} is {}, {} and {}', $.a, $.b, $.c, $.d)", { a: 'x', b: 1.5, c: null, d: { k: [1, 'v', {}] } }, 'x is 1.5, null and {k=[1, v, {}]}'],
    ["States.Format('it\\'s \\{{}\\} \\\\', 1)", {}, "it's {1} \\"],
    ['States.Format($.t, 1)', { t: 'n={}' }, 'n=1'],
    ["States.Format('a,b(c){}', $.x['a,b'])", { x: { 'a,b': 1 } }, 'a,b(c)1'],
    ["States.Format('{}', States.JsonToString($.o))", { o: { a: 1 } }, '{"a":1}'],
    ["States.ArrayGetItem(States.StringSplit($$.Execution.Name, 'u'), 0)", {}, 'r'],
    ['States.UUID()', {}, '00000000-0000-4000-8000-000000000001'],
    ['States.MathRandom(1, 11)', {}, 6],
  ])('%s gives what AWS gives', async (text, input, expected) => {
    expect(await call(text, input)).toEqual(expected);
  });

  it('gives the same random number for the same seed', async () => {
    expect(await call('States.MathRandom(1, 1000000, 42)')).toBe(await call('States.MathRandom(1, 1000000, 42)'));
    expect(await call('States.MathRandom(1, 1000000, 42)')).not.toBe(await call('States.MathRandom(1, 1000000, 43)'));
  });

  it.each<[string, Json]>([
    ['States.ArrayPartition($.a, 0)', { a: [1] }],
    ["States.ArrayPartition($.a, 'x')", { a: [1] }],
    ['States.ArrayLength($.a)', { a: 'text' }],
    ['States.ArrayGetItem($.a, 5)', { a: [1] }],
    ['States.ArrayRange(1, 9, 0)', {}],
    ['States.ArrayRange(1, 5000, 1)', {}],
    ["States.Base64Decode('%%')", {}],
    ["States.Hash('x', 'CRC')", {}],
    ['States.JsonMerge($.a, $.a, true)', { a: {} }],
    ["States.StringToJson('{')", {}],
    ["States.MathAdd('1', 2)", {}],
    ['States.MathRandom(5, 5)', {}],
    ["States.Format('{} {}', 1)", {}],
    ["States.Format('{}', 1, 2)", {}],
  ])('%s fails with States.IntrinsicFailure', async (text, input) => {
    const { outcome } = await run(machine({ Type: 'Pass', Parameters: { 'r.$': text } }), input);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.IntrinsicFailure' });
    expect(outcome!.cause).toContain(`The function '${text}' had the following error: `);
  });

  it('fails with States.Runtime when a path among its arguments leads nowhere', async () => {
    const { outcome } = await run(machine({ Type: 'Pass', Parameters: { 'r.$': "States.Format('{}', $.no)" } }), { a: 1 });
    expect(outcome).toMatchObject({
      error: 'States.Runtime',
      cause: "An error occurred while executing the state 'S' (entered at the event id #2). The function 'States.Format('{}', $.no)' had the following error: " +
        "The JsonPath argument for the field '$.no' could not be found in the input '{\"a\":1}'",
    });
  });

  it('stands for the error and the cause of a Fail state too', async () => {
    const { outcome } = await run(
      { StartAt: 'F', States: { F: { Type: 'Fail', ErrorPath: "States.Format('E{}', $.n)", CausePath: '$.why' } } }, { n: 7, why: 'because' });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'E7', cause: 'because' });
  });

  it.each([
    ['States.Nope()', 'unknown intrinsic function'],
    ['States.ArrayLength()', 'takes 1 argument but got 0'],
    ['States.Hash($.a)', 'takes 2 arguments but got 1'],
    ["States.Format('{}', $.a", "')' is expected"],
    ['States.Format(\'{}, $.a)', 'not closed'],
    ['States.Array(x)', 'an argument is expected'],
    ['States.Array(1) + 2', 'unexpected'],
  ])('%s is refused when the state machine is created', async (text, reason) => {
    await expect(payload({ 'r.$': text })).rejects.toThrow(reason);
  });

  it('is only text where the key does not ask for its evaluation', async () => {
    expect(await outputOf(machine({ Type: 'Pass', Parameters: { r: 'States.UUID()' } }))).toEqual({ r: 'States.UUID()' });
  });
});
