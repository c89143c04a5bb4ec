import { LockDescription, SagaDescription } from './description';
import { retryService } from './retries';
import { jsonata, literal, States } from './states';
import { DETAIL_TYPE, ERROR, EVENT_SOURCE, LOCK_ATTRIBUTE, SAGA, SagaStatus } from '../contract';
import { STATE } from '../state-names';

/** Names of a refused condition: of the integration made for DynamoDB, and of the SDK's transaction. */
export const CONDITION_FAILED = ['DynamoDB.ConditionalCheckFailedException', 'DynamoDb.TransactionCanceledException'];

/**
 * A condition that fails alone fails for good. In a transaction it may be somebody else's at the same item that cancelled it, and whoever holds a lock may
 * release it.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
 */
export function retryCondition(lock: SagaDescription['lock']) {
  return lock
    ? [{ ErrorEquals: CONDITION_FAILED, IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 4, JitterStrategy: 'FULL' }, ...retryService([])]
    : retryService(CONDITION_FAILED);
}

/** How a saga ends: on record, told, and with its result as the execution's output. */
export function endStates(description: SagaDescription): States {
  return {
    ...record(description, STATE.COMPLETE, 'COMPLETED', STATE.TELL),
    [STATE.UNDONE]: {
      Type: 'Choice',
      Choices: [{
        Condition: jsonata('"FAILED" in $compensations.status'),
        Assign: { parked: { reason: 'COMPENSATION' } },
        Next: STATE.PARK,
      }],
      Default: STATE.COMPENSATED,
    },
    ...record(description, STATE.COMPENSATED, 'COMPENSATED', STATE.TELL),
    ...record(description, STATE.PARK, 'PARKED', STATE.SEND_PARKED),
    [STATE.SEND_PARKED]: sendParked(description),
    [STATE.TELL]: tell(description),
    [STATE.OVERTAKEN]: {
      Type: 'Fail',
      Error: ERROR.OVERTAKEN,
      Cause: jsonata('"another execution has taken over saga \'" & $sagaId & "\', or has ended it"'),
    },
  };
}

/** Writes how the saga ended, on condition that it is still this execution's; releases the lock unless somebody has to look after the saga. */
function record(description: SagaDescription, name: string, status: SagaStatus, next: string): States {
  const { lock, partition } = description;
  const write = ending(description, status);
  const then = {
    // What went wrong on the way to an end with all effects is over.
    Assign: { status, ...(status === 'COMPLETED' && { failure: null }) },
    Output: {},
    Next: next,
  };
  const alone = {
    ...writeState(partition, [write]),
    Retry: retryService(CONDITION_FAILED),
    Catch: [{ ErrorEquals: CONDITION_FAILED, Output: {}, Next: STATE.OVERTAKEN }],
    ...then,
  };
  if (!lock || status === 'PARKED') return { [name]: alone };
  const lockLost = `${name}: lock lost?`;
  return {
    [name]: {
      ...writeState(partition, [write, unlocking(lock)]),
      Retry: retryCondition(lock),
      Catch: [{ ErrorEquals: CONDITION_FAILED, Output: { refusal: jsonata('$string($states.errorOutput.Cause)') }, Next: lockLost }],
      ...then,
    },
    // Somebody has broken the lock by hand, and another saga has it now: this one ends without it.
    [lockLost]: {
      Type: 'Choice',
      Choices: [{ Condition: jsonata('$contains($states.input.refusal, "[None, ConditionalCheckFailed]")'), Next: `${name} without lock` }],
      Default: STATE.OVERTAKEN,
    },
    [`${name} without lock`]: alone,
  };
}

function ending({ tableName, retentionSeconds }: SagaDescription, status: SagaStatus) {
  const parks = status === 'PARKED';
  return {
    Update: {
      TableName: tableName,
      Key: { [SAGA.PARTITION_KEY]: { S: jsonata('$sagaId') } },
      UpdateExpression: parks
        ? 'SET #status = :status, #endedAt = :now, #parked = :parked REMOVE #expiresAt'
        : 'SET #status = :status, #endedAt = :now, #expiresAt = :expiresAt REMOVE #parked',
      // The same write again after a lost answer finds its own status.
      ConditionExpression: '#executionArn = :me AND #status IN (:running, :recovering, :status)',
      ExpressionAttributeNames: {
        '#status': SAGA.STATUS,
        '#endedAt': SAGA.ENDED_AT,
        '#executionArn': SAGA.EXECUTION_ARN,
        '#parked': SAGA.PARKED,
        '#expiresAt': SAGA.EXPIRES_AT,
      },
      ExpressionAttributeValues: {
        ':status': { S: status },
        ':running': { S: 'RUNNING' satisfies SagaStatus },
        ':recovering': { S: 'RECOVERING' satisfies SagaStatus },
        ':me': { S: jsonata('$states.context.Execution.Id') },
        ':now': { S: jsonata('$now()') },
        ...(parks
          ? { ':parked': { S: jsonata('$string($merge([$parked, {"compensations": $compensations}, $failure = null ? {} : {"failure": $failure}]))') } }
          : { ':expiresAt': { N: jsonata(`$string($floor($millis() / 1000) + ${retentionSeconds})`) } }),
      },
    },
  };
}

function unlocking(lock: LockDescription) {
  return {
    Update: {
      TableName: lock.tableName,
      Key: lockKey(lock.key),
      UpdateExpression: 'REMOVE #lock',
      ConditionExpression: '#lock = :sagaId OR attribute_not_exists(#lock)',
      ExpressionAttributeNames: { '#lock': LOCK_ATTRIBUTE },
      ExpressionAttributeValues: { ':sagaId': { S: jsonata('$sagaId') } },
    },
  };
}

/** One write by the integration made for it, several as a transaction. */
export function writeState(partition: string, writes: readonly ({ Put: object } | { Update: object })[]): States[string] {
  const [write] = writes;
  if (writes.length > 1) {
    return { Type: 'Task', Resource: `arn:${partition}:states:::aws-sdk:dynamodb:transactWriteItems`, Arguments: { TransactItems: writes } };
  }
  return 'Put' in write
    ? { Type: 'Task', Resource: `arn:${partition}:states:::dynamodb:putItem`, Arguments: write.Put }
    : { Type: 'Task', Resource: `arn:${partition}:states:::dynamodb:updateItem`, Arguments: write.Update };
}

function lockKey(key: { readonly [attribute: string]: string }) {
  return Object.fromEntries(Object.entries(key).map(([attribute, value]) => [attribute, { S: jsonata(value) }]));
}

function sendParked({ saga, partition, parkedQueueUrl }: SagaDescription) {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::sqs:sendMessage`,
    Arguments: {
      QueueUrl: parkedQueueUrl,
      MessageBody: jsonata(`{"saga": ${literal(saga)}, "sagaId": $sagaId, "executionArn": $states.context.Execution.Id, "parked": $parked, "failure": $failure, "compensations": $compensations}`),
    },
    Retry: retryService([]),
    Output: {},
    Next: STATE.TELL,
  };
}

function tell({ saga, partition, eventBusName }: SagaDescription) {
  const types = `{"COMPLETED": ${literal(DETAIL_TYPE.COMPLETED)}, "COMPENSATED": ${literal(DETAIL_TYPE.COMPENSATED)}, "PARKED": ${literal(DETAIL_TYPE.PARKED)}}`;
  const failure = '$failure = null ? {} : {"failure": $failure}';
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::events:putEvents`,
    Arguments: {
      Entries: [{
        EventBusName: eventBusName,
        Source: EVENT_SOURCE,
        DetailType: jsonata(`$lookup(${types}, $status)`),
        Detail: jsonata(`$merge([{"saga": ${literal(saga)}, "sagaId": $sagaId, "status": $status, "executionArn": $states.context.Execution.Id, "compensations": $compensations}, ${failure}])`),
      }],
    },
    Retry: retryService([]),
    Output: jsonata(`$merge([{"sagaId": $sagaId, "status": $status, "results": $results, "compensations": $compensations}, ${failure}])`),
    End: true,
  };
}
