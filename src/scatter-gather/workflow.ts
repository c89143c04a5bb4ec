import { Aggregation, Completion } from './contract';

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

/** Amazon States Language as JSON. */
export type Definition = { readonly [key: string]: any };

export function correlationId({ mapping }: WorkflowDescription): string {
  return `{% ($input := $states.input; $id := ${mapping.correlationId}; $exists($id) ? $id : $states.context.Execution.Name) %}`;
}

export function orNull(expression: string): string {
  return `($input := $states.input; $value := ${expression}; $exists($value) ? $value : null)`;
}

/** The conditions are evaluated once, here, so that the expected set is exact. */
export function candidates(request: string, responders: readonly WorkflowResponder[]): Definition[] {
  return responders.map(({ id, route, condition }) => ({
    responder: id,
    route,
    selected: condition === undefined ? true : `{% ($input := $states.input; $request := ${request}; $boolean(${condition}) = true) %}`,
  }));
}

export function aggregateState(partition: string, aggregatorArn: string): Definition {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Arguments: { FunctionName: aggregatorArn, Payload: '{% $states.input %}' },
    Retry: retryUnless([], 3),
    Output: '{% $merge([$states.input, {"result": $states.result.Payload}]) %}',
    End: true,
  };
}

/**
 * A function's error comes as JSON text with a stack trace; people want its message. Long texts are cut by Step Functions,
 * and an expression that fails over them would hide the error: what does not end as JSON stays as it is.
 */
export const READABLE_CAUSE = [
  '($text := $string($states.errorOutput.Cause);',
  '$message := $substring($text, 0, 1) = "{" and $substring($text, -1) = "}" ? $parse($text).errorMessage : $text;',
  '$exists($message) ? $string($message) : $exists($text) ? $text : "")',
].join(' ');

/** Retries everything that may be transient; the named errors say that another attempt would end the same. */
export function retryUnless(finalErrors: readonly string[], maxAttempts: number): Definition[] {
  return [
    ...(finalErrors.length > 0 ? [{ ErrorEquals: finalErrors, MaxAttempts: 0 }] : []),
    { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, BackoffRate: 2, MaxDelaySeconds: 30, MaxAttempts: maxAttempts, JitterStrategy: 'FULL' },
  ];
}
