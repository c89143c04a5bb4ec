import { SagaDescription } from './description';
import { retryService } from './retries';
import { jsonata, literal, States } from './states';
import { DETAIL_TYPE, ERROR, EVENT_SOURCE, LOCK_ATTRIBUTE, SAGA, SagaStatus } from '../contract';
import { STATE } from '../state-names';

/** Names of a refused condition: of the integration made for DynamoDB, and of the SDK's transaction. */
export const CONDITION_FAILED = ['DynamoDB.ConditionalCheckFailedException', 'DynamoDb.TransactionCanceledException'];

/** How a saga ends: on record, told, and with its result as the execution's output. */
export function endStates(description: SagaDescription): States {
  return {
    [STATE.COMPLETE]: record(description, 'COMPLETED', STATE.TELL),
    [STATE.UNDONE]: {
      Type: 'Choice',
      Choices: [{
        Condition: jsonata('"FAILED" in $compensations.status'),
        Assign: { parked: { reason: 'COMPENSATION' } },
        Next: STATE.PARK,
      }],
      Default: STATE.COMPENSATED,
    },
    [STATE.COMPENSATED]: record(description, 'COMPENSATED', STATE.TELL),
    [STATE.PARK]: record(description, 'PARKED', STATE.SEND_PARKED),
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
function record(description: SagaDescription, status: SagaStatus, next: string) {
  const { tableName, retentionSeconds, lock, partition } = description;
  const parks = status === 'PARKED';
  const set = [
    '#status = :status', '#endedAt = :now',
    parks ? '#parked = :parked' : '#expiresAt = :expiresAt',
  ].join(', ');
  const update = {
    TableName: tableName,
    Key: { [SAGA.PARTITION_KEY]: { S: jsonata('$sagaId') } },
    UpdateExpression: parks ? `SET ${set}` : `SET ${set} REMOVE #parked`,
    // The same write again after a lost answer finds its own status.
    ConditionExpression: '#executionArn = :me AND #status IN (:running, :recovering, :status)',
    ExpressionAttributeNames: {
      '#status': SAGA.STATUS,
      '#endedAt': SAGA.ENDED_AT,
      '#executionArn': SAGA.EXECUTION_ARN,
      '#parked': SAGA.PARKED,
      ...(parks ? {} : { '#expiresAt': SAGA.EXPIRES_AT }),
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
  };
  const unlock = lock && {
    TableName: lock.tableName,
    Key: lockKey(lock.key),
    UpdateExpression: 'REMOVE #lock',
    // Somebody who has broken the lock by hand need not be told again.
    ConditionExpression: '#lock = :sagaId OR attribute_not_exists(#lock)',
    ExpressionAttributeNames: { '#lock': LOCK_ATTRIBUTE },
    ExpressionAttributeValues: { ':sagaId': { S: jsonata('$sagaId') } },
  };
  return {
    ...writeState(partition, unlock && !parks ? [{ Update: update }, { Update: unlock }] : [{ Update: update }]),
    Retry: retryService(CONDITION_FAILED),
    Catch: [{ ErrorEquals: CONDITION_FAILED, Output: {}, Next: STATE.OVERTAKEN }],
    Assign: { status },
    Output: {},
    Next: next,
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
