import { SagaDescription } from './description';
import { CONDITION_FAILED, retryCondition, writeState } from './ends';
import { bytesOf, LARGEST_INPUT_BYTES } from './expressions';
import { jsonata, States } from './states';
import { ERROR, LOCK_ATTRIBUTE, SAGA, SagaStatus } from '../contract';
import { STATE } from '../state-names';

const LONGEST_SAGA_ID = 200;

/** Enters the saga in the registry, one for each id, and takes its lock in the same write. */
export function beginStates(description: SagaDescription): States {
  const { lock, partition, deadlineSeconds } = description;
  const sagaId = sagaIdOf(description);
  const refused = (cause: string) => ({ sagaId: jsonata(sagaId), refusal: jsonata(cause) });
  return {
    [STATE.BEGIN]: {
      ...writeState(partition, [entry(description, sagaId), ...(lock ? [locked(lock, sagaId)] : [])]),
      // A lock may be released meanwhile. The attempts cost nothing but time when it is the saga's id that is taken.
      Retry: retryCondition(lock),
      Catch: [
        { ErrorEquals: CONDITION_FAILED, Assign: refused('$states.errorOutput.Cause'), Output: {}, Next: lock ? 'Which condition?' : STATE.DUPLICATE },
        { ErrorEquals: ['States.QueryEvaluationError'], Assign: { refusal: jsonata('$string($states.errorOutput.Cause)') }, Output: {}, Next: STATE.INVALID },
      ],
      Assign: {
        sagaId: jsonata(sagaId),
        input: jsonata('$states.input'),
        redrives: redriveCount(),
        deadline: jsonata(`$toMillis($states.context.Execution.StartTime) + ${deadlineSeconds * 1000}`),
        ...emptyProgress(),
      },
      Output: {},
      Next: description.steps[0].id,
    },
    ...(lock && {
      // The reasons of a cancelled transaction come in the order of its writes, as text.
      'Which condition?': {
        Type: 'Choice',
        Choices: [{ Condition: jsonata('$contains($refusal, "[ConditionalCheckFailed")'), Next: STATE.DUPLICATE }],
        Default: 'Locked',
      },
      'Locked': { Type: 'Fail', Error: ERROR.LOCKED, Cause: jsonata('"saga \'" & $sagaId & "\' needs an item that another saga has locked"') },
    }),
    [STATE.DUPLICATE]: {
      Type: 'Fail',
      Error: ERROR.DUPLICATE_SAGA_ID,
      Cause: jsonata('"there is a saga \'" & $sagaId & "\' already; its execution is in the saga table"'),
    },
    [STATE.INVALID]: { Type: 'Fail', Error: ERROR.INVALID_INPUT, Cause: jsonata('$refusal') },
  };
}

/** What a saga knows before its first step. */
function emptyProgress() {
  return { results: {}, compensations: [], mayHaveCommitted: [], failure: null, parked: {} };
}

/** How often the execution had been redriven when its saga became its own. Express executions cannot be redriven. */
export function redriveCount() {
  return jsonata('($count := $states.context.Execution.RedriveCount; $exists($count) ? $count : 0)');
}

function sagaIdOf(description: SagaDescription): string {
  return `($input := $states.input; $id := ${description.sagaId}; $type($id) = "string" and $length($id) > 0 and $length($id) <= ${LONGEST_SAGA_ID} ? $id : `
    + `$error("a saga's id must be a text of 1 to ${LONGEST_SAGA_ID} characters, received " & $substring($exists($id) ? $string($id) : "nothing", 0, 100)))`;
}

/** A saga with an input that would not fit beside its results does not begin. */
function fitting(sagaId: string): string {
  return `($size := ${bytesOf('$string($states.input)')}; $size > ${LARGEST_INPUT_BYTES} ? `
    + `$error("a saga's input must have at most ${LARGEST_INPUT_BYTES} bytes, received " & $size & "; hand on what is larger by reference") : ${sagaId})`;
}

function entry({ tableName }: SagaDescription, sagaId: string) {
  const me = { S: jsonata('$states.context.Execution.Id') };
  return {
    Put: {
      TableName: tableName,
      Item: {
        [SAGA.PARTITION_KEY]: { S: jsonata(fitting(sagaId)) },
        [SAGA.STATUS]: { S: 'RUNNING' satisfies SagaStatus },
        [SAGA.EXECUTION_ARN]: me,
        [SAGA.STARTED_BY]: me,
        [SAGA.STARTED_AT]: { S: jsonata('$states.context.Execution.StartTime') },
        [SAGA.RECOVERIES]: { N: '0' },
      },
      // The same write again after a lost answer finds its own item.
      ConditionExpression: 'attribute_not_exists(#sagaId) OR (#executionArn = :me AND #status = :running)',
      ExpressionAttributeNames: { '#sagaId': SAGA.PARTITION_KEY, '#executionArn': SAGA.EXECUTION_ARN, '#status': SAGA.STATUS },
      ExpressionAttributeValues: { ':me': me, ':running': { S: 'RUNNING' satisfies SagaStatus } },
    },
  };
}

function locked({ tableName, key }: NonNullable<SagaDescription['lock']>, sagaId: string) {
  return {
    Update: {
      TableName: tableName,
      // There is no variable `$input` yet.
      Key: Object.fromEntries(Object.entries(key).map(([attribute, value]) => [attribute, { S: jsonata(`($input := $states.input; ${value})`) }])),
      UpdateExpression: 'SET #lock = :sagaId',
      ConditionExpression: 'attribute_not_exists(#lock) OR #lock = :sagaId',
      ExpressionAttributeNames: { '#lock': LOCK_ATTRIBUTE },
      ExpressionAttributeValues: { ':sagaId': { S: jsonata(sagaId) } },
    },
  };
}
