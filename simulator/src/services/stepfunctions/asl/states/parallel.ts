import { rerunAll, withRecovery } from './recovery';
import { effectiveInput, finish, Transition } from './transition';
import { CancellationScope } from '../cancellation';
import { StatesDefinition } from '../definition';
import { StateError } from '../errors';
import { Json } from '../json';
import { StateRun } from '../state-run';
import { runBranch } from '../workflow';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html */
export async function runParallel(run: StateRun): Promise<Transition> {
  return withRecovery(run, async () => {
    const { branches } = run.innerProgress();
    const input = await branchInput(run);
    if (branches.size === 0) run.thread.add('ParallelStateStarted');
    let results: Json[];
    try {
      results = await runBranches(run, input);
    } catch (thrown) {
      if (thrown instanceof StateError) run.thread.add('ParallelStateFailed', { error: thrown.error, cause: thrown.causeText });
      throw thrown;
    }
    run.thread.add('ParallelStateSucceeded');
    return finish(run, results);
  }).catch((thrown) => rerunAll(run, thrown));
}

async function branchInput(run: StateRun): Promise<Json> {
  const { Arguments, Parameters } = run.state;
  if (run.usesJsonata) return Arguments === undefined ? run.input : run.withinLimit(await run.evaluate(Arguments, 'Arguments'));
  const input = effectiveInput(run);
  return Parameters === undefined ? input : run.withinLimit(run.template(Parameters, input));
}

/** "If any branch fails, because of an unhandled error or by a transition to a Fail state, the entire Parallel state fails and all the branches are stopped." */
async function runBranches(run: StateRun, input: Json): Promise<Json[]> {
  const scope = new CancellationScope(run.branch.scope);
  try {
    return await scope.race(Promise.all(run.state.Branches!.map(async (branch: StatesDefinition, index) => {
      const progress = run.branch.progress.branch(index);
      if (progress.output) return progress.output.value;
      return runBranch({
        ...run.branch,
        states: branch,
        language: branch.QueryLanguage ?? run.branch.language,
        progress,
        variables: progress.variables,
        scope,
        thread: run.thread.fork(),
      }, input);
    })));
  } finally {
    scope.cancel();
  }
}
