import { Aggregation, Completion } from './contract';
import { Definition, retryUnless } from '../shared/asl';

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
