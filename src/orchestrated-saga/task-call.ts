import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { StateGraph, TaskStateBase } from 'aws-cdk-lib/aws-stepfunctions';
import { Call } from './workflow/description';
import { misuse } from '../shared/misuse';

export interface TaskCall {
  readonly call: Call;
  /** What the state must be allowed to do, as far as it is known when this is asked. */
  readonly statements: () => readonly PolicyStatement[];
}

/** What the saga says in the state's place. `LambdaInvoke` has retries that nobody asked for. */
const THE_SAGAS = ['Next', 'End', 'Retry', 'QueryLanguage'];

/** What would be lost in silence, and what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  Output: 'what the service answers is the step\'s result',
  Assign: 'results of steps are in $results',
  TimeoutSeconds: 'give the step a timeout',
};

/** A task state of the CDK as the saga's compiler takes it. */
export function taskCall(step: string, task: TaskStateBase): TaskCall {
  const graph = graphOf(step, task);
  const states = (graph.toGraphJson() as { States: { readonly [name: string]: { readonly [field: string]: any } } }).States;
  const names = Object.keys(states);
  if (names.length !== 1) {
    throw misuse(task, `the task of step '${step}' must be a single state, received ${names.length}: ${names.join(', ')}; leave next() and addCatch() out`);
  }
  const state = states[names[0]];
  if (state.QueryLanguage !== 'JSONata') {
    throw misuse(task, `the task of step '${step}' must be written in JSONata, received ${state.QueryLanguage ?? 'JSONPath'}; make it with its jsonata() method`);
  }
  // The history of an execution has other events for activities and for functions that are called by their ARN, and recovery reads those of integrations.
  // https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
  if (!String(state.Resource).includes(':states:::')) {
    throw misuse(task, `the task of step '${step}' must call a service's integration (arn:aws:states:::…), received another resource; use SagaStep.function, or leave payloadResponseOnly out`);
  }
  const refused = Object.keys(REFUSED).find((field) => state[field] !== undefined);
  if (refused) throw misuse(task, `the task of step '${step}' must be without ${refused}, received ${JSON.stringify(state[refused])}; ${REFUSED[refused]}`);
  const own = Object.fromEntries(Object.entries(state).filter(([field, value]) => value !== undefined && !THE_SAGAS.includes(field)));
  return { call: { kind: 'TASK', state: own }, statements: () => graph.policyStatements };
}

/** The graph collects what a state must be allowed to do. A state can be in one. */
function graphOf(step: string, task: TaskStateBase): StateGraph {
  try {
    return new StateGraph(task.startState, `Step ${step} of a saga`);
  } catch (error) {
    throw misuse(task, `the task of step '${step}' is in use already; make one for each action and each compensation (${(error as Error).message})`);
  }
}
