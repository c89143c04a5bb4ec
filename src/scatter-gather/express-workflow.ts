import { Aggregation, ERROR } from './contract';
import { aggregateState, candidates, correlationId, orNull, WorkflowDescription, WorkflowResponder } from './workflow';
import { Definition, READABLE_CAUSE } from '../shared/asl';

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
