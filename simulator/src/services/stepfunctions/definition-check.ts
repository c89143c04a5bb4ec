import type { Caller, World } from '../../service';
import type { ProcessorDefinition, StateDefinition, StatesDefinition } from './asl/definition';
import type { ExecutionType } from './asl/environment';
import { isObject, type Json } from './asl/json';
import { parseTaskResource, type TaskResource } from './asl/task-resource';
import { integrationProblem, optimizedIntegration } from './integrations';
import { argumentProblems } from './integrations/arguments';

/** The rule by which Step Functions hears of a child execution's end. @see https://docs.aws.amazon.com/step-functions/latest/dg/stepfunctions-iam.html */
const MANAGED_RULE = 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule';
const MANAGED_RULE_ACTIONS = ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'];

/** Checks what the language leaves open: that each task's service is here, takes these arguments, and fits the type of the state machine. */
export function checkTasks(world: World, definition: StatesDefinition, type: ExecutionType, caller: Caller) {
  let startsChildren = false;
  for (const [name, state] of allStates(definition)) {
    if (type === 'EXPRESS' && state.Type === 'Map' && state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED') {
      // https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
      throw new Error(`state '${name}' is a distributed Map, which Express workflows do not support`);
    }
    if (state.Type !== 'Task') continue;
    const target = parseTaskResource(state.Resource!, name);
    const problem = integrationProblem(world, target) ?? expressProblem(type, target) ?? staticProblem(state, target);
    if (problem) throw new Error(`state '${name}': ${problem}`);
    if (state.Credentials !== undefined) throw new Error(`state '${name}': Credentials is not simulated`);
    startsChildren ||= target.kind === 'service' && target.pattern === 'RUN_JOB';
  }
  // "… is not authorized to create managed-rule": creating the state machine already needs these permissions of its role.
  if (!startsChildren) return;
  const resource = `arn:aws:events:${world.region}:${world.account}:${MANAGED_RULE}`;
  for (const action of MANAGED_RULE_ACTIONS) world.iam.authorize(caller.principal, { action, resource });
}

/** Every state of a definition with those inside its Parallel and Map states. */
export function* allStates(definition: StatesDefinition): Generator<[string, StateDefinition]> {
  for (const [name, state] of Object.entries(definition.States)) {
    yield [name, state];
    const processor: ProcessorDefinition | undefined = state.ItemProcessor ?? state.Iterator;
    for (const inner of [...(state.Branches ?? []), ...(processor ? [processor] : [])]) yield* allStates(inner);
  }
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html */
function expressProblem(type: ExecutionType, target: TaskResource): string | undefined {
  if (type !== 'EXPRESS' || target.kind !== 'service' || target.pattern === 'REQUEST_RESPONSE') return undefined;
  return `Express workflows do not support '${target.api.slice(target.action.length)}', only request-response integrations`;
}

/** Arguments whose names are written in the definition are checked before anything runs. */
function staticProblem(state: StateDefinition, target: TaskResource): string | undefined {
  const integration = optimizedIntegration(target);
  const written: Json | undefined = state.Arguments ?? state.Parameters;
  if (!integration || !isObject(written)) return undefined;
  return argumentProblems(integration, Object.keys(written).map((name) => name.replace(/\.\$$/, '')))[0];
}
