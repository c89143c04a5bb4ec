import { onUnknownOf, isFinal, SagaDescription, StepDescription } from './description';
import { CONDITION_FAILED } from './ends';
import { REDRIVEN } from './expressions';
import { retryService } from './retries';
import { jsonata, literal, States } from './states';
import { ERROR, SAGA, SagaStatus } from '../contract';
import { STATE, undoOf } from '../state-names';
import { undoFrom } from './undo';

/** An expression that fails does so before anything is called. */
export const NOT_CALLED_ERRORS = ['States.QueryEvaluationError'];

/** Where the saga goes on when a step was not called; in a redriven execution it may have been called before. */
export function thenOf(otherwise: string, redriven: string): string {
  return jsonata(`${REDRIVEN} ? ${literal(redriven)} : ${literal(otherwise)}`);
}

/** Where a redriven execution goes on that has ended in this step, of which it does not know what it did. */
export function redrivenTo(description: SagaDescription, index: number): string {
  const unit = description.steps[index];
  return (unit.kind === 'GROUP' ? unit.steps : [unit]).some(mustPark) ? STATE.PARK : undoFrom(description, index);
}

function mustPark(step: StepDescription): boolean {
  return isFinal(step) || onUnknownOf(step).kind === 'PARK';
}

/**
 * Behind a step that was not called, because the deadline is over or the execution was redriven. A redriven one does not know whether it had called the step
 * before. Its history does: it dies once more, and leaves the saga to a recovery.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export function notCalledStates(description: SagaDescription, states: States): States {
  const targets = [...description.steps.map(({ id }) => undoOf(id)), STATE.PARK].filter((name) => name in states);
  return {
    [STATE.NOT_CALLED]: {
      Type: 'Choice',
      Choices: [
        { Condition: jsonata(REDRIVEN), Next: STATE.REDRIVEN },
        ...targets.map((name) => ({ Condition: jsonata(`$then = ${literal(name)}`), Next: name })),
      ],
      Default: STATE.UNDONE,
    },
    [STATE.REDRIVEN]: description.recovered ? leftToRecovery() : goingBack(description),
  };
}

function leftToRecovery(): States[string] {
  return {
    Type: 'Fail',
    Error: ERROR.OVERTAKEN,
    Cause: jsonata('"the execution was redriven: a recovery finishes saga \'" & $sagaId & "\', or has finished it"'),
  };
}

/** Without a recovery it goes back itself, as if the step had been called, and only with a saga that is still its own. */
function goingBack({ partition, tableName }: SagaDescription): States[string] {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::dynamodb:updateItem`,
    Arguments: {
      TableName: tableName,
      Key: { [SAGA.PARTITION_KEY]: { S: jsonata('$sagaId') } },
      UpdateExpression: 'SET #status = :recovering',
      ConditionExpression: '#executionArn = :me AND #status IN (:running, :recovering)',
      ExpressionAttributeNames: { '#status': SAGA.STATUS, '#executionArn': SAGA.EXECUTION_ARN },
      ExpressionAttributeValues: {
        ':running': { S: 'RUNNING' satisfies SagaStatus },
        ':recovering': { S: 'RECOVERING' satisfies SagaStatus },
        ':me': { S: jsonata('$states.context.Execution.Id') },
      },
    },
    Retry: retryService(CONDITION_FAILED),
    Catch: [{ ErrorEquals: CONDITION_FAILED, Output: {}, Next: STATE.OVERTAKEN }],
    Assign: { redrives: jsonata('$states.context.Execution.RedriveCount') },
    Output: {},
    Next: STATE.NOT_CALLED,
  };
}
