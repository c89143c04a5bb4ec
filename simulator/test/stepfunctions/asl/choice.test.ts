import { machine, outputOf, run } from './harness';
import type { Json } from '../../../src/services/stepfunctions/asl/json';

async function holds(rule: object, input: Json): Promise<boolean> {
  const definition = {
    StartAt: 'C',
    States: {
      C: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
      Yes: { Type: 'Pass', Result: true, End: true },
      No: { Type: 'Pass', Result: false, End: true },
    },
  };
  return (await outputOf(definition, input)) as boolean;
}

const VALUES: Record<string, Json> = {
  null: null,
  true: true,
  zero: 0,
  one: 1,
  half: 0.5,
  empty: '',
  text: 'abc',
  time: '2026-01-01T00:00:00Z',
  list: [],
  object: {},
};

describe('a choice rule', () => {
  it.each<[string, string[]]>([
    ['IsNull', ['null']],
    ['IsBoolean', ['true']],
    ['IsNumeric', ['zero', 'one', 'half']],
    ['IsString', ['empty', 'text', 'time']],
    ['IsTimestamp', ['time']],
    ['IsPresent', Object.keys(VALUES)],
  ])('%s holds for its own type only, and for all others when it is to be false', async (operator, own) => {
    for (const [name, value] of Object.entries(VALUES)) {
      expect([name, await holds({ Variable: '$.v', [operator]: true }, { v: value })]).toEqual([name, own.includes(name)]);
      expect([name, await holds({ Variable: '$.v', [operator]: false }, { v: value })]).toEqual([name, !own.includes(name)]);
    }
  });

  it.each<[string, Json, Json[], Json[]]>([
    ['StringEquals', 'b', ['b'], ['a', 'B', '', 1, null, ['b'], {}]],
    ['StringLessThan', 'b', ['a', 'B', ''], ['b', 'c', 1, null]],
    ['StringLessThanEquals', 'b', ['a', 'b'], ['c', 1, true]],
    ['StringGreaterThan', 'b', ['c', 'ba'], ['b', 'a', 9]],
    ['StringGreaterThanEquals', 'b', ['b', 'c'], ['a', 9]],
    ['NumericEquals', 1, [1, 1.0], [1.1, '1', true, null, [1]]],
    ['NumericLessThan', 1, [0, -5.5], [1, 2, '0', null, false]],
    ['NumericLessThanEquals', 1, [0, 1], [1.01, '1']],
    ['NumericGreaterThan', 1, [1.01], [1, 0, '2', true]],
    ['NumericGreaterThanEquals', 1, [1, 2], [0.99, '1']],
    ['BooleanEquals', true, [true], [false, 'true', 1, null, []]],
    ['TimestampEquals', '2026-01-01T00:00:00Z', ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', '2026-01-01T00:00:00.000Z'],
      ['2026-01-01T00:00:00', '2026-01-01', 0, null]],
    ['TimestampLessThan', '2026-01-01T00:00:00Z', ['2025-12-31T23:59:59.999999999Z'], ['2026-01-01T00:00:00Z', 'x']],
    ['TimestampLessThanEquals', '2026-01-01T00:00:00Z', ['2026-01-01T00:00:00Z'], ['2026-01-01T00:00:00.000000001Z']],
    ['TimestampGreaterThan', '2026-01-01T00:00:00Z', ['2026-01-01T00:00:00.000000001Z'], ['2026-01-01T00:00:00Z', 5]],
    ['TimestampGreaterThanEquals', '2026-01-01T00:00:00Z', ['2026-01-01T00:00:00Z'], ['2025-12-31T23:59:59Z']],
  ])('%s compares values of its type and is false for all others, from a value or a path', async (operator, operand, yes, no) => {
    for (const value of [...yes, ...no]) {
      expect([value, await holds({ Variable: '$.v', [operator]: operand }, { v: value })]).toEqual([value, yes.includes(value)]);
      expect([value, await holds({ Variable: '$.v', [`${operator}Path`]: '$.o' }, { v: value, o: operand })]).toEqual([value, yes.includes(value)]);
    }
  });

  it.each<[string, string, boolean]>([
    ['log-*.txt', 'log-1.txt', true],
    ['log-*.txt', 'log-.txt', true],
    ['log-*.txt', 'log-1xtxt', false],
    ['*', '', true],
    ['a\\*c', 'a*c', true],
    ['a\\*c', 'abc', false],
    ['a\\\\*', 'a\\b', true],
    ['a.c', 'abc', false],
    ['*a*\n*', 'bab\nx', true],
  ])('StringMatches %j on %j is %s', async (pattern, text, expected) => {
    expect(await holds({ Variable: '$.v', StringMatches: pattern }, { v: text })).toBe(expected);
  });

  it('combines rules by And, Or and Not, and looks no further than it must', async () => {
    const present = { Variable: '$.v', IsPresent: true };
    const positive = { Variable: '$.v', NumericGreaterThan: 0 };
    expect(await holds({ And: [present, positive] }, { v: 1 })).toBe(true);
    expect(await holds({ And: [present, positive] }, {})).toBe(false);
    expect(await holds({ Or: [{ Not: present }, positive] }, {})).toBe(true);
    expect(await holds({ Not: { And: [present, { Or: [positive] }] } }, { v: 0 })).toBe(true);
  });

  it('fails the execution when its variable or the path it compares with leads nowhere', async () => {
    for (const rule of [{ Variable: '$.no', NumericEquals: 1 }, { Variable: '$.no', IsNull: true }, { Variable: '$.v', NumericEqualsPath: '$.no' }]) {
      const { outcome } = await run({
        StartAt: 'C', States: { C: { Type: 'Choice', Choices: [{ ...rule, Next: 'Y' }] }, Y: { Type: 'Succeed' } },
      }, { v: 1 });
      expect(outcome).toMatchObject({
        status: 'FAILED',
        error: 'States.Runtime',
        cause: "An error occurred while executing the state 'C' (entered at the event id #2). Invalid path '$.no': " +
          "The choice state's condition path references an invalid value.",
      });
    }
  });
});

describe('a Choice state', () => {
  it('fails with States.NoChoiceMatched when no rule holds and it has no default', async () => {
    const { outcome } = await run({
      StartAt: 'C', States: { C: { Type: 'Choice', Choices: [{ Variable: '$.v', NumericEquals: 1, Next: 'Y' }] }, Y: { Type: 'Succeed' } },
    }, { v: 2 });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });

  it('takes the first rule that holds, in either language', async () => {
    const states = { A: { Type: 'Pass', Result: 'A', End: true }, B: { Type: 'Pass', Result: 'B', End: true } };
    const jsonpath = { Type: 'Choice', Choices: [{ Variable: '$.v', IsPresent: true, Next: 'A' }, { Variable: '$.v', IsPresent: true, Next: 'B' }] };
    const jsonataRules = [{ Condition: '{% $states.input.v = 2 %}', Next: 'A' }, { Condition: '{% $states.input.v = 1 %}', Next: 'B' }, { Condition: true, Next: 'A' }];
    expect(await outputOf({ StartAt: 'C', States: { C: jsonpath, ...states } }, { v: 1 })).toBe('A');
    expect(await outputOf({ StartAt: 'C', States: { C: { Type: 'Choice', QueryLanguage: 'JSONata', Choices: jsonataRules }, ...states } }, { v: 1 })).toBe('B');
  });

  it('assigns and outputs what the rule that held says, or its own when none held', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'C',
      States: {
        C: {
          Type: 'Choice',
          Choices: [
            { Condition: '{% $states.input.v = 1 %}', Next: 'End', Assign: { from: 'rule' }, Output: { out: 'rule' } },
            { Condition: '{% $states.input.v = 2 %}', Next: 'End', Assign: { from: 'second' } },
          ],
          Default: 'End',
          Assign: { from: 'default' },
          Output: { out: 'default' },
        },
        End: { Type: 'Pass', Output: { from: '{% $from %}', input: '{% $states.input %}' }, End: true },
      },
    };
    expect(await outputOf(definition, { v: 1 })).toEqual({ from: 'rule', input: { out: 'rule' } });
    expect(await outputOf(definition, { v: 2 })).toEqual({ from: 'second', input: { v: 2 } });
    expect(await outputOf(definition, { v: 3 })).toEqual({ from: 'default', input: { out: 'default' } });
  });

  it('takes a condition that is no boolean for an error', async () => {
    const { outcome } = await run({
      QueryLanguage: 'JSONata', StartAt: 'C', States: { C: { Type: 'Choice', Choices: [{ Condition: "{% 'yes' %}", Next: 'Y' }] }, Y: { Type: 'Succeed' } },
    });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(outcome!.cause).toContain("Expected 'boolean', but was 'string' for value: \"yes\"");
  });

  it('passes its input on through InputPath and OutputPath', async () => {
    const definition = {
      StartAt: 'C',
      States: {
        C: { Type: 'Choice', InputPath: '$.a', OutputPath: '$.b', Choices: [{ Variable: '$.b', NumericEquals: 1, Next: 'Y' }] },
        Y: { Type: 'Succeed' },
      },
    };
    expect(await outputOf(definition, { a: { b: 1 } })).toBe(1);
    expect(await outputOf(machine({ Type: 'Pass' }), { a: 1 })).toEqual({ a: 1 });
  });
});
