import { StateDefinition, StateType } from './definition';
import { Branch } from './execution';
import { HistoryEventType } from './history';
import { Json } from './json';
import { StateRun } from './state-run';
import { runChoice } from './states/choice';
import { runMap } from './states/map';
import { runParallel } from './states/parallel';
import { runPass } from './states/pass';
import { runTask } from './states/task';
import { runFail, runSucceed } from './states/terminal';
import { Transition } from './states/transition';
import { runWait } from './states/wait';

/** States that pass in no time at all: beyond so many in a row a machine without a history limit loops for ever. */
const MAX_TRANSITIONS_AT_ONE_INSTANT = 100_000;

const RUNNERS: Record<StateType, (run: StateRun) => Promise<Transition>> = {
  Pass: runPass,
  Task: runTask,
  Choice: runChoice,
  Wait: runWait,
  Succeed: runSucceed,
  Fail: runFail,
  Parallel: runParallel,
  Map: runMap,
};

/** Runs a branch from its first state, or from where it was, to its end; resolves to the output of its last state. */
export async function runBranch(branch: Branch, input: Json): Promise<Json> {
  const { environment } = branch.execution;
  const { progress } = branch;
  if (progress.state === undefined) progress.moveTo(branch.states.StartAt, input);
  let resumed = progress.enteredEventId !== undefined;
  let instant = environment.now();
  let transitionsSince = 0;
  for (;;) {
    branch.scope.throwIfCancelled();
    if (environment.beforeState) await branch.scope.race(environment.beforeState(branch.scope));
    if (environment.now() !== instant) {
      instant = environment.now();
      transitionsSince = 0;
    } else if (++transitionsSince > MAX_TRANSITIONS_AT_ONE_INSTANT) {
      throw new Error(`state machine '${branch.execution.identity.stateMachineName}' entered ${transitionsSince} states without time passing: ` +
        `it loops through '${progress.state}' for ever`);
    }
    const transition = await runState(branch, resumed);
    resumed = false;
    if (transition.next === undefined) {
      progress.output = { value: transition.output };
      return transition.output;
    }
    progress.moveTo(transition.next, transition.output);
  }
}

/** A state that a redrive comes back to is not entered again, except Fail. https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html */
async function runState(branch: Branch, resumed: boolean): Promise<Transition> {
  const { progress } = branch;
  const { input } = progress;
  const name = progress.state!;
  const state: StateDefinition = branch.states.States[name];
  if (!resumed || state.Type === 'Fail') {
    branch.execution.transitions++;
    progress.enteredEventId = branch.thread.add(`${state.Type}StateEntered` as HistoryEventType, { name, input });
    branch.scope.throwIfCancelled();
  }
  const run = new StateRun(branch, name, state, input, progress.enteredEventId!, resumed);
  const transition = await RUNNERS[state.Type](run);
  branch.scope.throwIfCancelled();
  branch.thread.add(`${state.Type}StateExited` as HistoryEventType, {
    name, output: transition.output, ...(run.assigned && { assignedVariables: run.assigned }),
  });
  return transition;
}
