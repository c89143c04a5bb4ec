import { machine } from './harness';
import { InvalidDefinition, StateMachine } from '../../../src/services/stepfunctions/asl';

const LAMBDA = 'arn:aws:lambda:us-east-1:111111111111:function:work';
const PASS = { Type: 'Pass', End: true };
const one = (state: object) => ({ StartAt: 'S', States: { S: state } });
const then = (state: object) => ({ StartAt: 'S', States: { S: state, N: PASS } });
const task = (fields: object) => machine({ Type: 'Task', Resource: LAMBDA, ...fields });
const jsonata = (state: object) => machine(state, { QueryLanguage: 'JSONata' });
const map = (fields: object, config?: object) => machine({
  Type: 'Map', ItemProcessor: { ...(config ? { ProcessorConfig: config } : {}), StartAt: 'I', States: { I: PASS } }, ...fields,
});
const choice = (rule: object) => then({ Type: 'Choice', Choices: [{ Next: 'N', ...rule }] });

/** The one sentence with which a definition is refused; `undefined` when it is not. */
function refusal(definition: string | object): string | undefined {
  try {
    StateMachine.parse(definition);
    return undefined;
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(InvalidDefinition);
    return (thrown as Error).message;
  }
}

describe('a definition', () => {
  it.each<[string | object, string]>([
    ['{', 'the definition of a state machine must be JSON'],
    ['[]', 'the definition of a state machine must be a JSON object but was []'],
    [{}, 'the States of the state machine must be a JSON object but was missing'],
    [{ StartAt: 'S', States: {} }, 'an object with at least one state'],
    [{ StartAt: 'X', States: { S: PASS } }, "the StartAt of the state machine is 'X', which is not among its states: S"],
    [{ ...one(PASS), Timeout: 5 }, "the state machine has the unknown field 'Timeout'"],
    [{ ...one(PASS), TimeoutSeconds: 0 }, 'the TimeoutSeconds of the state machine must be an integer from 1 to 99999999 but was 0'],
    [{ ...one(PASS), Version: '2.0' }, 'the Version of the state machine must be one of 1.0 but was "2.0"'],
    [{ ...one(PASS), QueryLanguage: 'SQL' }, 'the QueryLanguage of the state machine must be one of JSONPath, JSONata but was "SQL"'],
    [{ QueryLanguage: 'JSONata', ...one({ ...PASS, QueryLanguage: 'JSONPath' }) }, "the QueryLanguage of state 'S' must not be JSONPath"],
    [one({ Type: 'Sleep', End: true }), "the Type of state 'S' must be one of Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map but was \"Sleep\""],
    [one({ Type: 'Pass' }), "state 'S' must have one of Next, End"],
    [then({ Type: 'Pass', Next: 'N', End: true }), "state 'S' must have only one of Next, End but has Next and End"],
    [one({ Type: 'Pass', End: false }), "the End of state 'S' must be true but was false"],
    [one({ Type: 'Pass', Next: 'X' }), "state 'S' leads to 'X', which is not among the states beside it: S"],
    [{ StartAt: 'S', States: { S: PASS, N: PASS } }, "state 'N' is not reachable"],
    [{ StartAt: 'x'.repeat(81), States: { ['x'.repeat(81)]: PASS } }, '81 characters, more than the 80'],
    [machine({ Type: 'Parallel', Branches: [{ StartAt: 'S', States: { S: PASS } }] }), "there are two states 'S'"],
    [one({ ...PASS, Output: 1 }), "state 'S' uses JSONPath, which has no field 'Output'"],
    [jsonata({ Type: 'Pass', ResultPath: '$' }), "state 'S' uses JSONata, which has no field 'ResultPath'"],
    [one({ ...PASS, Foo: 1 }), "has the unknown field 'Foo'"],
    [one({ ...PASS, InputPath: 'a' }), "the InputPath of state 'S' must be a JSONPath: invalid JSONPath 'a': a path starts with '$'"],
    [one({ ...PASS, ResultPath: '$.a[*]' }), 'a reference path (no wildcard, slice, filter or descent)'],
    [one({ ...PASS, Parameters: { 'a.$': 'b' } }), "'a.$' in the Parameters of state 'S' must be a JSONPath"],
    [one({ ...PASS, Parameters: { 'a.$': 1 } }), "'a.$' in the Parameters of state 'S' must be a non-empty string but was 1"],
    [one({ ...PASS, Assign: { '1x': 1 } }), "names the variable '1x'"],
    [one({ ...PASS, Assign: { states: 1 } }), "names the variable 'states'"],
    [jsonata({ Type: 'Pass', Output: '{% 1 + %}' }), "the Output of state 'S' has the JSONata expression '1 +', which does not compile: S0207"],
    [jsonata({ Type: 'Pass', Output: { a: ['{% $states.result.x %}'] } }),
      "the Output of state 'S'/a[0] reads $states.result, which is there only in the Output and Assign of a Task, Parallel or Map state"],
    [jsonata({ Type: 'Task', Resource: LAMBDA, Arguments: '{% $count($states.result) %}' }), 'reads $states.result'],
    [jsonata({ Type: 'Task', Resource: LAMBDA, Output: '{% $states.errorOutput %}' }), 'reads $states.errorOutput, which is there only in the Output and Assign of a catcher'],
    [jsonata({ Type: 'Task', Resource: LAMBDA, Catch: [{ ErrorEquals: ['E'], Next: 'S', Output: '{% $states.result %}' }] }), 'reads $states.result'],
    [task({ Resource: 'lambda' }), "the Resource of state 'S' must be the ARN of a Lambda function, an activity or a service integration but was 'lambda'"],
    [task({ TimeoutSeconds: 0 }), "the TimeoutSeconds of state 'S' must be an integer from 1 to 99999999 but was 0"],
    [task({ TimeoutSeconds: 5, HeartbeatSeconds: 5 }), "the HeartbeatSeconds of state 'S' must be less than its TimeoutSeconds, 5, but was 5"],
    [task({ TimeoutSeconds: 5, TimeoutSecondsPath: '$.t' }), 'must have only one of TimeoutSeconds, TimeoutSecondsPath'],
    [task({ Retry: [{ ErrorEquals: [] }] }), "the ErrorEquals of retrier 0 of state 'S' must be a non-empty array but was []"],
    [task({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['E'] }] }), 'which is allowed in the last one only'],
    [task({ Retry: [{ ErrorEquals: ['States.ALL', 'E'] }] }), 'it must stand alone'],
    [task({ Retry: [{ ErrorEquals: ['E'], MaxAttempts: -1 }] }), 'the MaxAttempts of retrier 0'],
    [task({ Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 0 }] }), 'the IntervalSeconds of retrier 0'],
    [task({ Retry: [{ ErrorEquals: ['E'], BackoffRate: 0.5 }] }), 'the BackoffRate of retrier 0 of state \'S\' must be a number of at least 1 but was 0.5'],
    [task({ Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 5, MaxDelaySeconds: 5 }] }), 'greater than its IntervalSeconds, 5,'],
    [task({ Retry: [{ ErrorEquals: ['E'], JitterStrategy: 'SOME' }] }), 'one of FULL, NONE'],
    [task({ Catch: [{ ErrorEquals: ['E'], Next: 'X' }] }), "leads to 'X'"],
    [task({ Catch: [{ ErrorEquals: ['E'], Next: 'S', Output: 1 }] }), "has the unknown field 'Output'"],
    [then({ Type: 'Choice', Choices: [] }), "the Choices of state 'S' must be a non-empty array but was []"],
    [choice({ Variable: '$.a' }), 'must have exactly one operator but has none'],
    [choice({ Variable: '$.a', IsNull: true, IsString: true }), 'must have exactly one operator but has IsNull and IsString'],
    [choice({ Variable: '$.a', StringEqual: 'x' }), "has the unknown operator 'StringEqual'"],
    [choice({ Variable: '$.a', NumericEquals: '1' }), 'must be a number but was "1"'],
    [choice({ Variable: '$.a', TimestampEquals: 'now' }), 'must be an RFC 3339 timestamp but was "now"'],
    [choice({ Variable: '$.a', IsNull: 'yes' }), 'must be true or false but was "yes"'],
    [choice({ IsNull: true }), 'the Variable of choice 0'],
    [choice({ And: [{ Variable: '$.a', IsNull: true, Next: 'N' }] }), 'where Next is not allowed'],
    [choice({ Variable: '$.a', StringMatchesPath: '$.b' }), "has the unknown operator 'StringMatchesPath'"],
    [{ QueryLanguage: 'JSONata', ...choice({ Variable: '$.a', IsNull: true }) }, "uses JSONata, which has no field 'Variable'"],
    [{ QueryLanguage: 'JSONata', ...choice({ Condition: 'x' }) }, 'true, false or a JSONata expression'],
    [machine({ Type: 'Wait' }), 'must have one of Seconds, SecondsPath, Timestamp, TimestampPath'],
    [machine({ Type: 'Wait', Seconds: -1 }), 'an integer from 0 to 99999999 but was -1'],
    [machine({ Type: 'Wait', Timestamp: '2026-01-01' }), 'an RFC 3339 timestamp'],
    [one({ Type: 'Fail', Error: 'E', ErrorPath: '$.e' }), 'must have only one of Error, ErrorPath'],
    [one({ Type: 'Fail', Cause: 5 }), 'a string but was 5'],
    [machine({ Type: 'Parallel', Branches: [] }), "the Branches of state 'S' must be a non-empty array"],
    [machine({ Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'S' } } }] }), "state 'A' leads to 'S', which is not among the states beside it: A"],
    [machine({ Type: 'Map' }), 'must have one of ItemProcessor, Iterator'],
    [map({ ItemReader: { Resource: 'arn:aws:states:::s3:getObject' } }), "state 'S' has an ItemReader, which is not supported: give its items as an array, by ItemsPath"],
    [map({ Label: 'L' }), 'has Label, which needs a processor of Mode DISTRIBUTED'],
    [map({}, { Mode: 'DISTRIBUTED' }), 'the ExecutionType of the ItemProcessor'],
    [map({ ItemBatcher: {} }, { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }), 'must have MaxItemsPerBatch, MaxInputBytesPerBatch or both'],
    [map({ MaxConcurrency: -1 }), 'an integer of at least 0 but was -1'],
    [map({ ToleratedFailurePercentage: 101 }), 'a number from 0 to 100 but was 101'],
    [map({ ItemSelector: {}, Parameters: {} }), 'must have only one of ItemSelector, Parameters'],
  ])('%j is refused in one sentence', (definition, sentence) => {
    expect(refusal(definition)).toContain(sentence);
    expect(refusal(definition)).not.toMatch(/\n|undefined|\[object/);
  });

  it.each<[string, object]>([
    ['empty Retry and Catch', task({ Retry: [], Catch: [] })],
    ['comments wherever they may stand', {
      ...then({ Type: 'Choice', Comment: 'c', Choices: [{ And: [{ Variable: '$.a', IsNull: true, Comment: 'c' }], Next: 'N', Comment: 'c' }] }), Comment: 'c', Version: '1.0',
    }],
    ['a JSONata state in a JSONPath machine', one({ ...PASS, QueryLanguage: 'JSONata', Output: '{% 1 %}' })],
    ['every kind of resource', {
      StartAt: 'A',
      States: Object.fromEntries([
        LAMBDA, `${LAMBDA}:live`, 'arn:aws:states:us-east-1:111111111111:activity:work', 'arn:aws:states:::lambda:invoke', 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
        'arn:aws:states:::states:startExecution.sync:2', 'arn:aws:states:::aws-sdk:dynamodb:putItem', 'arn:aws-cn:states:::sns:publish',
      ].map((Resource, index, all) => [String.fromCharCode(65 + index), {
        Type: 'Task', Resource, ...(index + 1 < all.length ? { Next: String.fromCharCode(66 + index) } : { End: true }),
      }])),
    }],
  ])('with %s is accepted', (_, definition) => {
    expect(refusal(definition)).toBeUndefined();
    expect(refusal(JSON.stringify(definition))).toBeUndefined();
  });
});
