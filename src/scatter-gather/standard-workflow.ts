import { ATTRIBUTE, ERROR, GATHERING_ITEM } from './contract';
import { aggregateState, candidates, correlationId, orNull, WorkflowDescription, WorkflowResponder } from './workflow';
import { Definition, READABLE_CAUSE, retryUnless } from '../shared/asl';

export interface StandardWorkflowDescription extends WorkflowDescription {
  readonly responders: readonly WorkflowResponder[];
  readonly scatterArn: string;
  readonly gatherArn: string;
  readonly tableName: string;
}

/**
 * The Standard workflow: scatter and wait, gather, and where asked aggregate. At most three states run, however many
 * responders there are. The deadline is the first state's timeout, so that its catch still gathers what there is.
 */
export function standardWorkflow(description: StandardWorkflowDescription): Definition {
  const { partition, timeoutSeconds, aggregation, aggregatorArn } = description;
  return {
    Comment: 'Scatter-gather: asks many, gathers their replies until they suffice or the deadline comes',
    QueryLanguage: 'JSONata',
    StartAt: 'Scatter',
    States: {
      Scatter: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::lambda:invoke.waitForTaskToken`,
        Arguments: {
          FunctionName: description.scatterArn,
          Payload: { ...gatheringInput(description), taskToken: '{% $states.context.Task.Token %}' },
        },
        TimeoutSeconds: timeoutSeconds,
        Retry: retryUnless([ERROR.DUPLICATE_CORRELATION_ID, ERROR.INVALID_REQUEST, ERROR.GATHERING_CLOSED], 5),
        Catch: [
          { ErrorEquals: ['States.Timeout', ERROR.GATHERING_CLOSED], Output: '{% $states.input %}', Next: 'Gather' },
          { ErrorEquals: [ERROR.DUPLICATE_CORRELATION_ID, ERROR.INVALID_REQUEST], ...keepError(), Next: 'Failed' },
          { ErrorEquals: ['States.ALL'], ...keepError(), Next: 'Abandon' },
        ],
        Output: '{% $states.input %}',
        Next: 'Gather',
      },
      Gather: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::lambda:invoke`,
        Arguments: {
          FunctionName: description.gatherArn,
          Payload: { ...gatheringInput(description), aggregation },
        },
        Retry: retryUnless([ERROR.DUPLICATE_CORRELATION_ID, ERROR.INVALID_REQUEST, ERROR.AGGREGATION_FAILED], 10),
        Catch: [{ ErrorEquals: ['States.ALL'], ...keepError(), Next: 'Failed' }],
        Output: '{% $states.result.Payload %}',
        ...(aggregatorArn ? { Next: 'Aggregate' } : { End: true }),
      },
      ...(aggregatorArn && { Aggregate: aggregateState(partition, aggregatorArn) }),
      Abandon: {
        Comment: 'Not every responder could be asked: late answers must find a closed gathering',
        Type: 'Task',
        Resource: `arn:${partition}:states:::dynamodb:updateItem`,
        Arguments: {
          TableName: description.tableName,
          Key: { [ATTRIBUTE.PARTITION_KEY]: { S: correlationId(description) }, [ATTRIBUTE.SORT_KEY]: { S: GATHERING_ITEM } },
          UpdateExpression: 'SET #status = :closed, closedBy = :failure',
          ConditionExpression: '#status = :open AND executionArn = :executionArn',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':open': { S: 'OPEN' },
            ':closed': { S: 'CLOSED' },
            ':failure': { S: 'FAILURE' },
            ':executionArn': { S: '{% $states.context.Execution.Id %}' },
          },
        },
        Retry: retryUnless(['DynamoDB.ConditionalCheckFailedException'], 5),
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }],
        Next: 'Failed',
      },
      Failed: { Type: 'Fail', Error: '{% $error %}', Cause: '{% $cause %}' },
    },
  };
}

/** Everything about the gathering that a handler needs, evaluated by the workflow. */
function gatheringInput(description: StandardWorkflowDescription): Definition {
  const { mapping, timeoutSeconds, completion, responders } = description;
  return {
    correlationId: correlationId(description),
    executionArn: '{% $states.context.Execution.Id %}',
    request: `{% ${orNull(mapping.request)} %}`,
    recipients: `{% ${orNull(mapping.recipients)} %}`,
    candidates: candidates(mapping.request, responders),
    startedAt: '{% $toMillis($states.context.Execution.StartTime) %}',
    timeoutSeconds,
    completion,
  };
}

function keepError(): Definition {
  return { Assign: { error: '{% $states.errorOutput.Error %}', cause: `{% ${READABLE_CAUSE} %}` }, Output: '{% $states.input %}' };
}
