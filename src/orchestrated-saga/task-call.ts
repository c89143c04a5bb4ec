import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { StateGraph, TaskStateBase } from 'aws-cdk-lib/aws-stepfunctions';
import { Call } from './workflow/description';
import { misuse } from '../shared/misuse';

export interface TaskCall {
  readonly call: Call;
  readonly statements: () => readonly PolicyStatement[];
}

/** The saga's own transitions, retries and variables take the place of these. */
const THE_SAGAS = ['Next', 'End', 'Retry', 'Catch', 'TimeoutSeconds', 'Assign', 'Output'];

/** A task state of the CDK as the saga's compiler takes it. The graph collects what the state must be allowed to do. */
export function taskCall(step: string, task: TaskStateBase): TaskCall {
  const graph = new StateGraph(task.startState, `Step ${step} of a saga`);
  const states: { [name: string]: { [field: string]: any } } = (graph.toGraphJson() as { States: object }).States as never;
  const names = Object.keys(states);
  if (names.length !== 1) throw misuse(task, `the task of step '${step}' must be a single state, received ${names.length}: ${names.join(', ')}; leave next() and addCatch() out`);
  const state = states[names[0]];
  if (state.QueryLanguage !== 'JSONata') {
    throw misuse(task, `the task of step '${step}' must be written in JSONata, received ${state.QueryLanguage ?? 'JSONPath'}; make it with its jsonata() method`);
  }
  const own = Object.fromEntries(Object.entries(state).filter(([field]) => !THE_SAGAS.includes(field)));
  return { call: { kind: 'TASK', state: own }, statements: () => graph.policyStatements };
}
