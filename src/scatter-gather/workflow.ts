import { Aggregation, ATTRIBUTE, Completion, ERROR, GATHERING_ITEM } from './contract';

/** A responder as the workflow sees it. */
export interface WorkflowResponder {
  readonly id: string;
  /** Which of the rules carries its requests. */
  readonly route: string;
  /** JSONata over `$request`; absent: always asked. */
  readonly condition?: string;
}

/** What both kinds of workflow are made of. Expressions are JSONata without braces. */
export interface WorkflowDescription {
  readonly gathering: string;
  readonly partition: string;
  readonly timeoutSeconds: number;
  readonly completion: Completion;
  readonly aggregation: Aggregation;
  readonly aggregatorArn?: string;
  readonly mapping: { readonly correlationId: string; readonly request: string; readonly recipients: string };
}

export interface StandardWorkflowDescription extends WorkflowDescription {
  readonly responders: readonly WorkflowResponder[];
  readonly scatterArn: string;
  readonly gatherArn: string;
  readonly tableName: string;
}

/** Amazon States Language as JSON. */
export type Definition = { readonly [key: string]: any };

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

function correlationId({ mapping }: WorkflowDescription): string {
  return `{% ($input := $states.input; $id := ${mapping.correlationId}; $exists($id) ? $id : $states.context.Execution.Name) %}`;
}

function orNull(expression: string): string {
  return `($input := $states.input; $value := ${expression}; $exists($value) ? $value : null)`;
}

/** The conditions are evaluated once, here, so that the expected set is exact. */
function candidates(request: string, responders: readonly WorkflowResponder[]): Definition[] {
  return responders.map(({ id, route, condition }) => ({
    responder: id,
    route,
    selected: condition === undefined ? true : `{% ($input := $states.input; $request := ${request}; $boolean(${condition}) = true) %}`,
  }));
}

function aggregateState(partition: string, aggregatorArn: string): Definition {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Arguments: { FunctionName: aggregatorArn, Payload: '{% $states.input %}' },
    Retry: retryUnless([], 3),
    Output: '{% $merge([$states.input, {"result": $states.result.Payload}]) %}',
    End: true,
  };
}

function keepError(): Definition {
  return { Assign: { error: '{% $states.errorOutput.Error %}', cause: `{% ${READABLE_CAUSE} %}` }, Output: '{% $states.input %}' };
}

/** A function's error comes as JSON text with a stack trace; people want its message. */
const READABLE_CAUSE = '($text := $string($states.errorOutput.Cause); $substring($text, 0, 1) = "{" ? $string($parse($text).errorMessage) : $text)';

/** Retries everything that may be transient; the named errors say that another attempt would end the same. */
function retryUnless(finalErrors: readonly string[], maxAttempts: number): Definition[] {
  return [
    ...(finalErrors.length > 0 ? [{ ErrorEquals: finalErrors, MaxAttempts: 0 }] : []),
    { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, BackoffRate: 2, MaxDelaySeconds: 30, MaxAttempts: maxAttempts, JitterStrategy: 'FULL' },
  ];
}

export interface ExpressResponder extends WorkflowResponder {
  readonly functionArn: string;
}

export interface ExpressWorkflowDescription extends WorkflowDescription {
  readonly responders: readonly ExpressResponder[];
}

/** Lambda errors that say that the function was not run. */
const NOT_INVOKED = ['Lambda.TooManyRequestsException', 'Lambda.ServiceException', 'Lambda.SdkClientException'];

/**
 * The Express workflow: a Map over the recipients with a catch in each branch. There is no table and no handler: the whole
 * gathering lives in the execution, and its result in the answer of the synchronous start.
 */
export function expressWorkflow(description: ExpressWorkflowDescription): Definition {
  const { partition, mapping, timeoutSeconds, aggregatorArn } = description;
  return {
    Comment: 'Scatter-gather in one synchronous execution: invokes each responder in a branch of its own',
    QueryLanguage: 'JSONata',
    StartAt: 'Select recipients',
    States: {
      'Select recipients': {
        Type: 'Pass',
        Assign: {
          correlationId: correlationId(description),
          request: `{% ${orNull(mapping.request)} %}`,
          candidates: candidates(mapping.request, description.responders),
          chosen: `{% ${orNull(mapping.recipients)} %}`,
          functions: Object.fromEntries(description.responders.map(({ id, functionArn }) => [id, functionArn])),
          deadline: `{% $toMillis($states.context.Execution.StartTime) + ${timeoutSeconds * 1000} %}`,
        },
        Next: 'Is the request valid?',
      },
      'Is the request valid?': {
        Type: 'Choice',
        Choices: [
          { Condition: '{% $request = null %}', Next: 'No request' },
          { Condition: '{% $count($chosen[$not($ in $candidates.responder)]) > 0 and $chosen != null %}', Next: 'Unknown recipient' },
        ],
        Default: 'Scatter',
      },
      'No request': {
        Type: 'Fail', Error: ERROR.INVALID_REQUEST, Cause: 'the input has no request; it must be { correlationId?, request, recipients? }',
      },
      'Unknown recipient': {
        Type: 'Fail',
        Error: ERROR.INVALID_REQUEST,
        Cause: '{% "recipients names " & $join($chosen[$not($ in $candidates.responder)].$string(), ", ") & ", which is no responder; responders are " & $join($candidates.responder, ", ") %}',
      },
      'Scatter': {
        Type: 'Map',
        Items: '{% [$candidates[selected and ($chosen = null or responder in $chosen)].responder] %}',
        ItemSelector: { responder: '{% $states.context.Map.Item.Value %}' },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'Ask',
          States: {
            Ask: {
              Type: 'Task',
              Resource: `arn:${partition}:states:::lambda:invoke`,
              Arguments: {
                FunctionName: '{% $lookup($functions, $states.input.responder) %}',
                Payload: {
                  gathering: description.gathering,
                  correlationId: '{% $correlationId %}',
                  responder: '{% $states.input.responder %}',
                  request: '{% $request %}',
                  deadline: '{% $fromMillis($deadline) %}',
                },
              },
              // More than 40 branches queue up, and those that start late have only the rest of the time.
              TimeoutSeconds: '{% $max([1, $ceil(($deadline - $millis()) / 1000)]) %}',
              Retry: [{ ErrorEquals: NOT_INVOKED, IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2, JitterStrategy: 'FULL' }],
              Catch: [
                { ErrorEquals: ['States.Timeout'], Output: answer('"kind": "MISSING"'), Next: 'Answered' },
                {
                  ErrorEquals: ['States.ALL'],
                  Output: answer(
                    '"kind": "FAILURE"',
                    '"error": $states.errorOutput.Error',
                    `"cause": ${READABLE_CAUSE}`,
                  ),
                  Next: 'Answered',
                },
              ],
              Output: answer(
                '"kind": "REPLY"',
                '"receivedAt": $fromMillis($millis())',
                '"latencyMs": $millis() - $toMillis($states.context.Execution.StartTime)',
                '"payload": $states.result.Payload',
              ),
              Next: 'Answered',
            },
            Answered: { Type: 'Pass', End: true },
          },
        },
        Next: 'Gather',
      },
      'Gather': {
        Type: 'Pass',
        Output: `{% ${expressResult(description)} %}`,
        ...(aggregatorArn ? { Next: 'Aggregate' } : { End: true }),
      },
      ...(aggregatorArn && { Aggregate: aggregateState(partition, aggregatorArn) }),
    },
  };
}

function answer(...fields: string[]): string {
  return `{% {"responder": $states.input.responder, ${fields.join(', ')}} %}`;
}

/** The result contract of the Standard workflow, made of the branches' answers by one expression. */
function expressResult({ completion, aggregation }: ExpressWorkflowDescription): string {
  const otherwise = '($count($missing) > 0 ? "TIMEOUT" : "ALL")';
  const completedBy = {
    ALL: () => otherwise,
    COUNT: () => `$count($replies) >= ${(completion as { count: number }).count} ? "COUNT" : ${otherwise}`,
    CONDITION: () => `$boolean(${(completion as { expression: string }).expression}) = true ? "CONDITION" : ${otherwise}`,
  }[completion.kind]();
  const satisfied = completion.kind === 'ALL' ? '$count($replies) = $count($answers)' : `$completedBy = "${completion.kind}"`;
  return [
    '(',
    '$answers := $states.input;',
    '$replies := [$answers[kind = "REPLY"].{"responder": responder, "receivedAt": receivedAt, "latencyMs": latencyMs, "payload": payload}];',
    '$failures := [$answers[kind = "FAILURE"].{"responder": responder, "error": error, "cause": cause}];',
    '$missing := [$answers[kind = "MISSING"].responder];',
    `$completedBy := ${completedBy};`,
    '{',
    '"correlationId": $correlationId,',
    `"status": $count($replies) = 0 ? "EMPTY" : (${satisfied} ? "COMPLETE" : "PARTIAL"),`,
    '"completedBy": $completedBy,',
    '"replies": $replies, "failures": $failures, "missing": $missing,',
    `"result": ${expressAggregation(aggregation)}`,
    '})',
  ].join(' ');
}

function expressAggregation(aggregation: Aggregation): string {
  const orNullValue = (expression: string) => `($value := ${expression}; $exists($value) ? $value : null)`;
  switch (aggregation.kind) {
    case 'COLLECT':
      return '$count($replies) = 0 ? [] : $map($replies, function($reply) { $reply.payload })[]';
    case 'JSONATA':
      return orNullValue(`(${aggregation.expression})`);
    case 'MINIMUM_BY':
    case 'MAXIMUM_BY': {
      const value = (reply: string) => `${reply}.payload.${aggregation.path}`;
      const order = aggregation.kind === 'MINIMUM_BY' ? '>' : '<';
      const sorted = `$sort($replies[$type(payload.${aggregation.path}) = "number"], function($a, $b) { ${value('$a')} ${order} ${value('$b')} })`;
      return orNullValue(`${sorted}[0].payload`);
    }
  }
}
